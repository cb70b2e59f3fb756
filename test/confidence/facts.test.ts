import { describe, expect, it } from "vitest";
import { factsThatBreakIt } from "../../src/confidence/index.ts";
import type { SourceFacts } from "../../src/model/graph.ts";

const DAY = 86_400_000;
const WHOLE: SourceFacts = {
  clusters: ["prod"],
  nodes: ["a", "b"],
  unavailableNodes: [],
  lostEvents: 0,
  gaps: [],
  records: 1000,
  withIsReply: 900,
  withLabels: 1000,
  withEventType: 1000,
  withVerdict: 1000,
  dropped: 10,
  aggregated: 0,
};

function findings(
  facts: Partial<SourceFacts>,
  window: { first: number; last: number } | undefined = { first: 0, last: 9 * DAY },
) {
  return factsThatBreakIt({ facts: { ...WHOLE, ...facts }, window });
}

function codes(...given: Parameters<typeof findings>): readonly string[] {
  return findings(...given).map(({ code }) => code);
}

describe("factsThatBreakIt", () => {
  it("has nothing to say about a whole export of more than a week", () => {
    expect(findings({})).toEqual([]);
    expect(codes({ records: 0, withIsReply: 0, withLabels: 0, withEventType: 0, withVerdict: 0, dropped: 0 })).toEqual(
      [],
    );
  });

  it.for([
    [{ lostEvents: 12 }, "lost-events", "warning"],
    [{ unavailableNodes: ["b"] }, "unavailable-nodes", "warning"],
    [{ withIsReply: 0 }, "exporter-without-is-reply", "warning"],
    [{ withLabels: 0 }, "exporter-without-labels", "warning"],
    [{ withEventType: 0 }, "exporter-without-event-type", "warning"],
    [{ withVerdict: 0 }, "exporter-without-verdict", "error"],
    [{ dropped: 1000 }, "drop-only-export", "error"],
    [{ aggregated: 3 }, "aggregated-export", "info"],
  ] as const)("says of %o: %s", ([facts, code, severity]) => {
    const [found, ...rest] = findings(facts);
    expect(found).toMatchObject({ code, severity, about: undefined });
    expect(found?.choice).not.toBe("");
    expect(rest).toEqual([]);
  });

  it("does not blame an exporter's mask on the strength of a few records", () => {
    expect(codes({ records: 19, withIsReply: 0, dropped: 0 })).toEqual([]);
    expect(codes({ records: 20, withIsReply: 0, dropped: 0 })).toEqual(["exporter-without-is-reply"]);
    expect(codes({ withIsReply: 1 })).toEqual([]);
  });

  it("does not miss is_reply where every record is of dropped traffic, which has none", () => {
    expect(codes({ dropped: 1000, withIsReply: 0 })).toEqual(["drop-only-export"]);
  });

  it.for([
    [40, "window-too-short", "40 minutes"],
    [60, "window-too-short", "1 hour:"],
    [6 * 60 + 30, "weekly-cycle-not-covered", "6.5 hours"],
    [47 * 60, "weekly-cycle-not-covered", "47 hours"],
    [8 * 24 * 60 - 1, "weekly-cycle-not-covered", "7.9 days"],
  ] as const)("calls a window of %d minutes %s", ([minutes, code, text]) => {
    const [found, ...rest] = findings({}, { first: 5, last: 5 + minutes * 60_000 });
    expect(found).toMatchObject({ code, severity: "warning", message: expect.stringContaining(text) });
    expect(rest).toEqual([]);
  });

  it("is content with eight days, and says so when no record has a time", () => {
    expect(codes({}, { first: 0, last: 8 * DAY })).toEqual([]);
    expect(factsThatBreakIt({ facts: WHOLE, window: undefined }).map(({ code }) => code)).toEqual(["no-times"]);
  });

  it("names a few nodes, sorted, and keeps to one line whatever they are called", () => {
    const unavailableNodes = ["n7", "n6", "n5", "n4", "n3", "n2", "evil\n::error::\u2028x"];
    const [found] = findings({ unavailableNodes });
    expect(found?.message).toBe(
      "7 nodes did not report all the time: evil\ufffd::error::\ufffdx, n2, n3, n4, n5 and 2 more. What only ran there was not seen.",
    );
  });

  it("lists everything that is wrong, the worst first", () => {
    const all = { dropped: 1000, withLabels: 0, lostEvents: 1, unavailableNodes: ["a"] };
    expect(codes(all, { first: 0, last: 1 })).toEqual([
      "drop-only-export",
      "exporter-without-labels",
      "lost-events",
      "unavailable-nodes",
      "window-too-short",
    ]);
  });
});
