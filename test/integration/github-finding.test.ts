import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Host } from "../../src/gitops/host.ts";
import { create, FILES, found, MESSAGE, open, POLICY } from "../support/github-verbs.ts";
import { BRANCH, hostOn, TestClock } from "../testbed/github/hosting.ts";
import { onGitHub } from "../testbed/github/suite.ts";

onGitHub("what is found and read on GitHub", FILES, (on) => {
  describe("finds", () => {
    it("git rule 6: nothing, in one read", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const names = Array.from({ length: 40 }, (_, index) => `netlearn/east/n${index}/narrow`);
      expect(await host.find(undefined, names)).toEqual({
        base: { branch: "main", head: on.main() },
        readOnly: undefined,
        branches: [],
        pullRequests: [],
        openPullRequests: 0,
        createdLastHour: 0,
      });
      expect(on.github.faults.calls).toHaveLength(1);
    });

    it("git rule 6: a branch and its pull request, in one read", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const head = await create(on, host);
      const number = await open(host);
      await host.label(number, ["netlearn", "security"]);
      on.github.human(on.repository, "ada").approve(number);
      on.github.human(on.repository, "ada").comment(number, "why?");
      await host.comment(number, "because");
      on.github.human(on.repository, "renovate[bot]").comment(number, "beep");
      on.github.human(on.repository, "ada").edit(number, { title: "Narrower", body: "- [x] go" });
      on.github.faults.clear();
      const { branch, pull, pulls, ...rest } = await found((await hostOn(on.github, on.repository)).host);
      expect(on.github.faults.calls).toHaveLength(1);
      expect(branch).toEqual({
        name: BRANCH,
        head,
        mergeBase: on.main(),
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
        base: { branch: "main", head: on.main() },
        readOnly: undefined,
        openPullRequests: 1,
        createdLastHour: 1,
      });
    });

    it("git rule 18: commits of people on the branch, and who made them", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      on.github.human(on.repository, "ada").push(BRANCH, { [POLICY]: "by hand\n" });
      expect((await found(host)).branch?.commits).toMatchObject([
        { isOwn: true },
        { isOwn: false, author: "ada@example.com", committer: "ada@example.com" },
      ]);
    });

    it("git rule 18: a branch with the base merged into it, by a comparison", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const head = await create(on, host);
      const ada = on.github.human(on.repository, "ada");
      const base = ada.push("main", { "README.md": "later\n" });
      const merge = on.repository.makeCommit(ada.actor, "Merge main", { parents: [head, base], changes: {} });
      on.repository.moveRef(`heads/${BRANCH}`, merge, false);
      const later = ada.push("main", { "README.md": "later still\n" });
      on.github.faults.clear();
      const { branch, base: seen } = await found(host);
      expect(seen.head).toBe(later);
      expect(branch?.mergeBase).toBe(base);
      expect(branch?.commits.map(({ id, isOwn }) => [id, isOwn])).toEqual([
        [head, true],
        [merge, false],
      ]);
      expect(on.github.faults.reads).toBe(2);
    });

    it("more commits than one answer holds", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const ada = on.github.human(on.repository, "ada");
      const pushed = Array.from({ length: 120 }, (_, index) => ada.push(BRANCH, { notes: `${index}\n` }));
      const { branch } = await found(host);
      expect(branch?.commits.slice(1).map(({ id }) => id)).toEqual(pushed);
      expect(branch?.mergeBase).toBe(on.main());
    });

    it("git rule 18: a branch that shares nothing with the base, as somebody else's, whoever made its head", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      // The base is written anew: all of its old history is on the branch now.
      const { actor } = on.github.human(on.repository, "ada");
      const base = on.repository.makeCommit(actor, "a new world", { parents: [], changes: { a: "b" } });
      on.repository.moveRef("heads/main", base, true);
      const head = on.repository.head(BRANCH);
      const commits = [{ id: head, author: "4242+netlearn[bot]@users.noreply.github.com", isOwn: false }];
      expect((await found(host)).branch).toMatchObject({ head, mergeBase: head, commits });
    });

    it("a tag of the same name does not stand in for the branch", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const head = await create(on, host);
      on.repository.createRef(`tags/${BRANCH}`, on.main());
      expect((await found(host)).branch).toMatchObject({ head, commits: [{ id: head }] });
    });

    it("nothing of forks, whatever their branches are called", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const eve = on.github.human(on.repository, "eve");
      for (let index = 0; index < 25; index += 1) eve.openFromFork(BRANCH, `mine ${index}`);
      await create(on, host);
      const number = await open(host);
      for (let index = 0; index < 25; index += 1) eve.openFromFork(BRANCH, `mine again ${index}`);
      expect(await found(host)).toMatchObject({ pulls: [{ number }], openPullRequests: 1, createdLastHour: 1 });
    });

    it("what was closed and merged before, newest first, and counts the hour", async () => {
      const { host, clock } = await hostOn(on.github, on.repository);
      const ada = on.github.human(on.repository, "ada");
      const head = await create(on, host);
      const first = await open(host);
      ada.close(first);
      const second = await open(host);
      ada.merge(second, "squash");
      await host.deleteBranch(BRANCH, head);
      await create(on, host, "kind: Other\n");
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
      const later = await hostOn(on.github, on.repository, {
        clock: new TestClock(clock.now() + 2 * 3_600_000, 600_000),
      });
      expect(await found(later.host)).toMatchObject({ openPullRequests: 1, createdLastHour: 0 });
    });

    it("a dismissed approval, a bot's remark and its author's own are no approvals", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const head = await create(on, host);
      const number = await open(host);
      const { pull } = on.repository.pull(number);
      on.github.human(on.repository, "netlearn[bot]").requestChanges(number);
      on.github.human(on.repository, "ada").approve(number);
      const [approval] = pull.reviews.splice(1);
      pull.reviews.push({ ...approval!, state: "DISMISSED" });
      pull.reviews.push({
        ...approval!,
        state: "COMMENTED",
        author: on.github.human(on.repository, "copilot[bot]").actor,
      });
      on.github.human(on.repository, "netlearn").requestChanges(number);
      expect((await found(host)).pull?.reviews).toMatchObject([
        { state: "commented", author: "ada", commit: head },
        { state: "changes-requested", author: "netlearn" },
      ]);
    });

    it("conflicts, a merge queue and another base", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const head = await create(on, host);
      const number = await open(host);
      on.github.human(on.repository, "ada").conflict(number);
      expect((await found(host)).branch?.conflicts).toBe(true);
      on.repository.hasMergeQueue = true;
      on.github.human(on.repository, "ada").merge(number);
      expect((await found(host)).pull?.isQueued).toBe(true);
      on.repository.createRef("heads/release", head);
      on.github.human(on.repository, "ada").push("release", { other: "x" });
      on.github.human(on.repository, "ada").retarget(number, "release");
      expect(await found(host)).toMatchObject({ pull: { base: "release" }, branch: { conflicts: undefined } });
    });

    it("long lists to their end", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const number = await open(host);
      const ada = on.github.human(on.repository, "ada");
      for (let index = 0; index < 160; index += 1) ada.comment(number, `word ${index}`);
      const { pull } = await found(host);
      expect(pull?.comments.map(({ body }) => body)).toEqual(
        Array.from({ length: 160 }, (_, index) => `word ${index}`),
      );
    });

    it.each([39, 40, 41, 95])("each of %i branches", async (size) => {
      const names = Array.from({ length: size }, (_, index) => `netlearn/east/n${index}/narrow`);
      for (const name of names) on.repository.createRef(`heads/${name}`, on.main());
      const { host } = await hostOn(on.github, on.repository);
      const { branches } = await host.find("main", names);
      expect(branches.map(({ name }) => name)).toEqual(names);
      expect(branches.every(({ commits, mergeBase }) => commits.length === 0 && mergeBase === on.main())).toBe(true);
      expect(on.github.faults.reads).toBe(Math.ceil(size / 40));
    });

    it("why nothing can be written", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const person = await hostOn(on.github, on.repository, {
        auth: { kind: "token", token: on.github.tokens.person },
      });
      const why = async (one: Host) => (await one.find(undefined, [])).readOnly;
      on.repository.isWritable = false;
      expect(await why(person.host)).toBe("The token may read the repository, and not write to it.");
      on.repository.isWritable = true;
      expect(await why(person.host)).toBeUndefined();
      on.repository.createRef("heads/netlearn", on.main());
      expect(await why(host)).toContain("git can't have branches that begin with netlearn/");
      on.repository.isArchived = true;
      expect(await why(host)).toBe("The repository is archived.");
    });

    it("the default branch by its new name, and says it where the old one is asked for", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const number = await open(host);
      on.repository.renameDefaultBranch("trunk");
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
      const { host } = await hostOn(on.github, on.repository, { repository: "acme/secret" });
      await expect(host.find(undefined, [BRANCH])).rejects.toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
    });
  });

  describe("reads", () => {
    it("the files of a commit, and fetches it once", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const { files, commit } = await host.read(on.main());
      expect(commit).toBe(on.main());
      expect([...files.values()].map(({ path, text }) => [path, text])).toEqual([
        ["README.md", undefined],
        ["apps/old.yaml", "kind: Old\n"],
        ["apps/web.yaml", "kind: Service\r\n"],
      ]);
      on.github.faults.clear();
      await host.read(on.main());
      expect(on.github.faults.calls).toEqual([]);
      on.github.human(on.repository, "ada").push("main", { "apps/new.yaml": "kind: New\n" });
      expect((await host.read(on.main())).files.get("apps/new.yaml")?.text).toBe("kind: New\n");
    });

    it.each([
      ["a lock that nobody holds any more", "shallow.lock"],
      ["nothing but a half of its settings", "config"],
    ])("git rule 21: where a process was cut off in the cache and left %s", async (_, left) => {
      const cacheFolder = await mkdtemp(join(tmpdir(), "netlearn-cache-"));
      onTestFinished(() => rm(cacheFolder, { recursive: true, force: true }));
      const cache = join(cacheFolder, "fleet");
      if (left === "config") await mkdir(cache);
      else await (await hostOn(on.github, on.repository, { cache })).host.read(on.main());
      await writeFile(join(cache, left), "[core]\n");
      on.github.human(on.repository, "ada").push("main", { "apps/new.yaml": "kind: New\n" });
      const { host } = await hostOn(on.github, on.repository, { cache });
      expect((await host.read(on.main())).files.get("apps/new.yaml")?.text).toBe("kind: New\n");
    });

    it("git rule 21: while other processes read into the same cache", async () => {
      const cacheFolder = await mkdtemp(join(tmpdir(), "netlearn-cache-"));
      onTestFinished(() => rm(cacheFolder, { recursive: true, force: true }));
      const cache = join(cacheFolder, "fleet");
      const ada = on.github.human(on.repository, "ada");
      const commits = Array.from({ length: 3 }, (_, index) => ada.push("main", { "apps/new.yaml": `n: ${index}\n` }));
      const read = await Promise.all(
        [...commits, ...commits].map(async (commit) => {
          const { files } = await (await hostOn(on.github, on.repository, { cache })).host.read(commit);
          return files.get("apps/new.yaml")?.text;
        }),
      );
      expect(read).toEqual(["n: 0\n", "n: 1\n", "n: 2\n", "n: 0\n", "n: 1\n", "n: 2\n"]);
    });

    it("git rule 34: with a token that no error repeats", async () => {
      const auth = { kind: "token", token: on.github.tokens.expired } as const;
      const { host } = await hostOn(on.github, on.repository, { auth });
      const error = await host.read(on.main()).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
      expect(String(error)).not.toContain(on.github.tokens.expired);
    });
  });
});
