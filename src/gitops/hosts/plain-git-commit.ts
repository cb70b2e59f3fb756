import { createHash } from "node:crypto";
import { NetlearnError } from "../../lib/errors.ts";
import type { FileChange } from "../../model/repository.ts";
import type { BranchWrite } from "../host.ts";
import { foldersAround } from "../paths.ts";
import { type GitPlace, gitOutput, runGit } from "./git.ts";
import { quoted } from "./patch.ts";
import { checkPath } from "./paths.ts";
import { listTree, type TreeEntry } from "./read-tree.ts";

/** Who writes commits. */
export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
}

/** What a commit was made of: its id, or why there is none. */
export type MadeCommit =
  | { readonly kind: "made"; readonly id: string }
  | { readonly kind: "refused"; readonly because: string };

/**
 * Makes a commit in a repository, without a working tree. Permissions of files stay; links and submodules are never replaced,
 * and nothing is written through them. Equal inputs at the same second make the same commit.
 *
 * @param at milliseconds since the epoch
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` for a path that is never written, `NETLEARN_EDITED_FILE` when the parent has
 *   not what the changes start from, `NETLEARN_HOST_UNAVAILABLE` when git fails
 */
export async function makeCommit(
  place: GitPlace,
  { parent, changes, message }: Pick<BranchWrite, "parent" | "changes" | "message">,
  { who, at }: { readonly who: CommitIdentity; readonly at: number },
): Promise<MadeCommit> {
  for (const { path } of changes) checkPath(path);
  const tree = treeOf(await listTree(place, parent));
  for (const change of changes) {
    const because = whyInTheWay(tree, change.path);
    if (because !== undefined) return { kind: "refused", because };
    checkBefore(tree.entries.get(change.path), change);
  }
  const body = Buffer.concat([
    ...sized(message),
    Buffer.from(`from ${parent}\n`),
    ...changes.flatMap((change) => commandsOf(change, tree.entries.get(change.path)?.kind)),
    Buffer.from("get-mark :1\ndone\n"),
  ]);
  const signature = `${who.name} <${who.email}> ${Math.floor(at / 1000)} +0000\n`;
  const head = `mark :1\nauthor ${signature}committer ${signature}`;
  const ref = `refs/made/${createHash("sha256").update(head).update(body).digest("hex")}`;
  const input = Buffer.concat([Buffer.from(`commit ${ref}\n${head}`), body]);
  const made = await gitOutput(place, ["fast-import", "--quiet", "--done", "--date-format=raw"], input);
  // Git wants a name to begin with; the commit is known by its id from now on.
  await runGit(place, ["update-ref", "-d", ref]);
  return { kind: "made", id: made.toString("latin1").trim() };
}

interface Tree {
  readonly entries: ReadonlyMap<string, TreeEntry>;
  readonly folders: ReadonlySet<string>;
}

function treeOf(listed: readonly TreeEntry[]): Tree {
  const folders = new Set<string>();
  for (const { path } of listed) for (const folder of foldersAround(path)) folders.add(folder);
  return { entries: new Map(listed.map((entry) => [entry.path, entry])), folders };
}

function whyInTheWay({ entries, folders }: Tree, path: string): string | undefined {
  const there = entries.get(path)?.kind;
  if (there === "symlink" || there === "submodule")
    return `${JSON.stringify(path)} is a ${there}, which is not replaced.`;
  if (folders.has(path)) return `${JSON.stringify(path)} is a folder, which is not replaced by a file.`;
  const around = [...foldersAround(path)].find((folder) => entries.has(folder));
  return around === undefined
    ? undefined
    : `${JSON.stringify(path)} is not written: ${JSON.stringify(around)} is no folder, but a ${entries.get(around)?.kind ?? "file"}.`;
}

function checkBefore(there: TreeEntry | undefined, { path, before }: FileChange): void {
  const expected = before === undefined ? undefined : blobId(before, there?.id.length === 64 ? "sha256" : "sha1");
  if (there?.id === expected) return;
  throw new NetlearnError("NETLEARN_EDITED_FILE", `${JSON.stringify(path)} is not what the change was made from`, {
    hint: "Run again: the change is made anew from what is there now.",
  });
}

function blobId(text: string, algorithm: "sha1" | "sha256"): string {
  const bytes = Buffer.from(text);
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

function commandsOf(change: FileChange, there: TreeEntry["kind"] | undefined): readonly Buffer[] {
  const name = quoted(change.path);
  if (change.kind === "delete") return [Buffer.from(`D ${name}\n`)];
  const mode = there === "executable" ? "100755" : "100644";
  return [Buffer.from(`M ${mode} inline ${name}\n`), ...sized(change.text)];
}

function sized(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return [Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")];
}
