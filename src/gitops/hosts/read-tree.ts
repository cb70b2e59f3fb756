import { NetlearnError } from "../../lib/errors.ts";
import { by } from "../../lib/sort.ts";
import type { Repository, RepositoryFile } from "../../model/repository.ts";
import { type GitPlace, gitOutput, runGit } from "./git.ts";
import { isInteresting, LARGEST_TEXT, pathOf, textOf } from "./interesting.ts";

/** How far our own partial clones leave blobs behind: what is as large as this is no manifest. */
export const BLOB_FILTER = `blob:limit=${LARGEST_TEXT}`;

/** A line of `git ls-tree`. */
export interface TreeEntry {
  readonly path: string;
  readonly kind: RepositoryFile["kind"];
  /** Of the blob, or the commit of a submodule. */
  readonly id: string;
}

/**
 * The files of a commit. Only what somebody of this field reads is taken out of the store, and nothing larger than a manifest.
 *
 * @param commit as hexadecimal digits
 * @returns the size of a blob that a partial clone left behind is not known, and told as that of the largest text
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the commit is not there
 */
export async function readTree(place: GitPlace, commit: string): Promise<Repository> {
  const entries = await listTree(place, commit);
  const blobs = entries.filter(({ kind }) => kind !== "submodule");
  const absent = await absentFrom(place, commit);
  const wanted = blobs.filter(({ id, kind, path }) => absent.has(id) && kind !== "symlink" && isInteresting(path));
  const fetched = wanted.length > 0 ? await fetchBlobs(place, wanted) : new Set<string>();
  const sizes = await sizesOf(
    place,
    blobs.filter(({ id }) => !absent.has(id) || fetched.has(id)),
  );
  const isRead = ({ id, kind, path }: TreeEntry): boolean =>
    kind !== "symlink" && isInteresting(path) && (sizes.get(id) ?? Number.POSITIVE_INFINITY) <= LARGEST_TEXT;
  const texts = await textsOf(place, blobs.filter(isRead));
  const files = entries.map(
    (entry): RepositoryFile => ({
      path: entry.path,
      kind: entry.kind,
      size: entry.kind === "submodule" ? 0 : (sizes.get(entry.id) ?? LARGEST_TEXT),
      text: isRead(entry) ? texts.get(entry.id) : undefined,
    }),
  );
  return { commit, files: new Map(files.toSorted(by(({ path }) => path)).map((file) => [file.path, file])) };
}

/**
 * What a commit has, without reading blobs.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function listTree(place: GitPlace, commit: string): Promise<readonly TreeEntry[]> {
  if (!/^[0-9a-f]{40,64}$/u.test(commit)) {
    throw new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `${JSON.stringify(commit)} is no commit's id`);
  }
  const listed = await gitOutput(place, ["ls-tree", "-r", "-z", "--full-tree", commit]);
  return [...splitAtNul(listed)].map((line): TreeEntry => {
    const tab = line.indexOf(0x09);
    const [mode = "", , id = ""] = line.toString("latin1", 0, tab).split(" ");
    return { path: pathOf(line.subarray(tab + 1)), kind: kindOf(mode), id };
  });
}

/** Parts of what git prints with `-z`. */
export function* splitAtNul(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

function kindOf(mode: string): RepositoryFile["kind"] {
  if (mode === "160000") return "submodule";
  if (mode === "120000") return "symlink";
  return mode === "100755" ? "executable" : "file";
}

/** What a partial clone left behind of a commit; asking for it in any other way fetches it, or fails. */
async function absentFrom(place: GitPlace, commit: string): Promise<ReadonlySet<string>> {
  const how = ["--objects", "--no-walk", "--no-object-names", "--missing=print"];
  const printed = await gitOutput(place, ["rev-list", ...how, commit]);
  const lines = printed.toString("latin1").split("\n");
  return new Set(lines.filter((line) => line.startsWith("?")).map((line) => line.slice(1)));
}

/** Bytes of each blob that is there. */
async function sizesOf(place: GitPlace, blobs: readonly TreeEntry[]): Promise<ReadonlyMap<string, number>> {
  if (blobs.length === 0) return new Map();
  const checked = await gitOutput(
    place,
    ["cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer"],
    ids(blobs),
  );
  const sizes = new Map<string, number>();
  for (const line of checked.toString("latin1").split("\n")) {
    const [id = "", size = ""] = line.split(" ");
    if (/^\d+$/u.test(size)) sizes.set(id, Number(size));
  }
  return sizes;
}

async function textsOf(place: GitPlace, blobs: readonly TreeEntry[]): Promise<ReadonlyMap<string, string | undefined>> {
  const texts = new Map<string, string | undefined>();
  if (blobs.length === 0) return texts;
  const bytes = await gitOutput(place, ["cat-file", "--batch=%(objectname) %(objectsize)", "--buffer"], ids(blobs));
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    const [id = "", size = ""] = bytes.toString("latin1", at, end).split(" ");
    if (!/^\d+$/u.test(size)) throw new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `the blob ${id} can't be read`);
    texts.set(id, textOf(bytes.subarray(end + 1, end + 1 + Number(size))));
    at = end + 1 + Number(size) + 1;
  }
  return texts;
}

function ids(blobs: readonly TreeEntry[]): string {
  return [...new Set(blobs.map(({ id }) => `${id}\n`))].join("");
}

/**
 * Fetches what a partial clone has not, in one go. Ours have all that is small enough to be read, so there is nothing to fetch.
 *
 * @returns what was fetched
 */
async function fetchBlobs(place: GitPlace, blobs: readonly TreeEntry[]): Promise<ReadonlySet<string>> {
  const filter = await runGit(place, ["config", "--get", "remote.origin.partialclonefilter"]);
  if (filter.stdout.toString("utf8").trim() === BLOB_FILTER) return new Set();
  const how = ["--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin"];
  await gitOutput(place, ["-c", "fetch.negotiationAlgorithm=noop", "fetch", ...how, "origin"], ids(blobs));
  return new Set(blobs.map(({ id }) => id));
}
