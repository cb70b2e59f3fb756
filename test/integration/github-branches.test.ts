import { describe, expect, it } from "vitest";
import { create, FILES, found, MESSAGE, open, POLICY } from "../support/github-verbs.ts";
import { AUTHOR, BRANCH, deleted, filesOf, hostOn, written } from "../testbed/github/hosting.ts";
import { type OnGitHub, onGitHub } from "../testbed/github/suite.ts";

/** Puts an entry of any mode on the default branch; gives its new head. */
function withEntry(
  { repository, main }: OnGitHub,
  name: string,
  { mode, text }: { readonly mode: string; readonly text: string },
): string {
  const { git } = repository;
  const { author, tree } = git.readCommit(main());
  const files = git.files(tree);
  files.set(name, { mode, id: git.write("blob", Buffer.from(text)) });
  const signed = { author, committer: author, message: `add ${name}` };
  const head = git.commit({ tree: git.writeFiles(files), parents: [main()], ...signed });
  repository.moveRef("heads/main", head, false);
  return head;
}

onGitHub("branches on GitHub", FILES, (on) => {
  describe("writes a branch", () => {
    it("git rule 13: on the base's head, signed for an App, with all that stands beside it", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const { git } = on.repository;
      const changes = [
        deleted("apps/old.yaml", "kind: Old\n"),
        written(POLICY, "\uFEFFkind: NetworkPolicy\r\n"),
        written("apps/web.yaml", "kind: Service\r\nspec: {}\r\n", "kind: Service\r\n"),
      ];
      const parent = on.main();
      const result = await host.writeBranch({ branch: BRANCH, parent, expected: undefined, changes, message: MESSAGE });
      const head = git.branch(BRANCH) ?? "";
      expect(result).toEqual({ kind: "done", value: { head } });
      expect(git.readCommit(head)).toMatchObject({
        parents: [parent],
        message: MESSAGE,
        author: { name: "netlearn[bot]" },
        committer: { email: "noreply@github.com" },
      });
      expect(filesOf(on.repository, BRANCH)).toEqual({
        "README.md": "hello\n",
        [POLICY]: "\uFEFFkind: NetworkPolicy\r\n",
        "apps/web.yaml": "kind: Service\r\nspec: {}\r\n",
      });
      expect(on.main()).toBe(parent);
    });

    it("in netlearn's own name with a person's token, and knows it again", async () => {
      const { host } = await hostOn(on.github, on.repository, {
        auth: { kind: "token", token: on.github.tokens.person },
      });
      const head = await create(on, host);
      expect(on.repository.git.readCommit(head)).toMatchObject({ author: AUTHOR, committer: AUTHOR });
      on.github.human(on.repository, "ada").push(BRANCH, { "apps/x.yaml": "by hand\n" });
      expect((await found(host)).branch?.commits.map(({ isOwn }) => isOwn)).toEqual([true, false]);
      const app = await hostOn(on.github, on.repository);
      expect((await found(app.host)).branch?.commits.map(({ isOwn }) => isOwn)).toEqual([true, false]);
    });

    it("git rule 14: anew, whatever was on it", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const expected = await create(on, host);
      const parent = on.github.human(on.repository, "ada").push("main", { "README.md": "later\n" });
      const changes = [written(POLICY, "kind: Better\n")];
      const result = await host.writeBranch({ branch: BRANCH, parent, expected, changes, message: MESSAGE });
      expect(result).toMatchObject({ kind: "done" });
      expect(on.repository.git.readCommit(on.repository.head(BRANCH)).parents).toEqual([parent]);
      expect(filesOf(on.repository, BRANCH)).toMatchObject({ [POLICY]: "kind: Better\n", "README.md": "later\n" });
    });

    it("git rule 15: with one more commit", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const expected = await create(on, host);
      const changes = [deleted(POLICY, "kind: NetworkPolicy\n"), written("apps/b.yaml", "kind: B\n")];
      const wanted = { branch: BRANCH, parent: expected, expected, changes, message: "fix: more" };
      expect(await host.writeBranch(wanted)).toMatchObject({ kind: "done" });
      expect(on.repository.git.between(on.main(), on.repository.head(BRANCH)).map(({ message }) => message)).toEqual([
        MESSAGE,
        "fix: more",
      ]);
      expect(Object.keys(filesOf(on.repository, BRANCH))).not.toContain(POLICY);
    });

    it("keeps the executable bit", async () => {
      const { git } = on.repository;
      const parent = withEntry(on, "apply.sh", { mode: "100755", text: "echo a\n" });
      const { host } = await hostOn(on.github, on.repository);
      const changes = [written("apply.sh", "echo b\n", "echo a\n")];
      await host.writeBranch({ branch: BRANCH, parent, expected: undefined, changes, message: MESSAGE });
      expect(git.files(git.readCommit(on.repository.head(BRANCH)).tree).get("apply.sh")?.mode).toBe("100755");
    });

    it.each([false, true])("git rule 19: only where it is expected to be (an old server: %s)", async (isOld) => {
      on.github.isOld = isOld;
      const { host } = await hostOn(on.github, on.repository);
      const expected = await create(on, host);
      const byHand = on.github.human(on.repository, "ada").push(BRANCH, { [POLICY]: "by hand\n" });
      const changes = [written(POLICY, "kind: Late\n")];
      for (const [parent, was] of [
        [on.main(), undefined],
        [on.main(), expected],
        [expected, expected],
      ] as const) {
        const wanted = { branch: BRANCH, parent, expected: was, changes, message: MESSAGE };
        expect(await host.writeBranch(wanted)).toMatchObject({ kind: "lost-race" });
      }
      expect(await host.deleteBranch(BRANCH, expected)).toMatchObject({ kind: "lost-race" });
      expect(on.repository.head(BRANCH)).toBe(byHand);
      on.github.human(on.repository, "ada").deleteBranch(BRANCH);
      const wanted = { branch: BRANCH, parent: on.main(), expected, changes, message: MESSAGE };
      expect(await host.writeBranch(wanted)).toMatchObject({ kind: "lost-race" });
    });

    it("git rule 19: an old server gets the requests of REST, after a look", async () => {
      on.github.isOld = true;
      const { host } = await hostOn(on.github, on.repository);
      const expected = await create(on, host);
      const changes = [written(POLICY, "kind: Better\n")];
      const wanted = { branch: BRANCH, parent: on.main(), expected, changes, message: MESSAGE };
      expect(await host.writeBranch(wanted)).toMatchObject({ kind: "done" });
      expect(filesOf(on.repository, BRANCH)[POLICY]).toBe("kind: Better\n");
      expect(await host.deleteBranch(BRANCH, on.repository.head(BRANCH))).toEqual({ kind: "done", value: undefined });
      expect(on.repository.git.branch(BRANCH)).toBeUndefined();
    });

    it("git rule 19: two at once make one branch", async () => {
      const [one, other] = [await hostOn(on.github, on.repository), await hostOn(on.github, on.repository)];
      const write = async ({ host }: typeof one, text: string) =>
        (
          await host.writeBranch({
            branch: BRANCH,
            parent: on.main(),
            expected: undefined,
            changes: [written(POLICY, text)],
            message: MESSAGE,
          })
        ).kind;
      const outcomes = await Promise.all([write(one, "kind: One\n"), write(other, "kind: Other\n")]);
      expect(outcomes.toSorted()).toEqual(["done", "lost-race"]);
      const numbers = await Promise.all([open(one.host), open(other.host)]);
      expect(new Set(numbers).size).toBe(1);
      expect(on.repository.threads).toHaveLength(1);
    });

    it("git rule 2: says that a branch is in the way", async () => {
      const { host } = await hostOn(on.github, on.repository);
      on.repository.createRef("heads/netlearn/east", on.main());
      const changes = [written(POLICY, "kind: NetworkPolicy\n")];
      const wanted = { branch: BRANCH, parent: on.main(), expected: undefined, changes, message: MESSAGE };
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
      const { host } = await hostOn(on.github, on.repository);
      const wanted = {
        branch: BRANCH,
        parent: on.main(),
        expected: undefined,
        changes: [written(path, "a")],
        message: MESSAGE,
      };
      await expect(host.writeBranch(wanted)).rejects.toMatchObject({
        code: "NETLEARN_OUTPUT_UNWRITABLE",
        message: expect.stringContaining(why),
      });
      expect(on.github.faults.writes).toBe(0);
    });

    it("git rule 36: through no link, and over none", async () => {
      const parent = withEntry(on, "link", { mode: "120000", text: "/etc" });
      const { host } = await hostOn(on.github, on.repository);
      for (const path of ["link", "link/passwd", "README.md/x.yaml"]) {
        const changes = [written(path, "a")];
        const wanted = { branch: BRANCH, parent, expected: undefined, changes, message: MESSAGE };
        expect(await host.writeBranch(wanted)).toMatchObject({ kind: "refused" });
      }
      expect(on.github.faults.writes).toBe(0);
    });

    it("git rule 34: never with the token in it", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const changes = [written(POLICY, `token: ${on.github.tokens.app}\n`)];
      const wanted = { branch: BRANCH, parent: on.main(), expected: undefined, changes, message: MESSAGE };
      await expect(host.writeBranch(wanted)).rejects.toMatchObject({ code: "NETLEARN_OUTPUT_UNWRITABLE" });
      await expect(host.comment(1, `see ${on.github.tokens.app}`)).rejects.toThrow("holds the token");
      expect(on.github.faults.calls).toEqual([]);
    });

    it("git rule 34: never with a line of the App's key in it", async () => {
      const { id, privateKey } = on.github.app;
      const { host } = await hostOn(on.github, on.repository, { auth: { kind: "app", appId: String(id), privateKey } });
      const line = privateKey.split("\n")[3] ?? "";
      await expect(host.comment(1, `    ${line}`)).rejects.toThrow("a part of the App's key");
    });

    it.each(["main", "release/1", "netlearn"])("git rule 9: never %s", async (branch) => {
      const { host } = await hostOn(on.github, on.repository);
      const changes = [written(POLICY, "a")];
      const wanted = { branch, parent: on.main(), expected: on.main(), changes, message: MESSAGE };
      await expect(host.writeBranch(wanted)).rejects.toThrow("is not netlearn's to write");
      await expect(host.deleteBranch(branch, on.main())).rejects.toThrow("is not netlearn's to write");
      expect(on.github.faults.calls).toEqual([]);
    });

    it("deletes it where it was looked at, and finds it gone", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const head = await create(on, host);
      expect(await host.deleteBranch(BRANCH, head)).toEqual({ kind: "done", value: undefined });
      expect(on.repository.git.branch(BRANCH)).toBeUndefined();
      expect(await host.deleteBranch(BRANCH, head)).toEqual({ kind: "done", value: undefined });
    });
  });
});
