import type { CommandName, OptionName } from "./settings.ts";

/** How the text of a value is read; `value-syntax.ts` has one reader for each. */
export type Syntax =
  | "age"
  /** `host:port`, several with commas between them. */
  | "brokers"
  | "choice"
  /** Any of the choices, several with commas between them. */
  | "choices"
  | "count"
  | "days"
  | "duration"
  | "entity"
  | "namespace"
  | "path"
  | "pattern"
  | "peer"
  | "port"
  /** One to listen on. */
  | "port-number"
  | "prefixes"
  | "selector"
  | "start"
  | "switch"
  | "text"
  | "time"
  | "topic"
  | "url";

/** Headings of the help and of the README's table, in their order. */
export const OPTION_GROUPS = [
  "Input",
  "Kafka",
  "State",
  "Running",
  "Output",
  "Repository",
  "Policy",
  "Access",
  "Question",
  "General",
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

/** One option, wherever it can be given. Flags, environment, config file, help, README and completion derive from it. */
export interface OptionSpec {
  /** Key in {@link Settings}; two options of different commands may share a flag, never a name. */
  readonly name: OptionName;
  readonly group: OptionGroup;
  /** Long flag without dashes; a switch that is on by default is shown as `--no-FLAG`. */
  readonly flag: string;
  readonly short: string | undefined;
  /** Other long flags, by the command that has them. */
  readonly aliases: readonly { readonly flag: string; readonly commands: readonly CommandName[] }[];
  /** Undefined: an answer for one run, given on the command line only. */
  readonly env: string | undefined;
  readonly key: string | undefined;
  readonly syntax: Syntax;
  /** What stands for the value in the help; undefined for switches. */
  readonly placeholder: string | undefined;
  readonly choices: readonly string[];
  readonly repeatable: boolean;
  /** As text, the way a user would write it; undefined when absence means something of its own. */
  readonly fallback: string | boolean | undefined;
  readonly commands: readonly CommandName[];
  /** One sentence without a full stop. */
  readonly description: string;
}

/** The options one command has, in the order of the table. */
export function optionsOf(command: CommandName, options: readonly OptionSpec[]): readonly OptionSpec[] {
  return options.filter((option) => option.commands.includes(command));
}

/** Long flags, without dashes, under which a command knows an option: the main one first. */
export function flagsOf(option: OptionSpec, command: CommandName): readonly string[] {
  const aliases = option.aliases.filter((alias) => alias.commands.includes(command));
  return [option.flag, ...aliases.map((alias) => alias.flag)];
}

/** An option as it is declared: what is usual is filled in by the table. */
export type OptionDraft = Pick<OptionSpec, "name" | "syntax" | "commands" | "description"> &
  Partial<OptionSpec> & { readonly where?: "anywhere" | "not-in-file" | "flag-only" };
