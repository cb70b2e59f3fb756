import { describe, expect, it } from "vitest";
import { accessCompletenessOf, accessFactsThatBreakIt } from "../../src/confidence/index.ts";
import { SHOP_USES, someAccessEvidence, someAccessGraph, someUse } from "../support/access-fixtures.ts";
import { MONDAY, NO_ACCESS } from "../support/fixtures.ts";

const DAY = 86_400_000;

const codesOf = (...graph: Parameters<typeof accessFactsThatBreakIt>): readonly string[] =>
  accessFactsThatBreakIt(...graph).map(({ code }) => code);

describe("how complete an audit log is", () => {
  it("is estimated from the hours in which uses were seen, refused ones left out", () => {
    const without = someAccessGraph({ uses: Object.values(SHOP_USES).filter(({ outcome }) => outcome !== "denied") });
    expect(accessCompletenessOf(someAccessGraph())).toEqual(accessCompletenessOf(without));
    expect(accessCompletenessOf(someAccessGraph()).edges).toBe(4);
  });

  it("knows uses that were seen once", () => {
    const once = someUse({ evidence: someAccessEvidence({ hours: [MONDAY / 3_600_000 + 8] }) });
    const graph = someAccessGraph({ uses: [...Object.values(SHOP_USES), once] });
    expect(accessCompletenessOf(graph)).toMatchObject({ unit: "day", once: 1 });
  });
});

describe("what an audit log says about itself", () => {
  it("is nothing where there is none", () => {
    expect(accessFactsThatBreakIt(NO_ACCESS)).toEqual([]);
  });

  it("is that it is short, in its own measure", () => {
    const [finding] = accessFactsThatBreakIt(someAccessGraph({ window: { first: MONDAY, last: MONDAY + 120_000 } }));
    expect(finding).toMatchObject({ code: "audit-window-short", severity: "warning" });
    expect(finding?.message).toContain("2 minutes");
  });

  it("is nothing for a log of 8 days with decisions", () => {
    expect(codesOf(someAccessGraph({ window: { first: MONDAY, last: MONDAY + 8 * DAY } }))).toEqual([]);
  });

  it("is that it tells no times", () => {
    expect(codesOf(someAccessGraph({ window: undefined }))).toEqual(["audit-without-times"]);
  });

  it("is that it tells no decisions", () => {
    const facts = { ...someAccessGraph().facts, withDecision: 0 };
    expect(codesOf(someAccessGraph({ facts }))).toContain("audit-without-decisions");
    expect(codesOf(someAccessGraph())).not.toContain("audit-without-decisions");
  });
});
