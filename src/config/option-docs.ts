import { OPTION_GROUPS, type OptionSpec } from "./option-spec.ts";
import { COMMAND_NAMES } from "./settings.ts";

/** The lines between which README.md holds the generated table. */
export const OPTIONS_START = "<!-- options:start -->";
export const OPTIONS_END = "<!-- options:end -->";

/**
 * The README's tables of options, one a group.
 *
 * @returns Markdown that ends with a line break
 */
export function renderOptionTables(options: readonly OptionSpec[]): string {
  const sections = OPTION_GROUPS.map((group) => {
    const rows = options.filter((option) => option.group === group).map(renderRow);
    return [
      `**${group}**`,
      "",
      "| Flag | Environment | Config key | Default | Commands | What it does |",
      "| --- | --- | --- | --- | --- | --- |",
      ...rows,
      "",
    ].join("\n");
  });
  return sections.join("\n");
}

/**
 * Puts the tables where the markers are.
 *
 * @throws Error when a marker is missing; only the project's own README is ever read
 */
export function replaceOptionTables(readme: string, options: readonly OptionSpec[]): string {
  const start = readme.indexOf(OPTIONS_START);
  const end = readme.indexOf(OPTIONS_END);
  if (start < 0 || end < start) {
    throw new Error(`README.md needs a line ${OPTIONS_START} and, below it, a line ${OPTIONS_END}`);
  }
  return `${readme.slice(0, start + OPTIONS_START.length)}\n\n${renderOptionTables(options)}\n${readme.slice(end)}`;
}

/** A switch as a user writes it to change its default. */
export function shownFlag(option: OptionSpec): string {
  return option.syntax === "switch" && option.fallback === true ? `--no-${option.flag}` : `--${option.flag}`;
}

function renderRow(option: OptionSpec): string {
  const flags = [
    ...(option.short === undefined ? [] : [`-${option.short}`]),
    shownFlag(option) + (option.placeholder === undefined ? "" : ` ${option.placeholder}`),
    ...option.aliases.map((alias) => `--${alias.flag}`),
  ];
  const everywhere = COMMAND_NAMES.filter((name) => name !== "completion").every((name) =>
    option.commands.includes(name),
  );
  const cells = [
    flags.map(code).join(", ") + (option.repeatable ? " (repeatable)" : ""),
    option.env === undefined ? "" : code(option.env),
    option.key === undefined ? "" : code(option.key),
    option.fallback === undefined ? "" : code(String(option.fallback).replaceAll(",", ", ")),
    everywhere ? "all" : option.commands.join(", "),
    sentence(option),
  ];
  return `| ${cells.join(" | ")} |`;
}

function sentence(option: OptionSpec): string {
  const isChoice = option.syntax === "choice" || option.syntax === "choices";
  const listed = isChoice && option.placeholder?.includes("|") === false;
  const choices = listed ? ` (${option.choices.join(", ")})` : "";
  const negation = option.syntax === "switch" && option.fallback === true ? "do not " : "";
  return `${negation}${option.description}${choices}`.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

// In a table even code needs its bars escaped (GitHub Flavored Markdown, 4.10).
function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}
