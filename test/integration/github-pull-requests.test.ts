import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { create, FILES, found, open } from "../support/github-verbs.ts";
import { BRANCH, hostOn, TestClock } from "../testbed/github/hosting.ts";
import { onGitHub } from "../testbed/github/suite.ts";

onGitHub("pull requests on GitHub", FILES, (on) => {
  describe("handles a pull request", () => {
    it("git rule 20: opens it once", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const number = await open(host);
      on.github.faults.clear();
      expect(await open(host)).toBe(number);
      expect(on.github.faults.writes).toBe(0);
    });

    it("git rule 20: takes one that was opened meanwhile for found", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const other = await hostOn(on.github, on.repository);
      on.github.faults.intercept(/^post .*pulls$/u, () => open(other.host));
      expect(await open(host)).toBe(1);
      expect(on.repository.threads).toHaveLength(1);
    });

    it("as a draft, and to another base", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      on.repository.createRef("heads/release", on.main());
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

    it("git rule 25: as no draft where the plan has none, and once", async () => {
      on.repository.hasDrafts = false;
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const request = { branch: BRANCH, base: "main", title: "t", body: "b", isDraft: true };
      expect(await host.openPullRequest(request)).toMatchObject({ kind: "done", value: { number: 1 } });
      expect(await host.openPullRequest(request)).toMatchObject({ kind: "done", value: { number: 1 } });
      expect(await found(host)).toMatchObject({ pull: { isDraft: false } });
      expect(on.repository.threads).toHaveLength(1);
    });

    it("git rule 25: makes a draft of it and makes it ready, each once", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const number = await open(host);
      for (const isDraft of [true, false]) {
        expect(await host.setDraft?.(number, isDraft)).toEqual({ kind: "done", value: undefined });
        on.github.faults.clear();
        expect(await host.setDraft?.(number, isDraft)).toEqual({ kind: "done", value: undefined });
        expect(on.github.faults.writes).toBe(0);
        expect((await found(host)).pull?.isDraft).toBe(isDraft);
      }
      on.github.human(on.repository, "ada").close(number);
      const because = `Somebody closed #${number} meanwhile.`;
      expect(await host.setDraft?.(number, true)).toEqual({ kind: "lost-race", because });
    });

    it.each([
      ["a plan without drafts", "Draft pull requests are not supported in this repository."],
      ["a server without the mutation", "Field 'convertPullRequestToDraft' doesn't exist on type 'Mutation'"],
    ])("git rule 25: is told that there are no drafts: %s", async (_, message) => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const number = await open(host);
      // In GraphQL's words, which come with status 200.
      const fault = { kind: "answer", status: 200, message: "", body: { errors: [{ message }] } } as const;
      on.github.faults.plan({ at: 1, when: "before", fault, of: "writes" });
      expect(await host.setDraft?.(number, true)).toEqual({ kind: "refused", because: message });
      on.repository.hasDrafts = false;
      expect(await host.setDraft?.(number, true)).toMatchObject({ kind: "refused" });
    });

    it("loses a race against whoever took the branch away, or into the base", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const head = await create(on, host);
      const request = { branch: BRANCH, base: "main", title: "t", body: "b", isDraft: false };
      on.repository.moveRef("heads/main", head, false);
      expect(await host.openPullRequest(request)).toMatchObject({ kind: "lost-race" });
      on.github.human(on.repository, "ada").deleteBranch(BRANCH);
      expect(await host.openPullRequest(request)).toMatchObject({ kind: "lost-race" });
      expect(on.repository.threads).toEqual([]);
    });

    it("edits, closes and opens it again", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
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
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const number = await open(host);
      const seen = (await found(host)).pull?.body ?? "";
      const ada = on.github.human(on.repository, "ada");
      ada.edit(number, { body: "- [x] mine" });
      on.github.faults.clear();
      const because = `Somebody edited #${number} meanwhile.`;
      expect(await host.editPullRequest(number, { body: "new" }, seen)).toEqual({ kind: "lost-race", because });
      expect(on.github.faults.writes).toBe(0);
      expect((await found(host)).pull?.body).toBe("- [x] mine");
      ada.edit(number, { body: "new" });
      // What should be there is there: another run was faster.
      expect(await host.editPullRequest(number, { body: "new" }, seen)).toMatchObject({ kind: "done" });
      expect(await host.editPullRequest(number, { body: "newer" }, "new")).toMatchObject({ kind: "done" });
    });

    it("git rule 20: says a thing once, and takes labels that are there", async () => {
      const { host } = await hostOn(on.github, on.repository);
      await create(on, host);
      const number = await open(host);
      for (let index = 0; index < 130; index += 1)
        on.github.human(on.repository, "ada").comment(number, `word ${index}`);
      for (const text of ["seen", "seen\r\n", "word 129"]) await host.comment(number, text);
      const { comments, labels } = on.repository.thread(number);
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
      const { id, privateKey } = on.github.app;
      on.github.minted.length = 0;
      const auth = { kind: "app", appId: String(id), privateKey } as const;
      const { host, clock } = await hostOn(on.github, on.repository, {
        auth,
        clock: new TestClock(Date.now(), 7_200_000),
      });
      await host.read(on.main());
      await create(on, host);
      await open(host);
      expect(on.github.minted).toEqual([
        {
          repositories: [on.repository.name],
          permissions: { contents: "write", metadata: "read", pull_requests: "write" },
        },
      ]);
      await clock.sleep(3_400_000);
      await host.find(undefined, []);
      expect(on.github.minted).toHaveLength(2);
    });

    it("says what is wrong with a key that is none, or another App's", async () => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const other = String(privateKey.export({ type: "pkcs1", format: "pem" }));
      for (const key of ["no key at all", other]) {
        const auth = { kind: "app", appId: "7", privateKey: key } as const;
        const { host } = await hostOn(on.github, on.repository, { auth });
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
