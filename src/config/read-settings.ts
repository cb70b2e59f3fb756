import { NetlearnError } from "../lib/errors.ts";
import { INFERRED_KINDS, type InferredKind } from "../model/inferred.ts";
import type { Given, Origin } from "./given.ts";
import type { OptionSpec } from "./option-spec.ts";
import { readAccessSettings } from "./read-access-settings.ts";
import { readCollectSettings, refuseCollectContradictions } from "./read-collect-settings.ts";
import { readProposeSettings } from "./read-propose-settings.ts";
import {
  CHECK_FORMATS,
  type ConfigurableEntity,
  type EntityChoice,
  FAIL_ON,
  GRAPH_FORMATS,
  PROFILE_NAMES,
  type Settings,
} from "./settings.ts";
import { readTime } from "./time-syntax.ts";
import { readChoices, readEntity, readPort, readPrefixes } from "./value-syntax.ts";
import { type Layers, Values } from "./values.ts";

/**
 * Reads and checks every setting.
 *
 * @param layers what was given for each option of the command, weakest first
 * @param options the whole table: what the command does not have stands at its default
 * @param now milliseconds since the epoch, for durations
 * @throws NetlearnError for a value that cannot be read, or settings that contradict each other
 */
export function readSettings(layers: Layers, options: readonly OptionSpec[], now: number): Settings {
  const values = new Values(layers, options);
  const time = (text: string, origin: Origin): number => readTime(text, origin, now);
  const settings: Settings = {
    inputFormat: values.text("inputFormat"),
    snapshot: values.list("snapshot"),
    since: values.read("since", time),
    until: values.read("until", time),
    exclude: values.list("exclude"),
    clusterName: values.text("clusterName"),
    namespace: values.list("namespace"),
    unobserved: values.choice("unobserved", ["open", "deny"]),
    defaultDeny: values.flag("defaultDeny"),
    entity: readEntities(values.all("entity")),
    widenExternal: values.read("widenExternal", readPrefixes) ?? { v4: 32, v6: 128 },
    externalClients: values.choice("externalClients", ["addresses", "any"]),
    dnsOverTcp: values.flag("dnsOverTcp"),
    systemNamespaces: values.flag("systemNamespaces"),
    allowDenied: values.list("allowDenied"),
    allow: readKinds(values.all("allow").at(-1)),
    output: values.text("output"),
    report: values.text("report"),
    force: values.flag("force"),
    prune: values.flag("prune"),
    graphFormat: values.choice("graphFormat", GRAPH_FORMATS),
    graphOutput: values.text("graphOutput"),
    to: values.text("to"),
    from: values.text("from"),
    port: values.read("port", readPort),
    flows: values.list("flows"),
    manifests: values.list("manifests"),
    cluster: values.flag("cluster"),
    kubeconfig: values.text("kubeconfig"),
    context: values.text("context"),
    base: values.list("base"),
    head: values.list("head"),
    targetNamespace: values.text("targetNamespace") ?? "default",
    profile: values.choice("profile", PROFILE_NAMES),
    checkFormat: values.choice("checkFormat", CHECK_FORMATS),
    failOn: values.choice("failOn", FAIL_ON),
    canFormat: values.choice("canFormat", ["text", "json"]),
    queries: values.text("queries"),
    config: values.text("config"),
    quiet: values.flag("quiet"),
    verbose: values.flag("verbose"),
    logFormat: values.choice("logFormat", ["text", "json"]),
    color: values.choice("color", ["auto", "always", "never"]),
    progress: values.flag("progress"),
    ...readCollectSettings(values, now),
    ...readAccessSettings(values),
    ...readProposeSettings(values),
  };
  refuseContradictions(settings);
  refuseCollectContradictions(settings);
  return settings;
}

/** Only what was chosen: what is not, is as the synthesizer has it. */
function readEntities(layers: readonly Given[]): Readonly<Partial<Record<ConfigurableEntity, EntityChoice>>> {
  const choices: Partial<Record<ConfigurableEntity, EntityChoice>> = {};
  for (const { value, origin } of layers) {
    for (const text of typeof value === "boolean" ? [] : value) {
      const [entity, choice] = readEntity(text, origin);
      choices[entity] = choice;
    }
  }
  return choices;
}

/** In the order of the kinds, each once. */
function readKinds(given: Given | undefined): readonly InferredKind[] {
  if (given === undefined || typeof given.value === "boolean") return [];
  const named = new Set(given.value.flatMap((text) => readChoices(text, given.origin, INFERRED_KINDS)));
  return INFERRED_KINDS.filter((kind) => named.has(kind));
}

function refuseContradictions(settings: Settings): void {
  const { since, until } = settings;
  if (since !== undefined && until !== undefined && since >= until) {
    throw new NetlearnError("NETLEARN_USAGE", "--since is not before --until: no record could be used", {
      hint: `They mean ${new Date(since).toISOString()} and ${new Date(until).toISOString()}.`,
    });
  }
  if (settings.quiet && settings.verbose) {
    throw new NetlearnError("NETLEARN_USAGE", "--quiet and --verbose contradict each other", {
      hint: "Give one of them; --no-quiet or --no-verbose takes back what the config file or the environment says.",
    });
  }
}
