import type { Stats } from "node:fs";
import { lstat, mkdir, readFile, unlink } from "node:fs/promises";
import path from "node:path";
import { replaceFile, unwritable } from "../../lib/atomic-file.ts";
import { NetlearnError } from "../../lib/errors.ts";
import type { FileChange } from "../../model/repository.ts";
import { checkPath, refusedPath } from "./paths.ts";

/**
 * Makes changes to files of a directory. Everything is looked at before anything is written; each file is replaced at once,
 * and keeps its permissions. What is as it shall be already stays untouched, so that an interrupted delivery can be repeated.
 *
 * @param root absolute; it may be a link itself, nothing below it may
 * @returns paths that were written or deleted, in the order of the changes
 * @throws NetlearnError `NETLEARN_EDITED_FILE` when a file is not what the change starts from,
 *   `NETLEARN_OUTPUT_UNWRITABLE` for a path outside, through a link, of git or of workflows, and when the disk says no
 */
export async function applyChanges(root: string, changes: readonly FileChange[]): Promise<readonly string[]> {
  const due: FileChange[] = [];
  for (const change of changes) if (await isDue(root, change)) due.push(change);
  for (const change of due) {
    try {
      await applyOne(root, change);
    } catch (cause) {
      throw unwritable(change.path, cause);
    }
  }
  return due.map((change) => change.path);
}

async function isDue(root: string, change: FileChange): Promise<boolean> {
  checkPath(change.path);
  const existing = await statBelow(root, change.path);
  const wanted = change.kind === "write" ? change.text : undefined;
  if (existing === undefined) {
    if (wanted === undefined) return false;
    if (change.before === undefined) return true;
    throw changedMeanwhile(change.path, "is gone");
  }
  if (!existing.isFile()) throw refusedPath(change.path, "is no plain file");
  const bytes = await readFile(path.join(root, change.path)).catch((cause: unknown) => {
    throw unwritable(change.path, cause);
  });
  if (wanted !== undefined && bytes.equals(Buffer.from(wanted))) return false;
  if (change.before === undefined) throw changedMeanwhile(change.path, "exists already");
  if (bytes.equals(Buffer.from(change.before))) return true;
  throw changedMeanwhile(change.path, "is no longer what the change was made from");
}

async function applyOne(root: string, change: FileChange): Promise<void> {
  const target = path.join(root, change.path);
  if (change.kind === "delete") {
    await unlink(target);
    return;
  }
  await mkdir(path.dirname(target), { recursive: true });
  // Looked at again, since somebody may have put a link there meanwhile.
  const existing = await statBelow(root, change.path);
  await replaceFile(target, change.text, existing?.mode);
}

/** What stands at a path, when every folder on the way is one; undefined: nothing. */
async function statBelow(root: string, name: string): Promise<Stats | undefined> {
  const parts = name.split("/");
  for (const [index] of parts.entries()) {
    const below = parts.slice(0, index + 1).join("/");
    const found = await lstat(path.join(root, below)).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw unwritable(below, error);
    });
    if (found === undefined) return undefined;
    if (found.isSymbolicLink()) throw refusedPath(name, `leads through the link ${JSON.stringify(below)}`);
    if (index === parts.length - 1) return found;
    if (!found.isDirectory()) throw refusedPath(name, `leads through the file ${JSON.stringify(below)}`);
  }
  return undefined;
}

function changedMeanwhile(name: string, how: string): NetlearnError {
  return new NetlearnError("NETLEARN_EDITED_FILE", `${JSON.stringify(name)} ${how}: somebody changed it meanwhile`, {
    hint: "Run again: the change is made anew from what is there now.",
  });
}
