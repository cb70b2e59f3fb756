import { expect, test } from "vitest";
import { decideOnboarding, ONBOARDING_BRANCH } from "../../../src/gitops/manners/onboarding.ts";
import { type Performed, perform } from "../../../src/gitops/manners/perform.ts";
import { parseSettings, SETTINGS_FILE } from "../../../src/gitops/manners/settings.ts";
import { settingsFile } from "../../../src/gitops/manners/settings-file.ts";
import type { Verdict } from "../../../src/gitops/manners/step.ts";
import { tickedBoxes } from "../../../src/report/proposal/boxes.ts";
import { type OnboardingPreview, onboardingTexts } from "../../../src/report/proposal/onboarding-text.ts";
import { ModelHost } from "../../support/model-host.ts";

const DAY = 24 * 60 * 60 * 1000;
const NOTHING: OnboardingPreview = {
  proposals: [],
  places: [],
  unplaced: [],
  limits: { openPullRequests: 5, createdPerHour: 2 },
};

/** A repository without settings. */
class Onboarding {
  readonly host = new ModelHost({ "apps/cart.yaml": "kind: Deployment\n" });
  settings = parseSettings(undefined);
  preview = NOTHING;
  file = settingsFile([]);

  async verdict(): Promise<Verdict> {
    return decideOnboarding({
      found: await this.host.find("main", [ONBOARDING_BRANCH]),
      settings: this.settings,
      isOnboarded: this.host.tree("main").has(SETTINGS_FILE),
      capabilities: this.host.capabilities,
      texts: onboardingTexts(this.host.capabilities, this.preview),
      now: this.host.now,
      opened: 0,
      boxes: tickedBoxes(this.host.open()[0]?.body ?? ""),
      file: this.file,
    });
  }

  async run(): Promise<Performed> {
    return await perform(this.host, await this.verdict());
  }

  async kinds(): Promise<readonly string[]> {
    const { outcome, steps } = await this.verdict();
    return [outcome.kind, ...steps.map(({ kind }) => kind)];
  }

  pull(): ModelHost["pulls"][number] {
    const pull = this.host.pulls.at(-1);
    if (pull === undefined) {
      throw new Error("no pull request was opened");
    }
    return pull;
  }
}

test("git rule 31: one pull request adds the settings and nothing else, and merging it is all that is left to do", async () => {
  const world = new Onboarding();
  expect(await world.kinds()).toEqual(["created", "write-branch", "open"]);
  await world.run();
  expect(await world.kinds()).toEqual(["noop"]);
  expect(world.pull()).toMatchObject({ branch: ONBOARDING_BRANCH, isDraft: false });
  expect(world.host.merge(world.pull())).toBe(true);
  expect(Object.fromEntries(world.host.tree("main"))).toEqual({
    "apps/cart.yaml": "kind: Deployment\n",
    [SETTINGS_FILE]: world.file,
  });
  expect(await world.kinds()).toEqual(["closed", "delete-branch"]);
  await world.run();
  expect(await world.kinds()).toEqual(["noop"]);
});

test("git rule 31: closing it is opting out for good, whatever the file would say later, with one comment", async () => {
  const world = new Onboarding();
  await world.run();
  Object.assign(world.pull(), { state: "closed", closedAt: world.host.now });
  await world.run();
  expect(world.pull().comments).toMatchObject([{ body: expect.stringContaining("opens no pull requests") }]);
  world.host.now += 400 * DAY;
  world.file = settingsFile([
    {
      target: { cluster: "", namespace: "shop", workload: undefined },
      placement: { kind: "plain", folder: "apps", by: { kind: "source", because: "it stands there" } },
    },
  ]);
  expect(await world.verdict()).toEqual({
    outcome: { kind: "held", reason: "rejected", because: expect.stringContaining("#1") },
    steps: [],
  });
});

test("git rule 31: what it shows is kept up to date once a day, and the file on the branch is left to people", async () => {
  const world = new Onboarding();
  await world.run();
  world.preview = {
    ...NOTHING,
    limits: { openPullRequests: 7, createdPerHour: 1 },
    unplaced: [
      {
        target: { cluster: "", namespace: "shop", workload: undefined },
        unplaced: { kind: "unplaced", reason: "unmapped", message: "Nothing says where.", snippet: "mappings:\n" },
      },
    ],
  };
  expect(await world.kinds()).toEqual(["noop"]);
  world.host.now += DAY;
  expect(await world.kinds()).toEqual(["updated", "edit"]);
  await world.run();
  const mine = world.host.push(ONBOARDING_BRANCH, { [SETTINGS_FILE]: "limits: { openPullRequests: 1 }\n" });
  world.host.now += DAY;
  expect(await world.kinds()).toEqual(["held"]);
  await world.run();
  expect(world.host.branches.get(ONBOARDING_BRANCH)).toBe(mine);
});

test("git rule 31: settings that somebody wrote close it, and onboarding: false opens none", async () => {
  const world = new Onboarding();
  await world.run();
  world.host.push("main", { [SETTINGS_FILE]: "" });
  expect(await world.kinds()).toEqual(["closed", "close", "comment", "delete-branch"]);
  const unwanted = new Onboarding();
  unwanted.settings = parseSettings("onboarding: false");
  expect(await unwanted.kinds()).toEqual(["noop"]);
});

test.each([1, 2])("git rule 21: onboarding that is cut off at write %i comes to the same", async (write) => {
  for (const isWritten of [true, false]) {
    const world = new Onboarding();
    world.host.crashAt = { write, isWritten };
    expect((await world.run()).outcome.kind).toBe("failed");
    world.host.crashAt = undefined;
    await world.run();
    expect(await world.kinds()).toEqual(["noop"]);
    expect(world.host.open()).toHaveLength(1);
  }
});
