import fc from "fast-check";
import { expect, test } from "vitest";
import { addDecisions, parseDecisions } from "../../../src/gitops/manners/decisions.ts";
import { isScheduled, parseWindow } from "../../../src/gitops/manners/schedule.ts";
import { parseSettings, settingsSchema } from "../../../src/gitops/manners/settings.ts";
import type { Decision } from "../../../src/model/proposal.ts";

const REJECT: Decision = {
  kind: "reject",
  what: "shop/cart->shop/db:TCP/5432",
  who: "ann",
  why: "must not be",
  on: "2026-03-01",
  until: "2026-03-31",
};

test("no file means the defaults", () => {
  expect(parseSettings(undefined)).toMatchObject({
    enabled: true,
    limits: { openPullRequests: 5, createdPerHour: 2 },
    stopLabel: "netlearn/stop",
    cooldownDays: 7,
    holdAfterApproval: true,
  });
});

test("mistakes are told with their line, their value and what was probably meant, all of them", () => {
  const text =
    "enabled: maybe\nlimts: {}\nlimits:\n  openPullRequest: 3\nmappings:\n  - path: apps\n    layout: kustomise\n";
  expect(() => parseSettings(text)).toThrow(/yaml:1:1: enabled must be true or false, not "maybe"/u);
  expect(() => parseSettings(text)).toThrow(/yaml:2:1: unknown key "limts". Did you mean limits/u);
  expect(() => parseSettings(text)).toThrow(/yaml:4:3: unknown key "openPullRequest". Did you mean openPullRequests/u);
  expect(() => parseSettings(text)).toThrow(/yaml:7:5: mappings.0.layout must be plain, .* not "kustomise"/u);
  expect(() => parseSettings("a: [")).toThrow(/netlearn.yaml:1:/u);
  expect(() => parseSettings("schedule: {timeZone: Mars/Base}")).toThrow(/must be a time zone/u);
  expect(() => parseSettings("schedule: {windows: [always]}")).toThrow(/mon-fri 09:00-17:00/u);
});

test("the settings have a JSON schema", () => {
  expect(settingsSchema()).toMatchObject({ type: "object", properties: { stopLabel: { default: "netlearn/stop" } } });
});

test("a window that goes past midnight belongs to the day on which it begins", () => {
  const window = parseWindow("fri 22:00-04:00");
  const schedule = { timeZone: "UTC", windows: window === undefined ? [] : [window] };
  const at = (day: number, hour: number): boolean => isScheduled(schedule, Date.UTC(2026, 2, day, hour));
  // 6 March 2026 is a Friday.
  expect([at(6, 3), at(6, 21), at(6, 22), at(7, 3), at(7, 4), at(7, 22)]).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});

test("a decision holds until the day it names, that day included", () => {
  const text = addDecisions(undefined, [REJECT]);
  expect(text).toMatch(/^# \+argocd:skip-file-rendering\n/u);
  expect(parseDecisions(text, "2026-03-31")).toEqual({ valid: [REJECT], expired: [] });
  expect(parseDecisions(text, "2026-04-01")).toEqual({ valid: [], expired: [REJECT] });
});

test("a decision without a direction, or with a broken day, is told with its line", () => {
  const text = "decisions:\n  - who: ann\n    why: x\n    on: 2026-03-01\n";
  expect(() => parseDecisions(text, "2026-03-01")).toThrow(/decisions.yaml:2:5: .*needs either reject or accept/u);
  expect(() => parseDecisions(`${text}    reject: a\n    until: soon\n`, "2026-03-01")).toThrow(/:6:5: .*"soon"/u);
});

test("git rule 29: decisions are added without touching another byte", () => {
  const styles = [
    "# mine\ndecisions:\n- accept: a->b:TCP/1 # why not\n  who: bob\n  why: 'x'\n  on: 2026-01-01",
    "decisions:\r\n    - {accept: a, who: b, why: c, on: 2026-01-01}\r\n",
    "decisions:\n",
    "# nothing yet\n",
    "",
  ];
  for (const text of styles) {
    const result = addDecisions(text, [REJECT]);
    expect(result.startsWith(text)).toBe(true);
    expect(parseDecisions(result, "2026-03-01").valid).toContainEqual(REJECT);
    expect(addDecisions(result, [REJECT])).toBe(result);
  }
  expect(() => addDecisions("decisions: []\n", [REJECT])).toThrow(/nothing can be added/u);
});

test("whatever people say, it is read back as it was said", () => {
  const character = fc.oneof(
    { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 1, unit: "binary" }) },
    fc.constantFrom("\u2028", "\u2029", "\u0085", "\r\n", "\n", "\ufeff", '"', ": ", " #", "---", "\ud800"),
  );
  const line = fc.string({ minLength: 1, unit: character });
  fc.assert(
    fc.property(line, line, line, (what, who, why) => {
      const decision: Decision = { ...REJECT, what, who, why };
      const text = addDecisions(addDecisions(undefined, [REJECT]), [decision]);
      expect(parseDecisions(text, "2026-03-01").valid).toContainEqual(decision);
    }),
  );
});
