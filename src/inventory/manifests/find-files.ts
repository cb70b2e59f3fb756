import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";
import { byText } from "../../lib/sort.ts";
import { type ManifestProblem, unreadable } from "./manifest-problem.ts";

/** Files that may hold manifests. */
export interface FoundFiles {
  /** Absolute paths, sorted, each once. */
  readonly files: readonly string[];
  readonly problems: readonly ManifestProblem[];
}

/** What a search remembers. */
interface Search {
  readonly cwd: string;
  /** By the real path, so that two ways to one file are one file. */
  readonly files: Map<string, string>;
  readonly problems: ManifestProblem[];
}

const EXTENSIONS: readonly string[] = [".json", ".yaml", ".yml"];

/**
 * Finds manifests: files as they are given, and in directories everything that ends in .yaml, .yml or .json, symbolic
 * links followed. Hidden directories and `node_modules` are left out, as tools of this kind do.
 *
 * @param paths relative to `cwd`, or absolute
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` when a given path is not there
 */
export async function findFiles(paths: readonly string[], cwd: string): Promise<FoundFiles> {
  const search: Search = { cwd, files: new Map(), problems: [] };
  for (const given of paths) {
    const absolute = path.resolve(cwd, given);
    const found = await statOf(absolute);
    if (found instanceof Error) {
      throw new NetlearnError("NETLEARN_INPUT_MISSING", `${JSON.stringify(given)} can't be read: ${found.message}`, {
        hint: "Give files or directories with manifests.",
        cause: found,
      });
    }
    if (found.isDirectory()) {
      await searchDirectory(absolute, [], search);
    } else {
      await addFile(absolute, search);
    }
  }
  return { files: [...search.files.values()].toSorted(byText), problems: search.problems };
}

/** A path as it is shown: relative where it lies in the working directory, forward slashes everywhere. */
export function shownPath(absolute: string, cwd: string): string {
  const relative = path.relative(cwd, absolute);
  const isInside = relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  return (isInside ? relative : absolute).split(path.sep).join("/");
}

async function statOf(absolute: string): Promise<Awaited<ReturnType<typeof stat>> | Error> {
  try {
    return await stat(absolute);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function addFile(absolute: string, { files }: Search): Promise<void> {
  const real = await realpath(absolute);
  if (!files.has(real)) files.set(real, absolute);
}

/** @param above real paths of the directories around this one, to notice when a link leads back into them */
async function searchDirectory(directory: string, above: readonly string[], search: Search): Promise<void> {
  const shown = shownPath(directory, search.cwd);
  let entries: Dirent[];
  let real: string;
  try {
    real = await realpath(directory);
    if (above.includes(real)) {
      const message = `this link leads back to ${shownPath(real, search.cwd)}, which is read already`;
      const choice = "Remove the link; nothing was lost.";
      search.problems.push({ code: "directory-loop", file: shown, line: 1, message, choice, excerpt: undefined });
      return;
    }
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    search.problems.push(unreadable(shown, reasonOf(error), "Give netlearn the right to read it, or leave it out."));
    return;
  }
  for (const entry of entries.toSorted((a, b) => byText(a.name, b.name))) {
    await searchEntry(path.join(directory, entry.name), entry, [...above, real], search);
  }
}

async function searchEntry(absolute: string, entry: Dirent, above: readonly string[], search: Search): Promise<void> {
  const isManifest = EXTENSIONS.includes(path.extname(entry.name).toLowerCase());
  if (entry.isSymbolicLink()) {
    await followLink(absolute, { above, isManifest, isHidden: isLeftOut(entry.name) }, search);
  } else if (entry.isDirectory()) {
    if (!isLeftOut(entry.name)) await searchDirectory(absolute, above, search);
  } else if (entry.isFile() && isManifest) {
    await addFile(absolute, search);
  }
}

async function followLink(
  absolute: string,
  link: { readonly above: readonly string[]; readonly isManifest: boolean; readonly isHidden: boolean },
  search: Search,
): Promise<void> {
  const found = await statOf(absolute);
  if (found instanceof Error) {
    if (!link.isManifest) return;
    const message = `this link leads nowhere: ${found.message}`;
    search.problems.push(unreadable(shownPath(absolute, search.cwd), message, "Mend or remove the link."));
  } else if (found.isDirectory()) {
    if (!link.isHidden) await searchDirectory(absolute, link.above, search);
  } else if (found.isFile() && link.isManifest) {
    await addFile(absolute, search);
  }
}

function isLeftOut(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
