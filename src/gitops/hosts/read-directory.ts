import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { by } from "../../lib/sort.ts";
import type { Repository, RepositoryFile } from "../../model/repository.ts";
import { type GitPlace, gitOutput, runGit } from "./git.ts";
import { isInteresting, LARGEST_TEXT, pathOf, textOf } from "./interesting.ts";
import { splitAtNul } from "./read-tree.ts";

/** A directory's files, and whether they are those of its commit. */
export interface ReadDirectory extends Repository {
  /** True when something below the directory is not as its commit has it, new files included; false for what is no clone. */
  readonly isDirty: boolean;
}

/**
 * The files below a directory: what git would take up when it is in a clone, everything otherwise. Links are not followed.
 *
 * @param folder absolute; paths are told from there, whether or not it is the clone's root
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` when there is no such directory, `NETLEARN_INPUT_UNREADABLE` for a file that
 *   can't be read, `NETLEARN_HOST_UNAVAILABLE` when it is a clone and git can't be asked
 */
export async function readDirectory(
  folder: string,
  { env, signal }: Pick<GitPlace, "env" | "signal">,
): Promise<ReadDirectory> {
  const found = await lstat(`${folder}${path.sep}`).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new NetlearnError("NETLEARN_INPUT_MISSING", `there is no directory ${JSON.stringify(folder)}`, {
      hint: "Name the directory that holds the repository's files.",
    });
  }
  const isClone = await isInClone(folder);
  const place: GitPlace = { folder, userConfig: true, env, ...(signal === undefined ? {} : { signal }) };
  const paths = isClone ? await listed(place) : await walk(folder, "");
  const read = await inParallel(paths, 16, async (file) => await readOne(folder, file));
  const files = read.filter((file) => file !== undefined).toSorted(by((file) => file.path));
  return {
    commit: isClone ? await headOf(place) : undefined,
    files: new Map(files.map((file) => [file.path, file])),
    isDirty: isClone && (await hasChanges(place)),
  };
}

async function isInClone(folder: string): Promise<boolean> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if ((await lstat(path.join(at, ".git")).catch(() => undefined)) !== undefined) return true;
    if (at === path.dirname(at)) return false;
  }
}

async function listed(place: GitPlace): Promise<readonly string[]> {
  const names = await gitOutput(place, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  // A file in conflict is listed once a side.
  return [...new Set([...splitAtNul(names)].map((name) => pathOf(name).replace(/\/$/u, "")))];
}

async function headOf(place: GitPlace): Promise<string | undefined> {
  const head = await runGit(place, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  return head.code === 0 ? head.stdout.toString("latin1").trim() : undefined;
}

async function hasChanges(place: GitPlace): Promise<boolean> {
  const changes = await gitOutput(place, [
    "status",
    "--porcelain",
    "-z",
    "--no-renames",
    "--ignore-submodules=all",
    ".",
  ]);
  return changes.length > 0;
}

async function walk(folder: string, below: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch((cause: unknown) => {
    throw unreadable(below, cause);
  });
  const paths: string[] = [];
  for (const entry of entries) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await walk(folder, name)));
    else paths.push(name);
  }
  return paths;
}

/** Undefined for what is gone, and for pipes, sockets and devices. */
async function readOne(folder: string, name: string): Promise<RepositoryFile | undefined> {
  const file = path.join(folder, name);
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isSymbolicLink()) return { path: name, kind: "symlink", size: found.size, text: undefined };
  if (found.isDirectory()) return { path: name, kind: "submodule", size: 0, text: undefined };
  if (!found.isFile()) return undefined;
  const kind = (found.mode & 0o111) === 0 ? "file" : "executable";
  const isRead = isInteresting(name) && found.size <= LARGEST_TEXT;
  return { path: name, kind, size: found.size, text: isRead ? await readText(file, name) : undefined };
}

async function readText(file: string, name: string): Promise<string | undefined> {
  try {
    // Whoever puts a link there in between is not followed.
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return textOf(await handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function unreadable(name: string, cause: unknown): NetlearnError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NetlearnError("NETLEARN_INPUT_UNREADABLE", `cannot read ${JSON.stringify(name)}: ${reason}`, {
    hint: "Mend its permissions, or have git ignore it.",
    cause,
  });
}
