import { NetlearnError } from "../lib/errors.ts";
import { loadConfigFile } from "./config-file.ts";
import { type OptionSpec, optionsOf } from "./option-table.ts";
import {
  type CommandName,
  type ConfigurableEntity,
  type EntityChoice,
  GRAPH_FORMATS,
  type OptionName,
  type Settings,
} from "./settings.ts";
import {
  checkGiven,
  type Given,
  type Origin,
  readChoice,
  readEntity,
  readPort,
  readPrefixes,
  readTime,
} from "./value-syntax.ts";

/** Where settings come from: the strongest first is flags, environment, config file, default. */
export interface Sources {
  /** What was given on the command line: switches as booleans, everything else as the texts in their order. */
  readonly flags: ReadonlyMap<OptionName, boolean | readonly string[]>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a relative config file lies. */
  readonly cwd: string;
  /** Milliseconds since the epoch, for durations. */
  readonly now: number;
}

/**
 * Finds the value of every option of a command. A stronger source replaces the whole value of a weaker one, lists
 * included; only `--entity` is merged, name by name.
 *
 * @throws NetlearnError `NETLEARN_USAGE` or `NETLEARN_CONFIG_INVALID`, naming the flag, variable or line
 */
export async function resolveSettings(
  command: CommandName,
  options: readonly OptionSpec[],
  sources: Sources,
): Promise<Settings> {
  const own = optionsOf(command, options);
  const flags = new Map<OptionName, Given>();
  for (const option of own) {
    const value = sources.flags.get(option.name);
    if (value !== undefined) {
      flags.set(option.name, { value, origin: { label: `--${option.flag}`, code: "NETLEARN_USAGE" } });
    }
  }
  const environment = readEnvironment(own, sources.environment);
  const named = soleText(flags.get("config") ?? environment.get("config"));
  const file = own.some(({ name }) => name === "config")
    ? await loadConfigFile(named, sources.cwd, options)
    : new Map<OptionName, Given>();
  const layers = own.map((option) => {
    const found = [defaultOf(option), file.get(option.name), environment.get(option.name), flags.get(option.name)];
    const given = found.filter((layer) => layer !== undefined);
    for (const layer of given) {
      checkGiven(option, layer);
    }
    return [option.name, given] as const;
  });
  return readSettings(new Map(layers), options, sources.now);
}

/**
 * Reads the variables of the given options; a variable that is set to nothing counts as not set. Lists are
 * separated by commas or line breaks.
 *
 * @throws NetlearnError `NETLEARN_USAGE` for a switch that is neither on nor off
 */
export function readEnvironment(
  options: readonly OptionSpec[],
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<OptionName, Given> {
  const given = new Map<OptionName, Given>();
  for (const option of options) {
    const text = option.env === undefined ? undefined : environment[option.env];
    if (option.env === undefined || text === undefined || text.trim() === "") {
      continue;
    }
    const origin: Origin = { label: option.env, code: "NETLEARN_USAGE" };
    given.set(option.name, { value: environmentValue(option, text, origin), origin });
  }
  return given;
}

function environmentValue(option: OptionSpec, text: string, origin: Origin): boolean | readonly string[] {
  if (option.syntax === "switch") {
    const word = text.trim().toLowerCase();
    if (["1", "true", "yes", "on"].includes(word)) {
      return true;
    }
    if (["0", "false", "no", "off"].includes(word)) {
      return false;
    }
    throw new NetlearnError(origin.code, `${origin.label}: ${JSON.stringify(text)} is neither true nor false`, {
      hint: "Set it to true or false.",
    });
  }
  return option.repeatable ? splitList(text) : [text.trim()];
}

function splitList(text: string): readonly string[] {
  return text
    .split(/[,\n]/u)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function defaultOf(option: OptionSpec): Given | undefined {
  const { fallback } = option;
  if (fallback === undefined) {
    return undefined;
  }
  const value = typeof fallback === "boolean" ? fallback : option.repeatable ? splitList(fallback) : [fallback];
  return { value, origin: { label: `--${option.flag}`, code: "NETLEARN_USAGE" } };
}

function soleText(given: Given | undefined): string | undefined {
  return given === undefined || typeof given.value === "boolean" ? undefined : given.value.at(-1);
}

type Layers = ReadonlyMap<OptionName, readonly Given[]>;

/** Values by option, weakest layer first; what the command does not have falls back to the table's default. */
class Values {
  readonly #layers: Layers;
  readonly #options: ReadonlyMap<OptionName, OptionSpec>;

  constructor(layers: Layers, options: readonly OptionSpec[]) {
    this.#layers = layers;
    this.#options = new Map(options.map((option) => [option.name, option]));
  }

  all(name: OptionName): readonly Given[] {
    const option = this.#options.get(name);
    const fallback = option === undefined ? undefined : defaultOf(option);
    return this.#layers.get(name) ?? (fallback === undefined ? [] : [fallback]);
  }

  flag(name: OptionName): boolean {
    return this.all(name).at(-1)?.value === true;
  }

  list(name: OptionName): readonly string[] {
    const value = this.all(name).at(-1)?.value;
    return value === undefined || typeof value === "boolean" ? [] : value;
  }

  text(name: OptionName): string | undefined {
    return this.list(name).at(-1);
  }

  read<Value>(name: OptionName, reader: (text: string, origin: Origin) => Value): Value | undefined {
    const given = this.all(name).at(-1);
    const text = soleText(given);
    return given === undefined || text === undefined ? undefined : reader(text, given.origin);
  }

  choice<Choice extends string>(name: OptionName, choices: readonly [Choice, ...Choice[]]): Choice {
    return this.read(name, (text, origin) => readChoice(text, origin, choices)) ?? choices[0];
  }
}

function readSettings(layers: Layers, options: readonly OptionSpec[], now: number): Settings {
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
    output: values.text("output"),
    report: values.text("report"),
    force: values.flag("force"),
    prune: values.flag("prune"),
    graphFormat: values.choice("graphFormat", GRAPH_FORMATS),
    graphOutput: values.text("graphOutput"),
    to: values.text("to"),
    from: values.text("from"),
    port: values.read("port", readPort),
    config: values.text("config"),
    quiet: values.flag("quiet"),
    verbose: values.flag("verbose"),
    logFormat: values.choice("logFormat", ["text", "json"]),
    color: values.choice("color", ["auto", "always", "never"]),
    progress: values.flag("progress"),
  };
  refuseContradictions(settings);
  return settings;
}

function readEntities(layers: readonly Given[]): Readonly<Record<ConfigurableEntity, EntityChoice>> {
  const choices: Record<ConfigurableEntity, EntityChoice> = {
    host: "open",
    "remote-node": "open",
    "kube-apiserver": "open",
    ingress: "open",
    unmanaged: "open",
    "other-cluster": "open",
    icmp: "open",
  };
  for (const { value, origin } of layers) {
    for (const text of typeof value === "boolean" ? [] : value) {
      const [entity, choice] = readEntity(text, origin);
      choices[entity] = choice;
    }
  }
  return choices;
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
