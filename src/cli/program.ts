import { Argument, Command, CommanderError, type Help, Option } from "commander";
import { flagsOf, type OptionSpec, optionsOf } from "../config/option-spec.ts";
import { COMMAND_NAMES, type CommandName, type OptionName, SHELLS, secondWords } from "../config/settings.ts";
import { NetlearnError } from "../lib/errors.ts";
import { COMMAND_HELP, type CommandHelp, GROUP_HELP, PROGRAM_HELP } from "./help-text.ts";

/** A command line, understood. */
export type Invocation =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "command";
      readonly command: CommandName;
      /** Positional arguments. */
      readonly inputs: readonly string[];
      readonly flags: ReadonlyMap<OptionName, boolean | readonly string[]>;
    };

/** How the help is drawn. */
export interface HelpStyle {
  readonly width: number;
  readonly colour: boolean;
  readonly version: string;
  /** What the user typed: `netlearn`, or `kubectl netlearn`. */
  readonly program: string;
}

/**
 * Reads a command line.
 *
 * @param argv arguments without the program's name
 * @returns the command to run, or the text of `--help` and `--version`
 * @throws NetlearnError `NETLEARN_USAGE` for what it does not know, with what was probably meant
 */
export function parseCommandLine(argv: readonly string[], options: readonly OptionSpec[], help: HelpStyle): Invocation {
  const printed: string[] = [];
  let invocation: Invocation | undefined;
  const program = createProgram(
    options,
    help,
    (text) => printed.push(text),
    (found) => {
      invocation = found;
    },
  );
  try {
    program.parse(wantsHelp(argv) ? [...argv, "--help"] : [...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    if (error.exitCode !== 0) {
      throw usageError(error);
    }
  }
  return invocation ?? { kind: "text", text: printed.join("") };
}

/** True when there is no command yet: nothing at all, or the first word of one. */
function wantsHelp(argv: readonly string[]): boolean {
  const [first = ""] = argv;
  return argv.length === 0 || (argv.length === 1 && secondWords(first).length > 0);
}

function createProgram(
  options: readonly OptionSpec[],
  help: HelpStyle,
  print: (text: string) => void,
  found: (invocation: Invocation) => void,
): Command {
  const program = new Command(help.program)
    .exitOverride()
    .configureOutput({
      writeOut: print,
      writeErr: () => {},
      getOutHelpWidth: () => help.width,
      getOutHasColors: () => help.colour,
    })
    .configureHelp({
      styleTitle: (title) => (help.colour ? `\u001b[1m${title}\u001b[22m` : title),
      ...(help.width < NARROW ? { formatItem: formatNarrowItem } : {}),
    })
    .description(PROGRAM_HELP.description)
    .version(help.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", `\n${typedAs(help.program, PROGRAM_HELP.after)}`);
  const groups = new Map<string, Command>();
  for (const name of COMMAND_NAMES) {
    const [first = "", second] = name.split(" ");
    if (second === undefined) {
      configureCommand(addCommand(program, first, COMMAND_HELP[name], help), name, options, found);
      continue;
    }
    const groupHelp = GROUP_HELP[first];
    const group = groups.get(first) ?? addCommand(program, first, groupHelp ?? COMMAND_HELP[name], help);
    groups.set(first, group.helpOption("-h, --help", "print this help"));
    configureCommand(addCommand(group, second, COMMAND_HELP[name], help), name, options, found);
  }
  return program;
}

function addCommand(parent: Command, name: string, { summary, after }: CommandHelp, help: HelpStyle): Command {
  return parent
    .command(name)
    .description(summary)
    .addHelpText("after", `\n${typedAs(help.program, after)}`);
}

/** Examples as somebody would type them who typed `program`. */
function typedAs(program: string, examples: string): string {
  const names = COMMAND_NAMES.join("|");
  return examples.replaceAll(new RegExp(`\\bnetlearn (?=${names})`, "gu"), `${program} `);
}

// Beside flags of 35 columns there is no room for a second column below this.
const NARROW = 76;

/** A flag and, on the lines below it, what it does. */
function formatNarrowItem(term: string, _termWidth: number, description: string, helper: Help): string {
  const width = Math.max((helper.helpWidth ?? NARROW) - 6, 20);
  const lines = description === "" ? [] : helper.boxWrap(description, width).split("\n");
  return [`  ${term}`, ...lines.map((line) => `      ${line}`)].join("\n");
}

function configureCommand(
  command: Command,
  name: CommandName,
  options: readonly OptionSpec[],
  found: (invocation: Invocation) => void,
): void {
  const own = optionsOf(name, options);
  command.helpOption("-h, --help", "print this help");
  if (name === "completion") {
    command.addArgument(new Argument("<shell>", "the shell to complete in").choices(SHELLS));
    command.action((shell: string) => found({ kind: "command", command: name, inputs: [shell], flags: new Map() }));
    return;
  }
  const { inputs = FLOW_INPUTS } = COMMAND_HELP[name];
  if (inputs !== "none") command.argument(inputs.name, inputs.description);
  for (const option of own) {
    addOption(command, name, option);
  }
  command.action(() => {
    const flags = collectFlags(own, name, command.opts());
    found({ kind: "command", command: name, inputs: command.args, flags });
  });
}

const FLOW_INPUTS = {
  name: "[inputs...]",
  description: "files, directories or globs (also .gz, .zst); - for standard input",
};

function addOption(command: Command, name: CommandName, option: OptionSpec): void {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  if (option.syntax === "switch") {
    // Both forms exist, so that a flag can take back what the config file says; help shows the one that changes something.
    const isOn = option.fallback === true;
    const positive = new Option(`${isOn ? "" : short}--${option.flag}`, option.description).hideHelp(isOn);
    const negative = new Option(`${isOn ? short : ""}--no-${option.flag}`, `do not ${option.description}`).hideHelp(
      !isOn,
    );
    command.addOption(positive.helpGroup(`${option.group}:`)).addOption(negative.helpGroup(`${option.group}:`));
    return;
  }
  for (const [index, flag] of flagsOf(option, name).entries()) {
    const flags = `${index === 0 ? short : ""}--${flag} <${option.placeholder ?? "VALUE"}>`;
    const added = new Option(flags, describe(option)).hideHelp(index > 0).helpGroup(`${option.group}:`);
    command.addOption(added.argParser((value: string, previous: string[] | undefined) => [...(previous ?? []), value]));
  }
}

function describe(option: OptionSpec): string {
  const isChoice = option.syntax === "choice" || option.syntax === "choices";
  const listsChoices = isChoice && !option.placeholder?.includes("|") && !option.description.includes(":");
  const notes = [
    ...(listsChoices ? [option.choices.join(", ")] : []),
    ...(typeof option.fallback === "string" ? [`default: ${option.fallback.replaceAll(",", ", ")}`] : []),
    ...(option.repeatable ? ["repeatable"] : []),
  ];
  return notes.length === 0 ? option.description : `${option.description} (${notes.join("; ")})`;
}

function collectFlags(
  options: readonly OptionSpec[],
  command: CommandName,
  given: Readonly<Record<string, unknown>>,
): ReadonlyMap<OptionName, boolean | readonly string[]> {
  const flags = new Map<OptionName, boolean | readonly string[]>();
  for (const option of options) {
    const values = flagsOf(option, command).map((flag) => given[new Option(`--${flag}`).attributeName()]);
    const texts = values.flatMap((value) => (Array.isArray(value) ? value.map(String) : []));
    const switched = values.find((value) => typeof value === "boolean");
    if (switched !== undefined) {
      flags.set(option.name, switched);
    } else if (texts.length > 0) {
      flags.set(option.name, texts);
    }
  }
  return flags;
}

function usageError(error: CommanderError): NetlearnError {
  const [first = "", ...rest] = error.message.replace(/^error: /u, "").split("\n");
  const suggestion = rest.join(" ").replace(/^\((.*)\)$/u, "$1");
  return new NetlearnError("NETLEARN_USAGE", first, {
    hint: suggestion === "" ? "netlearn --help lists commands, netlearn COMMAND --help their options." : suggestion,
  });
}
