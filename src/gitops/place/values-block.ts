import { type Document, isMap, isScalar, type Pair, parseAllDocuments, visit } from "yaml";
import { printManifest } from "../../../generators/yaml.ts";
import { isSameData } from "../../lib/equal.ts";
import type { ProposedManifest } from "../../model/placement.ts";

/** What became of a values file: its text, which may be the one it had, or why it stays (a sentence's end). */
export type ValuesSplice =
  | { readonly kind: "spliced"; readonly text: string }
  | { readonly kind: "refused"; readonly because: string };

/** In every block of ours, and in no other file: tells who still uses the template. */
export const VALUES_MARKER = "# Written by netlearn, which writes this key anew: changes by hand are not kept.";

const KEY = "netlearn";
type Fields = Readonly<Record<string, unknown>>;

/** The key `netlearn` of a values file with the data of the template, lines ended by `end`. */
export function valuesBlock(policies: unknown, end = "\n"): string {
  const text = printManifest({ [KEY]: { enabled: true, policies } });
  return text.replace("\n", `\n  ${VALUES_MARKER}\n`).replaceAll("\n", end);
}

/**
 * Puts the key `netlearn` into a values file, in place of the one netlearn wrote before or behind everything, or takes it out
 * where there are no manifests. Every other byte stays: the parser only says where, and what comes out is read again and
 * refused unless it says what was meant.
 */
export function spliceValues(text: string, manifests: readonly ProposedManifest[]): ValuesSplice {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  const read = readValues(body);
  if (typeof read === "string") return refused(read);
  const place = placeOf(body, read);
  if (typeof place === "string") return refused(place);
  const block = manifests.length === 0 ? "" : valuesBlock(manifests, place.end);
  const isNew = place.from === place.to;
  const joint = isNew && block !== "" && body !== "" && !body.endsWith("\n") ? place.end : "";
  const after = body.slice(0, place.from) + joint + block + body.slice(place.to);
  const reread = readValues(after);
  const wanted = {
    ...withoutKey(read.data),
    ...(manifests.length === 0 ? {} : { [KEY]: { enabled: true, policies: manifests } }),
  };
  if (typeof reread === "string" || !isSameData(reread.data, wanted)) return refused("its lines can't be told apart");
  return { kind: "spliced", text: mark + after };
}

interface ReadValues {
  readonly data: Fields;
  /** Where the key of ours begins; undefined: it is not there. */
  readonly at: number | undefined;
  /** Whether a newline at the end would become part of a value: this parser takes it for there already, those in Go do not. */
  readonly isGrowing: boolean;
}

const NOTHING: ReadValues = { data: {}, at: undefined, isGrowing: false };

/** Or why it is not looked into. */
function readValues(text: string): ReadValues | string {
  const document = documentOf(text);
  if (document === undefined) return NOTHING;
  if (typeof document === "string") return document;
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return NOTHING;
  if (!isMap(contents)) return "it is no map of values";
  if (contents.flow === true) return "it is written in braces";
  const data = dataOf(document);
  if (typeof data === "string") return data;
  const at = contents.items.map(startOfKey).find((start) => start !== undefined);
  return { data, at, isGrowing: !text.endsWith("\n") && endsInBlockScalar(document, text.length) };
}

/** The one document of a text, undefined without any, or why it is not looked into. */
function documentOf(text: string): Document | string | undefined {
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  const [document, ...more] = Array.isArray(documents) ? documents : [];
  if (more.length > 0) return "it has several documents";
  const error = document?.errors[0];
  if (document !== undefined && isTemplate(document)) return "it is a template";
  return error === undefined ? document : `it is no YAML (${error.message.split("\n")[0] ?? ""})`;
}

/** Or why it can't be said: aliases that lead nowhere, or that would fill the memory. */
function dataOf(document: Document): Fields | string {
  try {
    const data: Fields = document.toJS();
    return data;
  } catch (cause) {
    return `its aliases can't be followed (${cause instanceof Error ? cause.message : "unknown"})`;
  }
}

/** Bare `{{ x }}` is a map for a key: no values file has one. In texts braces are data. */
function isTemplate(document: Document): boolean {
  let found = false;
  visit(document, {
    Pair: (_, { key }) => {
      if (isMap(key)) found = true;
    },
  });
  return found;
}

function endsInBlockScalar(document: Document, length: number): boolean {
  let found = false;
  visit(document, {
    Scalar: (_, { type, range }) => {
      if ((type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED") && (range?.[1] ?? 0) >= length) found = true;
    },
  });
  return found;
}

function startOfKey({ key }: Pair): number | undefined {
  return isScalar(key) && key.value === KEY ? key.range?.[0] : undefined;
}

interface Place {
  readonly from: number;
  readonly to: number;
  /** How lines end. */
  readonly end: string;
}

/** What stands under the key has to be what netlearn would write, byte for byte, or somebody edited it. */
function placeOf(text: string, { data, at, isGrowing }: ReadValues): Place | string {
  const end = /^[^\n]*\r\n/.test(text) ? "\r\n" : "\n";
  if (at === undefined) {
    if (Object.hasOwn(data, KEY)) return `its key ${KEY} comes from somewhere else`;
    if (isGrowing) return "a block of text ends it without a newline, which would become part of that text";
    return { from: text.length, to: text.length, end };
  }
  const value = data[KEY];
  const policies = isFields(value) ? value["policies"] : undefined;
  const own = Array.isArray(policies) ? valuesBlock(policies, end) : undefined;
  if (own === undefined || !text.startsWith(own, at)) return `its key ${KEY} was written or edited by hand`;
  return { from: at, to: at + own.length, end };
}

function withoutKey(data: Fields): Fields {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== KEY));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(because: string): ValuesSplice {
  return { kind: "refused", because };
}
