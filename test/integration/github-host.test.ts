import { generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import type { Host } from "../../src/gitops/host.ts";
import { AUTHOR, BRANCH, deleted, filesOf, hostOn, TestClock, written } from "../testbed/github/hosting.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";
import type { HostedRepository } from "../testbed/github/world.ts";

const description = inject("github");
const MESSAGE = "feat(shop): narrow\n\nWhat nobody used.\n\nNetlearn-Fingerprint: 0123456789abcdef";
const POLICY = "apps/netlearn-cart.yaml";

describe.skipIf(description.state === "absent")("GitHub as a host (skipped without GitHub's description)", () => {
  let github: GitHubStandIn;
  let repository: HostedRepository;
  let count = 0;

  beforeAll(async () => {
    if (description.state === "absent") throw new Error(description.why);
    github = await startGitHub(description);
  });
  afterAll(() => github?.stop());
  beforeEach(() => {
    count += 1;
    repository = github.createRepository(`acme/host${count}`, {
      "apps/web.yaml": "kind: Service\r\n",
      "apps/old.yaml": "kind: Old\n",
      "README.md": "hello\n",
    });
    github.faults.clear();
  });
  afterEach(() => {
    github.faults.clear();
    github.isOld = false;
    expect(github.violations.splice(0)).toEqual([]);
  });

  const main = (): string => repository.head("main");
  const create = async (host: Host, text = "kind: NetworkPolicy\n"): Promise<string> => {
    const wanted = { branch: BRANCH, parent: main(), expected: undefined, changes: [written(POLICY, text)] };
    const result = await host.writeBranch({ ...wanted, message: MESSAGE });
    if (result.kind !== "done") throw new Error(result.because);
    return result.value.head;
  };
  const open = async (host: Host, base = "main"): Promise<number> => {
    const result = await host.openPullRequest({
      branch: BRANCH,
      base,
      title: "Narrow",
      body: "- [ ] go",
      isDraft: false,
    });
    if (result.kind !== "done") throw new Error(result.because);
    return result.value.number;
  };
  const found = async (host: Host) => {
    const { branches, pullRequests, ...rest } = await host.find("main", [BRANCH]);
    return { ...rest, branch: branches[0], pulls: pullRequests, pull: pullRequests[0] };
  };

  describe("finds", () => {
    it("git rule 6: nothing, in one read", async () => {
      const { host } = await hostOn(github, repository);
      const names = Array.from({ length: 40 }, (_, index) => `netlearn/east/n${index}/narrow`);
      expect(await host.find(undefined, names)).toEqual({
        base: { branch: "main", head: main() },
        readOnly: undefined,
        branches: [],
        pullRequests: [],
        openPullRequests: 0,
        createdLastHour: 0,
      });
      expect(github.faults.calls).toHaveLength(1);
    });

    it("git rule 6: a branch and its pull request, in one read", async () => {
      const { host } = await hostOn(github, repository);
      const head = await create(host);
      const number = await open(host);
      await host.label(number, ["netlearn", "security"]);
      github.human(repository, "ada").approve(number);
      github.human(repository, "ada").comment(number, "why?");
      await host.comment(number, "because");
      github.human(repository, "renovate[bot]").comment(number, "beep");
      github.human(repository, "ada").edit(number, { title: "Narrower", body: "- [x] go" });
      github.faults.clear();
      const { branch, pull, pulls, ...rest } = await found((await hostOn(github, repository)).host);
      expect(github.faults.calls).toHaveLength(1);
      expect(branch).toEqual({
        name: BRANCH,
        head,
        mergeBase: main(),
        conflicts: false,
        commits: [
          {
            id: head,
            message: MESSAGE,
            author: "4242+netlearn[bot]@users.noreply.github.com",
            committer: "noreply@github.com",
            isOwn: true,
          },
        ],
      });
      expect(pulls).toHaveLength(1);
      expect(pull).toMatchObject({
        number,
        branch: BRANCH,
        base: "main",
        state: "open",
        isDraft: false,
        title: "Narrower",
        body: "- [x] go",
        editor: "ada",
        isEdited: true,
        labels: ["netlearn", "security"],
        closedAt: undefined,
        isQueued: false,
        reviews: [{ state: "approved", author: "ada", commit: head }],
        comments: [
          { body: "why?", author: "ada", isOwn: false },
          { body: "because", author: "netlearn", isOwn: true },
        ],
      });
      expect(rest).toEqual({
        base: { branch: "main", head: main() },
        readOnly: undefined,
        openPullRequests: 1,
        createdLastHour: 1,
      });
    });

    it("git rule 18: commits of people on the branch, and who made them", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      github.human(repository, "ada").push(BRANCH, { [POLICY]: "by hand\n" });
      expect((await found(host)).branch?.commits).toMatchObject([
        { isOwn: true },
        { isOwn: false, author: "ada@example.com", committer: "ada@example.com" },
      ]);
    });

    it("git rule 18: a branch with the base merged into it, by a comparison", async () => {
      const { host } = await hostOn(github, repository);
      const head = await create(host);
      const ada = github.human(repository, "ada");
      const base = ada.push("main", { "README.md": "later\n" });
      const merge = repository.makeCommit(ada.actor, "Merge main", { parents: [head, base], changes: {} });
      repository.moveRef(`heads/${BRANCH}`, merge, false);
      const later = ada.push("main", { "README.md": "later still\n" });
      github.faults.clear();
      const { branch, base: seen } = await found(host);
      expect(seen.head).toBe(later);
      expect(branch?.mergeBase).toBe(base);
      expect(branch?.commits.map(({ id, isOwn }) => [id, isOwn])).toEqual([
        [head, true],
        [merge, false],
      ]);
      expect(github.faults.reads).toBe(2);
    });

    it("more commits than one answer holds", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const ada = github.human(repository, "ada");
      const pushed = Array.from({ length: 120 }, (_, index) => ada.push(BRANCH, { notes: `${index}\n` }));
      const { branch } = await found(host);
      expect(branch?.commits.slice(1).map(({ id }) => id)).toEqual(pushed);
      expect(branch?.mergeBase).toBe(main());
    });

    it("git rule 18: a branch that shares nothing with the base, as somebody else's, whoever made its head", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      // The base is written anew: all of its old history is on the branch now.
      const { actor } = github.human(repository, "ada");
      const base = repository.makeCommit(actor, "a new world", { parents: [], changes: { a: "b" } });
      repository.moveRef("heads/main", base, true);
      const head = repository.head(BRANCH);
      const commits = [{ id: head, author: "4242+netlearn[bot]@users.noreply.github.com", isOwn: false }];
      expect((await found(host)).branch).toMatchObject({ head, mergeBase: head, commits });
    });

    it("a tag of the same name does not stand in for the branch", async () => {
      const { host } = await hostOn(github, repository);
      const head = await create(host);
      repository.createRef(`tags/${BRANCH}`, main());
      expect((await found(host)).branch).toMatchObject({ head, commits: [{ id: head }] });
    });

    it("nothing of forks, whatever their branches are called", async () => {
      const { host } = await hostOn(github, repository);
      const eve = github.human(repository, "eve");
      for (let index = 0; index < 25; index += 1) eve.openFromFork(BRANCH, `mine ${index}`);
      await create(host);
      const number = await open(host);
      for (let index = 0; index < 25; index += 1) eve.openFromFork(BRANCH, `mine again ${index}`);
      expect(await found(host)).toMatchObject({ pulls: [{ number }], openPullRequests: 1, createdLastHour: 1 });
    });

    it("what was closed and merged before, newest first, and counts the hour", async () => {
      const { host, clock } = await hostOn(github, repository);
      const ada = github.human(repository, "ada");
      const head = await create(host);
      const first = await open(host);
      ada.close(first);
      const second = await open(host);
      ada.merge(second, "squash");
      await host.deleteBranch(BRANCH, head);
      await create(host, "kind: Other\n");
      const third = await open(host);
      expect(await found(host)).toMatchObject({
        pulls: [
          { number: third, state: "open" },
          { number: second, state: "merged" },
          { number: first, state: "closed" },
        ],
        openPullRequests: 1,
        createdLastHour: 3,
      });
      const later = await hostOn(github, repository, { clock: new TestClock(clock.now() + 2 * 3_600_000, 600_000) });
      expect(await found(later.host)).toMatchObject({ openPullRequests: 1, createdLastHour: 0 });
    });

    it("a dismissed approval, a bot's remark and its author's own are no approvals", async () => {
      const { host } = await hostOn(github, repository);
      const head = await create(host);
      const number = await open(host);
      const { pull } = repository.pull(number);
      github.human(repository, "netlearn[bot]").requestChanges(number);
      github.human(repository, "ada").approve(number);
      const [approval] = pull.reviews.splice(1);
      pull.reviews.push({ ...approval!, state: "DISMISSED" });
      pull.reviews.push({ ...approval!, state: "COMMENTED", author: github.human(repository, "copilot[bot]").actor });
      github.human(repository, "netlearn").requestChanges(number);
      expect((await found(host)).pull?.reviews).toMatchObject([
        { state: "commented", author: "ada", commit: head },
        { state: "changes-requested", author: "netlearn" },
      ]);
    });

    it("conflicts, a merge queue and another base", async () => {
      const { host } = await hostOn(github, repository);
      const head = await create(host);
      const number = await open(host);
      github.human(repository, "ada").conflict(number);
      expect((await found(host)).branch?.conflicts).toBe(true);
      repository.hasMergeQueue = true;
      github.human(repository, "ada").merge(number);
      expect((await found(host)).pull?.isQueued).toBe(true);
      repository.createRef("heads/release", head);
      github.human(repository, "ada").push("release", { other: "x" });
      github.human(repository, "ada").retarget(number, "release");
      expect(await found(host)).toMatchObject({ pull: { base: "release" }, branch: { conflicts: undefined } });
    });

    it("long lists to their end", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const number = await open(host);
      const ada = github.human(repository, "ada");
      for (let index = 0; index < 160; index += 1) ada.comment(number, `word ${index}`);
      const { pull } = await found(host);
      expect(pull?.comments.map(({ body }) => body)).toEqual(
        Array.from({ length: 160 }, (_, index) => `word ${index}`),
      );
    });

    it.each([39, 40, 41, 95])("each of %i branches", async (size) => {
      const names = Array.from({ length: size }, (_, index) => `netlearn/east/n${index}/narrow`);
      for (const name of names) repository.createRef(`heads/${name}`, main());
      const { host } = await hostOn(github, repository);
      const { branches } = await host.find("main", names);
      expect(branches.map(({ name }) => name)).toEqual(names);
      expect(branches.every(({ commits, mergeBase }) => commits.length === 0 && mergeBase === main())).toBe(true);
      expect(github.faults.reads).toBe(Math.ceil(size / 40));
    });

    it("why nothing can be written", async () => {
      const { host } = await hostOn(github, repository);
      const person = await hostOn(github, repository, { auth: { kind: "token", token: github.tokens.person } });
      const why = async (one: Host) => (await one.find(undefined, [])).readOnly;
      repository.isWritable = false;
      expect(await why(person.host)).toBe("The token may read the repository, and not write to it.");
      repository.isWritable = true;
      expect(await why(person.host)).toBeUndefined();
      repository.createRef("heads/netlearn", main());
      expect(await why(host)).toContain("git can't have branches that begin with netlearn/");
      repository.isArchived = true;
      expect(await why(host)).toBe("The repository is archived.");
    });

    it("the default branch by its new name, and says it where the old one is asked for", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const number = await open(host);
      repository.renameDefaultBranch("trunk");
      expect(await host.find(undefined, [BRANCH])).toMatchObject({
        base: { branch: "trunk" },
        pullRequests: [{ number, base: "trunk" }],
      });
      await expect(host.find("main", [BRANCH])).rejects.toMatchObject({
        code: "NETLEARN_HOST_UNAVAILABLE",
        message: expect.stringContaining('no branch "main"'),
        hint: expect.stringContaining('"trunk"'),
      });
    });

    it("no repository that is not shown", async () => {
      const { host } = await hostOn(github, repository, { repository: "acme/secret" });
      await expect(host.find(undefined, [BRANCH])).rejects.toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
    });
  });

  describe("reads", () => {
    it("the files of a commit, and fetches it once", async () => {
      const { host } = await hostOn(github, repository);
      const { files, commit } = await host.read(main());
      expect(commit).toBe(main());
      expect([...files.values()].map(({ path, text }) => [path, text])).toEqual([
        ["README.md", undefined],
        ["apps/old.yaml", "kind: Old\n"],
        ["apps/web.yaml", "kind: Service\r\n"],
      ]);
      github.faults.clear();
      await host.read(main());
      expect(github.faults.calls).toEqual([]);
      github.human(repository, "ada").push("main", { "apps/new.yaml": "kind: New\n" });
      expect((await host.read(main())).files.get("apps/new.yaml")?.text).toBe("kind: New\n");
    });

    it.each([
      ["a lock that nobody holds any more", "shallow.lock"],
      ["nothing but a half of its settings", "config"],
    ])("git rule 21: where a process was cut off in the cache and left %s", async (_, left) => {
      const cacheFolder = await mkdtemp(join(tmpdir(), "netlearn-cache-"));
      onTestFinished(() => rm(cacheFolder, { recursive: true, force: true }));
      const cache = join(cacheFolder, "fleet");
      if (left === "config") await mkdir(cache);
      else await (await hostOn(github, repository, { cache })).host.read(main());
      await writeFile(join(cache, left), "[core]\n");
      github.human(repository, "ada").push("main", { "apps/new.yaml": "kind: New\n" });
      const { host } = await hostOn(github, repository, { cache });
      expect((await host.read(main())).files.get("apps/new.yaml")?.text).toBe("kind: New\n");
    });

    it("git rule 21: while other processes read into the same cache", async () => {
      const cacheFolder = await mkdtemp(join(tmpdir(), "netlearn-cache-"));
      onTestFinished(() => rm(cacheFolder, { recursive: true, force: true }));
      const cache = join(cacheFolder, "fleet");
      const ada = github.human(repository, "ada");
      const commits = Array.from({ length: 3 }, (_, index) => ada.push("main", { "apps/new.yaml": `n: ${index}\n` }));
      const read = await Promise.all(
        [...commits, ...commits].map(async (commit) => {
          const { files } = await (await hostOn(github, repository, { cache })).host.read(commit);
          return files.get("apps/new.yaml")?.text;
        }),
      );
      expect(read).toEqual(["n: 0\n", "n: 1\n", "n: 2\n", "n: 0\n", "n: 1\n", "n: 2\n"]);
    });

    it("git rule 34: with a token that no error repeats", async () => {
      const auth = { kind: "token", token: github.tokens.expired } as const;
      const { host } = await hostOn(github, repository, { auth });
      const error = await host.read(main()).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
      expect(String(error)).not.toContain(github.tokens.expired);
    });
  });

  describe("writes a branch", () => {
    it("git rule 13: on the base's head, signed for an App, with all that stands beside it", async () => {
      const { host } = await hostOn(github, repository);
      const { git } = repository;
      const changes = [
        deleted("apps/old.yaml", "kind: Old\n"),
        written(POLICY, "\uFEFFkind: NetworkPolicy\r\n"),
        written("apps/web.yaml", "kind: Service\r\nspec: {}\r\n", "kind: Service\r\n"),
      ];
      const parent = main();
      const result = await host.writeBranch({ branch: BRANCH, parent, expected: undefined, changes, message: MESSAGE });
      const head = git.branch(BRANCH) ?? "";
      expect(result).toEqual({ kind: "done", value: { head } });
      expect(git.readCommit(head)).toMatchObject({
        parents: [parent],
        message: MESSAGE,
        author: { name: "netlearn[bot]" },
        committer: { email: "noreply@github.com" },
      });
      expect(filesOf(repository, BRANCH)).toEqual({
        "README.md": "hello\n",
        [POLICY]: "\uFEFFkind: NetworkPolicy\r\n",
        "apps/web.yaml": "kind: Service\r\nspec: {}\r\n",
      });
      expect(main()).toBe(parent);
    });

    it("in netlearn's own name with a person's token, and knows it again", async () => {
      const { host } = await hostOn(github, repository, { auth: { kind: "token", token: github.tokens.person } });
      const head = await create(host);
      expect(repository.git.readCommit(head)).toMatchObject({ author: AUTHOR, committer: AUTHOR });
      github.human(repository, "ada").push(BRANCH, { "apps/x.yaml": "by hand\n" });
      expect((await found(host)).branch?.commits.map(({ isOwn }) => isOwn)).toEqual([true, false]);
      const app = await hostOn(github, repository);
      expect((await found(app.host)).branch?.commits.map(({ isOwn }) => isOwn)).toEqual([true, false]);
    });

    it("git rule 14: anew, whatever was on it", async () => {
      const { host } = await hostOn(github, repository);
      const expected = await create(host);
      const parent = github.human(repository, "ada").push("main", { "README.md": "later\n" });
      const changes = [written(POLICY, "kind: Better\n")];
      const result = await host.writeBranch({ branch: BRANCH, parent, expected, changes, message: MESSAGE });
      expect(result).toMatchObject({ kind: "done" });
      expect(repository.git.readCommit(repository.head(BRANCH)).parents).toEqual([parent]);
      expect(filesOf(repository, BRANCH)).toMatchObject({ [POLICY]: "kind: Better\n", "README.md": "later\n" });
    });

    it("git rule 15: with one more commit", async () => {
      const { host } = await hostOn(github, repository);
      const expected = await create(host);
      const changes = [deleted(POLICY, "kind: NetworkPolicy\n"), written("apps/b.yaml", "kind: B\n")];
      const wanted = { branch: BRANCH, parent: expected, expected, changes, message: "fix: more" };
      expect(await host.writeBranch(wanted)).toMatchObject({ kind: "done" });
      expect(repository.git.between(main(), repository.head(BRANCH)).map(({ message }) => message)).toEqual([
        MESSAGE,
        "fix: more",
      ]);
      expect(Object.keys(filesOf(repository, BRANCH))).not.toContain(POLICY);
    });

    it("keeps the executable bit", async () => {
      const { git } = repository;
      const tree = git.files(git.readCommit(main()).tree);
      tree.set("apply.sh", { mode: "100755", id: git.write("blob", Buffer.from("echo a\n")) });
      const { author } = git.readCommit(main());
      const signed = { author, committer: author, message: "a script" };
      const parent = git.commit({ tree: git.writeFiles(tree), parents: [main()], ...signed });
      repository.moveRef("heads/main", parent, false);
      const { host } = await hostOn(github, repository);
      const changes = [written("apply.sh", "echo b\n", "echo a\n")];
      await host.writeBranch({ branch: BRANCH, parent, expected: undefined, changes, message: MESSAGE });
      expect(git.files(git.readCommit(repository.head(BRANCH)).tree).get("apply.sh")?.mode).toBe("100755");
    });

    it.each([false, true])("git rule 19: only where it is expected to be (an old server: %s)", async (isOld) => {
      github.isOld = isOld;
      const { host } = await hostOn(github, repository);
      const expected = await create(host);
      const byHand = github.human(repository, "ada").push(BRANCH, { [POLICY]: "by hand\n" });
      const changes = [written(POLICY, "kind: Late\n")];
      for (const [parent, was] of [
        [main(), undefined],
        [main(), expected],
        [expected, expected],
      ] as const) {
        const wanted = { branch: BRANCH, parent, expected: was, changes, message: MESSAGE };
        expect(await host.writeBranch(wanted)).toMatchObject({ kind: "lost-race" });
      }
      expect(await host.deleteBranch(BRANCH, expected)).toMatchObject({ kind: "lost-race" });
      expect(repository.head(BRANCH)).toBe(byHand);
      github.human(repository, "ada").deleteBranch(BRANCH);
      const wanted = { branch: BRANCH, parent: main(), expected, changes, message: MESSAGE };
      expect(await host.writeBranch(wanted)).toMatchObject({ kind: "lost-race" });
    });

    it("git rule 19: an old server gets the requests of REST, after a look", async () => {
      github.isOld = true;
      const { host } = await hostOn(github, repository);
      const expected = await create(host);
      const changes = [written(POLICY, "kind: Better\n")];
      const wanted = { branch: BRANCH, parent: main(), expected, changes, message: MESSAGE };
      expect(await host.writeBranch(wanted)).toMatchObject({ kind: "done" });
      expect(filesOf(repository, BRANCH)[POLICY]).toBe("kind: Better\n");
      expect(await host.deleteBranch(BRANCH, repository.head(BRANCH))).toEqual({ kind: "done", value: undefined });
      expect(repository.git.branch(BRANCH)).toBeUndefined();
    });

    it("git rule 19: two at once make one branch", async () => {
      const [one, other] = [await hostOn(github, repository), await hostOn(github, repository)];
      const write = async ({ host }: typeof one, text: string) =>
        (
          await host.writeBranch({
            branch: BRANCH,
            parent: main(),
            expected: undefined,
            changes: [written(POLICY, text)],
            message: MESSAGE,
          })
        ).kind;
      const outcomes = await Promise.all([write(one, "kind: One\n"), write(other, "kind: Other\n")]);
      expect(outcomes.toSorted()).toEqual(["done", "lost-race"]);
      const numbers = await Promise.all([open(one.host), open(other.host)]);
      expect(new Set(numbers).size).toBe(1);
      expect(repository.threads).toHaveLength(1);
    });

    it("git rule 2: says that a branch is in the way", async () => {
      const { host } = await hostOn(github, repository);
      repository.createRef("heads/netlearn/east", main());
      const changes = [written(POLICY, "kind: NetworkPolicy\n")];
      const wanted = { branch: BRANCH, parent: main(), expected: undefined, changes, message: MESSAGE };
      expect(await host.writeBranch(wanted)).toMatchObject({
        kind: "refused",
        because: expect.stringContaining("name"),
      });
    });

    it.each([
      [".github/workflows/x.yaml", "workflow"],
      ["../outside.yaml", "outside"],
      [".git/config", "git's own"],
    ])("git rule 36: never at %s", async (path, why) => {
      const { host } = await hostOn(github, repository);
      const wanted = {
        branch: BRANCH,
        parent: main(),
        expected: undefined,
        changes: [written(path, "a")],
        message: MESSAGE,
      };
      await expect(host.writeBranch(wanted)).rejects.toMatchObject({
        code: "NETLEARN_OUTPUT_UNWRITABLE",
        message: expect.stringContaining(why),
      });
      expect(github.faults.writes).toBe(0);
    });

    it("git rule 36: through no link, and over none", async () => {
      const { git } = repository;
      const tree = git.files(git.readCommit(main()).tree);
      tree.set("link", { mode: "120000", id: git.write("blob", Buffer.from("/etc")) });
      const { author } = git.readCommit(main());
      const signed = { author, committer: author, message: "a link" };
      const parent = git.commit({ tree: git.writeFiles(tree), parents: [main()], ...signed });
      repository.moveRef("heads/main", parent, false);
      const { host } = await hostOn(github, repository);
      for (const path of ["link", "link/passwd", "README.md/x.yaml"]) {
        const changes = [written(path, "a")];
        const wanted = { branch: BRANCH, parent, expected: undefined, changes, message: MESSAGE };
        expect(await host.writeBranch(wanted)).toMatchObject({ kind: "refused" });
      }
      expect(github.faults.writes).toBe(0);
    });

    it("git rule 34: never with the token in it", async () => {
      const { host } = await hostOn(github, repository);
      const changes = [written(POLICY, `token: ${github.tokens.app}\n`)];
      const wanted = { branch: BRANCH, parent: main(), expected: undefined, changes, message: MESSAGE };
      await expect(host.writeBranch(wanted)).rejects.toMatchObject({ code: "NETLEARN_OUTPUT_UNWRITABLE" });
      await expect(host.comment(1, `see ${github.tokens.app}`)).rejects.toThrow("holds the token");
      expect(github.faults.calls).toEqual([]);
    });

    it("git rule 34: never with a line of the App's key in it", async () => {
      const { id, privateKey } = github.app;
      const { host } = await hostOn(github, repository, { auth: { kind: "app", appId: String(id), privateKey } });
      const line = privateKey.split("\n")[3] ?? "";
      await expect(host.comment(1, `    ${line}`)).rejects.toThrow("a part of the App's key");
    });

    it.each(["main", "release/1", "netlearn"])("git rule 9: never %s", async (branch) => {
      const { host } = await hostOn(github, repository);
      const changes = [written(POLICY, "a")];
      const wanted = { branch, parent: main(), expected: main(), changes, message: MESSAGE };
      await expect(host.writeBranch(wanted)).rejects.toThrow("is not netlearn's to write");
      await expect(host.deleteBranch(branch, main())).rejects.toThrow("is not netlearn's to write");
      expect(github.faults.calls).toEqual([]);
    });

    it("deletes it where it was looked at, and finds it gone", async () => {
      const { host } = await hostOn(github, repository);
      const head = await create(host);
      expect(await host.deleteBranch(BRANCH, head)).toEqual({ kind: "done", value: undefined });
      expect(repository.git.branch(BRANCH)).toBeUndefined();
      expect(await host.deleteBranch(BRANCH, head)).toEqual({ kind: "done", value: undefined });
    });
  });

  describe("handles a pull request", () => {
    it("git rule 20: opens it once", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const number = await open(host);
      github.faults.clear();
      expect(await open(host)).toBe(number);
      expect(github.faults.writes).toBe(0);
    });

    it("git rule 20: takes one that was opened meanwhile for found", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const other = await hostOn(github, repository);
      github.faults.intercept(/^post .*pulls$/u, () => open(other.host));
      expect(await open(host)).toBe(1);
      expect(repository.threads).toHaveLength(1);
    });

    it("as a draft, and to another base", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      repository.createRef("heads/release", main());
      const result = await host.openPullRequest({
        branch: BRANCH,
        base: "release",
        title: "t",
        body: "b",
        isDraft: true,
      });
      expect(result).toMatchObject({ kind: "done", value: { number: 1, url: expect.stringMatching(/\/pull\/1$/u) } });
      expect(await found(host)).toMatchObject({ pull: { isDraft: true, base: "release" } });
    });

    it("loses a race against whoever took the branch away, or into the base", async () => {
      const { host } = await hostOn(github, repository);
      const head = await create(host);
      const request = { branch: BRANCH, base: "main", title: "t", body: "b", isDraft: false };
      repository.moveRef("heads/main", head, false);
      expect(await host.openPullRequest(request)).toMatchObject({ kind: "lost-race" });
      github.human(repository, "ada").deleteBranch(BRANCH);
      expect(await host.openPullRequest(request)).toMatchObject({ kind: "lost-race" });
      expect(repository.threads).toEqual([]);
    });

    it("edits, closes and opens it again", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const number = await open(host);
      expect(await host.editPullRequest(number, { body: "new" })).toEqual({ kind: "done", value: undefined });
      expect(await host.editPullRequest(number, { title: "Other", state: "closed" })).toMatchObject({ kind: "done" });
      expect(await found(host)).toMatchObject({
        pull: { title: "Other", body: "new", state: "closed", editor: undefined, isEdited: true },
      });
      expect(await host.editPullRequest(number, { state: "open" })).toMatchObject({ kind: "done" });
      expect((await found(host)).pull?.state).toBe("open");
    });

    it("git rule 19: writes over no text that somebody edited since it was looked at", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const number = await open(host);
      const seen = (await found(host)).pull?.body ?? "";
      const ada = github.human(repository, "ada");
      ada.edit(number, { body: "- [x] mine" });
      github.faults.clear();
      const because = `Somebody edited #${number} meanwhile.`;
      expect(await host.editPullRequest(number, { body: "new" }, seen)).toEqual({ kind: "lost-race", because });
      expect(github.faults.writes).toBe(0);
      expect((await found(host)).pull?.body).toBe("- [x] mine");
      ada.edit(number, { body: "new" });
      // What should be there is there: another run was faster.
      expect(await host.editPullRequest(number, { body: "new" }, seen)).toMatchObject({ kind: "done" });
      expect(await host.editPullRequest(number, { body: "newer" }, "new")).toMatchObject({ kind: "done" });
    });

    it("git rule 20: says a thing once, and takes labels that are there", async () => {
      const { host } = await hostOn(github, repository);
      await create(host);
      const number = await open(host);
      for (let index = 0; index < 130; index += 1) github.human(repository, "ada").comment(number, `word ${index}`);
      for (const text of ["seen", "seen\r\n", "word 129"]) await host.comment(number, text);
      const { comments, labels } = repository.thread(number);
      expect(comments.map(({ body }) => body).filter((body) => !body.startsWith("word"))).toEqual(["seen"]);
      expect(comments).toHaveLength(131);
      await host.label(number, ["netlearn"]);
      await host.label(number, ["netlearn", "security"]);
      await host.label(number, []);
      expect([...labels]).toEqual(["netlearn", "security"]);
    });
  });

  describe("git rule 33: as an App", () => {
    it("uses a token for this repository and the least permissions alone", async () => {
      const { id, privateKey } = github.app;
      github.minted.length = 0;
      const auth = { kind: "app", appId: String(id), privateKey } as const;
      const { host, clock } = await hostOn(github, repository, { auth, clock: new TestClock(Date.now(), 7_200_000) });
      await host.read(main());
      await create(host);
      await open(host);
      expect(github.minted).toEqual([
        {
          repositories: [repository.name],
          permissions: { contents: "write", metadata: "read", pull_requests: "write" },
        },
      ]);
      await clock.sleep(3_400_000);
      await host.find(undefined, []);
      expect(github.minted).toHaveLength(2);
    });

    it("says what is wrong with a key that is none, or another App's", async () => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const other = String(privateKey.export({ type: "pkcs1", format: "pem" }));
      for (const key of ["no key at all", other]) {
        const auth = { kind: "app", appId: "7", privateKey: key } as const;
        const { host } = await hostOn(github, repository, { auth });
        const error = await host.find(undefined, []).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error).toMatchObject({
          code: "NETLEARN_HOST_UNAVAILABLE",
          hint: expect.stringContaining("private key"),
        });
        expect(String(error)).not.toContain("no key at all");
      }
    });
  });
});
