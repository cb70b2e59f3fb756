import { expect, test } from "vitest";
import { perform } from "../../../src/gitops/manners/perform.ts";
import { parseSettings } from "../../../src/gitops/manners/settings.ts";
import { NetlearnError } from "../../../src/lib/errors.ts";
import { ACCESS, BRANCH, CLOSING, CUTTING, NO_BOXES, TEXTS, THEIRS, UnitWorld } from "../../support/unit-world.ts";

const DAY = 24 * 60 * 60 * 1000;

async function opened(settings = ""): Promise<UnitWorld> {
  const world = new UnitWorld(settings);
  await world.run();
  return world;
}

function pullOf(world: UnitWorld): UnitWorld["host"]["pulls"][number] {
  const pull = world.host.pulls.at(-1);
  if (pull === undefined) {
    throw new Error("no pull request was opened");
  }
  return pull;
}

function closeByHand(world: UnitWorld): void {
  Object.assign(pullOf(world), { state: "closed", closedAt: world.host.now });
}

async function kinds(world: UnitWorld): Promise<readonly string[]> {
  const { outcome, steps } = await world.verdict();
  const said = outcome.kind === "held" ? `held: ${outcome.reason}` : outcome.kind;
  return [said, ...steps.map((step) => (step.kind === "write-branch" ? step.how : step.kind))];
}

test("git rule 6: where nothing differs, nothing is written", async () => {
  const world = await opened();
  expect(await kinds(world)).toEqual(["noop"]);
  const bare = new UnitWorld();
  bare.wanted = undefined;
  expect(await kinds(bare)).toEqual(["noop"]);
});

test("git rule 7: below minConfidence nothing is opened, below draftBelow a draft of what closes something", async () => {
  expect(await kinds(new UnitWorld("minConfidence: 0.9"))).toEqual(["held: confidence"]);
  const draft = async (wanted: string, settings?: string): Promise<boolean> => {
    const world = new UnitWorld(settings);
    world.wanted = wanted;
    await world.run();
    return pullOf(world).isDraft;
  };
  expect(await draft("v1")).toBe(false);
  expect(await draft(CLOSING)).toBe(true);
  expect(await draft(CLOSING, "draftBelow: 0")).toBe(false);
});

test("git rule 7: a draft for its coverage is ready once there is enough, and no draft again for it", async () => {
  const world = new UnitWorld();
  world.wanted = CLOSING;
  await world.run();
  const settings = (text: string): void => {
    world.settings = parseSettings(text);
  };
  settings("draftBelow: 0");
  expect(await kinds(world)).toEqual(["updated", "set-draft", "edit"]);
  await world.run();
  expect(pullOf(world).isDraft).toBe(false);
  settings("draftBelow: 0.5");
  expect(await kinds(world)).toEqual(["noop"]);
});

test("git rule 25: what comes to cut what was seen is a draft before it is on the branch, until it no longer does", async () => {
  const world = await opened();
  world.wanted = CUTTING;
  expect(await kinds(world)).toEqual(["updated", "set-draft", "replace", "edit"]);
  await world.run();
  expect(pullOf(world).isDraft).toBe(true);
  expect(await kinds(world)).toEqual(["noop"]);
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["updated", "replace", "set-draft", "edit"]);
  await world.run();
  expect(pullOf(world).isDraft).toBe(false);
  expect(await kinds(world)).toEqual(["noop"]);
});

test("git rule 25: a person's word on a draft holds until there is something new to say", async () => {
  const world = await opened();
  pullOf(world).isDraft = true;
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["updated", "replace", "edit"]);
  await world.run();
  expect(pullOf(world).isDraft).toBe(true);
  world.wanted = CUTTING;
  expect(await kinds(world)).toEqual(["updated", "replace", "edit"]);
  await world.run();
  pullOf(world).isDraft = false;
  expect(await kinds(world)).toEqual(["noop"]);
});

test("git rule 25: a plan without drafts holds nothing up, and is not asked again", async () => {
  const world = await opened();
  world.host.hasDrafts = false;
  world.wanted = CUTTING;
  const { outcome, notes } = await world.run();
  expect(outcome).toEqual({ kind: "updated" });
  expect(notes).toEqual(["set-draft: Drafts are not supported here."]);
  expect(await kinds(world)).toEqual(["noop"]);
});

test("git rule 25: where no text remembers what was wanted, nothing is made ready", async () => {
  const world = new UnitWorld();
  world.wanted = CLOSING;
  await world.run();
  world.settings = parseSettings("draftBelow: 0");
  pullOf(world).body = "";
  await world.run();
  expect(pullOf(world).isDraft).toBe(true);
  world.wanted = CUTTING;
  pullOf(world).isDraft = false;
  expect(await kinds(world)).toEqual(["updated", "set-draft", "replace", "edit"]);
});

test("git rule 8: what the base has is closed with a reason, and its branch goes", async () => {
  const world = await opened();
  world.host.push("main", { "apps/netlearn.yaml": "v1" });
  expect(await kinds(world)).toEqual(["closed", "close", "comment", "delete-branch"]);
  await world.run();
  expect(world.host.branches.has(BRANCH)).toBe(false);
  expect(pullOf(world).title).toContain("closed by netlearn");
  // It is not a refusal: taken out of the base again, it is proposed again.
  world.host.push("main", { "apps/netlearn.yaml": "v0" });
  expect(await kinds(world)).toEqual(["created", "create", "open"]);
});

test("git rule 10: what people closed stays closed, with one comment; what is new comes after a cool-down and links it", async () => {
  const world = await opened();
  closeByHand(world);
  expect(await kinds(world)).toEqual(["held: rejected", "comment"]);
  await world.run();
  world.host.now += 400 * DAY;
  expect(await kinds(world)).toEqual(["held: rejected"]);
  closeByHand(world);
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["held: cool-down"]);
  world.host.now += 7 * DAY;
  const { url } = pullOf(world);
  await world.run();
  expect(world.host.pulls).toHaveLength(2);
  expect(pullOf(world).body).toContain(url);
});

test("git rule 10: what people reopened goes on", async () => {
  const world = await opened();
  closeByHand(world);
  await world.run();
  pullOf(world).state = "open";
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["updated", "replace", "edit"]);
});

test("git rule 11: no more are opened than the limits let through, those of this run counted", async () => {
  const world = new UnitWorld();
  const verdict = await world.verdict({ opened: 2 });
  expect(verdict).toMatchObject({ outcome: { kind: "held", reason: "limit" }, steps: [] });
  expect(await kinds(new UnitWorld("limits: { openPullRequests: 0 }"))).toEqual(["held: limit"]);
});

test("git rule 11: no limit holds what lets traffic through that was seen and that the base refuses", async () => {
  const world = new UnitWorld("limits: { openPullRequests: 0 }\nschedule: { windows: ['sun 01:00-02:00'] }");
  const proposal = world.proposal();
  const [row] = proposal?.evidence ?? [];
  if (proposal === undefined || row === undefined) {
    throw new Error("the world proposes nothing");
  }
  const outcomes = async (seen: Partial<typeof row>): Promise<unknown> => {
    const evidence = [{ ...row, ...seen }];
    const repair = { ...proposal, evidence, effect: { ...proposal.effect, allowed: [row] } };
    world.settings = parseSettings("limits: { openPullRequests: 0 }");
    const { outcome } = await world.verdict({ proposal: repair });
    world.settings = parseSettings("schedule: { windows: ['sun 01:00-02:00'] }");
    return [outcome, (await world.verdict({ proposal: repair })).outcome];
  };
  const limited = { kind: "held", reason: "limit" };
  const scheduled = { kind: "held", reason: "schedule" };
  expect(await outcomes({})).toMatchObject([{ kind: "created" }, scheduled]);
  expect(await outcomes({ count: 0, inferred: "probes" })).toMatchObject([limited, scheduled]);
  expect(await outcomes({ id: "ffffffffffff" })).toMatchObject([limited, scheduled]);
});

test("git rule 30: what somebody asked for in the dashboard waits for no limit, schedule or cool-down", async () => {
  const world = new UnitWorld("limits: { openPullRequests: 0 }\nschedule: { windows: ['sun 01:00-02:00'] }");
  expect(await world.verdict()).toMatchObject({ outcome: { kind: "held" } });
  expect(await world.verdict({ isAskedFor: true })).toMatchObject({ outcome: { kind: "created" } });
  const closed = await opened();
  closeByHand(closed);
  expect(await closed.verdict({ isAskedFor: true })).toMatchObject({ outcome: { reason: "rejected" } });
  closed.wanted = "v2";
  expect(await closed.verdict({ isAskedFor: true })).toMatchObject({ outcome: { kind: "created" } });
});

test("git rule 11: outside the schedule nothing is opened or changed", async () => {
  // The world's clock stands at Monday, 12:00 UTC, which is 13:00 in Berlin.
  const window = (text: string): string => `schedule: { timeZone: Europe/Berlin, windows: ["${text}"] }`;
  expect(await kinds(new UnitWorld(window("mon 12:00-13:00")))).toEqual(["held: schedule"]);
  const world = await opened(window("mon-fri 13:00-14:00"));
  expect(world.host.pulls).toHaveLength(1);
  world.host.now += DAY / 2;
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["held: schedule"]);
});

test("git rule 10: what people closed does not come back in the pull request that followed it", async () => {
  const world = await opened();
  closeByHand(world);
  await world.run();
  world.wanted = "v2";
  world.host.now += 8 * DAY;
  await world.run();
  expect(pullOf(world)).toMatchObject({ number: 2, state: "open" });
  world.wanted = "v1";
  expect(await kinds(world)).toEqual(["held: rejected"]);
  world.wanted = "v4";
  expect(await kinds(world)).toEqual(["updated", "replace", "edit"]);
});

test("git rule 12: the stop label, a snooze and enabled: false hold everything", async () => {
  const stopped = await opened();
  stopped.wanted = "v2";
  pullOf(stopped).labels = ["netlearn/stop"];
  expect(await kinds(stopped)).toEqual(["held: stop-label"]);
  expect(await kinds(new UnitWorld("units: { shop: { enabled: false } }"))).toEqual(["held: disabled"]);
  const snoozed = await opened();
  snoozed.tick("snooze");
  expect(await kinds(snoozed)).toEqual(["held: snoozed", "edit"]);
  await snoozed.run();
  snoozed.wanted = "v2";
  snoozed.host.now += 30 * DAY;
  expect(await kinds(snoozed)).toEqual(["held: snoozed"]);
  snoozed.host.now += DAY;
  expect(await kinds(snoozed)).toEqual(["updated", "replace", "edit"]);
});

test("git rule 14: while nobody looked, the branch is one commit on the base's head", async () => {
  const world = await opened();
  world.wanted = "v2";
  await world.run();
  const [branch] = (await world.situation()).found.branches;
  expect(branch?.commits).toHaveLength(1);
  expect(world.host.tree(BRANCH).get("apps/netlearn.yaml")).toBe("v2");
});

test("git rule 15: once somebody commented, commits are added, and what is no longer proposed goes back", async () => {
  const world = await opened();
  const before = world.host.history(BRANCH);
  pullOf(world).comments = [{ body: "why?", author: "ann", isOwn: false }];
  world.host.push("main", { [THEIRS]: "resources:\n- netlearn\n" });
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["updated", "append", "edit"]);
  await world.run();
  expect(world.host.history(BRANCH).slice(1)).toEqual(before);
  expect(world.host.merge(pullOf(world))).toBe(true);
  expect(Object.fromEntries(world.host.tree("main"))).toEqual({
    [THEIRS]: "resources:\n- netlearn\n",
    "apps/netlearn.yaml": "v2",
  });
});

test("git rule 16: an approved pull request is left as it is, unless it is in conflict or settings say otherwise", async () => {
  const world = await opened();
  pullOf(world).reviews = [{ state: "approved", author: "ann", commit: "", at: 0 }];
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["held: approved"]);
  world.settings = parseSettings("holdAfterApproval: false");
  expect(await kinds(world)).toEqual(["updated", "append", "edit"]);
  world.settings = parseSettings("");
  world.host.push("main", { [THEIRS]: "resources:\n# mine\n" });
  expect(await kinds(world)).toEqual(["updated", "replace", "edit"]);
});

test("git rule 17: a base that moved is no reason to push, a conflict is", async () => {
  const world = await opened();
  world.host.push("main", { "elsewhere.yaml": "a: 1" });
  expect(await kinds(world)).toEqual(["noop"]);
  world.host.push("main", { [THEIRS]: "resources:\n# mine\n" });
  expect(await kinds(world)).toEqual(["updated", "replace", "edit"]);
  await world.run();
  expect(await kinds(world)).toEqual(["noop"]);
});

test("git rule 18: commits of people lock the branch with one comment, until the box is ticked", async () => {
  const world = await opened();
  world.host.push(BRANCH, { "notes.md": "mine" });
  expect(await kinds(world)).toEqual(["held: human-commits"]);
  world.wanted = "v2";
  expect(await kinds(world)).toEqual(["held: human-commits", "comment", "edit"]);
  await world.run();
  expect(await kinds(world)).toEqual(["held: human-commits"]);
  world.tick("overwrite");
  expect(world.boxes().overwrite).toBe(world.host.branches.get(BRANCH));
  expect(await kinds(world)).toEqual(["updated", "edit", "replace"]);
  await world.run();
  expect(world.host.tree(BRANCH).has("notes.md")).toBe(false);
});

test("git rule 18: a tick speaks for the commits that were there, not for those that came after", async () => {
  const world = await opened();
  world.wanted = "v2";
  world.host.push(BRANCH, { "notes.md": "mine" });
  await world.run();
  world.tick("overwrite");
  const later = world.host.push(BRANCH, { "more.md": "mine" });
  expect(await kinds(world)).toEqual(["held: human-commits", "edit"]);
  await world.run();
  expect(world.boxes()).toEqual(NO_BOXES);
  expect(world.host.branches.get(BRANCH)).toBe(later);
  world.tick("overwrite");
  expect(await kinds(world)).toEqual(["updated", "edit", "replace"]);
});

test("git rule 17: a branch that a crash left behind the base is opened as it is where it merges, and anew where nobody says", async () => {
  const world = new UnitWorld();
  world.host.crashAt = { write: 1, isWritten: true };
  await world.run();
  world.host.crashAt = undefined;
  world.host.push("main", { "notes.md": "later" });
  expect(await kinds(world)).toEqual(["created", "open"]);
  const found = await world.host.find("main", [BRANCH]);
  const unsure = { ...found, branches: found.branches.map((branch) => ({ ...branch, conflicts: undefined })) };
  expect((await world.verdict({ found: unsure })).steps).toMatchObject([
    { kind: "write-branch", how: "replace", parent: found.base.head },
    { kind: "open" },
  ]);
});

test("git rule 18: who takes their commits back takes the box along", async () => {
  const world = await opened();
  const ours = world.host.branches.get(BRANCH) ?? "";
  world.host.push(BRANCH, { "notes.md": "mine" });
  world.wanted = "v2";
  await world.run();
  expect(pullOf(world).body).toContain("netlearn:overwrite");
  world.host.branches.set(BRANCH, ours);
  world.wanted = "v1";
  expect(await kinds(world)).toEqual(["updated", "edit"]);
  await world.run();
  expect(pullOf(world).body).not.toContain("netlearn:overwrite");
  expect(await kinds(world)).toEqual(["noop"]);
});

test("git rule 18: the text goes on to say what the branch carries, and a person's words in it stay", async () => {
  const world = await opened();
  const before = pullOf(world).body;
  world.wanted = "v2";
  world.host.push(BRANCH, { "notes.md": "mine" });
  await world.run();
  const after = pullOf(world).body;
  expect(after).not.toBe(before);
  expect(TEXTS.readState(after)).toMatchObject({ fingerprint: TEXTS.readState(before)?.fingerprint });
  pullOf(world).body = "My own words.";
  world.host.push(BRANCH, { "more.md": "mine" });
  expect(await kinds(world)).toEqual(["held: human-commits"]);
});

test("git rule 19: who loses a race stops, and the branch is as the other left it", async () => {
  const world = await opened();
  world.wanted = "v2";
  const verdict = await world.verdict();
  const theirs = world.host.push(BRANCH, { "notes.md": "mine" });
  expect((await perform(world.host, verdict)).outcome.kind).toBe("deferred");
  expect(world.host.branches.get(BRANCH)).toBe(theirs);
});

test.each([1, 2, 3, 4])("git rule 21: cut off at write %i, the next run comes to the same", async (write) => {
  for (const isWritten of [true, false]) {
    const world = new UnitWorld("labels: [netlearn]\nreviewers: [ann]");
    world.host.crashAt = { write, isWritten };
    expect((await world.run()).outcome.kind).toBe("failed");
    world.host.crashAt = undefined;
    await world.run();
    expect(await kinds(world)).toEqual(["noop"]);
    expect(world.host.pulls).toMatchObject([{ state: "open", labels: ["netlearn"], requestedReviewers: ["ann"] }]);
  }
});

test("git rule 22: counts in the text are refreshed once a week, and a title of people stays", async () => {
  const world = await opened();
  pullOf(world).title = "Mine";
  world.count = 900;
  world.host.now += DAY;
  expect(await kinds(world)).toEqual(["noop"]);
  world.host.now += 7 * DAY;
  expect(await kinds(world)).toEqual(["updated", "edit"]);
  await world.run();
  expect(pullOf(world)).toMatchObject({ title: "Mine", body: expect.stringContaining("900") });
});

test("git rule 24: what renders otherwise than meant is not written, not even where somebody asks for it", async () => {
  const other = (world: UnitWorld, differences: readonly string[]) => {
    const proposal = world.proposal();
    if (proposal === undefined) throw new Error("there is nothing to propose");
    return { proposal: { ...proposal, check: { ...proposal.check, differences } } };
  };
  const blocked = (because: string) => ({ outcome: { kind: "blocked", reason: "render-differs", because }, steps: [] });
  const fresh = new UnitWorld();
  const two = { ...other(fresh, ["Service shop/cart would go.", "And another."]), isAskedFor: true };
  expect(await fresh.verdict(two)).toEqual(blocked("Service shop/cart would go. And 1 more."));
  const world = await opened();
  world.wanted = "v2";
  expect(await world.verdict(other(world, ["It goes."]))).toEqual(blocked("It goes."));
  world.host.push(BRANCH, { "notes.md": "mine" });
  await world.run();
  world.tick("overwrite");
  expect(await world.verdict(other(world, ["It goes."]))).toEqual(blocked("It goes."));
});

test("git rule 26: a stage waits for those before it", async () => {
  const verdict = await new UnitWorld().verdict({ pendingStages: ["widen"] });
  expect(verdict).toMatchObject({ outcome: { kind: "held", reason: "earlier-stage" }, steps: [] });
});

test("git rule 21: labels that a person took off are not put back because netlearn wrote that person's text anew", async () => {
  const world = await opened("labels: [netlearn]");
  Object.assign(pullOf(world), { labels: [], body: "", editor: "ann", isEdited: true });
  expect(await kinds(world)).toEqual(["updated", "edit"]);
  await world.run();
  expect(await kinds(world)).toEqual(["noop"]);
});

test("git rule 39: where what was looked at can't be read, the next run goes on", async () => {
  const world = await opened();
  pullOf(world).comments = [{ body: "why?", author: "ann", isOwn: false }];
  world.wanted = "v2";
  const verdict = await world.verdict();
  world.host.unreadable = new NetlearnError("NETLEARN_HOST_UNAVAILABLE", "git fetch failed");
  expect(await perform(world.host, verdict)).toMatchObject({
    outcome: { kind: "deferred", because: "git fetch failed" },
    writes: 0,
  });
  world.host.unreadable = new Error("a fault of ours");
  expect(await perform(world.host, verdict)).toMatchObject({ outcome: { kind: "failed" }, writes: 0 });
});

test("git rule 28: reviews are asked for once, after the labels, and nothing waits for it", async () => {
  const settings = "labels: [netlearn]\nreviewers: [ann]\nteams: [platform]";
  expect(await kinds(new UnitWorld(settings))).toEqual(["created", "create", "open", "label", "review-request"]);
  const world = await opened(settings);
  expect(pullOf(world).requestedReviewers).toEqual(["ann", "platform"]);
  expect(await kinds(world)).toEqual(["noop"]);
  pullOf(world).requestedReviewers = [];
  expect(await kinds(world)).toEqual(["updated", "review-request"]);
  const refused = new UnitWorld(settings);
  refused.host.reviewsRefused = "ann may not review.";
  expect(await refused.run()).toMatchObject({
    outcome: { kind: "created" },
    notes: ["review-request: ann may not review."],
  });
});

test("git rule 28: a host that can't ask for reviews is a note", async () => {
  const world = new UnitWorld("reviewers: [ann]");
  Object.assign(world.host, { requestReviews: undefined });
  const { outcome, notes } = await world.run();
  expect(outcome.kind).toBe("created");
  expect(notes).toEqual(["review-request: On model/fleet, nobody is asked for a review."]);
});

test("git rule 29: a line that was ticked and is proposed nevertheless keeps the text from being overwritten", async () => {
  const world = await opened();
  world.wanted = "v2";
  const verdict = await world.verdict({ boxes: { ...NO_BOXES, rejected: [ACCESS.id] } });
  expect(verdict).toMatchObject({ outcome: { kind: "blocked", reason: "rejections-left" }, steps: [] });
});

test("git rule 31: nothing is opened before the settings are merged, if onboarding is wanted", async () => {
  const world = new UnitWorld();
  expect(await world.verdict({ isOnboarded: false })).toMatchObject({ outcome: { reason: "onboarding" } });
  world.settings = parseSettings("onboarding: false");
  expect(await world.verdict({ isOnboarded: false })).toMatchObject({ outcome: { kind: "created" } });
});

test("a queued, a retargeted and a branchless pull request are left alone", async () => {
  const world = await opened();
  world.wanted = "v2";
  Object.assign(pullOf(world), { isQueued: true });
  expect(await kinds(world)).toEqual(["held: merge-queue"]);
  Object.assign(pullOf(world), { isQueued: false, base: "release" });
  expect(await kinds(world)).toEqual(["held: retargeted"]);
  Object.assign(pullOf(world), { base: "main" });
  world.host.branches.delete(BRANCH);
  expect(await kinds(world)).toEqual(["held: rejected"]);
  world.host.readOnly = "the repository is archived";
  expect(await kinds(world)).toEqual(["blocked"]);
});
