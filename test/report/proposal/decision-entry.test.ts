import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDecisions } from "../../../src/gitops/manners/decisions.ts";
import { readEdgePattern } from "../../../src/graph/edge-pattern.ts";
import type { Decision } from "../../../src/model/proposal.ts";
import { decisionEntry } from "../../../src/report/proposal/decision-entry.ts";
import { access, hostile } from "./proposals.ts";

function decided(entry: string | undefined): readonly Decision[] {
  const filled = `decisions:\n${entry ?? ""}\n`
    .replace('who: ""', 'who: "ada"')
    .replace('why: ""', 'why: "no"')
    .replace('on: ""', 'on: "2026-03-01"');
  return parseDecisions(filled, "2026-03-01").valid;
}

describe("an entry to paste", () => {
  it("git rule 29: says all but who, why and when, and is refused until somebody says that too", () => {
    const entry = decisionEntry(access(1));
    expect(() => parseDecisions(`decisions:\n${entry ?? ""}\n`, "2026-03-01")).toThrow(
      /yaml:3:5: decisions\.0\.who must not be empty[\s\S]*yaml:4:5: decisions\.0\.why must not be empty[\s\S]*yaml:5:5: decisions\.0\.on must be a day/u,
    );
    expect(decided(entry)).toEqual([
      {
        kind: "reject",
        what: "shop/cart->shop/db:5432/TCP",
        who: "ada",
        why: "no",
        on: "2026-03-01",
        until: undefined,
      },
    ]);
  });

  it("names the port with its protocol, an address with colons in brackets, and a request by its words", () => {
    const what = (entry: string | undefined): string | undefined => decided(entry)[0]?.what;
    expect(what(decisionEntry(access(1, { port: "UDP/53" })))).toBe("shop/cart->shop/db:53/UDP");
    expect(what(decisionEntry(access(1, { to: "2001:db8::1" })))).toBe("shop/cart->[2001:db8::1]:5432/TCP");
    const request = access(1, { kind: "request", from: "ada", to: "get secrets/db in shop", port: "" });
    expect(what(decisionEntry(request))).toBe("ada:get secrets/db in shop");
  });

  it("git rule 35: means the one connection it was written for, whatever the names are, or is not written", () => {
    const name = fc.oneof(hostile, fc.constantFrom("*", "shop/*", "a->b", "a b", "a:1", "::1", "shop/web", "[::1]"));
    fc.assert(
      fc.property(name, name, (from, to) => {
        const entry = decisionEntry(access(1, { from, to }));
        if (entry === undefined) return;
        const [decision] = decided(entry);
        const matches = readEdgePattern(decision?.what ?? "");
        const workload = (key: string) => ({ kind: "workload", workload: key }) as const;
        const edge = { client: workload(from), server: workload(to), port: 5432, protocol: "TCP" } as const;
        expect(matches(edge)).toBe(true);
        for (const other of [{ client: workload("x") }, { server: workload("x") }, { port: 1 }]) {
          expect(matches({ ...edge, ...other })).toBe(false);
        }
        expect(matches({ ...edge, protocol: "UDP" })).toBe(false);
      }),
    );
  });

  it("is one entry, whatever a request is about", () => {
    fc.assert(
      fc.property(hostile, hostile, (from, to) => {
        const [decision, ...more] = decided(decisionEntry(access(1, { kind: "request", from, to })));
        expect(more).toEqual([]);
        expect(decision?.what).toBe(`${from}:${to}`);
      }),
    );
  });
});
