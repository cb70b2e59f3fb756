import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** A folder that goes when the test ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "netlearn-hosts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Git as a person at a keyboard has it; what it prints. */
export function gitIn(folder: string, args: readonly string[], input?: string | Buffer): string {
  return execFileSync("git", [...args], {
    cwd: folder,
    input: input ?? "",
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.org",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.org",
    },
  });
}

export function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

/** A clone with one commit of these files on `main`. */
export function repositoryOf(files: Readonly<Record<string, string | Buffer>>): { folder: string; commit: string } {
  const folder = scratchFolder();
  gitIn(folder, ["init", "--quiet", "--initial-branch=main"]);
  writeFiles(folder, files);
  return { folder, commit: commitAll(folder) };
}

export function commitAll(folder: string): string {
  gitIn(folder, ["add", "--all"]);
  gitIn(folder, ["commit", "--quiet", "--allow-empty", "--message=change"]);
  return gitIn(folder, ["rev-parse", "HEAD"]).trim();
}
