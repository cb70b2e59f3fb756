import { shownFlag } from "../config/option-docs.ts";
import { flagsOf, type OptionSpec, optionsOf } from "../config/option-spec.ts";
import {
  COMMAND_NAMES,
  type CommandName,
  ENTITY_CHOICE_NAMES,
  ENTITY_CHOICES,
  FIRST_WORDS,
  SHELLS,
  type Shell,
  secondWords,
} from "../config/settings.ts";
import { COMMAND_HELP, GROUP_HELP } from "./help-text.ts";

const PROGRAMS = ["netlearn", "kubectl-netlearn"];

/**
 * A script that completes commands, flags, their choices and files, for `netlearn` and `kubectl-netlearn`.
 *
 * @returns shell source that ends with a line break
 */
export function completionScript(shell: Shell, options: readonly OptionSpec[]): string {
  switch (shell) {
    case "bash":
      return bashScript(options);
    case "zsh":
      return zshScript(options);
    case "fish":
      return fishScript(options);
  }
}

/** First words of the commands that have two. */
const GROUPS = FIRST_WORDS.filter((first) => secondWords(first).length > 0);

function summaryOf(first: string): string {
  const command = COMMAND_NAMES.find((name) => name === first);
  return (command === undefined ? GROUP_HELP[first] : COMMAND_HELP[command])?.summary ?? "";
}

/** Flags as typed, `--flag` first, then aliases and the short form. */
function typedFlags(option: OptionSpec, command: CommandName): readonly string[] {
  const [, ...aliases] = flagsOf(option, command);
  const short = option.short === undefined ? [] : [`-${option.short}`];
  return [shownFlag(option), ...aliases.map((flag) => `--${flag}`), ...short];
}

function bashScript(options: readonly OptionSpec[]): string {
  const flagCases = COMMAND_NAMES.map((command) => {
    const flags = optionsOf(command, options).flatMap((option) => typedFlags(option, command));
    return `    "${command}") words="${[...flags, "--help"].join(" ")}" ;;`;
  });
  const choiceCases = COMMAND_NAMES.flatMap((command) =>
    optionsOf(command, options)
      .filter((option) => option.choices.length > 0 && option.syntax !== "entity")
      .map((option) => {
        const patterns = typedFlags(option, command).map((flag) => `"${command} ${flag}"`);
        return `    ${patterns.join(" | ")}) words="${option.choices.join(" ")}" ;;`;
      }),
  );
  return `# bash completion for netlearn: source <(netlearn completion bash)
_netlearn() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command="" words="" i
  COMPREPLY=()
  # Readline makes words of their own of "=" and what follows it.
  if [[ $cur == "=" ]]; then
    cur=""
  elif [[ $prev == "=" ]]; then
    prev="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command\${command:+ }\${COMP_WORDS[i]}" in
    ${[...GROUPS, ...COMMAND_NAMES].map((name) => `"${name}"`).join(" | ")})
      command="$command\${command:+ }\${COMP_WORDS[i]}"
      ;;
    esac
  done
  case "$command $prev" in
    " "*) words="${FIRST_WORDS.join(" ")} --help --version" ;;
${GROUPS.map((first) => `    "${first} ${first}") words="${secondWords(first).join(" ")} --help" ;;`).join("\n")}
    "completion completion") words="${SHELLS.join(" ")}" ;;
${choiceCases.join("\n")}
    *" --entity")
      words="${ENTITY_CHOICE_NAMES.map((name) => `${name}=`).join(" ")}"
      compopt -o nospace 2>/dev/null
      ;;
    ${ENTITY_CHOICE_NAMES.map((name) => `*" ${name}"`).join(" | ")})
      [[ \${COMP_WORDS[*]} == *--entity* ]] && words="${ENTITY_CHOICES.join(" ")}"
      ;;
  esac
  if [[ -z $words && $cur == -* ]]; then
    case "$command" in
${flagCases.join("\n")}
    esac
  fi
  # No reply of ours: files, quoted by readline itself.
  [[ -n $words ]] && COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o bashdefault -o default -F _netlearn ${PROGRAMS.join(" ")}
`;
}

function zshScript(options: readonly OptionSpec[]): string {
  const commands = FIRST_WORDS.map((first) => `    ${quote(`${first}:${summaryOf(first)}`)}`);
  const cases = [
    ...COMMAND_NAMES.filter((name) => !name.includes(" ")).map((name) => zshCase(name, options)),
    ...GROUPS.map((first) => zshGroup(first, options)),
  ];
  return `#compdef ${PROGRAMS.join(" ")}
# zsh completion for netlearn: netlearn completion zsh > "\${fpath[1]}/_netlearn"
_netlearn() {
  local context state state_descr line
  local -a commands
  typeset -A opt_args
  commands=(
${commands.join("\n")}
  )
  _arguments -C '(-h --help)'{-h,--help}'[print help]' '(-V --version)'{-V,--version}'[print the version]' \\
    '1:command:->command' '*::argument:->argument' && return
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  case $line[1] in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _netlearn ]]; then
  _netlearn "$@"
else
  compdef _netlearn ${PROGRAMS.join(" ")}
fi
`;
}

function zshCase(command: CommandName, options: readonly OptionSpec[]): string {
  const takesInputs = COMMAND_HELP[command].inputs !== "none";
  const rest = command === "completion" ? [`'1:shell:(${SHELLS.join(" ")})'`] : takesInputs ? [`'*:input:_files'`] : [];
  const specs = optionsOf(command, options).flatMap((option) =>
    typedFlags(option, command).map((flag) => zshSpec(option, flag)),
  );
  return [
    `    ${command.split(" ").at(-1) ?? ""})`,
    "      _arguments \\",
    ...[...specs, ...rest].map((spec) => `        ${spec} \\`),
    "        && return ;;",
  ].join("\n");
}

function zshGroup(first: string, options: readonly OptionSpec[]): string {
  const names = COMMAND_NAMES.filter((name) => name.startsWith(`${first} `));
  const words = names.map((name) => quote(`${name.slice(first.length + 1)}:${COMMAND_HELP[name].summary}`));
  return [
    `    ${first})`,
    "      _arguments -C '1:command:->command' '*::argument:->argument' && return",
    "      if [[ $state == command ]]; then",
    `        commands=(${words.join(" ")})`,
    "        _describe command commands",
    "        return",
    "      fi",
    "      case $line[1] in",
    ...names.map((name) => zshCase(name, options).replaceAll(/^/gmu, "  ")),
    "      esac ;;",
  ].join("\n");
}

function zshSpec(option: OptionSpec, flag: string): string {
  // In _arguments brackets end the description and colons separate fields.
  const description = option.description.replaceAll(/[[\]]/gu, "").replaceAll(":", "\\:");
  const repeat = option.repeatable ? "*" : "";
  if (option.syntax === "switch") {
    return quote(`${repeat}${flag}[${description}]`);
  }
  const action =
    option.choices.length > 0 ? `(${option.choices.join(" ")})` : option.syntax === "path" ? "_files" : " ";
  return quote(`${repeat}${flag}[${description}]:${(option.placeholder ?? "value").replaceAll(":", "\\:")}:${action}`);
}

function fishScript(options: readonly OptionSpec[]): string {
  const firsts = FIRST_WORDS.map((first) => {
    return `    complete -c $program -f -n __fish_use_subcommand -a ${first} -d ${quote(summaryOf(first))}`;
  });
  const lines = COMMAND_NAMES.flatMap((command) => {
    const [first = "", second] = command.split(" ");
    const seen = command
      .split(" ")
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join("; and ");
    const unseen = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${secondWords(first).join(" ")}`;
    return [
      ...(second === undefined
        ? []
        : [`    complete -c $program -f -n ${quote(unseen)} -a ${second} -d ${quote(COMMAND_HELP[command].summary)}`]),
      ...(command === "completion"
        ? [`    complete -c $program -f -n ${quote(seen)} -a ${quote(SHELLS.join(" "))}`]
        : []),
      ...optionsOf(command, options).map(
        (option) => `    complete -c $program -n ${quote(seen)} ${fishSpec(option, command)}`,
      ),
    ];
  });
  return `# fish completion for netlearn: netlearn completion fish > ~/.config/fish/completions/netlearn.fish
for program in ${PROGRAMS.join(" ")}
${[...firsts, ...lines].join("\n")}
end
`;
}

function fishSpec(option: OptionSpec, command: CommandName): string {
  const flags = typedFlags(option, command).map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const value =
    option.syntax === "switch"
      ? ""
      : option.choices.length > 0
        ? ` -x -a ${quote(option.choices.join(" "))}`
        : option.syntax === "path"
          ? " -r"
          : " -x";
  return `${flags.join(" ")}${value} -d ${quote(option.description)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
