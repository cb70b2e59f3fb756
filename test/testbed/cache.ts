import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/** Where parts of the testbed are kept: `netlearn/testbed` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const home = environment["XDG_CACHE_HOME"];
  return path.join(home === undefined || home === "" ? path.join(homedir(), ".cache") : home, "netlearn/testbed");
}

/** A short hash of the named files of a folder, their names included, and of what else matters. */
export async function hashOf(folder: string, names: readonly string[], more: readonly string[] = []): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(more));
  for (const name of names.toSorted()) {
    hash.update(JSON.stringify([name, await readFile(path.join(folder, name), "utf8")]));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * Makes something of the cache, unless it is there: in a folder beside it, which gets its place when it is whole. Two
 * who make the same at once both do, and either result stands.
 *
 * @param place a file or folder in the cache
 * @param make fills the new folder and returns what of it gets the place, or what kept it from doing so
 * @returns what kept it, or undefined when the place is filled
 */
export async function cached<Failed extends object>(
  place: string,
  make: (unfinished: string) => Promise<string | Failed>,
): Promise<Failed | undefined> {
  if (existsSync(place)) return undefined;
  await mkdir(path.dirname(place), { recursive: true });
  const unfinished = await mkdtemp(path.join(path.dirname(place), "building-"));
  try {
    const made = await make(unfinished);
    if (typeof made !== "string") return made;
    await rename(made, place).catch((error: unknown) => {
      if (!existsSync(place)) throw error;
    });
    return undefined;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
