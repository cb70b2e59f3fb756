import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tickedBoxes } from "../../../src/report/proposal/boxes.ts";
import { proposalBody } from "../../../src/report/proposal/proposal-text.ts";
import { readState } from "../../../src/report/proposal/state.ts";
import { expectHarmless, outsideOfFences } from "./harmless.ts";
import { access, anyProposal, CONTEXT, evidence, proposal } from "./proposals.ts";

describe("text of a pull request", () => {
  it("reads as a reviewer would have it", () => {
    const text = proposalBody(
      proposal({
        effect: {
          allowed: [access(1), access(2, { from: "shop/web", to: "shop/cart", port: "TCP/7070" })],
          forbidden: [],
          forbiddenMore: 12,
          isolated: [{ workload: "shop/db", direction: "ingress" }],
          cut: [{ ...access(3, { from: "shop/old" }), decided: "ada, 2026-02-01: retired" }],
        },
        evidence: [
          evidence(1),
          evidence(2, { count: 0, firstSeen: undefined, lastSeen: undefined, days: 0, inferred: "probes" }),
        ],
        risks: [{ rule: "cross-namespace", level: "medium", message: "shop/web is reached from ops." }],
        findings: [
          {
            code: "x",
            severity: "warning",
            about: undefined,
            message: "A name can't be expressed.",
            choice: undefined,
          },
        ],
      }),
      { ...CONTEXT, previous: { number: 7, url: "https://github.com/acme/fleet/pull/7" } },
    );
    expect(text).toMatchSnapshot();
  });

  it("git rule 22: counts of the same magnitude and times of the same day give the same text", () => {
    const one = proposal({ evidence: [evidence(1, { count: 1234 })] });
    const other = proposal({
      evidence: [evidence(1, { count: 1310, lastSeen: (evidence(1).lastSeen ?? 0) + 60_000 })],
    });
    expect(proposalBody(other, CONTEXT)).toBe(proposalBody(one, CONTEXT));
  });

  it("git rule 29: what a role holds unseen can be rejected; what an object promises is for who allowed it", () => {
    const unseen = { count: 0, firstSeen: undefined, lastSeen: undefined, days: 0, inferred: "because" };
    const role = { kind: "request", from: "robot", to: "list pods in shop", port: "" } as const;
    const text = proposalBody(
      proposal({ evidence: [evidence(1), evidence(2, { ...unseen, ...role }), evidence(3, unseen)] }),
      CONTEXT,
    );
    const ticked = tickedBoxes(text.replaceAll("- [ ] ", "- [x] ")).rejected;
    expect(ticked).toEqual([evidence(1).id, evidence(2).id]);
  });

  it("git rule 10: a new pull request links the one that was closed, and no address that is none", () => {
    const link = (url: string): string => proposalBody(proposal(), { ...CONTEXT, previous: { number: 7, url } });
    expect(link("https://github.com/acme/fleet/pull/7")).toContain("Follows https://github.com/acme/fleet/pull/7,");
    expect(link("javascript:alert(1)) @all")).toContain("Follows number 7,");
  });

  it("says loudly what is cut without a decision", () => {
    const effect = { ...proposal().effect, cut: [{ ...access(3), decided: undefined }] };
    const text = proposalBody(proposal({ effect }), CONTEXT);
    expect(text).toContain("**Merging this will block 1 connection seen in the last 30 days");
    expect(text).toMatch(/^\*\*Risk: high\.\*\*/u);
    expect(text).toContain("**nobody decided this**");
  });

  it("git rule 25: says in a draft why it is one, and remembers that it is", () => {
    const draft = (given: Parameters<typeof proposal>[0], isDraft = true): string =>
      proposalBody(proposal(given), { ...CONTEXT, isDraft });
    const { effect } = proposal();
    const cut = { effect: { ...effect, cut: [{ ...access(3), decided: undefined }] } };
    expect(draft({})).toContain("**Not to be merged yet:** too little was seen");
    expect(draft(cut)).toContain("**Not to be merged as it is:** nobody decided");
    expect(draft({}, false)).not.toContain("Not to be merged");
    expect([readState(draft({}))?.isDraft, readState(draft({}, false))?.isDraft]).toEqual([true, false]);
  });

  it("keeps verdict, cuts, controls and state in 4,000 characters, and says how much is missing", () => {
    const many = Array.from({ length: 500 }, (_, index) => evidence(index, { from: `shop/client-${index}` }));
    const effect = { ...proposal().effect, allowed: many, cut: [{ ...access(3), decided: "ada" }] };
    for (const checkboxes of [true, false]) {
      const text = proposalBody(proposal({ effect, evidence: many }), { ...CONTEXT, bodyLimit: 4000, checkboxes });
      expect(text.length).toBeLessThanOrEqual(4000);
      expect(text).toMatch(/^\*\*Risk: low\.\*\*/u);
      expect(text).toContain("decided: ada");
      expect(text).toContain("### Controls");
      expect(text).toMatch(/\*\+\d+ more\*/u);
      expect(text).toContain("Left out for length: evidence (500)");
      expect(readState(text)?.fingerprint).toBe("0123456789abcdef");
    }
  });

  it("keeps any host's limit, whatever the size", () => {
    fc.assert(
      fc.property(
        anyProposal(400),
        fc.constantFrom(4000, 20_000, 65_536, 1_000_000),
        fc.record({ checkboxes: fc.boolean(), isDraft: fc.boolean() }),
        (any, bodyLimit, given) => {
          const text = proposalBody(any, { ...CONTEXT, ...given, bodyLimit });
          expect(text.length).toBeLessThanOrEqual(Math.min(bodyLimit, 58_000));
          expect(readState(text)).toBeDefined();
          expect(text).toContain("### Controls");
        },
      ),
      { numRuns: 30 },
    );
  });

  it("git rule 35: no name is a mention, an issue, a comment, a box or a cell", () => {
    fc.assert(
      fc.property(anyProposal(4), fc.boolean(), (any, checkboxes) => {
        const text = proposalBody(any, { ...CONTEXT, checkboxes });
        expect(readState(text)).toBeDefined();
        expect(tickedBoxes(text)).toEqual({ rejected: [], snoozeDays: undefined, overwrite: undefined });
        for (const line of outsideOfFences(text)) expectHarmless(line, [4, 8]);
      }),
      { numRuns: 200 },
    );
  });
});
