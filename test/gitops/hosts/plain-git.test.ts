import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { BranchWrite, Host } from "../../../src/gitops/host.ts";
import { DEFAULT_IDENTITY, type PlainGitOptions, plainGitHost } from "../../../src/gitops/hosts/plain-git.ts";
import type { FileChange } from "../../../src/model/repository.ts";
import { commitAll, gitIn, repositoryOf, scratchFolder, writeFiles } from "./scratch.ts";

const BRANCH = "netlearn/_/shop/widen";
const NOW = Date.UTC(2026, 2, 2, 12);
const FILES = { "apps/kustomization.yaml": "resources:\n", "README.md": "hello\n" };

function hostOf(address: string, options: Partial<PlainGitOptions> = {}): Host {
  return plainGitHost({
    address,
    cache: path.join(scratchFolder(), "cache"),
    env: process.env,
    now: () => NOW,
    ...options,
  });
}

/** A bare repository with these files on `main`. */
function bareOf(files: Readonly<Record<string, string | Buffer>> = FILES): string {
  const { folder } = repositoryOf(files);
  const bare = path.join(scratchFolder(), "fleet.git");
  gitIn(folder, ["clone", "--quiet", "--bare", folder, bare]);
  return bare;
}

function headOf(repository: string, branch: string): string {
  return gitIn(repository, ["for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`]).trim();
}

/** A person's commit on a branch, which is made when it is missing. */
function pushed(bare: string, branch: string, files: Readonly<Record<string, string>>, from = branch): string {
  const clone = scratchFolder();
  gitIn(clone, ["clone", "--quiet", bare, "."]);
  gitIn(clone, ["checkout", "--quiet", "-B", branch, `origin/${from}`]);
  writeFiles(clone, files);
  const commit = commitAll(clone);
  gitIn(clone, ["push", "--quiet", "--force", "origin", branch]);
  return commit;
}

const POLICY: FileChange = {
  kind: "write",
  path: "apps/netlearn.yaml",
  text: "v1\n",
  before: undefined,
  owner: "netlearn",
};

function writeOn(parent: string, change: Partial<BranchWrite> = {}): BranchWrite {
  const message = "feat: policies\n\nNetlearn-Fingerprint: 0123456789abcdef\n";
  return { branch: BRANCH, parent, expected: undefined, changes: [POLICY], message, ...change };
}

async function writtenTo(host: Host, change: Partial<BranchWrite> = {}): Promise<string> {
  const { base } = await host.find(undefined, [BRANCH]);
  const result = await host.writeBranch(writeOn(base.head, change));
  if (result.kind !== "done") throw new Error(`${result.kind}: ${result.because}`);
  return result.value.head;
}

describe("a plain git remote", () => {
  test("git rule 13: a new branch is one commit on the base's head, by netlearn, and the base stays", async () => {
    const bare = bareOf();
    const base = headOf(bare, "main");
    const host = hostOf(bare);
    const head = await writtenTo(host);
    expect(headOf(bare, BRANCH)).toBe(head);
    expect(headOf(bare, "main")).toBe(base);
    const shown = gitIn(bare, ["show", "--format=%P|%an|%ae|%cn|%ce|%aI|%B", "--name-only", head]);
    expect(shown).toContain(
      `${base}|netlearn[bot]|netlearn@users.noreply.github.com|netlearn[bot]|netlearn@users.noreply.github.com|2026-03-02T12:00:00+00:00|feat: policies\n\nNetlearn-Fingerprint: 0123456789abcdef\n`,
    );
    expect(gitIn(bare, ["diff", "--name-only", base, head])).toBe("apps/netlearn.yaml\n");
    const { branches } = await host.find("main", [BRANCH, "netlearn/_/other/widen"]);
    expect(branches).toEqual([
      {
        name: BRANCH,
        head,
        mergeBase: base,
        conflicts: false,
        commits: [
          {
            id: head,
            message: expect.stringContaining("Netlearn-Fingerprint: 0123456789abcdef\n"),
            author: DEFAULT_IDENTITY.email,
            committer: DEFAULT_IDENTITY.email,
            isOwn: true,
          },
        ],
      },
    ]);
    const files = (await host.read(head)).files;
    expect(files.get("apps/netlearn.yaml")?.text).toBe("v1\n");
    expect(files.get("README.md")).toMatchObject({ size: 6, text: undefined });
  });

  test("has no pull requests, and says so", async () => {
    const host = hostOf(bareOf());
    expect(host.capabilities.pullRequests).toBe(false);
    const request = { branch: BRANCH, base: "main", title: "t", body: "b", isDraft: false };
    for (const answer of [
      host.openPullRequest(request),
      host.editPullRequest(1, {}),
      host.comment(1, ""),
      host.label(1, []),
    ]) {
      expect(await answer).toMatchObject({ kind: "refused", because: expect.stringContaining("no pull requests") });
    }
    expect(await host.find(undefined, [])).toMatchObject({ pullRequests: [], openPullRequests: 0, createdLastHour: 0 });
  });

  test("the base that is not named is the remote's default branch, whatever it is called", async () => {
    const bare = bareOf();
    gitIn(bare, ["branch", "--move", "main", "trunk/stable"]);
    const { base, readOnly } = await hostOf(bare).find(undefined, [BRANCH]);
    expect(base).toEqual({ branch: "trunk/stable", head: headOf(bare, "trunk/stable") });
    expect(readOnly).toBeUndefined();
  });

  test("git rule 18: a commit is a person's when its author or its committer is", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const own = await writtenTo(host);
    const person = pushed(bare, BRANCH, { "notes.md": "mine\n" });
    const clone = scratchFolder();
    gitIn(clone, ["clone", "--quiet", "--branch", BRANCH, bare, "."]);
    writeFiles(clone, { "more.md": "x\n" });
    gitIn(clone, ["add", "--all"]);
    gitIn(clone, [
      "commit",
      "--quiet",
      `--author=n <NETLEARN@users.noreply.github.com>`,
      "--message=as netlearn\n\nbody",
    ]);
    gitIn(clone, ["push", "--quiet"]);
    const [branch] = (await host.find("main", [BRANCH])).branches;
    expect(branch?.commits.map(({ id, isOwn, author, committer }) => [id, isOwn, author, committer])).toEqual([
      [own, true, DEFAULT_IDENTITY.email, DEFAULT_IDENTITY.email],
      [person, false, "ada@example.org", "ada@example.org"],
      [headOf(bare, BRANCH), false, DEFAULT_IDENTITY.email, "ada@example.org"],
    ]);
    expect(branch?.commits.at(-1)?.message).toBe("as netlearn\n\nbody\n");
  });

  test("git rule 17: whether a branch conflicts with its base is git's own answer", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const base = headOf(bare, "main");
    const theirs: FileChange = {
      kind: "write",
      path: "apps/kustomization.yaml",
      text: "resources:\n- netlearn\n",
      before: "resources:\n",
      owner: "person",
    };
    await writtenTo(host, { changes: [theirs] });
    const ask = async () => (await host.find("main", [BRANCH])).branches[0];
    pushed(bare, "main", { "README.md": "hello, all\n" });
    expect(await ask()).toMatchObject({ conflicts: false, mergeBase: base });
    pushed(bare, "main", { "apps/kustomization.yaml": "resources:\n- shop\n" });
    expect(await ask()).toMatchObject({ conflicts: true, mergeBase: base });
    gitIn(bare, ["update-ref", `refs/heads/${BRANCH}`, headOf(bare, "main")]);
    expect(await ask()).toMatchObject({ conflicts: false, commits: [], mergeBase: headOf(bare, "main") });
  });

  test("of several branches each has its own commits, and the place where it left the base", async () => {
    const bare = bareOf();
    const [first, names] = [headOf(bare, "main"), ["a", "b", "c", "d"].map((name) => `netlearn/_/${name}/widen`)];
    const [a = "", b = "", c = "", d = ""] = names;
    const onA = pushed(bare, a, { "a.yaml": "a" }, "main");
    const base = pushed(bare, "main", { "b.yaml": "base" });
    const onB = pushed(bare, b, { "b.md": "b" }, "main");
    const moreOnB = pushed(bare, b, { "b.md": "bb" });
    gitIn(bare, ["update-ref", `refs/heads/${c}`, first]);
    // What merged the base into itself left it in two places.
    const tree = gitIn(bare, ["merge-tree", "--write-tree", a, "main"]).trim();
    const onD = gitIn(bare, ["commit-tree", tree, "-p", a, "-p", "main", "-m", "merged"]).trim();
    gitIn(bare, ["update-ref", `refs/heads/${d}`, onD]);
    const { branches } = await hostOf(bare).find("main", names);
    expect(branches.map(({ name, mergeBase, commits }) => [name, mergeBase, commits.map(({ id }) => id)])).toEqual([
      [a, first, [onA]],
      [b, base, [onB, moreOnB]],
      [c, first, []],
      [d, base, [onA, onD]],
    ]);
    expect(branches.map(({ conflicts }) => conflicts)).toEqual([false, false, false, false]);
  });

  test("a branch that shares nothing with the base is a conflict of people's commits", async () => {
    const bare = bareOf();
    const other = repositoryOf({ "x.md": "x" });
    gitIn(other.folder, ["push", "--quiet", bare, `HEAD:refs/heads/${BRANCH}`]);
    const [branch] = (await hostOf(bare).find("main", [BRANCH])).branches;
    expect(branch).toMatchObject({ conflicts: true, mergeBase: "", commits: [{ isOwn: false }] });
  });
});

describe("writing a branch", () => {
  test("git rule 19: a branch that is elsewhere than expected is not moved, created or deleted", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const base = headOf(bare, "main");
    const head = await writtenTo(host);
    const theirs = pushed(bare, BRANCH, { "notes.md": "mine\n" });
    const v2 = [{ ...POLICY, text: "v2\n" }];
    const tried = [
      await host.writeBranch(writeOn(base, { expected: head, changes: v2 })),
      await host.writeBranch(writeOn(base, { expected: undefined, changes: v2 })),
      await host.deleteBranch(BRANCH, head),
      await host.writeBranch(writeOn(base, { branch: "netlearn/_/gone/widen", expected: head })),
      await host.deleteBranch("netlearn/_/gone/widen", head),
    ];
    expect(tried.map(({ kind }) => kind)).toEqual(Array.from(tried, () => "lost-race"));
    expect(headOf(bare, BRANCH)).toBe(theirs);
    expect(await host.deleteBranch(BRANCH, theirs)).toEqual({ kind: "done", value: undefined });
    expect(headOf(bare, BRANCH)).toBe("");
  });

  test("git rule 14: replacing leaves one commit on the new base", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const head = await writtenTo(host);
    const base = pushed(bare, "main", { "README.md": "moved\n" });
    const next = await writtenTo(host, { expected: head, changes: [{ ...POLICY, text: "v2\n" }] });
    expect(gitIn(bare, ["rev-list", `main..${BRANCH}`])).toBe(`${next}\n`);
    expect(gitIn(bare, ["rev-parse", `${BRANCH}^`])).toBe(`${base}\n`);
  });

  test("git rule 20: the same write again is done, and makes nothing new", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const head = await writtenTo(host);
    expect(await hostOf(bare).writeBranch(writeOn(headOf(bare, "main")))).toEqual({ kind: "done", value: { head } });
    expect(gitIn(bare, ["rev-list", "--count", BRANCH]).trim()).toBe("2");
  });

  test("git rule 9: nothing is pushed to the base, and it is not deleted", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const { head } = (await host.find(undefined, [])).base;
    expect(await host.writeBranch(writeOn(head, { branch: "main", expected: head }))).toMatchObject({
      kind: "refused",
    });
    expect(await host.deleteBranch("main", head)).toMatchObject({ kind: "refused" });
    expect(headOf(bare, "main")).toBe(head);
  });

  test("modes, bytes and everything else stay as they were", async () => {
    const { folder } = repositoryOf({ "run.yaml": "a\r\n", "gone.yaml": "x", 'ümlaut "q".yaml': "\uFEFFb" });
    chmodSync(path.join(folder, "run.yaml"), 0o755);
    symlinkSync("run.yaml", path.join(folder, "link.yaml"));
    const base = commitAll(folder);
    gitIn(folder, ["checkout", "--quiet", "--detach"]);
    const changes: FileChange[] = [
      { kind: "delete", path: "gone.yaml", before: "x", owner: "netlearn" },
      { kind: "write", path: "new/ä b.yaml", text: "n", before: undefined, owner: "netlearn" },
      { kind: "write", path: "run.yaml", text: "a\r\nb\r\n", before: "a\r\n", owner: "person" },
      { kind: "write", path: 'ümlaut "q".yaml', text: "\uFEFFc", before: "\uFEFFb", owner: "person" },
    ];
    const host = hostOf(folder);
    const result = await host.writeBranch(writeOn(base, { changes }));
    expect(result.kind).toBe("done");
    const listed = gitIn(folder, ["ls-tree", "-r", "-z", BRANCH]).split("\0");
    const tree = listed.filter(Boolean).map((line) => line.replace(/ blob [0-9a-f]+\t/u, " "));
    expect(tree).toEqual(["120000 link.yaml", "100644 new/ä b.yaml", "100755 run.yaml", '100644 ümlaut "q".yaml']);
    expect(gitIn(folder, ["show", `${BRANCH}:run.yaml`])).toBe("a\r\nb\r\n");
    expect(gitIn(folder, ["show", `${BRANCH}:ümlaut "q".yaml`])).toBe("\uFEFFc");
  });

  test("git rule 36: links and folders are neither replaced nor written through, and closed paths stay closed", async () => {
    const { folder } = repositoryOf({ "apps/a.yaml": "a" });
    symlinkSync("/etc", path.join(folder, "out"));
    const base = commitAll(folder);
    gitIn(folder, ["checkout", "--quiet", "--detach"]);
    const host = hostOf(folder);
    const write = async (name: string) =>
      await host.writeBranch(writeOn(base, { changes: [{ ...POLICY, path: name }] }));
    expect(await write("out")).toMatchObject({ kind: "refused", because: expect.stringContaining("symlink") });
    expect(await write("out/passwd.yaml")).toMatchObject({
      kind: "refused",
      because: expect.stringContaining('"out"'),
    });
    expect(await write("apps")).toMatchObject({ kind: "refused", because: expect.stringContaining("folder") });
    expect(await write("apps/a.yaml/b.yaml")).toMatchObject({ kind: "refused" });
    for (const closed of [".github/workflows/x.yaml", "../x", ".git/config"]) {
      await expect(write(closed)).rejects.toMatchObject({ code: "NETLEARN_OUTPUT_UNWRITABLE" });
    }
    expect(headOf(folder, BRANCH)).toBe("");
  });

  test("git rule 24: a file that is not what the change was made from is not overwritten", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const { base } = await host.find(undefined, []);
    const change: FileChange = { ...POLICY, path: "README.md" };
    await expect(host.writeBranch(writeOn(base.head, { changes: [change] }))).rejects.toThrow(
      '"README.md" is not what',
    );
  });

  test("git rule 34: what contains the token, in plain or encoded, is not committed", async () => {
    const bare = bareOf();
    const credentials = { origin: "https://git.example", user: "x-access-token", token: "ghs_0123456789abcdef" };
    const host = hostOf(bare, { credentials });
    const { base } = await host.find(undefined, []);
    for (const text of [credentials.token, Buffer.from(credentials.token).toString("base64")]) {
      const result = await host.writeBranch(writeOn(base.head, { changes: [{ ...POLICY, text: `a: ${text}\n` }] }));
      expect(result).toMatchObject({ kind: "refused", because: expect.not.stringContaining(text) });
    }
    expect(headOf(bare, BRANCH)).toBe("");
  });

  test("what a hook of the server says is told in one line, without control characters", async () => {
    const bare = bareOf();
    writeFileSync(
      path.join(bare, "hooks/pre-receive"),
      `#!/bin/sh\nprintf 'ask \\033[31mops\\n first\\n' >&2\nexit 1\n`,
      {
        mode: 0o755,
      },
    );
    const host = hostOf(bare);
    const { base } = await host.find(undefined, []);
    const result = await host.writeBranch(writeOn(base.head));
    expect(result).toMatchObject({
      kind: "refused",
      because: "[remote rejected] (pre-receive hook declined) ask [31mops first",
    });
  });

  test("git rule 2: a branch that blocks the prefix is told by name", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    gitIn(bare, ["branch", "netlearn", "main"]);
    const found = await host.find(undefined, [BRANCH, "netlearn/_/pay/widen"]);
    expect(found.readOnly).toContain("The branch netlearn leaves no room");
    expect(await host.writeBranch(writeOn(found.base.head))).toMatchObject({
      kind: "refused",
      because: expect.stringContaining("The branch netlearn leaves no room"),
    });
    gitIn(bare, ["branch", "--move", "netlearn", "netlearn/_/shop"]);
    expect((await host.find(undefined, [BRANCH, "netlearn/_/pay/widen"])).readOnly).toBeUndefined();
    expect(await host.writeBranch(writeOn(found.base.head))).toMatchObject({
      kind: "refused",
      because: expect.stringContaining("The branch netlearn/_/shop leaves no room"),
    });
  });

  test("git rule 38: a remote that is gone defers a write", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const { base } = await host.find(undefined, []);
    rmSync(bare, { recursive: true });
    expect(await host.writeBranch(writeOn(base.head))).toMatchObject({
      kind: "deferred",
      because: expect.stringContaining("not appear to be a git repository"),
    });
    await expect(host.find(undefined, [])).rejects.toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
  });

  test("a run that is stopped defers what it had begun", async () => {
    const bare = bareOf();
    const stop = new AbortController();
    const host = hostOf(bare, { signal: stop.signal });
    const { base } = await host.find(undefined, []);
    stop.abort();
    expect(await host.writeBranch(writeOn(base.head))).toMatchObject({ kind: "deferred" });
    expect(headOf(bare, BRANCH)).toBe("");
  });
});

describe("a person's own set-up of git", () => {
  test("changes nothing of what is written", async () => {
    const home = scratchFolder();
    const settings = [
      "[push]\nfollowTags = true\npushOption = skip\ndefault = matching\ngpgSign = true\nuseForceIfIncludes = true",
      "[fetch]\nprune = true\npruneTags = true",
      "[commit]\ngpgSign = true\n[i18n]\ncommitEncoding = latin1\nlogOutputEncoding = latin1",
      "[init]\ntemplateDir = /nowhere\ndefaultBranch = trunk\n[core]\nhooksPath = /nowhere\nfsmonitor = true\nquotePath = true",
      "[user]\nname = Ada\nemail = ada@example.org\nuseConfigOnly = true\n[color]\nui = always\n[protocol]\nversion = 0",
      "[safe]\nbareRepository = explicit\n[log]\nshowSignature = true\n[merge]\nconflictStyle = diff3\n[pull]\nrebase = true",
    ];
    writeFiles(home, { ".gitconfig": `${settings.join("\n")}\n` });
    const bare = bareOf();
    gitIn(bare, ["tag", "--annotate", "--message=t", "v1", "main"]);
    const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: home };
    const host = hostOf(bare, { env });
    const message = "feat: grün\n\nNetlearn-Fingerprint: 0123456789abcdef\n";
    const head = await writtenTo(host, { message });
    const { branches } = await host.find("main", [BRANCH]);
    expect(branches).toMatchObject([{ head, commits: [{ message, isOwn: true }] }]);
    expect((await host.deleteBranch(BRANCH, head)).kind).toBe("done");
  });
});

describe("a remote over SSH", () => {
  /** In ssh's place: runs here what it should run there, as long as it is let in. */
  function sshTo(script: string): NodeJS.ProcessEnv {
    const program = path.join(scratchFolder(), "ssh");
    writeFileSync(program, `#!/bin/sh\nfor last; do :; done\n${script}\n`, { mode: 0o755 });
    return { ...process.env, GIT_SSH_COMMAND: program, GIT_SSH_VARIANT: "ssh" };
  }

  test("is found, written to and deleted from", async () => {
    const bare = bareOf();
    const host = hostOf(`git@git.example:${bare}`, { env: sshTo('exec sh -c "$last"') });
    expect(host.name).toBe(`git.example${bare.replace(/\.git$/u, "")}`);
    const head = await writtenTo(host);
    expect(headOf(bare, BRANCH)).toBe(head);
    expect((await host.find("main", [BRANCH])).branches).toMatchObject([{ head, conflicts: false }]);
    expect((await host.deleteBranch(BRANCH, head)).kind).toBe("done");
  });

  test.each([
    ["Permission denied (publickey).", "refused"],
    ["ERROR: Permission to acme/fleet.git denied to deploy-key", "refused"],
    ["ssh: connect to host git.example port 22: Connection timed out", "deferred"],
    ["kex_exchange_identification: Connection closed by remote host", "deferred"],
  ])("a push that ends with %j is %s", async (said, kind) => {
    const bare = bareOf();
    const refusal = `case "$last" in *receive-pack*) echo '${said}' >&2; exit 255;; esac\nexec sh -c "$last"`;
    const host = hostOf(`git@git.example:${bare}`, { env: sshTo(refusal) });
    const { base } = await host.find(undefined, [BRANCH]);
    expect(await host.writeBranch(writeOn(base.head))).toMatchObject({ kind });
    expect(headOf(bare, BRANCH)).toBe("");
  });
});

describe("a local clone as remote", () => {
  test("only its branches change: the files of a dirty working tree, its index and its HEAD stay", async () => {
    const { folder, commit } = repositoryOf(FILES);
    writeFiles(folder, { "README.md": "being edited\n", "new.txt": "x" });
    const status = gitIn(folder, ["status", "--porcelain"]);
    const host = hostOf(folder);
    const head = await writtenTo(host);
    expect(gitIn(folder, ["status", "--porcelain"])).toBe(status);
    expect(gitIn(folder, ["rev-parse", "HEAD"]).trim()).toBe(commit);
    expect(headOf(folder, BRANCH)).toBe(head);
  });

  test.each(["refuse", "ignore", "updateInstead"])(
    "a branch that is checked out there is refused, even with %s",
    async (setting) => {
      const { folder } = repositoryOf(FILES);
      const host = hostOf(folder);
      const head = await writtenTo(host);
      gitIn(folder, ["checkout", "--quiet", BRANCH]);
      gitIn(folder, ["config", "receive.denyCurrentBranch", setting]);
      gitIn(folder, ["config", "receive.denyDeleteCurrent", setting === "refuse" ? "refuse" : "ignore"]);
      const write = writeOn(headOf(folder, "main"), { expected: head, changes: [{ ...POLICY, text: "v2\n" }] });
      expect(await host.writeBranch(write)).toMatchObject({
        kind: "refused",
        because: expect.stringContaining("is checked out in"),
      });
      expect(await host.deleteBranch(BRANCH, head)).toMatchObject({ kind: "refused" });
      expect(headOf(folder, BRANCH)).toBe(head);
      expect(readFileSync(path.join(folder, "apps/netlearn.yaml"), "utf8")).toBe("v1\n");
    },
  );

  test("a shallow one, whose history is cut, is refused", async () => {
    const { folder } = repositoryOf(FILES);
    commitAll(folder);
    const shallow = scratchFolder();
    gitIn(shallow, ["clone", "--quiet", "--depth=1", `file://${folder}`, "."]);
    await expect(hostOf(shallow).find("main", [BRANCH])).rejects.toMatchObject({
      message: expect.stringContaining("is a shallow clone"),
      hint: expect.stringContaining("git fetch --unshallow"),
    });
  });

  test("one without a branch checked out wants its base named", async () => {
    const { folder, commit } = repositoryOf(FILES);
    gitIn(folder, ["checkout", "--quiet", "--detach"]);
    await expect(hostOf(folder).find(undefined, [BRANCH])).rejects.toMatchObject({
      code: "NETLEARN_INPUT_MISSING",
      message: expect.stringContaining("has no default branch"),
      hint: expect.stringContaining("main"),
    });
    expect((await hostOf(folder).find("main", [BRANCH])).base.head).toBe(commit);
  });
});

describe("what can't be asked", () => {
  test("an empty repository says that it is", async () => {
    const bare = path.join(scratchFolder(), "empty.git");
    mkdirSync(bare);
    gitIn(bare, ["init", "--quiet", "--bare"]);
    for (const base of [undefined, "main"]) {
      await expect(hostOf(bare).find(base, [BRANCH])).rejects.toMatchObject({
        code: "NETLEARN_INPUT_MISSING",
        message: expect.stringContaining("is empty"),
      });
    }
  });

  test("a base that is missing is named, and those that are there", async () => {
    await expect(hostOf(bareOf()).find("master", [BRANCH])).rejects.toMatchObject({
      message: expect.stringContaining('has no branch "master"'),
      hint: expect.stringContaining("main"),
    });
  });

  test.each(["--upload-pack=x", "a..b", "re*", "x.lock", "a//b", "", "a\nb"])("%j is no base", async (base) => {
    await expect(hostOf("/nowhere/fleet.git").find(base, [])).rejects.toMatchObject({ code: "NETLEARN_USAGE" });
  });

  test("no refspec is smuggled into a push by a branch's name", async () => {
    const bare = bareOf();
    const host = hostOf(bare);
    const { base } = await host.find(undefined, []);
    for (const branch of ["netlearn/x:refs/heads/main", "netlearn/*", "-d"]) {
      await expect(host.writeBranch(writeOn(base.head, { branch }))).rejects.toMatchObject({ code: "NETLEARN_USAGE" });
    }
    expect(gitIn(bare, ["for-each-ref"]).trim().split("\n")).toHaveLength(1);
  });

  test("a token of another host is refused, and not repeated", () => {
    const credentials = { origin: "https://github.com", user: "x-access-token", token: "ghs_0123456789abcdef" };
    const made = () => hostOf("https://git.example/acme/fleet", { credentials });
    expect(made).toThrow("the token is for https://github.com, and git.example/acme/fleet is on https://git.example");
    expect(() => hostOf("https://github.com/acme/fleet", { credentials })).not.toThrow();
  });

  test("an identity that would break a commit's header is refused", () => {
    const identity = { name: "a\nb", email: "a@example.org" };
    expect(() => hostOf("/srv/fleet.git", { identity })).toThrow("can't be the author");
  });
});

describe("the cache", () => {
  const onlyIn = (cache: string): string => path.join(cache, readdirSync(cache)[0] ?? "");

  test("is kept between runs: what is there is not fetched again", async () => {
    const bare = bareOf();
    const cache = scratchFolder();
    await writtenTo(hostOf(bare, { cache }));
    const program = path.join(scratchFolder(), "git");
    writeFileSync(program, `#!/bin/sh\n[ "$1" = fetch ] && exit 99\nexec git "$@"\n`, { mode: 0o755 });
    const found = await hostOf(bare, { cache, program }).find(undefined, []);
    expect(found.base.branch).toBe("main");
  });

  test("follows a base that was rewritten", async () => {
    const bare = bareOf();
    const cache = scratchFolder();
    await hostOf(bare, { cache }).find(undefined, []);
    const other = repositoryOf({ "x.md": "x" });
    gitIn(other.folder, ["push", "--quiet", "--force", bare, "main"]);
    const host = hostOf(bare, { cache });
    const { base } = await host.find(undefined, []);
    expect(base.head).toBe(other.commit);
    expect([...(await host.read(base.head)).files.keys()]).toEqual(["x.md"]);
  });

  test.each<[string, (repository: string) => void]>([
    [
      "an empty folder in its place",
      (repository) => {
        rmSync(repository, { recursive: true });
        mkdirSync(repository);
      },
    ],
    ["no HEAD", (repository) => rmSync(path.join(repository, "HEAD"))],
    ["no objects", (repository) => rmSync(path.join(repository, "objects"), { recursive: true })],
    [
      "objects that are cut",
      (repository) => {
        for (const name of readdirSync(path.join(repository, "objects"), { recursive: true, encoding: "utf8" })) {
          if (!/^[0-9a-f]{2}.[0-9a-f]{38}$|\.pack$/u.test(name)) continue;
          chmodSync(path.join(repository, "objects", name), 0o644);
          writeFileSync(path.join(repository, "objects", name), "");
        }
      },
    ],
    ["a configuration of noughts", (repository) => writeFileSync(path.join(repository, "config"), "\0\0\0\0")],
    ["another remote", (repository) => gitIn(repository, ["config", "remote.origin.url", "/nowhere"])],
    [
      "a lock that somebody left",
      (repository) => {
        const [seen = ""] = gitIn(repository, ["for-each-ref", "--format=%(refname)"]).trim().split("\n");
        gitIn(repository, ["update-ref", "-d", seen]);
        mkdirSync(path.join(repository, "refs/seen"), { recursive: true });
        writeFileSync(path.join(repository, `${seen}.lock`), "");
      },
    ],
  ])("is made anew with %s", async (_, harm) => {
    const bare = bareOf();
    const cache = scratchFolder();
    await hostOf(bare, { cache }).find(undefined, []);
    harm(onlyIn(cache));
    // Around the cache is a repository of somebody, into which nothing may go.
    gitIn(cache, ["init", "--quiet"]);
    const host = hostOf(bare, { cache });
    const { base } = await host.find(undefined, []);
    expect((await host.read(base.head)).files.get("apps/kustomization.yaml")?.text).toBe("resources:\n");
    expect((await host.writeBranch(writeOn(base.head))).kind).toBe("done");
    expect(gitIn(cache, ["for-each-ref"])).toBe("");
    expect(readdirSync(cache).filter((name) => name !== ".git")).toHaveLength(1);
  });

  test("holds several remotes, and leaves what else is in its folder alone", async () => {
    const cache = scratchFolder();
    writeFiles(cache, { "mine.txt": "x" });
    for (const bare of [bareOf(), bareOf()]) await writtenTo(hostOf(bare, { cache }));
    expect(existsSync(path.join(cache, "mine.txt"))).toBe(true);
    expect(readdirSync(cache)).toHaveLength(3);
  });

  test("is made, filled and used by several at once", async () => {
    const bare = bareOf();
    const cache = path.join(scratchFolder(), "deep/cache");
    const units = ["a", "b", "c", "d", "e", "f"];
    const heads = await Promise.all(
      units.map(async (unit) => await writtenTo(hostOf(bare, { cache }), { branch: `netlearn/_/${unit}/widen` })),
    );
    expect(units.map((unit) => headOf(bare, `netlearn/_/${unit}/widen`))).toEqual(heads);
  });

  test("files that are no manifests are left behind, and a change beside them is pushed all the same", async () => {
    const bare = bareOf({ ...FILES, "apps/big.bin": Buffer.alloc(3_000_000, "0123456789") });
    gitIn(bare, ["config", "uploadpack.allowFilter", "true"]);
    const cache = scratchFolder();
    const host = hostOf(bare, { cache });
    await writtenTo(host);
    expect(gitIn(onlyIn(cache), ["rev-list", "--objects", "--all", "--missing=print"])).toContain("?");
    expect(gitIn(bare, ["ls-tree", "-r", "--name-only", BRANCH]).trim().split("\n")).toContain("apps/big.bin");
    gitIn(bare, ["fsck", "--strict"]);
  });
});
