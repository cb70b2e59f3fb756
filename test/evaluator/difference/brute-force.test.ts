import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Difference, DifferenceEnd, DifferenceRow } from "../../../src/evaluator/difference/difference.ts";
import { policyDifference } from "../../../src/evaluator/difference.ts";
import { addressKey, blockHolds, parseAddress, parseBlock } from "../../../src/evaluator/network/address.ts";
import { type CompiledNetworkWorld, compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { type End, findEnd } from "../../../src/evaluator/network/end.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import type { Connection, ConnectionEnd, NetworkWorld } from "../../../src/evaluator/network/world.ts";
import { toldBackwards, withoutTies } from "../../support/reordered-world.ts";
import { change, connectionsOf, crowded, profileName, world } from "../network-index/random-world.ts";

const id = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

/** The world with every pod where the head has it, or the base if only that says: moving is no change. */
function placed(one: NetworkWorld, base: NetworkWorld, head: NetworkWorld): NetworkWorld {
  const nodes = new Map(
    [...base.pods, ...head.pods].flatMap((pod) => (pod.node === undefined ? [] : [[id(pod), pod.node]])),
  );
  return {
    ...one,
    pods: one.pods.map((pod) => {
      const node = nodes.get(id(pod));
      return node === undefined ? pod : { ...pod, node };
    }),
  };
}

/** What an end is, when all worlds agree on it and somebody can say. */
function identity(end: ConnectionEnd, worlds: readonly CompiledNetworkWorld[]): string | undefined {
  const found = worlds.map((one) => {
    if (!("ip" in end) && !one.pods.has(id(end))) {
      return undefined;
    }
    return text(findEnd(one, end), end);
  });
  return found.every((one) => one === found[0]) ? found[0] : undefined;
}

function text(found: End, end: ConnectionEnd): string | undefined {
  switch (found.kind) {
    case "pod":
      return `pod ${found.pod.id}`;
    case "node":
      return "ip" in end ? `node ${found.node} ${addressKey(parseAddress(end.ip)!)}` : undefined;
    case "address":
      return found.shared || !("ip" in end) ? undefined : `address ${end.ip}`;
  }
}

/** The end as the difference takes it: an address of a pod is the pod. */
function asPod(end: ConnectionEnd, identified: string): ConnectionEnd {
  const [kind, name = ""] = identified.split(" ");
  const [namespace = "", pod = ""] = name.split("/");
  return kind === "pod" ? { namespace, name: pod } : end;
}

function isIn(end: DifferenceEnd, identified: string): boolean {
  const [kind, name = "", address = ""] = identified.split(" ");
  switch (end.kind) {
    case "pods":
      return kind === "pod" && end.pods.includes(name);
    case "nodes":
      return kind === "node" && end.nodes.includes(name) && end.addresses.includes(address);
    case "addresses":
      return kind === "address" && end.cidrs.some((cidr) => blockHolds(parseBlock(cidr)!, parseAddress(name)!));
  }
}

interface Asked {
  readonly connection: Connection;
  readonly from: string;
  readonly to: string;
  readonly base: string;
  readonly head: string;
  readonly nodes: "own" | "other" | "unknown";
}

/** The answers of the plain evaluator about every so manieth connection. */
function* asked(
  base: NetworkWorld,
  head: NetworkWorld,
  profile: ProfileName,
  { every, offset }: { readonly every: number; readonly offset: number },
): Generator<Asked> {
  const before = compileNetworkWorld(placed(base, base, head), profile);
  const after = compileNetworkWorld(placed(head, base, head), profile);
  const worlds = [before, after, compileNetworkWorld(base, profile), compileNetworkWorld(head, profile)];
  const nodeOf = (identified: string): string | undefined =>
    identified.startsWith("node ")
      ? identified.split(" ")[1]
      : (after.pods.get(identified.slice(4))?.node ?? before.pods.get(identified.slice(4))?.node);
  const known = new Map<ConnectionEnd, string | undefined>();
  const identify = (end: ConnectionEnd): string | undefined => {
    const found = known.has(end) ? known.get(end) : identity(end, worlds);
    known.set(end, found);
    return found;
  };
  for (const connection of connectionsOf(head).filter((_, place) => place % every === offset % every)) {
    const [from, to] = [identify(connection.from), identify(connection.to)];
    if (from === undefined || to === undefined || (from === to && from.startsWith("pod "))) {
      continue;
    }
    const plain = { ...connection, from: asPod(connection.from, from), to: asPod(connection.to, to) };
    const [one, other] = [nodeOf(from), nodeOf(to)];
    const nodes = one === undefined || other === undefined ? "unknown" : one === other ? "own" : "other";
    const verdicts = {
      base: evaluateConnection(before, plain).verdict,
      head: evaluateConnection(after, plain).verdict,
    };
    yield { connection, from, to, ...verdicts, nodes };
  }
}

function rowsHolding(all: readonly DifferenceRow[], { connection, from, to, nodes }: Asked): readonly DifferenceRow[] {
  const { protocol, port = 0 } = connection;
  return all.filter(
    (row) =>
      row.protocol === protocol &&
      row.port <= port &&
      port <= row.endPort &&
      (row.nodes === undefined || row.nodes === nodes) &&
      isIn(row.client, from) &&
      isIn(row.server, to),
  );
}

const allRows = ({ cut, opened, unclear }: Difference): readonly DifferenceRow[] => [...cut, ...opened, ...unclear];

interface Seen {
  asked: number;
  changed: number;
  /** Ends of rows with more classes than a small set has. */
  large: number;
}

/** Compares rows and rowOf with the plain evaluator's answers. */
function expectTold(
  [base, head]: readonly [base: NetworkWorld, head: NetworkWorld],
  profile: ProfileName,
  sample: { readonly every: number; readonly offset: number },
  seen: Seen,
): void {
  const difference = policyDifference(base, head, profile, { listed: 1000 });
  const rows = allRows(difference);
  const ends = rows.flatMap(({ client, server }) => [client, server]);
  seen.large += ends.filter((end) => end.kind === "pods" && end.classCount > 64).length;
  for (const one of asked(base, head, profile, sample)) {
    seen.asked++;
    const holding = rowsHolding(rows, one);
    const isChange = one.base !== one.head && one.connection.port !== undefined;
    seen.changed += isChange ? 1 : 0;
    const told = holding.map((row) => `${row.base} ${row.head}`).join();
    const expected = isChange ? `${one.base} ${one.head}` : "";
    if (told !== expected || difference.rowOf(one.connection) !== holding[0]) {
      expect({ one, told, rowOf: difference.rowOf(one.connection) }).toEqual({
        one,
        told: expected,
        rowOf: holding[0],
      });
    }
  }
}

describe("the difference of two worlds is what asking about every pair on every port finds", () => {
  it("in its rows and in rowOf", { timeout: 30_000 }, () => {
    const seen = { asked: 0, changed: 0, large: 0 };
    fc.assert(
      fc.property(world, change, profileName, fc.nat(12), (base, changed, profile, offset) => {
        expectTold([base, changed(base)], profile, { every: 13, offset }, seen);
      }),
      { numRuns: 120, endOnFailure: true },
    );
    console.info(`difference: ${seen.asked} pairs and ports, ${seen.changed} changed`);
    expect(seen.changed).toBeGreaterThan(200);
  });

  it("and among many pods, of which selectors hold large sets", { timeout: 60_000 }, () => {
    const seen = { asked: 0, changed: 0, large: 0 };
    fc.assert(
      fc.property(world, change, profileName, fc.integer({ min: 60, max: 140 }), fc.nat(), (...drawn) => {
        const [base, changed, profile, count, offset] = drawn;
        const head = changed(base);
        expectTold([crowded(base, count), crowded(head, count)], profile, { every: 499, offset }, seen);
      }),
      { numRuns: 40, endOnFailure: true },
    );
    console.info(`difference: ${seen.asked} pairs and ports, ${seen.changed} changed, ${seen.large} large ends`);
    expect(seen.changed).toBeGreaterThan(100);
    expect(seen.large).toBeGreaterThan(20);
  });

  it("and the same backwards: what one way cuts the other way opens", () => {
    fc.assert(
      fc.property(world, change, profileName, (base, changed, profile) => {
        // Pods stay where they are: the place of a pod is taken from the head.
        const head = { ...changed(base), pods: base.pods };
        const forth = policyDifference(base, head, profile);
        const back = policyDifference(head, base, profile);
        const turned = (rows: readonly DifferenceRow[]): readonly string[] =>
          rows
            .map(({ base: b, head: h, policies, ...row }) =>
              JSON.stringify(
                { ...row, base: h, head: b, policies: { base: policies.head, head: policies.base } },
                Object.keys(row).toSorted().concat("base", "head", "policies"),
              ),
            )
            .toSorted();
        const plain = (rows: readonly DifferenceRow[]): readonly string[] =>
          rows
            .map(({ base: b, head: h, policies, ...row }) =>
              JSON.stringify(
                { ...row, base: b, head: h, policies },
                Object.keys(row).toSorted().concat("base", "head", "policies"),
              ),
            )
            .toSorted();
        expect(turned(back.opened)).toEqual(plain(forth.cut));
        expect(turned(back.cut)).toEqual(plain(forth.opened));
      }),
      { numRuns: 60 },
    );
  });

  it("does not depend on the order of pods and policies", () => {
    fc.assert(
      fc.property(world, change, profileName, (base, changed, profile) => {
        const [from, to] = [withoutTies(base), withoutTies(changed(base))];
        const { rowOf: _, ...rows } = policyDifference(from, to, profile);
        const { rowOf: __, ...reversed } = policyDifference(toldBackwards(from), toldBackwards(to), profile);
        expect(reversed).toEqual(rows);
      }),
      { numRuns: 100 },
    );
  });
});
