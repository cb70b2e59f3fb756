import type { ManifestPath } from "../../model/manifest-object.ts";
import type { Fault } from "./fault.ts";
import { type FileText, type Stretch, textOf } from "./file-text.ts";
import { type JsonObject, readJson } from "./json-document.ts";
import { firstByte, scanObjects } from "./json-scan.ts";
import { type SplitList, splitList } from "./split-list.ts";
import { type ReadText, readYaml } from "./yaml-document.ts";

/** Where a value stands: the bytes to parse to find it again, and the way to it in them. */
export interface Node {
  readonly stretch: Stretch;
  /** Index of the document in the stretch. */
  readonly document: number;
  readonly path: ManifestPath;
  /** False: nothing in the stretch is one thing to kubectl and another one to YAML 1.2. */
  readonly hasMisread: boolean;
}

/** A value, or why there is none. */
export type Read =
  | { readonly node: Node; readonly value: unknown }
  | { readonly stretch: Stretch; readonly fault: Fault };

/** A document of a file. */
export interface ReadDocument {
  /** Of a List without its items. */
  readonly whole: Read;
  /** Items that were read each for itself; undefined where {@link ReadDocument.whole} has everything. */
  readonly items: readonly Read[] | undefined;
}

/** Work in steps, so that whoever asks for it may stop in between. Each yields how many bytes it read. */
export type Steps<T> = Generator<number, T>;

/** What is no List in block style is parsed at once, and that takes twenty times its size of memory. */
export const LARGEST_DOCUMENT: number = 16 * 1024 * 1024;

/**
 * Reads what stands between two document markers: JSON objects, or YAML. Of a List in which some items are broken the
 * others are still good, if it can be told where each begins.
 */
export function* readDocuments(source: FileText, stretch: Stretch): Steps<readonly ReadDocument[]> {
  const content = contentOf(source, stretch);
  if (content.start === content.end) return [];
  const objects = source.bytes[content.start] === OPENING ? yield* readJsonObjects(source, content) : undefined;
  if (objects !== undefined) return objects;
  const list = splitList(source, stretch);
  const split = list && (yield* readYamlItems(source, list));
  if (split?.items?.every(isGood) === true) return [split];
  // An alias may stand for something in another item: only the whole can tell.
  const documents = readWhole(source, stretch);
  return split === undefined || documents.every(({ whole }) => isGood(whole)) ? documents : [split];
}

function lengthOf({ start, end }: Stretch): number {
  return end - start;
}

function isGood(read: Read): boolean {
  return !("fault" in read);
}

const OPENING = 123;
const MARKER = Buffer.from("---");

/** A document without its marker and the blanks behind it. */
function contentOf({ bytes }: FileText, { start, end }: Stretch): Stretch {
  const isMarked = bytes.subarray(start, start + MARKER.length).equals(MARKER);
  return { start: firstByte(bytes, { start: isMarked ? start + MARKER.length : start, end }), end };
}

/** Undefined where something else stands, which may be YAML. */
function* readJsonObjects(source: FileText, stretch: Stretch): Steps<readonly ReadDocument[] | undefined> {
  const documents: ReadDocument[] = [];
  for (const object of scanObjects(source.bytes, stretch) ?? [undefined]) {
    const read = object && readJson(source, object);
    if (read === undefined) return undefined;
    documents.push(yield* readJsonItems(source, read));
    yield lengthOf(read.stretch);
  }
  return documents;
}

function* readJsonItems(source: FileText, { stretch, value, items }: JsonObject): Steps<ReadDocument> {
  const whole: Read = { node: jsonNode(stretch), value };
  if (items.length === 0) return { whole, items: undefined };
  const read: Read[] = [];
  for (const item of items) {
    const found = item.read();
    if (found === undefined) read.push(...readWhole(source, item.stretch).map((document) => document.whole));
    else read.push({ node: jsonNode(item.stretch), value: found });
    yield lengthOf(item.stretch);
  }
  return { whole, items: read };
}

function jsonNode(stretch: Stretch): Node {
  return { stretch, document: 0, path: [], hasMisread: false };
}

/** Undefined where the lines were misleading. */
function* readYamlItems(source: FileText, list: SplitList): Steps<ReadDocument | undefined> {
  const [head, tail] = list.around;
  const stretch = { start: head.start, end: tail.end };
  const around = readYaml(textOf(source, head) + textOf(source, tail));
  const value = onlyValue(around);
  if ("fault" in around || typeof value !== "object" || value === null || !("items" in value) || value.items !== null)
    return undefined;
  const read: Read[] = [];
  for (const item of list.items) {
    const found = readItem(source, item);
    if (found === undefined) return undefined;
    read.push(found);
    yield lengthOf(item);
  }
  const { hasMisread } = around;
  return { whole: { node: { stretch, document: 0, path: [], hasMisread }, value }, items: read };
}

/** Undefined for what is not one item. */
function readItem(source: FileText, stretch: Stretch): Read | undefined {
  const read = readYaml(textOf(source, stretch));
  if ("fault" in read) return { stretch, fault: read.fault };
  const list = onlyValue(read);
  const { hasMisread } = read;
  if (!Array.isArray(list) || list.length !== 1) return undefined;
  return { node: { stretch, document: 0, path: [0], hasMisread }, value: list[0] };
}

function onlyValue(read: ReadText): unknown {
  return "fault" in read || read.values.length !== 1 ? undefined : read.values[0];
}

function readWhole(source: FileText, stretch: Stretch): readonly ReadDocument[] {
  const read = lengthOf(stretch) > LARGEST_DOCUMENT ? TOO_LARGE : readYaml(textOf(source, stretch));
  if ("fault" in read) return [{ whole: { stretch, fault: read.fault }, items: undefined }];
  const { hasMisread } = read;
  return read.values.map((value, document) => ({
    whole: { node: { stretch, document, path: [], hasMisread }, value },
    items: undefined,
  }));
}

const TOO_LARGE: { readonly fault: Fault } = {
  fault: {
    offset: 0,
    message: `a document of YAML that is no List in block style has at most ${LARGEST_DOCUMENT / 1024 / 1024} MiB`,
    choice: "Write it as JSON (kubectl get -o json), or put each object into a document of its own.",
  },
};
