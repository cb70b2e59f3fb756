import { readFile } from "node:fs/promises";
import path from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { NetlearnError } from "../lib/errors.ts";
import type { JsonObject } from "../model/kubernetes-api.ts";
import { fieldOf, isObject, listOf, textOf } from "./fields.ts";

/** A named part of a kubeconfig, and the file it stands in, from which its relative paths go out. */
export interface KubeconfigEntry {
  readonly value: JsonObject;
  readonly file: string;
}

/** Kubeconfig files as one. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, KubeconfigEntry>;
  readonly contexts: ReadonlyMap<string, KubeconfigEntry>;
  readonly users: ReadonlyMap<string, KubeconfigEntry>;
  readonly currentContext: string | undefined;
  /** As they were read, for messages. */
  readonly files: readonly string[];
}

/**
 * Reads kubeconfig files and merges them as kubectl does: the first file that says something counts
 * (kubernetes.io "Organizing Cluster Access Using kubeconfig Files").
 *
 * @param files absolute paths that exist
 * @throws NetlearnError `NETLEARN_INPUT_UNREADABLE` for a file that can't be read or is no kubeconfig. No part of a file
 *   is quoted: it holds credentials.
 */
export async function readKubeconfigs(files: readonly string[]): Promise<Kubeconfig> {
  const read = await Promise.all(files.map(async (file) => ({ file, value: await readKubeconfig(file) })));
  const merged = (list: string, part: string): ReadonlyMap<string, KubeconfigEntry> => {
    const entries = read.flatMap(({ file, value }) => entriesOf(value, file, { list, part }));
    // The first counts: Map keeps the last.
    return new Map(entries.toReversed());
  };
  return {
    clusters: merged("clusters", "cluster"),
    contexts: merged("contexts", "context"),
    users: merged("users", "user"),
    currentContext: read.map(({ value }) => textOf(value, "current-context")).find((name) => name !== undefined),
    files,
  };
}

function entriesOf(
  value: JsonObject,
  file: string,
  { list, part }: { readonly list: string; readonly part: string },
): readonly (readonly [string, KubeconfigEntry])[] {
  return listOf(value, list).flatMap((entry) => {
    const name = textOf(entry, "name");
    const held = fieldOf(entry, part) ?? {};
    return name === undefined || !isObject(held) ? [] : [[name, { value: held, file }] as const];
  });
}

async function readKubeconfig(file: string): Promise<JsonObject> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(file, `can't be read: ${reason}`, cause);
  }
  const lines = new LineCounter();
  // The library's own excerpt of the text could show a token.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, logLevel: "silent" });
  const [error] = document.errors;
  if (error !== undefined) {
    throw unreadable(`${file}:${lines.linePos(error.pos[0]).line}`, "is no YAML", undefined);
  }
  const value: unknown = toPlain(document);
  if (!isObject(value)) throw unreadable(file, "is no kubeconfig: it is no mapping", undefined);
  return value;
}

function toPlain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

function unreadable(place: string, problem: string, cause: unknown): NetlearnError {
  return new NetlearnError("NETLEARN_INPUT_UNREADABLE", `the kubeconfig ${place} ${problem}`, {
    hint: "Mend it, or name another with --kubeconfig.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A path of a kubeconfig, which goes out from the file it stands in. */
export function resolved(entry: KubeconfigEntry, file: string): string {
  return path.resolve(path.dirname(entry.file), file);
}
