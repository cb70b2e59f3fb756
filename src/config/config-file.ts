import { readFile } from "node:fs/promises";
import path from "node:path";
import type * as yamlModule from "yaml";
import type { Document, LineCounter, Node, Pair } from "yaml";
import { didYouMean } from "../lib/closest.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { Given, Origin } from "./given.ts";
import type { OptionSpec } from "./option-spec.ts";
import type { OptionName } from "./settings.ts";
import { checkGiven } from "./value-syntax.ts";

/** Read from the working directory when `--config` names no other file. */
export const DEFAULT_CONFIG_FILE = "netlearn.yaml";

/**
 * Reads the config file.
 *
 * @param named the file somebody asked for; without one, {@link DEFAULT_CONFIG_FILE} is read if it is there
 * @returns what it gives, by option
 * @throws NetlearnError `NETLEARN_CONFIG_INVALID` when a named file cannot be read, or when a file has mistakes
 */
export async function loadConfigFile(
  named: string | undefined,
  cwd: string,
  options: readonly OptionSpec[],
): Promise<ReadonlyMap<OptionName, Given>> {
  const file = named ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = await readFile(path.resolve(cwd, file), "utf8");
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (missing && named === undefined) {
      return new Map();
    }
    const reason = missing ? "there is no such file" : cause instanceof Error ? cause.message : String(cause);
    throw new NetlearnError(
      "NETLEARN_CONFIG_INVALID",
      `cannot read the config file ${JSON.stringify(file)}: ${reason}`,
      {
        hint: "Name an existing file with --config, or leave the option out.",
        cause,
      },
    );
  }
  return await parseConfig(text, file, options);
}

/**
 * Reads the text of a config file: a YAML mapping of option keys to values.
 *
 * @param file its name, for the errors
 * @throws NetlearnError `NETLEARN_CONFIG_INVALID` that lists every mistake with its line
 */
export async function parseConfig(
  text: string,
  file: string,
  options: readonly OptionSpec[],
): Promise<ReadonlyMap<OptionName, Given>> {
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map(
    (error) => `${placeAt(file, lines, error.pos[0])}: ${error.message.split("\n", 1)[0] ?? ""}`,
  );
  const given = new Map<OptionName, Given>();
  for (const entry of problems.length > 0 ? [] : entriesOf(document, yaml, problems, file)) {
    const place = placeAt(file, lines, entry.offset);
    try {
      const [option, value] = readEntry(entry, place, options, yaml);
      if (value !== undefined) {
        given.set(option.name, value);
      }
    } catch (error) {
      if (!(error instanceof NetlearnError)) {
        throw error;
      }
      problems.push(error.hint === undefined ? error.message : `${error.message}. ${error.hint}`);
    }
  }
  if (problems.length > 0) {
    throw new NetlearnError(
      "NETLEARN_CONFIG_INVALID",
      problems.length === 1 ? (problems[0] ?? "") : `the config file has mistakes:\n${problems.join("\n")}`,
      { hint: `Known keys: ${options.flatMap(({ key }) => key ?? []).join(", ")}.` },
    );
  }
  return given;
}

// The parser is loaded only when there is a file to parse, and handed around from there.
type Yaml = typeof yamlModule;

interface Entry {
  readonly key: string;
  readonly value: Node | null;
  readonly offset: number;
}

function entriesOf(document: Document, yaml: Yaml, problems: string[], file: string): readonly Entry[] {
  const { contents } = document;
  if (contents === null || (yaml.isScalar(contents) && contents.value === null)) {
    return [];
  }
  if (!yaml.isMap(contents)) {
    problems.push(`${file}:1:1: the config file must be a mapping of options, such as "unobserved: deny"`);
    return [];
  }
  return contents.items.map((item: Pair) => {
    const { key, value } = item;
    const text = yaml.isScalar(key) ? String(key.value) : String(key);
    return {
      key: text,
      value: yaml.isNode(value) ? value : null,
      offset: yaml.isNode(key) ? (key.range?.[0] ?? 0) : 0,
    };
  });
}

function readEntry(
  entry: Entry,
  place: string,
  options: readonly OptionSpec[],
  yaml: Yaml,
): readonly [OptionSpec, Given | undefined] {
  const option = options.find(({ key }) => key === entry.key);
  if (option === undefined) {
    throw unknownKey(entry.key, place, options);
  }
  const origin: Origin = { label: `${place}: ${entry.key}`, code: "NETLEARN_CONFIG_INVALID" };
  if (entry.value === null || (yaml.isScalar(entry.value) && entry.value.value === null)) {
    // `namespace:` with nothing after it is how a key looks whose values were commented out.
    return [option, undefined];
  }
  const given = { value: readValue(option, entry.value, origin, yaml), origin };
  checkGiven(option, given);
  return [option, given];
}

function unknownKey(key: string, place: string, options: readonly OptionSpec[]): NetlearnError {
  const elsewhere = options.find((option) => option.key === undefined && option.name === key);
  const keys = options.flatMap((option) => (option.key === undefined ? [] : [option.key]));
  const byFlag = options.find((option) => option.flag === key)?.key;
  const hint =
    elsewhere === undefined
      ? byFlag === undefined
        ? didYouMean(key, keys)
        : `Did you mean ${byFlag}?`
      : `--${elsewhere.flag} is given on the command line, run by run.`;
  return new NetlearnError(
    "NETLEARN_CONFIG_INVALID",
    `${place}: unknown key ${JSON.stringify(key)}`,
    hint === undefined ? {} : { hint },
  );
}

function readValue(option: OptionSpec, node: Node, origin: Origin, yaml: Yaml): boolean | readonly string[] {
  if (option.syntax === "switch") {
    if (yaml.isScalar(node) && typeof node.value === "boolean") {
      return node.value;
    }
    throw wrongShape(origin, "must be true or false");
  }
  if (yaml.isScalar(node)) {
    return [scalarText(node, origin, yaml)];
  }
  if (option.syntax === "entity" && yaml.isMap(node)) {
    return node.items.map(
      (item: Pair) => `${scalarText(item.key, origin, yaml)}=${scalarText(item.value, origin, yaml)}`,
    );
  }
  if (yaml.isSeq(node)) {
    const texts = node.items.map((item) => scalarText(item, origin, yaml));
    if (option.repeatable) {
      return texts;
    }
    if (option.syntax === "prefixes") {
      return [texts.join(",")];
    }
  }
  throw wrongShape(origin, option.repeatable ? "must be one value or a list of values" : "must be one value");
}

function scalarText(node: unknown, origin: Origin, yaml: Yaml): string {
  if (yaml.isScalar(node) && (typeof node.value === "string" || typeof node.value === "number")) {
    // The source, not the value: YAML makes 1e3 of a namespace named "1e3".
    return node.source ?? String(node.value);
  }
  throw wrongShape(origin, "must hold plain text");
}

function wrongShape(origin: Origin, problem: string): NetlearnError {
  return new NetlearnError(origin.code, `${origin.label} ${problem}`);
}

function placeAt(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}
