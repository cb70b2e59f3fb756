import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HeldReason, UnitOutcome } from "../../../src/model/proposal.ts";
import { askedFor } from "../../../src/report/proposal/dashboard-boxes.ts";
import {
  type Dashboard,
  type DashboardUnit,
  dashboardBody,
  dashboardTitle,
} from "../../../src/report/proposal/dashboard-text.ts";
import { expectHarmless, outsideOfFences } from "./harmless.ts";
import { hostile } from "./proposals.ts";

const HOST = { bodyLimit: 65_536, checkboxes: true };
const EMPTY: Dashboard = { units: [], collecting: [], drift: [], unplaced: [] };
const REASONS: readonly HeldReason[] = [
  "approved",
  "confidence",
  "cool-down",
  "disabled",
  "earlier-stage",
  "human-commits",
  "limit",
  "merge-queue",
  "onboarding",
  "rejected",
  "retargeted",
  "schedule",
  "snoozed",
  "stop-label",
];

function unit(namespace: string, outcome: UnitOutcome, over: Partial<DashboardUnit> = {}): DashboardUnit {
  return {
    unit: { base: "main", cluster: "", namespace, stage: "widen" },
    branch: `netlearn/_/${namespace}/widen`,
    outcome,
    pull: undefined,
    risk: "low",
    isAskedFor: false,
    ...over,
  };
}

function held(reason: HeldReason, because = "It waits."): UnitOutcome {
  return { kind: "held", reason, because };
}

function open(body: string): { readonly state: "open"; readonly body: string } {
  return { state: "open", body };
}

const outcome: fc.Arbitrary<UnitOutcome> = fc.oneof(
  fc.constantFrom<UnitOutcome>({ kind: "noop" }, { kind: "created" }, { kind: "updated" }, { kind: "closed" }),
  fc.record({ kind: fc.constant("held" as const), reason: fc.constantFrom(...REASONS), because: hostile }),
  fc.record({ kind: fc.constantFrom("deferred" as const, "failed" as const), because: hostile }),
  fc.record({ kind: fc.constant("blocked" as const), reason: hostile, because: hostile }),
);

const anyUnit: fc.Arbitrary<DashboardUnit> = fc.record({
  unit: fc.record({
    base: hostile,
    cluster: hostile,
    namespace: hostile,
    stage: fc.constantFrom("widen" as const, "narrow" as const, "enforce" as const),
  }),
  branch: hostile,
  outcome,
  pull: fc.option(
    fc.record({
      number: fc.nat(),
      url: fc.oneof(hostile, fc.constant("https://github.com/acme/fleet/pull/7")),
      state: fc.constantFrom("open" as const, "closed" as const, "merged" as const),
    }),
    { nil: undefined },
  ),
  risk: fc.constantFrom("low" as const, "medium" as const, "high" as const, undefined),
  isAskedFor: fc.constant(false),
});

function anyDashboard(most: number): fc.Arbitrary<Dashboard> {
  const size = { maxLength: most, size: "max" as const };
  return fc.record({
    units: fc.uniqueArray(anyUnit, { ...size, selector: ({ branch }) => branch }),
    collecting: fc.array(fc.record({ cluster: hostile, namespace: hostile, because: hostile }), size),
    drift: fc.array(
      fc.record({ kind: fc.constantFrom("live-only" as const, "git-only" as const), object: hostile }),
      size,
    ),
    unplaced: fc.array(
      fc.record({
        target: fc.record({ cluster: hostile, namespace: hostile, workload: fc.constant(undefined) }),
        unplaced: fc.record({
          kind: fc.constant("unplaced" as const),
          reason: fc.constant("ambiguous" as const),
          message: hostile,
          snippet: hostile,
        }),
      }),
      size,
    ),
  });
}

describe("the dashboard", () => {
  it("git rule 30: shows what becomes of every unit, with a box where somebody can hurry it", () => {
    const text = dashboardBody(
      {
        units: [
          unit(
            "cart",
            { kind: "noop" },
            { pull: { number: 7, url: "https://github.com/acme/fleet/pull/7", state: "open" } },
          ),
          unit("db", held("limit", "There are 5 open pull requests."), { risk: "medium" }),
          unit("web", held("schedule", "The schedule lets nothing be written now."), { risk: "high" }),
          unit("ops", held("confidence", "Coverage is 0.4, and minConfidence is 0.9.")),
          unit("old", held("rejected", "#3 proposed the same and was closed.")),
          unit("pay", held("human-commits", "#4 has commits of people.")),
          unit("mail", { kind: "deferred", because: "The host's limit is reached." }, { isAskedFor: true }),
          unit("idle", { kind: "noop" }, { risk: undefined }),
        ],
        collecting: [{ cluster: "", namespace: "new", because: "Nothing was seen yet." }],
        drift: [
          { kind: "live-only", object: "NetworkPolicy shop/by-hand" },
          { kind: "git-only", object: "Role shop/reader" },
        ],
        unplaced: [
          {
            target: { cluster: "", namespace: "ops", workload: { kind: "Deployment", name: "grafana" } },
            unplaced: { kind: "unplaced", reason: "unmapped", message: "Nothing says where.", snippet: "mappings:\n" },
          },
        ],
      },
      HOST,
    );
    expect(text).toMatchSnapshot();
  });

  it("git rule 30: what is ticked is asked for, and all of it with one box, in an open issue alone", () => {
    const units = [unit("a", held("limit")), unit("b", held("schedule")), unit("c", held("confidence"))];
    const body = dashboardBody({ ...EMPTY, units }, HOST);
    const asked = (text: string, state: "open" | "closed" = "open"): readonly string[] =>
      units.filter(({ branch }) => askedFor({ state, body: text })(branch)).map(({ unit: { namespace } }) => namespace);
    const lines = body.split("\n");
    const tick = (marker: RegExp): string =>
      lines.map((line) => (marker.test(line) ? line.replace("[ ]", "[x]") : line)).join("\r\n");
    expect(asked(body)).toEqual([]);
    expect(asked(tick(/`b`/u))).toEqual(["b"]);
    expect(asked(tick(/open:all/u))).toEqual(["a", "b", "c"]);
    expect(asked(tick(/open:all/u), "closed")).toEqual([]);
    expect(askedFor(undefined)("netlearn/_/a/widen")).toBe(false);
  });

  it("keeps a tick until what was asked for could be done", () => {
    const wanted = unit("a", { kind: "deferred", because: "Later." }, { isAskedFor: true });
    expect(askedFor(open(dashboardBody({ ...EMPTY, units: [wanted] }, HOST)))(wanted.branch)).toBe(true);
    const done = { ...wanted, outcome: { kind: "created" } as const };
    expect(askedFor(open(dashboardBody({ ...EMPTY, units: [done] }, HOST)))(wanted.branch)).toBe(false);
  });

  it("has no boxes where they can't be ticked", () => {
    const body = dashboardBody(
      { ...EMPTY, units: [unit("a", held("limit")), unit("b", held("limit"))] },
      { ...HOST, checkboxes: false },
    );
    expect(body).not.toContain("[ ]");
    expect(body).toContain("- `a`, widen");
  });

  it("is one issue for each base and cluster", () => {
    expect(dashboardTitle({ base: "main", cluster: "" })).toBe("netlearn dashboard: main");
    expect(dashboardTitle({ base: "main", cluster: "prod" })).toBe("netlearn dashboard: main on prod");
    fc.assert(
      fc.property(hostile, hostile, (base, cluster) => {
        expect(dashboardTitle({ base, cluster })).toMatch(/^netlearn dashboard: [\w.~-]*(?: on [\w.~-]+)?$/u);
      }),
    );
  });

  it("git rule 35: no name is a mention, an issue, a comment or a tick, in any order the same", () => {
    fc.assert(
      fc.property(anyDashboard(4), fc.boolean(), (any, checkboxes) => {
        const host = { ...HOST, checkboxes };
        const text = dashboardBody(any, host);
        const isAsked = askedFor(open(text));
        expect(any.units.filter(({ branch }) => isAsked(branch))).toEqual([]);
        expect(isAsked("all")).toBe(false);
        for (const line of outsideOfFences(text)) {
          expectHarmless(
            line
              .replace(/<!-- netlearn:dashboard [0-9a-f]{12} -->$/u, "")
              .replace(/\[\d+\]\(https?:\/\/[\w./:~%-]+\)/u, ""),
            [],
          );
        }
        const turned = {
          units: any.units.toReversed(),
          collecting: any.collecting.toReversed(),
          drift: any.drift.toReversed(),
          unplaced: any.unplaced.toReversed(),
        };
        expect(dashboardBody(turned, host)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it("git rule 30: keeps any host's limit: what is as it should be goes first, what failed stays", () => {
    fc.assert(
      fc.property(anyDashboard(300), fc.constantFrom(4000, 65_536), (any, bodyLimit) => {
        expect(dashboardBody(any, { ...HOST, bodyLimit }).length).toBeLessThanOrEqual(Math.min(bodyLimit, 58_000));
      }),
      { numRuns: 20 },
    );
    const settled = Array.from({ length: 2000 }, (_, index) => unit(`ns-${index}`, { kind: "noop" }));
    const failed = unit("broken", { kind: "failed", because: "It broke." });
    const text = dashboardBody({ ...EMPTY, units: [...settled, failed] }, { ...HOST, bodyLimit: 4000 });
    expect(text).toContain("- `broken`, widen: risk low; It broke.");
    expect(text).toMatch(/\*\+1,\d\d\d more\*/u);
  });
});
