import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { ChangedText } from "../host.ts";
import { type GitPlace, gitFailed, runGit } from "./git.ts";
import { inTemporaryFolder } from "./temporary-folder.ts";

/** From here on git says that it failed, and below how many conflicts there are. */
const FAILED = 128;

/**
 * Whether git merges two versions of a text, as it does for a file that both sides changed.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when git can't say
 */
export async function mergesCleanly(
  git: Pick<GitPlace, "env" | "signal" | "program">,
  { before, ours, theirs }: ChangedText,
): Promise<boolean> {
  return await inTemporaryFolder(async (folder) => {
    const versions = { ours, before, theirs };
    for (const [name, text] of Object.entries(versions)) await writeFile(path.join(folder, name), text);
    const args = ["merge-file", "--stdout", "--quiet", ...Object.keys(versions)];
    const result = await runGit({ ...git, folder, userConfig: false }, args);
    if (result.code >= FAILED) throw gitFailed(args, result);
    return result.code === 0;
  });
}
