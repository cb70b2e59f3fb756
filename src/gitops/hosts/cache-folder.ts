import { lstat, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { unwritable } from "../../lib/atomic-file.ts";
import { type GitPlace, gitOutput, runGit } from "./git.ts";
import { BLOB_FILTER } from "./read-tree.ts";

/** A bare repository that can be thrown away at any time: what it holds is fetched again. */
export interface CacheFolder {
  /** Where it is, or will be; its parent is ours too. */
  readonly folder: string;
  /** Of the remote. */
  readonly url: string;
  readonly format: "sha1" | "sha256";
  readonly git: Omit<GitPlace, "folder" | "gitDir">;
}

const LOCKED = /'(?<lock>[^']+\.lock)': File exists/iu;
/** Somebody else was faster: what was looked at is something else by now. */
const RACED = /shallow file has changed|cannot lock ref/iu;
const POLL_MS = 100;
/** As long as a process at work leaves its lock as it is; one that ended with its lock is not waited for any longer. */
const LOCK_MS = 5000;

/** Tells one repository from another that was put in its place; undefined: there is none. */
export async function inodeOf(folder: string): Promise<number | undefined> {
  try {
    return (await lstat(folder)).ino;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unwritable(folder, error);
  }
}

/**
 * Made beside, and then called by its name: nobody sees half of one. Where another process was faster, that one's stays.
 *
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE`, `NETLEARN_HOST_UNAVAILABLE` when git fails
 */
export async function makeCache({ folder, url, format, git }: CacheFolder): Promise<void> {
  const aside = await aFolderIn(path.dirname(folder), ".new-");
  try {
    const made = path.join(aside, "made");
    const how = ["--bare", "--quiet", "--template=", `--object-format=${format}`];
    await gitOutput({ ...git, folder: aside }, ["init", ...how, "made"]);
    const settings = [
      ["remote.origin.url", url],
      ["remote.origin.promisor", "true"],
      ["remote.origin.partialclonefilter", BLOB_FILTER],
    ];
    for (const setting of settings) await gitOutput({ ...git, folder: made, gitDir: made }, ["config", ...setting]);
    await rename(made, folder).catch((error: unknown) => {
      const isThere =
        error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST");
      if (!isThere) throw unwritable(folder, error);
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function aFolderIn(parent: string, prefix: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    return await mkdtemp(path.join(parent, prefix));
  } catch (cause) {
    throw unwritable(parent, cause);
  }
}

/**
 * Whether trying again can help after something failed there: a lock may be gone by then, and what is broken is thrown away.
 *
 * @param failure `because`: what git said; `inode`: of the repository in which it failed
 */
export async function isMended(
  { folder, url, git }: CacheFolder,
  failure: { readonly inode: number | undefined; readonly because: string },
): Promise<boolean> {
  if (git.signal?.aborted === true) return false;
  const lock = LOCKED.exec(failure.because)?.groups?.["lock"];
  if (lock === undefined && RACED.test(failure.because)) return true;
  if (lock === undefined ? await isSound({ ...git, folder, gitDir: folder }, url) : await isReleased(lock)) {
    // It is in order: nobody holds it any more, another process made it anew, or the remote is at fault.
    return lock !== undefined || (await inodeOf(folder)) !== failure.inode;
  }
  await discard(folder);
  return true;
}

/** Waits for whoever holds a lock; false: nobody does, and it stays. */
async function isReleased(lock: string): Promise<boolean> {
  const before = await stampOf(lock);
  for (let waited = 0; waited < LOCK_MS; waited += POLL_MS) {
    const now = await stampOf(lock);
    if (now === undefined || now !== before) return true;
    await setTimeout(POLL_MS);
  }
  return false;
}

/** Tells one lock from the next of the same name. */
async function stampOf(lock: string): Promise<string | undefined> {
  const found = await lstat(lock).catch(() => undefined);
  return found && `${found.ino} ${found.mtimeMs}`;
}

/** Moved away first: whoever still works in it is not left with half of it. */
async function discard(folder: string): Promise<void> {
  const aside = await aFolderIn(path.dirname(folder), ".gone-");
  await rename(folder, path.join(aside, "gone")).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

/** Whether everything is there that should be, and for the right remote. */
async function isSound(place: GitPlace, url: string): Promise<boolean> {
  const found = await runGit(place, ["config", "--get", "remote.origin.url"]).catch(() => undefined);
  if (found?.stdout.toString("utf8").trim() !== url) return false;
  return (await runGit(place, ["fsck", "--no-dangling", "--no-progress"])).code === 0;
}
