import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLSeq,
} from "yaml";
import { isSameData } from "../../lib/equal.ts";
import { type Fields, isFields, listAt } from "../fields.ts";

/** What became of a person's kustomization. */
export type Splice =
  | { readonly kind: "listed" }
  | { readonly kind: "spliced"; readonly text: string }
  /** `because` goes on from "can't be edited safely: ". */
  | { readonly kind: "refused"; readonly because: string };

/** A text that goes in at an offset, in place of `length` characters. */
interface Edit {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

/**
 * Adds an entry to the `resources:` of a kustomization and leaves every other byte as it is. The parser only says where;
 * what comes out is read again, and refused unless it says the same and the one entry more.
 *
 * @param entry a plain name of a folder: `netlearn`
 */
export function spliceResource(text: string, entry: string): Splice {
  const read = readOne(text);
  if (typeof read === "string") return refused(read);
  const { document, data } = read;
  const listed = listAt(data ?? {}, "resources");
  if (listed.some((item) => isEntry(item, entry))) return { kind: "listed" };
  const edit = document === undefined || data === null ? append(text, "", entry) : editOf(text, document, entry);
  if (typeof edit === "string") return refused(edit);
  const after = text.slice(0, edit.at) + edit.text + text.slice(edit.at + edit.length);
  const isAsMeant = isSameData(reread(after), { ...data, resources: [...listed, entry] });
  return isAsMeant ? { kind: "spliced", text: after } : refused("its lines can't be told apart from each other");
}

/** The document of a text and what it says (null: nothing at all), or why it is not looked into. */
function readOne(text: string): { document: Document | undefined; data: Fields | null } | string {
  if (/(^|:|-)[ \t]*\{\{/mu.test(text)) return "it is a template";
  const documents = parseAllDocuments(text, { keepSourceTokens: true, logLevel: "silent" });
  const [document, ...more] = Array.isArray(documents) ? documents : [];
  if (more.length > 0) return "it holds several documents";
  const [error] = document?.errors ?? [];
  if (error !== undefined) return `it can't be read as YAML (${error.message.split("\n", 1).join("")})`;
  const data = dataOf(document);
  if (data === undefined) return "its aliases can't be followed";
  return data === null || isFields(data) ? { document, data } : "it is no map";
}

function refused(because: string): Splice {
  return { kind: "refused", because };
}

function reread(text: string): unknown {
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  if (!Array.isArray(documents) || documents.length !== 1 || documents[0]?.errors.length !== 0) return undefined;
  return dataOf(documents[0]);
}

/** Null for nothing at all. */
function dataOf(document: Document | undefined): unknown {
  if (document === undefined) return null;
  try {
    const value: unknown = document.toJS();
    return value;
  } catch {
    return undefined;
  }
}

function isEntry(item: unknown, entry: string): boolean {
  return typeof item === "string" && item.replace(/^(\.\/)+/u, "").replace(/\/+$/u, "") === entry;
}

/** Where the entry goes, or why it can't. */
function editOf(text: string, document: Document, entry: string): Edit | string {
  const map = document.contents;
  if (!isMap(map) || map.flow === true) return "it is written in braces";
  const pairs: readonly Pair[] = map.items;
  const start = scalarRange(pairs[0]?.key)[0] ?? 0;
  const indent = " ".repeat(start - lineStart(text, start));
  const pair = pairs.find(({ key }) => isScalar(key) && key.value === "resources");
  if (pair !== undefined) return intoValue(text, document, { pair, indent, entry });
  const isMerged = pairs.some(({ key }) => isScalar(key) && key.value === "<<");
  return isMerged ? "its fields are merged from elsewhere" : append(text, indent, entry);
}

interface Target {
  readonly pair: Pair;
  readonly indent: string;
  readonly entry: string;
}

function intoValue(text: string, document: Document, { pair, indent, entry }: Target): Edit | string {
  const { key, value } = pair;
  if (isAlias(value)) return "its `resources` are an alias";
  if (isSeq(value) && isShared(document, value)) return "its `resources` are used elsewhere too";
  if (isSeq(value)) return intoList(text, value, entry);
  if (value !== null && !(isScalar(value) && value.value === null)) return "its `resources` are no list";
  // Nothing behind the key, or `~` or `null`.
  const [from = 0, to = 0] = scalarRange(value);
  if (to > from) return { at: from, length: to - from, text: `[${entry}]` };
  return newLine(text, scalarRange(key)[1] ?? 0, `${indent}- ${entry}`);
}

function scalarRange(node: unknown): readonly number[] {
  return isScalar(node) ? (node.range ?? []) : [];
}

function isShared(document: Document, list: YAMLSeq): boolean {
  let isUsed = false;
  visit(document, {
    Alias: (_, { source }) => {
      isUsed ||= source === list.anchor;
    },
  });
  return isUsed;
}

function intoList(text: string, list: YAMLSeq, entry: string): Edit | string {
  const token = list.srcToken;
  const last: unknown = list.items.at(-1);
  const end = rangeEnd(last);
  if (token?.type === "flow-collection") {
    const at = token.start.offset + 1;
    return last === undefined ? { at, length: 0, text: entry } : { at: end ?? at, length: 0, text: `, ${entry}` };
  }
  // Comments behind the last entry are an item of their own.
  const dash =
    token?.type === "block-seq"
      ? token.items.flatMap(({ start }) => start.filter(({ type }) => type === "seq-item-ind")).at(-1)
      : undefined;
  if (dash === undefined) return "its `resources` can't be found in the text";
  const indent = text.slice(lineStart(text, dash.offset), dash.offset);
  if (!/^ *$/u.test(indent)) return "its `resources` share a line with something else";
  return newLine(text, Math.max(end ?? 0, dash.offset + 1), `${indent}- ${entry}`);
}

function rangeEnd(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[1] : undefined;
}

function append(text: string, indent: string, entry: string): Edit {
  const eol = lineBreak(text);
  return newLine(text, text.length, `${indent}resources:${eol}${indent}- ${entry}`);
}

/** A line of its own behind the line in which `from` is; a text without a newline at its end keeps it so. */
function newLine(text: string, from: number, line: string): Edit {
  const eol = lineBreak(text);
  const begins = from === 0 || text[from - 1] === "\n";
  const next = text.indexOf("\n", from);
  const isEnd = begins ? from === text.length : next < 0;
  if (isEnd && !begins) return { at: text.length, length: 0, text: `${eol}${line}` };
  return { at: begins && from > 0 ? from : isEnd ? from : next + 1, length: 0, text: `${line}${eol}` };
}

function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return text.codePointAt(start) === 0xfe_ff ? start + 1 : start;
}

function lineBreak(text: string): string {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
}
