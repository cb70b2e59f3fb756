import { describe, expect, it } from "vitest";
import type { Host, WriteResult } from "../../src/gitops/host.ts";
import { holdsOfWrites } from "../support/github-writes.ts";
import { FAULTS, type Fault } from "../testbed/github/faults.ts";
import { BRANCH, filesOf, hostOn, TestClock, written } from "../testbed/github/hosting.ts";
import { onGitHub } from "../testbed/github/suite.ts";

const POLICY = "apps/netlearn-cart.yaml";
const LATER = { branch: "netlearn/east/shop/widen" };
const UNAVAILABLE = { code: "NETLEARN_HOST_UNAVAILABLE" };

onGitHub("GitHub failing", { "apps/web.yaml": "kind: Service\n" }, (on) => {
  const write = (host: Host, more: { readonly branch?: string } = {}) =>
    host.writeBranch({
      branch: BRANCH,
      parent: on.main(),
      expected: undefined,
      changes: [written(POLICY, "kind: NetworkPolicy\n")],
      message: "feat: narrow",
      ...more,
    });
  const open = (host: Host) =>
    host.openPullRequest({ branch: BRANCH, base: "main", title: "Narrow", body: "text", isDraft: false });

  /** Each verb that writes, on a world in which everything before it has been done. */
  const VERBS: Readonly<
    Record<string, { readonly before: number; readonly act: (host: Host) => Promise<WriteResult<unknown>> }>
  > = {
    writeBranch: { before: 0, act: write },
    openPullRequest: { before: 1, act: open },
    label: { before: 2, act: (host) => host.label(1, ["netlearn"]) },
    comment: { before: 2, act: (host) => host.comment(1, "seen") },
    editPullRequest: { before: 2, act: (host) => host.editPullRequest(1, { title: "Other", body: "new" }) },
    setDraft: {
      before: 2,
      act: async (host) => {
        if (host.setDraft === undefined) throw new Error("the host makes no drafts");
        return await host.setDraft(1, true);
      },
    },
    deleteBranch: { before: 2, act: (host) => host.deleteBranch(BRANCH, on.repository.head(BRANCH)) },
  };
  const verbs = Object.entries(VERBS).map(([name, verb]) => ({ name, ...verb }));

  /** A host that knows the repository, where the first steps are done; nothing of it counts. */
  const prepared = async (before: number, wishes: Parameters<typeof hostOn>[2] = {}) => {
    const { host, clock } = await hostOn(on.github, on.repository, wishes);
    await host.find("main", [BRANCH]);
    await host.read(on.main());
    for (const step of [write, open].slice(0, before)) expect(await step(host)).toMatchObject({ kind: "done" });
    on.github.faults.clear();
    return { host, clock };
  };
  const traces = () => ({
    files: Object.keys(filesOf(on.repository, BRANCH)),
    threads: on.repository.threads.map(({ title, body, state, labels, comments, pull }) => ({
      title,
      body,
      state,
      isDraft: pull?.isDraft,
      labels: [...labels],
      comments: comments.map((comment) => comment.body),
    })),
  });

  describe.each(verbs)("$name", ({ before, act }) => {
    const done = expect.objectContaining({ kind: "done" });
    holdsOfWrites(on, { prepare: async () => await prepared(before), act, traces, done });

    it.each([
      ["too much at once, for a time", FAULTS.secondaryLimit(7), 7000],
      ["too much at once, for no time that is said", FAULTS.secondaryLimit(), 60_000],
    ])("git rule 38: is deferred by a limit: %s", async (_, fault, wait) => {
      const { host, clock } = await prepared(before);
      const was = traces();
      on.github.faults.plan({ at: 1, when: "before", fault, of: "writes" });
      const result = await act(host);
      const until = new Date(clock.now() + wait).toISOString();
      expect(result).toEqual({ kind: "deferred", because: `GitHub's rate limit is reached until ${until}.` });
      expect(traces()).toEqual(was);
      const { length } = on.github.faults.calls;
      expect(await write(host, LATER)).toMatchObject({ kind: "deferred" });
      expect(on.github.faults.calls).toHaveLength(length);
      expect(clock.slept).toEqual([]);
    });

    it("git rule 38: is deferred by the limit of the hour", async () => {
      const { host, clock } = await prepared(before);
      const reset = Math.floor(clock.now() / 1000) + 1800;
      on.github.faults.plan({ at: 1, when: "before", fault: FAULTS.primaryLimit(reset), of: "writes" });
      const because = expect.stringContaining(new Date(reset * 1000).toISOString());
      expect(await act(host)).toEqual({ kind: "deferred", because });
    });

    it.each([
      ["a failure", FAULTS.badGateway],
      ["a cut connection", FAULTS.cut],
      ["a cut answer", FAULTS.cutAnswer],
    ])("git rule 20: looks whether it happened after %s of its last write", async (_, fault) => {
      const { host } = await prepared(before);
      // Tree and commit are nobody's: the third write moves the branch.
      const last = before === 0 ? 3 : 1;
      on.github.faults.plan({ at: last, when: "after", fault, of: "writes" });
      expect(await act(host)).toMatchObject({ kind: "done" });
      expect(on.github.faults.writes).toBe(last);
    });

    it("throws when the token ends, and says what to do", async () => {
      const { host } = await prepared(before);
      on.github.faults.plan({ at: 1, when: "before", fault: FAULTS.expiredToken, of: "writes" });
      await expect(act(host)).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining("refuses the credentials: Bad credentials"),
        hint: expect.stringContaining("make a new one"),
      });
    });

    it("is refused without permission", async () => {
      const { host } = await prepared(before);
      const fault: Fault = { kind: "answer", status: 403, message: "Resource not accessible by integration" };
      on.github.faults.plan({ at: 1, when: "before", fault, of: "writes" });
      expect(await act(host)).toEqual({ kind: "refused", because: "Resource not accessible by integration" });
    });
  });

  it("is refused on a protected branch", async () => {
    const { host } = await prepared(1);
    const expected = on.repository.head(BRANCH);
    on.repository.protectedBranches.add(BRANCH);
    on.github.human(on.repository, "ada").push("main", { "README.md": "later\n" });
    const changes = [written(POLICY, "kind: Better\n")];
    const wanted = { branch: BRANCH, parent: on.main(), expected, changes, message: "feat: better" };
    const because = expect.stringContaining("Protected branch");
    expect(await host.writeBranch(wanted)).toEqual({ kind: "refused", because });
    expect(await host.deleteBranch(BRANCH, expected)).toEqual({ kind: "refused", because });
  });

  it("git rule 38: waits between writes, and not beyond the run", async () => {
    const { host, clock } = await prepared(0, { minimumWriteGapMs: 1000 });
    await write(host);
    await open(host);
    expect(clock.slept).toEqual([1000, 1000, 1000]);
    const short = await prepared(0, { minimumWriteGapMs: 1000, clock: new TestClock(Date.now(), 1500) });
    expect(await short.host.label(1, ["a"])).toMatchObject({ kind: "done" });
    expect(await short.host.label(1, ["b"])).toMatchObject({ kind: "done" });
    expect(await short.host.label(1, ["c"])).toMatchObject({ kind: "deferred" });
  });

  describe("reading", () => {
    it.each([
      ["a failure", FAULTS.badGateway, [1000]],
      ["a cut connection", FAULTS.cut, [1000]],
      ["a cut answer", FAULTS.cutAnswer, [1000]],
      ["a limit that ends in time", FAULTS.secondaryLimit(7), [7000]],
    ])("is tried again after %s", async (_, fault, slept) => {
      const { host, clock } = await hostOn(on.github, on.repository);
      on.github.faults.plan({ at: 1, when: "before", fault });
      expect(await host.find("main", [BRANCH])).toMatchObject({ base: { head: on.main() } });
      expect(clock.slept).toEqual(slept);
    });

    it.each([
      ["failures", FAULTS.badGateway, 3],
      ["cut connections", FAULTS.cut, 3],
      ["a limit that ends after the run", FAULTS.secondaryLimit(3600), 1],
      ["an expired token", FAULTS.expiredToken, 1],
    ])("ends with a clear error after %s", async (_, fault, calls) => {
      const { host } = await hostOn(on.github, on.repository);
      on.github.faults.plan({ at: 1, when: "before", fault, times: 99 });
      await expect(host.find("main", [BRANCH])).rejects.toMatchObject({ ...UNAVAILABLE, hint: expect.any(String) });
      expect(on.github.faults.calls).toHaveLength(calls);
    });

    it("says that an address is none of GitHub's", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const fault: Fault = { kind: "answer", status: 200, message: "Welcome to the wiki" };
      on.github.faults.plan({ at: 1, when: "before", fault, times: 99 });
      await expect(host.find("main", [])).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining("the answer was cut off, or is no JSON"),
      });
      await expect(host.comment(1, "seen")).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining("in a form that netlearn does not know"),
      });
    });

    it("git rule 34: repeats no token that an answer holds", async () => {
      const { host } = await hostOn(on.github, on.repository);
      const fault: Fault = { kind: "answer", status: 403, message: `no, ${on.github.tokens.app}\u001b[2J\nnever` };
      on.github.faults.plan({ at: 1, when: "before", fault });
      const error = await host.find("main", []).then(String, String);
      expect(error).toContain("no, *** [2J never");
    });
  });

  it("git rule 21: whichever call is the last of a run, the next ends with one branch and one pull request", async () => {
    const run = async (): Promise<void> => {
      const { host } = await hostOn(on.github, on.repository);
      const { branches, pullRequests } = await host.find("main", [BRANCH]);
      const steps = [
        async () => (branches.length > 0 ? undefined : await write(host)),
        async () => (pullRequests.length > 0 ? undefined : await open(host)),
        async () => await host.label(1, ["netlearn"]),
        async () => await host.comment(1, "seen"),
      ];
      for (const step of steps) if (((await step())?.kind ?? "done") !== "done") return;
    };
    const wanted = {
      files: [POLICY, "apps/web.yaml"],
      threads: [
        { title: "Narrow", body: "text", state: "open", isDraft: false, labels: ["netlearn"], comments: ["seen"] },
      ],
    };
    await run();
    expect(traces()).toEqual(wanted);
    const calls = on.github.faults.calls.length;
    expect(calls).toBeGreaterThan(8);
    for (let at = 1; at <= calls; at += 1) {
      for (const when of ["before", "after"] as const) {
        on.anew();
        // Everything fails from here on, as it does for a run that is killed.
        on.github.faults.plan({ at, when, fault: FAULTS.cut });
        on.github.faults.plan({ at: at + 1, when: "before", fault: FAULTS.cut, times: 99 });
        await run().catch(() => undefined);
        on.github.faults.clear();
        await run();
        expect(traces(), `call ${at}, cut ${when}`).toEqual(wanted);
      }
    }
  });
});
