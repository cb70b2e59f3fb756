import { NetlearnError } from "../lib/errors.ts";
import { loadConfigFile } from "./config-file.ts";
import { type Given, type Origin, splitList } from "./given.ts";
import { type OptionSpec, optionsOf } from "./option-spec.ts";
import { readSettings } from "./read-settings.ts";
import type { CommandName, OptionName, Settings } from "./settings.ts";
import { checkGiven } from "./value-syntax.ts";
import { defaultOf, soleText } from "./values.ts";

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
    if (option.env === undefined || text === undefined || text.trim() === "" || isServiceLink(option, text)) {
      continue;
    }
    const origin: Origin = { label: option.env, code: "NETLEARN_USAGE" };
    given.set(option.name, { value: environmentValue(option, text, origin), origin });
  }
  return given;
}

/**
 * Kubernetes tells every pod of a namespace about its Services by variables: one named `netlearn-metrics` sets
 * NETLEARN_METRICS_PORT to `tcp://10.0.0.1:9090`, which nobody meant for an option.
 */
function isServiceLink({ syntax }: OptionSpec, text: string): boolean {
  return syntax === "port-number" && /^(?:tcp|udp|sctp):\/\//u.test(text);
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
