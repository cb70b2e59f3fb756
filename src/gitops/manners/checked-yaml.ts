import type { Document } from "yaml";
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { didYouMean } from "../../lib/closest.ts";
import { NetlearnError } from "../../lib/errors.ts";

/** What was read, and where in the text each part of it stands. */
export interface CheckedYaml<Value> {
  readonly value: Value;
  /** `FILE:LINE:COLUMN` of what a path leads to, or of the nearest thing around it. */
  readonly placeOf: (path: readonly PropertyKey[]) => string;
}

/**
 * Reads YAML that people write, and checks it against a schema. An empty text is an empty mapping.
 *
 * @param file its path, for the errors
 * @throws NetlearnError `NETLEARN_CONFIG_INVALID` that lists every mistake with its line, the value and a way out
 */
export function readCheckedYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): CheckedYaml<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw invalid(file, [`${placeAt(broken.pos[0])}: ${broken.message.split("\n", 1)[0] ?? ""}`]);
  }
  const placeOf = (path: readonly PropertyKey[]): string => placeAt(offsetOf(document, path));
  const result = schema.safeParse(plainOf(document, file) ?? {});
  if (!result.success) {
    throw invalid(
      file,
      result.error.issues.flatMap((issue) => messagesOf(issue, placeOf, document, schema)),
    );
  }
  return { value: result.data, placeOf };
}

/** The error for mistakes that a schema can't express. */
export function invalid(file: string, problems: readonly string[]): NetlearnError {
  return new NetlearnError(
    "NETLEARN_CONFIG_INVALID",
    problems.length === 1 ? (problems[0] ?? "") : `${file} has mistakes:\n${problems.join("\n")}`,
    { hint: `Correct ${file} on the base branch: nothing is proposed until it can be read.` },
  );
}

function plainOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw invalid(file, [`${file}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function messagesOf(
  issue: z.core.$ZodIssue,
  placeOf: (path: readonly PropertyKey[]) => string,
  document: Document,
  schema: z.ZodType,
): readonly string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const near = didYouMean(key, knownKeys(schema, issue.path));
      const unknown = `${placeOf([...issue.path, key])}: unknown key ${JSON.stringify(key)}`;
      return near === undefined ? `${unknown}. Remove it.` : `${unknown}. ${near}`;
    });
  }
  const value: unknown = document.getIn(issue.path);
  const given = value === undefined || isNode(value) ? "" : `, not ${JSON.stringify(value)}`;
  return [`${placeOf(issue.path)}: ${issue.path.join(".")} ${issue.message}${given}`.replace(":  ", ": ")];
}

/** What a mapping at a path may hold; nothing where any key may stand. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = schema;
  for (const step of [...path, undefined]) {
    at = unwrapped(at);
    if (step === undefined) {
      break;
    }
    at = property(property(at, "shape"), step) ?? property(at, "valueType") ?? property(at, "element");
  }
  const shape = property(at, "shape");
  return typeof shape === "object" && shape !== null ? Object.keys(shape) : [];
}

function unwrapped(schema: unknown): unknown {
  const inner = property(property(schema, "def"), "innerType");
  return inner === undefined ? schema : unwrapped(inner);
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, key) as unknown) : undefined;
}

/** The key of the last step, since that is what people look for; else the value. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const around = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const pair = isMap(around)
      ? around.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(last))
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range !== undefined && node.range !== null) {
      return node.range[0];
    }
  }
  return 0;
}
