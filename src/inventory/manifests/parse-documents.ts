import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  visit,
  type YAMLError,
} from "yaml";
import type { ManifestObject, ManifestPath } from "../../model/manifest-object.ts";
import { kubernetesTags } from "./kubernetes-tags.ts";
import type { ManifestProblem } from "./manifest-problem.ts";
import { repeatedKey } from "./repeated-key.ts";

/** What a text holds. */
export interface ParsedText {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly ManifestProblem[];
  /** Documents that are no Kubernetes object (Helm values, kustomizations), in the file. */
  readonly others: number;
}

/** How to read a text. */
export interface ParseOptions {
  /** Its name as shown to people. */
  readonly file: string;
  /** For objects that name none. */
  readonly namespace: string;
  /** True for a file of a chart's `templates` directory. */
  readonly isInChart: boolean;
}

/** Kubernetes reads YAML with merge keys and with most of YAML 1.1 (go-yaml). */
const COMPOSING = {
  merge: true,
  customTags: kubernetesTags,
  uniqueKeys: false,
  logLevel: "silent",
  prettyErrors: false,
} as const;

/** What is known of the text around a document. */
interface Source extends ParseOptions {
  readonly text: string;
  readonly lines: LineCounter;
  /** The text has something that looks like an action of Go templates. */
  readonly hasActions: boolean;
}

/**
 * Reads YAML or JSON (which is YAML) of any number of documents; Lists are taken apart. Never throws: what is not
 * YAML, or would explode when its aliases are resolved, is a problem with its line, and the other documents count.
 */
export function parseDocuments(text: string, options: ParseOptions): ParsedText {
  const lines = new LineCounter();
  const hasActions = TEMPLATE.test(text);
  const source: Source = { ...options, text, lines, hasActions };
  const objects: ManifestObject[] = [];
  const problems: ManifestProblem[] = [];
  let others = 0;
  if (options.isInChart && hasActions)
    return { objects, problems: [templateProblem(source, lineOfTemplate(text))], others };
  try {
    const parser = new Parser(lines.addNewLine);
    const composer = new Composer(COMPOSING);
    let index = 0;
    for (const document of composer.compose(parser.parse(text))) {
      const found = readDocument(document, index, source);
      index += 1;
      objects.push(...found.objects);
      problems.push(...found.problems);
      others += found.others;
    }
  } catch (error) {
    // The parser recurses: a text of a hundred thousand brackets ends the stack.
    problems.push(unparsable(source, 0, `it can't be parsed: ${firstLine(error)}`));
  }
  return { objects, problems: templatesAsOne(problems, source), others };
}

// An action of Go templates: what Prometheus writes in annotations looks the same, but parses.
const TEMPLATE = /\{\{-?\s*[^}\s]/u;

/** A template breaks the YAML in many places, all for one reason. */
function templatesAsOne(problems: readonly ManifestProblem[], source: Source): readonly ManifestProblem[] {
  return source.hasActions && problems.length > 0 ? [templateProblem(source, lineOfTemplate(source.text))] : problems;
}

function templateProblem({ file }: Source, line: number): ManifestProblem {
  return {
    code: "template-not-rendered",
    file,
    line,
    message: "this is a template with {{ ... }} in it, not a manifest: what it will be is not known here",
    choice: "Render it first with `helm template` and check the result: helm template CHART | netlearn check -",
    excerpt: undefined,
  };
}

function lineOfTemplate(text: string): number {
  return text.slice(0, Math.max(text.search(TEMPLATE), 0)).split("\n").length;
}

/** Why nothing of a document can be believed. */
function faultOf(document: Document.Parsed, source: Source): ManifestProblem | undefined {
  const [error] = document.errors;
  // What follows the first mistake is mostly its consequence.
  if (error !== undefined) return syntaxProblem(error, source);
  if (source.hasActions && hasMappingAsKey(document)) return templateProblem(source, lineOfTemplate(source.text));
  const repeated = repeatedKey(document);
  return repeated && unparsable(source, repeated.offset, `the key ${JSON.stringify(repeated.key)} stands twice`);
}

function readDocument(document: Document.Parsed, index: number, source: Source): ParsedText {
  const fault = faultOf(document, source);
  if (fault !== undefined) return { objects: [], problems: [fault], others: 0 };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const offset = document.contents?.range?.[0] ?? 0;
    return {
      objects: [],
      problems: [unparsable(source, offset, `its aliases can't be resolved: ${firstLine(error)}`)],
      others: 0,
    };
  }
  if (value === null || value === undefined) return { objects: [], problems: [], others: 0 };
  const objects = objectsIn(value, [], { document, index, source });
  return { objects, problems: [], others: objects.length === 0 && !isEmptyList(value) ? 1 : 0 };
}

/** `name: {{ .Values.name }}` is YAML: a mapping whose key is a mapping, which no object of Kubernetes has. */
function hasMappingAsKey(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Pair: (_key, { key }) => {
      found ||= isMap(key);
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

function isEmptyList(value: unknown): boolean {
  return isRecord(value) && isList(value);
}

interface Origin {
  readonly document: Document.Parsed;
  readonly index: number;
  readonly source: Source;
}

function objectsIn(value: unknown, path: ManifestPath, origin: Origin): readonly ManifestObject[] {
  if (!isRecord(value)) return [];
  const { kind, apiVersion } = value;
  if (isList(value)) {
    const items: readonly unknown[] = Array.isArray(value["items"]) ? value["items"] : [];
    // `kubectl get` leaves kind and apiVersion of the items to the list where it is a typed one.
    const own = String(kind).slice(0, -"List".length);
    return items.flatMap((item, index) => {
      const typed =
        isRecord(item) && item["kind"] === undefined && own !== "" ? { ...item, kind: own, apiVersion } : item;
      return objectsIn(typed, [...path, "items", index], origin);
    });
  }
  // A policy that somebody forgot to finish is refused by name later on, not passed over.
  const version = apiVersion === undefined && kind === "NetworkPolicy" ? "" : apiVersion;
  if (typeof kind !== "string" || typeof version !== "string") return [];
  return [objectOf(value, { kind, apiVersion: version }, path, origin)];
}

function isList(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value["kind"] === "string" && value["kind"].endsWith("List") && Array.isArray(value["items"]);
}

function objectOf(
  value: Readonly<Record<string, unknown>>,
  type: { readonly kind: string; readonly apiVersion: string },
  path: ManifestPath,
  { document, index, source }: Origin,
): ManifestObject {
  const metadata = isRecord(value["metadata"]) ? value["metadata"] : undefined;
  const name = metadata?.["name"];
  const namespace = metadata?.["namespace"];
  const isNamed = typeof namespace === "string" && namespace !== "";
  const lineOf = (inside: ManifestPath): number => lineAt(document, [...path, ...inside], source.lines);
  const assumed = metadata === undefined || (namespace !== undefined && namespace !== null && namespace !== "");
  return {
    ...type,
    name: typeof name === "string" ? name : undefined,
    namespace: isNamed ? namespace : source.namespace,
    value: assumed ? value : { ...value, metadata: { ...metadata, namespace: source.namespace } },
    file: source.file,
    document: index,
    line: lineOf(["apiVersion"]),
    lineOf,
  };
}

/** The line of the key or list item a path leads to; where the path ends early, of the last part that is there. */
function lineAt(document: Document.Parsed, path: ManifestPath, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    let key: unknown;
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) break;
      key = pair.key;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number" && step < node.items.length) {
      node = node.items[step];
      key = node;
    } else {
      break;
    }
    offset = offsetOf(key) ?? offset;
  }
  return lines.linePos(offset).line;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node.range?.[0] ?? undefined) : undefined;
}

function syntaxProblem(error: YAMLError, source: Source): ManifestProblem {
  return unparsable(source, error.pos[0], `this is no YAML: ${firstLine(error)}`);
}

function unparsable({ file, text, lines }: Source, offset: number, message: string): ManifestProblem {
  const place = lines.linePos(offset);
  const line = Math.max(place.line, 1);
  const column = Math.max(place.col, 1);
  const written = text.split("\n", line)[line - 1] ?? "";
  // A caret only helps where the line fits beside it.
  const excerpt =
    written.length > 0 && column <= 100 ? `${written.slice(0, 100)}\n${" ".repeat(column - 1)}^` : undefined;
  return {
    code: "manifest-unparsable",
    file,
    line,
    message: `${message} (column ${column})`,
    choice: "Mend the file; nothing in this document was checked.",
    excerpt,
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1).join("");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
