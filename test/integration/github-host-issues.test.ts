import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Host, WriteResult } from "../../src/gitops/host.ts";
import { decideDashboard } from "../../src/gitops/manners/dashboard.ts";
import { type Performed, perform } from "../../src/gitops/manners/perform.ts";
import { parseSettings } from "../../src/gitops/manners/settings.ts";
import type { UnitOutcome } from "../../src/model/proposal.ts";
import { askedFor } from "../../src/report/proposal/dashboard-boxes.ts";
import { dashboardBody, dashboardTitle } from "../../src/report/proposal/dashboard-text.ts";
import { holdsOfWrites } from "../support/github-writes.ts";
import { TEXTS } from "../support/unit-world.ts";
import { FAULTS, type Fault } from "../testbed/github/faults.ts";
import { BRANCH, hostOn, written } from "../testbed/github/hosting.ts";
import { onGitHub } from "../testbed/github/suite.ts";
import type { Thread } from "../testbed/github/world.ts";

const TITLE = dashboardTitle({ base: "main", cluster: "" });
const TEXT = { title: TITLE, body: "what there is\n\n<!-- netlearn:dashboard 1 -->" };
const NEWER = { title: TITLE, body: "what there is by now\n\n<!-- netlearn:dashboard 2 -->" };
const DONE = { kind: "done", value: undefined };

onGitHub("issues and reviews of GitHub", { "apps/web.yaml": "kind: Service\n" }, (on) => {
  beforeEach(() => {
    on.repository.teams.add("platform").add("security");
    on.github.minted.length = 0;
    on.github.mintedTokens.length = 0;
  });
  afterEach(() => {
    for (const permission of ["issues", "members"]) on.github.granted.delete(permission);
  });

  const person = () => on.github.human(on.repository, "ada");
  const appAuth = () =>
    ({ kind: "app", appId: String(on.github.app.id), privateKey: on.github.app.privateKey }) as const;
  const hostAs = async (token: "app" | "person") =>
    (await hostOn(on.github, on.repository, { auth: { kind: "token", token: on.github.tokens[token] } })).host;
  const hostHere = async (): Promise<Host> => await hostAs("app");
  /** Verbs that a host may lack, and this one must not. */
  const find = async (host: Host, title = TITLE) => {
    if (host.findIssue === undefined) throw new Error("the host finds no issues");
    return await host.findIssue(title);
  };
  const write = async (host: Host, number: number | undefined, text = TEXT): Promise<WriteResult> => {
    if (host.writeIssue === undefined) throw new Error("the host writes no issues");
    const own = number === undefined ? undefined : { number, body: on.repository.thread(number).body };
    return await host.writeIssue(own, text);
  };
  const ask = async (
    host: Host,
    { people = [], teams = [] }: { readonly people?: readonly string[]; readonly teams?: readonly string[] },
  ): Promise<WriteResult> => {
    if (host.requestReviews === undefined) throw new Error("the host asks for no reviews");
    return await host.requestReviews(1, people, teams);
  };
  /** Pull request 1. */
  const open = async (host: Host): Promise<void> => {
    const changes = [written("apps/netlearn-cart.yaml", "kind: NetworkPolicy\n")];
    const base = { parent: on.repository.head("main"), expected: undefined };
    await host.writeBranch({ branch: BRANCH, ...base, changes, message: "feat: narrow" });
    const wanted = { branch: BRANCH, base: "main", title: "Narrow", body: "text", isDraft: false };
    expect(await host.openPullRequest(wanted)).toMatchObject({ kind: "done", value: { number: 1 } });
  };
  const pullOf = async (host: Host) => {
    const { pullRequests } = await host.find("main", [BRANCH]);
    return pullRequests[0];
  };
  const issues = (): readonly Thread[] => on.repository.threads.filter(({ pull }) => pull === undefined);
  const writesOf = () => on.github.faults.calls.filter(({ isWrite }) => isWrite).map(({ operation }) => operation);

  describe("an issue", () => {
    it("git rule 20: is opened once, found again, and changed", async () => {
      const host = await hostHere();
      expect(host.capabilities.issues).toBe(true);
      expect(await find(host)).toBeUndefined();
      expect(await write(host, undefined)).toEqual(DONE);
      expect(await find(await hostHere())).toEqual({
        number: 1,
        url: `https://github.com/acme/${on.repository.name}/issues/1`,
        state: "open",
        body: TEXT.body,
      });
      on.github.faults.clear();
      expect(await write(await hostHere(), undefined)).toEqual(DONE);
      expect(on.github.faults.writes).toBe(0);
      expect(await write(await hostHere(), undefined, NEWER)).toEqual(DONE);
      expect(await write(host, 1, { ...NEWER, title: "Other" })).toEqual(DONE);
      expect(issues()).toMatchObject([{ title: "Other", body: NEWER.body, state: "open" }]);
    });

    it("git rule 19: is not written over where somebody ticked a box since it was looked at", async () => {
      const host = await hostHere();
      await write(host, undefined);
      person().edit(1, { body: "- [x] mine" });
      const own = { number: 1, body: TEXT.body };
      const because = "Somebody edited #1 meanwhile.";
      expect(await host.writeIssue?.(own, NEWER)).toEqual({ kind: "lost-race", because });
      expect(issues()).toMatchObject([{ body: "- [x] mine" }]);
      expect(await host.writeIssue?.({ ...own, body: "- [x] mine" }, NEWER)).toEqual(DONE);
    });

    it("of a person, of a bot and a pull request are not ours, whatever their titles are", async () => {
      const host = await hostHere();
      person().openIssue(TITLE, TEXT.body);
      on.github.human(on.repository, "renovate[bot]").openIssue(TITLE, TEXT.body);
      person().push("feature", { "README.md": "hello\n" });
      person().open("feature", TITLE);
      expect(await find(host)).toBeUndefined();
      expect(await write(host, undefined, NEWER)).toEqual(DONE);
      expect(issues().map(({ body }) => body)).toEqual([TEXT.body, TEXT.body, NEWER.body]);
      expect((await find(host))?.number).toBe(4);
    });

    it("is told from a person's own with that person's token by its mark", async () => {
      const host = await hostAs("person");
      person().openIssue(TITLE, "my own dashboard");
      expect(await find(host)).toBeUndefined();
      await write(host, undefined);
      expect((await find(host))?.number).toBe(2);
    });

    it("is the open one, or the newest that was closed, however many came later", async () => {
      const host = await hostHere();
      await write(host, undefined);
      person().close(1);
      expect(await find(host)).toMatchObject({ number: 1, state: "closed" });
      await write(host, undefined, NEWER);
      person().close(2);
      expect(await find(host)).toMatchObject({ number: 2, state: "closed", body: NEWER.body });
      person().reopen(1);
      for (let index = 0; index < 130; index += 1) await write(host, undefined, { ...TEXT, title: `other ${index}` });
      expect(await find(host)).toMatchObject({ number: 1, state: "open" });
    });

    it("is found where GitHub can't filter by an App", async () => {
      const host = await hostHere();
      on.repository.findsBots = false;
      for (let index = 0; index < 2; index += 1) await write(host, undefined);
      for (let index = 0; index < 130; index += 1) person().openIssue(`trouble ${index}`);
      await write(await hostHere(), undefined);
      expect(issues().filter(({ title }) => title === TITLE)).toHaveLength(1);
      expect(await find(host)).toMatchObject({ number: 1 });
    });

    it("costs one read to find", async () => {
      const host = await hostHere();
      await write(host, undefined);
      for (let index = 0; index < 130; index += 1) person().openIssue(`trouble ${index}`);
      on.github.faults.clear();
      await find(host);
      expect(on.github.faults.calls.map(({ operation }) => operation)).toEqual(["graphql query"]);
    });

    it("is refused where issues are switched off, before the look and after it", async () => {
      const host = await hostHere();
      await write(host, undefined);
      on.repository.hasIssues = false;
      expect(await find(host)).toBeUndefined();
      const because = "Issues are switched off in this repository.";
      expect(await write(host, undefined)).toEqual({ kind: "refused", because });
      expect(await write(host, 1)).toEqual({ kind: "refused", because: "Issues are disabled for this repo" });
      on.repository.hasIssues = true;
      on.github.faults.intercept(/^post .*\/issues$/u, async () => {
        on.repository.hasIssues = false;
      });
      expect(await write(host, undefined, { ...TEXT, title: "Other" })).toMatchObject({ kind: "refused" });
      expect(issues()).toHaveLength(1);
    });

    it("git rule 34: never holds the token", async () => {
      const host = await hostHere();
      await expect(write(host, undefined, { ...TEXT, body: on.github.tokens.app })).rejects.toMatchObject({
        code: "NETLEARN_OUTPUT_UNWRITABLE",
      });
      expect(issues()).toEqual([]);
    });

    it.each([
      ["failures", FAULTS.badGateway, 3],
      ["a limit that ends after the run", FAULTS.secondaryLimit(3600), 1],
    ])("is said to be out of reach after %s of GitHub", async (_, fault, calls) => {
      const host = await hostHere();
      await host.find("main", []);
      on.github.faults.clear();
      on.github.faults.plan({ at: 1, when: "before", fault, times: 99 });
      await expect(find(host)).rejects.toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE", hint: expect.any(String) });
      expect(on.github.faults.calls).toHaveLength(calls);
    });
  });

  describe("a review", () => {
    it("git rule 28: is asked of people and teams, once, and found in one read", async () => {
      const host = await hostHere();
      await open(host);
      expect((await pullOf(host))?.requestedReviewers).toEqual([]);
      on.github.faults.clear();
      expect(await ask(host, { people: ["ann", "@Bob"], teams: ["platform", "acme/security"] })).toEqual(DONE);
      expect(on.github.faults.writes).toBe(2);
      const { requested } = on.repository.pull(1).pull;
      expect([...requested.people, ...requested.teams]).toEqual(["ann", "Bob", "platform", "security"]);
      on.github.faults.clear();
      expect(await ask(host, { people: ["ANN", "bob"], teams: ["platform"] })).toEqual(DONE);
      expect(await ask(host, {})).toEqual(DONE);
      expect(on.github.faults.writes).toBe(0);
      expect(await ask(host, { people: ["ann", "cyd"] })).toEqual(DONE);
      on.github.faults.clear();
      const unnamed = "(a team or a bot)";
      expect((await pullOf(host))?.requestedReviewers).toEqual(["ann", "Bob", "cyd", unnamed, unnamed]);
      on.github.human(on.repository, "ann").approve(1);
      expect((await pullOf(host))?.requestedReviewers).toEqual(["Bob", "cyd", unnamed, unnamed]);
      expect(on.github.faults.calls).toHaveLength(2);
    });

    it("is told of a token that may not see teams, and of more than one page", async () => {
      const host = await hostHere();
      await open(host);
      on.repository.showsTeams = false;
      const people = Array.from({ length: 25 }, (_, index) => `dev${index}`);
      on.repository.requestReviews(on.repository.pull(1), people, ["platform"]);
      expect((await pullOf(host))?.requestedReviewers).toEqual([...people, "(a team or a bot)"]);
    });

    it("git rule 38: of people and of teams is deferred by a limit once, and asked in the next run", async () => {
      const host = await hostHere();
      await open(host);
      on.github.faults.plan({ at: 1, when: "before", fault: FAULTS.secondaryLimit(7), of: /requested_reviewers$/u });
      const both = { people: ["ann"], teams: ["platform"] };
      expect(await ask(host, both)).toEqual({
        kind: "deferred",
        because: expect.stringMatching(/^GitHub's rate limit is reached until \S+$/u),
      });
      expect(await ask(await hostHere(), both)).toEqual(DONE);
    });

    it("of its author is left out, and said", async () => {
      const host = await hostAs("person");
      await open(host);
      const because = "ada opened the pull request, and can't review it.";
      expect(await ask(host, { people: ["ada", "ann"] })).toEqual({ kind: "refused", because });
      expect([...on.repository.pull(1).pull.requested.people]).toEqual(["ann"]);
    });

    it("of a stranger is refused and named, and teams are asked all the same", async () => {
      const host = await hostHere();
      await open(host);
      on.repository.strangers.add("eve");
      expect(await ask(host, { people: ["ann", "eve"], teams: ["platform"] })).toEqual({
        kind: "refused",
        because: expect.stringMatching(/is not a collaborator of the acme\/\S+ repository\. \(ann, eve\)$/u),
      });
      expect([...on.repository.pull(1).pull.requested.teams]).toEqual(["platform"]);
      expect(await ask(host, { teams: ["others/platform"] })).toMatchObject({
        kind: "refused",
        because: expect.stringContaining("(others/platform)"),
      });
    });
  });

  describe("git rule 33: as an App", () => {
    const permissionsMinted = () => on.github.minted.map(({ permissions }) => permissions);
    const CONTENTS = { contents: "write", metadata: "read", pull_requests: "write" };

    it("asks for issues and members only when something is done with them, each with a token of its own", async () => {
      on.github.granted.add("issues").add("members");
      const { host } = await hostOn(on.github, on.repository, { auth: appAuth() });
      await open(host);
      await ask(host, { people: ["ann"] });
      expect(permissionsMinted()).toEqual([CONTENTS]);
      for (let index = 0; index < 2; index += 1) await find(host);
      await write(host, undefined);
      const issuesToo = [CONTENTS, { issues: "write", metadata: "read" }];
      expect(permissionsMinted()).toEqual(issuesToo);
      for (const team of ["platform", "security"]) expect(await ask(host, { teams: [team] })).toEqual(DONE);
      const all = [...issuesToo, { members: "read", metadata: "read", pull_requests: "write" }];
      expect(permissionsMinted()).toEqual(all);
      expect(await find(host)).toMatchObject({ number: 2 });
    });

    it("says which permission its installation lacks, and does the rest", async () => {
      const { host } = await hostOn(on.github, on.repository, { auth: appAuth() });
      await open(host);
      expect(await find(host)).toBeUndefined();
      const missing = "The permissions requested are not granted to this installation.";
      const wayOut = (name: string): string =>
        `${missing} Give the App's installation, or the token, the permission ${name}.`;
      expect(await write(host, undefined)).toEqual({ kind: "refused", because: wayOut("issues: write") });
      expect(await ask(host, { people: ["ann"], teams: ["platform"] })).toEqual({
        kind: "refused",
        because: `${wayOut("members: read")} (platform)`,
      });
      expect([...on.repository.pull(1).pull.requested.people]).toEqual(["ann"]);
      expect(await host.comment(1, "seen")).toEqual(DONE);
    });

    it("git rule 34: writes none of its tokens, whatever each is for", async () => {
      on.github.granted.add("issues").add("members");
      const { host } = await hostOn(on.github, on.repository, { auth: appAuth() });
      await open(host);
      await find(host);
      await ask(host, { teams: ["platform"] });
      expect(on.github.mintedTokens).toHaveLength(3);
      for (const token of on.github.mintedTokens) {
        const error = { code: "NETLEARN_OUTPUT_UNWRITABLE" };
        await expect(host.comment(1, `look: ${token}`)).rejects.toMatchObject(error);
        await expect(write(host, undefined, { ...TEXT, body: token })).rejects.toMatchObject(error);
      }
    });
  });

  it("says that a workflow's token can't see teams", async () => {
    const host = await hostHere();
    await open(host);
    const { host: workflow } = await hostOn(on.github, on.repository, {
      auth: { kind: "token", token: on.github.tokens.actions },
    });
    expect(await ask(workflow, { teams: ["platform"] })).toEqual({
      kind: "refused",
      because: expect.stringMatching(/Could not resolve to a node.*the permission members: read\. \(platform\)$/u),
    });
  });

  /** Each write, on a world in which everything before it has been done. */
  const VERBS = [
    { name: "requestReviews", before: "pull", act: async (host: Host) => await ask(host, { people: ["ann"] }) },
    {
      name: "requestReviews of a team",
      before: "pull",
      act: async (host: Host) => await ask(host, { teams: ["platform"] }),
    },
    { name: "writeIssue, a new one", before: "pull", act: async (host: Host) => await write(host, undefined) },
    { name: "writeIssue, ours", before: "issue", act: async (host: Host) => await write(host, 2, NEWER) },
  ] as const;
  const prepared = async (before: "pull" | "issue") => {
    const { host, clock } = await hostOn(on.github, on.repository);
    await open(host);
    if (before === "issue") await write(host, undefined);
    on.github.faults.clear();
    return { host, clock };
  };
  const traces = () =>
    on.repository.threads.map(({ title, body, state, pull }) => ({
      title,
      body,
      state,
      asked: [...(pull?.requested.people ?? []), ...(pull?.requested.teams ?? [])],
    }));

  describe.each(VERBS)("$name", ({ before, act }) => {
    holdsOfWrites(on, { prepare: async () => await prepared(before), act, traces, done: DONE });

    it.each([
      ["a failure", FAULTS.badGateway],
      ["a cut connection", FAULTS.cut],
      ["a cut answer", FAULTS.cutAnswer],
    ])("git rule 20: looks whether it happened after %s", async (_, fault) => {
      const { host } = await prepared(before);
      const was = traces();
      on.github.faults.plan({ at: 1, when: "after", fault, of: "writes" });
      expect(await act(host)).toEqual(DONE);
      expect(on.github.faults.writes).toBe(1);
      const is = traces();
      expect(is).not.toEqual(was);
      expect(await act(host)).toEqual(DONE);
      expect(traces()).toEqual(is);
    });

    it("is deferred when it may have happened and GitHub can't say", async () => {
      const { host } = await prepared(before);
      on.github.faults.plan({ at: 1, when: "after", fault: FAULTS.cut, of: "writes" });
      on.github.faults.intercept(/^(?:post|patch) /u, async () => {
        on.github.faults.plan({ at: 1, when: "before", fault: FAULTS.badGateway, of: "reads", times: 99 });
      });
      expect(await act(host)).toMatchObject({ kind: "deferred" });
      on.github.faults.clear();
      const is = traces();
      expect(await act(host)).toEqual(DONE);
      expect(traces()).toEqual(is);
    });

    it("git rule 38: is deferred by a limit, and nothing is asked after it", async () => {
      const { host, clock } = await prepared(before);
      const was = traces();
      on.github.faults.plan({ at: 1, when: "before", fault: FAULTS.secondaryLimit(7), of: "writes" });
      const until = new Date(clock.now() + 7000).toISOString();
      const because = `GitHub's rate limit is reached until ${until}.`;
      expect(await act(host)).toEqual({ kind: "deferred", because });
      expect(traces()).toEqual(was);
      const { length } = on.github.faults.calls;
      expect(await act(host)).toEqual({ kind: "deferred", because });
      expect(on.github.faults.calls).toHaveLength(length);
    });

    it("is refused without permission", async () => {
      const { host } = await prepared(before);
      const was = traces();
      const fault: Fault = { kind: "answer", status: 403, message: "Resource not accessible by integration" };
      on.github.faults.plan({ at: 1, when: "before", fault, of: "writes" });
      const because = expect.stringMatching(/^Resource not accessible by integration/u);
      expect(await act(host)).toEqual({ kind: "refused", because });
      expect(traces()).toEqual(was);
    });

    it("throws when the token ends", async () => {
      const { host } = await prepared(before);
      on.github.faults.plan({ at: 1, when: "before", fault: FAULTS.expiredToken, of: "writes" });
      await expect(act(host)).rejects.toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE", hint: expect.any(String) });
    });
  });

  it("an App whose key is refused for issues alone does not go on as if it were a limit", async () => {
    on.github.granted.add("issues");
    const { host } = await hostOn(on.github, on.repository, { auth: appAuth() });
    await host.find("main", []);
    on.github.faults.plan({ at: 1, when: "before", fault: FAULTS.expiredToken, of: /access_tokens$/u });
    await expect(write(host, undefined)).rejects.toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
  });

  describe("git rule 30: the dashboard", () => {
    const settings = parseSettings("dashboard: true");
    const unit = { base: "main", cluster: "", namespace: "shop", stage: "narrow" } as const;
    const LIMITED: UnitOutcome = { kind: "held", reason: "limit", because: "Five are open." };

    /** A run of which one unit came to `outcome`; each is a new process. */
    const run = async (outcome: UnitOutcome = LIMITED): Promise<Performed & { readonly isAskedFor: boolean }> => {
      const host = await hostHere();
      const found = await host.find("main", [BRANCH]);
      const issue = await find(host);
      const { capabilities } = host;
      const isAskedFor = askedFor(issue)(BRANCH);
      const units = [{ unit, branch: BRANCH, outcome, pull: undefined, risk: undefined, isAskedFor }];
      const body = dashboardBody({ units, collecting: [], drift: [], unplaced: [] }, capabilities);
      const text = { title: TITLE, body };
      const verdict = decideDashboard({ settings, found, capabilities, issue, text, texts: TEXTS });
      return { ...(await perform(host, verdict)), isAskedFor };
    };

    it("is opened once, and written when what it says changed only", async () => {
      expect(await run()).toMatchObject({ outcome: { kind: "created" }, writes: 1 });
      on.github.faults.clear();
      expect(await run()).toMatchObject({ outcome: { kind: "noop" }, writes: 0, isAskedFor: false });
      expect(writesOf()).toEqual([]);
      expect(await run({ kind: "held", reason: "schedule", because: "Not on Sundays." })).toMatchObject({
        outcome: { kind: "updated" },
      });
      expect(writesOf()).toEqual(["patch /repos/{owner}/{repo}/issues/{issue_number}"]);
      expect(issues()).toMatchObject([{ title: TITLE, state: "open", body: expect.stringContaining("schedule") }]);
    });

    it("is read with the boxes that people ticked", async () => {
      await run();
      person().tick(1, "shop");
      expect(await run()).toMatchObject({ isAskedFor: true });
      expect(issues()).toHaveLength(1);
    });

    it("stays closed when a person closed it", async () => {
      await run();
      person().close(1);
      on.github.faults.clear();
      expect(await run()).toMatchObject({ outcome: { kind: "held", reason: "rejected" }, writes: 0 });
      expect(writesOf()).toEqual([]);
      expect(issues()).toMatchObject([{ state: "closed" }]);
    });

    it("says that issues are switched off", async () => {
      on.repository.hasIssues = false;
      const because = "Issues are switched off in this repository.";
      expect(await run()).toMatchObject({ outcome: { kind: "blocked", reason: "refused", because }, writes: 0 });
    });

    it("is one, whichever call is the last of a run", async () => {
      await run();
      const calls = on.github.faults.calls.length;
      expect(calls).toBeGreaterThan(3);
      for (let at = 1; at <= calls; at += 1) {
        for (const when of ["before", "after"] as const) {
          on.anew();
          on.github.faults.plan({ at, when, fault: FAULTS.cut });
          on.github.faults.plan({ at: at + 1, when: "before", fault: FAULTS.cut, times: 99 });
          await run().catch(() => undefined);
          on.github.faults.clear();
          await run();
          expect(issues(), `call ${at}, cut ${when}`).toMatchObject([{ title: TITLE, state: "open" }]);
        }
      }
    });
  });
});
