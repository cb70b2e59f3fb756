import { type Given, type Origin, splitList } from "./given.ts";
import type { OptionSpec } from "./option-spec.ts";
import type { OptionName } from "./settings.ts";
import { readChoice } from "./value-syntax.ts";

/** What was given for each option, the weakest source first. */
export type Layers = ReadonlyMap<OptionName, readonly Given[]>;

/** The default of an option as if somebody had given it; undefined when it has none. */
export function defaultOf(option: OptionSpec): Given | undefined {
  const { fallback } = option;
  if (fallback === undefined) {
    return undefined;
  }
  const value = typeof fallback === "boolean" ? fallback : option.repeatable ? splitList(fallback) : [fallback];
  return { value, origin: { label: `--${option.flag}`, code: "NETLEARN_USAGE" } };
}

/** The one text of an option that is not repeatable: the last that was given. */
export function soleText(given: Given | undefined): string | undefined {
  return given === undefined || typeof given.value === "boolean" ? undefined : given.value.at(-1);
}

/** Values by option, weakest layer first; what the command does not have falls back to the table's default. */
export class Values {
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
