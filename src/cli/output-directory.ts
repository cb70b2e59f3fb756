import { createHash } from "node:crypto";
import { lstat, mkdir, readFile, realpath, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { unwritable, writeFileAtomically } from "../lib/atomic-file.ts";
import { NetlearnError } from "../lib/errors.ts";
import { by, byText } from "../lib/sort.ts";

/** What earlier runs wrote, as `sha256sum -c` reads it; whoever edits a file breaks its line. */
export const RECORD_FILE = ".netlearn.sha256";

/** A file to write: its path below the directory, `namespace/name.yaml`, and its text. */
export interface OutputFile {
  readonly path: string;
  readonly text: string;
}

/** What a file is about: roles are told by their file's name. */
export type OutputKind = "policies" | "roles";

export interface OutputOptions {
  /** Overwrite and remove what people edited. */
  readonly force: boolean;
  /** Remove what is no longer suggested. */
  readonly prune: boolean;
  /** Namespaces the files speak for; files of others are not stale. Empty means all. */
  readonly namespaces: readonly string[];
  /** What there was something to learn about; files of the other kind are not stale. */
  readonly kinds: ReadonlySet<OutputKind>;
}

/** What became of each file, paths sorted. */
export interface OutputResult {
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  /** Kept as they are, because a person wrote or edited them. */
  readonly edited: readonly string[];
  /** Written by an earlier run, no longer suggested, and left in place. */
  readonly stale: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Writes files into a directory without overwriting people: a file whose content is not what the record says an
 * earlier run wrote is left alone.
 *
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` when a path would leave the directory or cannot be written
 */
export async function writeDirectory(
  directory: string,
  files: readonly OutputFile[],
  options: OutputOptions,
): Promise<OutputResult> {
  const root = await openRoot(directory);
  const record = await readRecord(root);
  const next = new Map(record);
  const result = { written: [] as string[], unchanged: [] as string[], edited: [] as string[] };
  for (const file of files.toSorted(by((item) => item.path))) {
    const outcome = await writeOne(root, file, record.get(file.path), options.force);
    result[outcome].push(file.path);
    if (outcome !== "edited") next.set(file.path, hashOf(file.text));
  }
  const wanted = new Set(files.map((file) => file.path));
  const leftovers = [...record.keys()].filter((name) => !wanted.has(name) && isInScope(name, options));
  const swept = await sweep(root, leftovers.toSorted(byText), record, options);
  for (const name of [...swept.removed, ...swept.gone]) next.delete(name);
  await writeRecord(root, record, next);
  return { ...result, edited: [...result.edited, ...swept.edited], stale: swept.stale, removed: swept.removed };
}

async function openRoot(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true });
    return await realpath(directory);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

async function writeOne(
  root: string,
  file: OutputFile,
  recorded: string | undefined,
  force: boolean,
): Promise<"written" | "unchanged" | "edited"> {
  const target = await insideRoot(root, file.path);
  const existing = await hashOfFile(target);
  if (existing === hashOf(file.text)) return "unchanged";
  if (existing !== undefined && existing !== recorded && !force) return "edited";
  await writeFileAtomically(target, file.text);
  return "written";
}

interface Sweep {
  readonly removed: string[];
  readonly stale: string[];
  readonly edited: string[];
  /** Not there any more: somebody removed them already. */
  readonly gone: string[];
}

async function sweep(
  root: string,
  leftovers: readonly string[],
  record: ReadonlyMap<string, string>,
  { prune, force }: OutputOptions,
): Promise<Sweep> {
  const swept: Sweep = { removed: [], stale: [], edited: [], gone: [] };
  for (const name of leftovers) {
    const target = await insideRoot(root, name);
    const existing = await hashOfFile(target);
    if (existing === undefined) {
      swept.gone.push(name);
    } else if (!prune) {
      swept.stale.push(name);
    } else if (existing !== record.get(name) && !force) {
      swept.edited.push(name);
    } else {
      await remove(target, root);
      swept.removed.push(name);
    }
  }
  return swept;
}

async function remove(target: string, root: string): Promise<void> {
  try {
    await unlink(target);
  } catch (cause) {
    throw unwritable(target, cause);
  }
  const folder = path.dirname(target);
  // A folder with anything left in it, and one that cannot be removed, may stay.
  if (folder !== root) await rmdir(folder).catch(() => {});
}

// Names of manifests come from the cluster by way of the flow log; these are the only characters they can have.
// `_` and `~` stand in those of roles (generators/rbac/files.ts).
const SAFE_PATH = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/[a-z0-9](?:[-a-z0-9._~]*[a-z0-9])?\.yaml$/u;

/**
 * The place of a file below the root.
 *
 * @throws NetlearnError when its name or a symbolic link on its way leads elsewhere
 */
async function insideRoot(root: string, name: string): Promise<string> {
  if (!SAFE_PATH.test(name)) {
    throw new NetlearnError("NETLEARN_OUTPUT_UNWRITABLE", `${JSON.stringify(name)} is no path of a policy or role`, {
      hint: "Nothing outside the output directory is ever written.",
    });
  }
  const target = path.join(root, name);
  for (const place of [path.dirname(target), target]) {
    if (!(await isSymbolicLink(place))) continue;
    throw new NetlearnError("NETLEARN_OUTPUT_UNWRITABLE", `${JSON.stringify(place)} is a symbolic link`, {
      hint: "netlearn does not write or remove files through links below the output directory; remove the link.",
    });
  }
  return target;
}

async function isSymbolicLink(place: string): Promise<boolean> {
  try {
    return (await lstat(place)).isSymbolicLink();
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw unwritable(place, cause);
  }
}

async function hashOfFile(file: string): Promise<string | undefined> {
  try {
    return hashOf(await readFile(file));
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw unwritable(file, cause);
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

// A line that is not ours (a merge conflict, say) vouches for no file, so that file is treated as a person's.
async function readRecord(root: string): Promise<ReadonlyMap<string, string>> {
  let text: string;
  const file = path.join(root, RECORD_FILE);
  if (await isSymbolicLink(file)) throw unwritable(file, new Error("it is a symbolic link"));
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (isMissing(cause)) return new Map();
    throw unwritable(file, cause);
  }
  const lines = text.split(/\r?\n/u).map((line) => /^(?<hash>[0-9a-f]{64}) [ *](?<name>.+)$/u.exec(line)?.groups);
  return new Map(
    lines.flatMap((line) => {
      const { hash = "", name = "" } = line ?? {};
      return SAFE_PATH.test(name) ? [[name, hash] as const] : [];
    }),
  );
}

async function writeRecord(
  root: string,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Promise<void> {
  const print = (record: ReadonlyMap<string, string>): string =>
    [...record]
      .toSorted(by(([name]) => name))
      .map(([name, hash]) => `${hash}  ${name}\n`)
      .join("");
  if (print(before) !== print(after)) await writeFileAtomically(path.join(root, RECORD_FILE), print(after));
}

function isInScope(name: string, { namespaces, kinds }: OutputOptions): boolean {
  if (!kinds.has(kindOf(name))) return false;
  return namespaces.length === 0 || namespaces.includes(name.split("/", 1).join(""));
}

function kindOf(name: string): OutputKind {
  return /^(?:cluster-)?rbac-/u.test(path.basename(name)) ? "roles" : "policies";
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
