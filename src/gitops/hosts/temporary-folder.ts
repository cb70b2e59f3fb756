import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RepositoryFile } from "../../model/repository.ts";
import { whyNotWritten } from "../closed-paths.ts";

/** Does some work in an empty folder, which is gone afterwards. */
export async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  // Tools say its real name, which is taken out of what they complain of.
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), "netlearn-render-")));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes files as a repository has them: texts alone, no links, and nothing outside of the folder or in git's own.
 *
 * @throws Error of the file system, such as for two names that are one here
 */
export async function writeFiles(folder: string, files: Iterable<RepositoryFile>): Promise<void> {
  const made = new Set<string>();
  for (const { path: name, text } of files) {
    if (text === undefined || whyNotWritten(name) !== undefined) continue;
    const file = path.join(folder, name);
    const parent = path.dirname(file);
    if (!made.has(parent)) await mkdir(parent, { recursive: true });
    made.add(parent);
    await writeFile(file, text, { flag: "wx" });
  }
}
