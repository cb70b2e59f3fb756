import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BottomK, hasItemBeyond } from "../../src/graph/bottom-k.ts";
import { AttemptLog, EvidenceLog } from "../../src/graph/evidence-log.ts";
import { type Pending, PendingConnections } from "../../src/graph/pending.ts";
import { SampleSet } from "../../src/graph/sample-set.ts";
import { tupleHash, type Witness } from "../../src/graph/witness.ts";
import { hashText } from "../../src/lib/hash.ts";
import { graphOf, HOUR, learn, MONDAY, NOBODY, record, reserved } from "../support/flow-record.ts";

const SPACE = 2 ** 53;
const hashes = fc.array(fc.integer({ min: 0, max: SPACE - 1 }), { maxLength: 60 });
const LIMIT = 16;

function sketch(items: Iterable<number>, limit = LIMIT): BottomK {
  const made = new BottomK(limit);
  for (const item of items) made.add(item);
  return made;
}

function merged(...parts: readonly BottomK[]): BottomK {
  const made = new BottomK(LIMIT);
  for (const part of parts) made.merge(part);
  return made;
}

/** The first `count` hashes of a made-up text: as evenly spread as real ones. */
function spread(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => hashText(`item ${from + index}`));
}

describe("the hash", () => {
  it("is a whole number of at most 53 bits, the same for the same text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hash = hashText(text);
        expect(Number.isSafeInteger(hash) && hash >= 0 && hash < SPACE).toBe(true);
        expect(hashText(text)).toBe(hash);
      }),
    );
  });

  it("spreads addresses and ports evenly over its space", () => {
    const buckets = Array.from({ length: 64 }, () => 0);
    const total = 64 * 500;
    for (let index = 0; index < total; index++) {
      const hash = hashText(`10.0.${index >> 8}.${index & 255}:${32_768 + (index % 1000)}`);
      const bucket = Math.floor((hash / SPACE) * 64);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    const chiSquared = buckets.reduce((sum, found) => sum + (found - 500) ** 2 / 500, 0);
    // 63 degrees of freedom: 103 is passed by one of a thousand even spreads.
    expect(chiSquared).toBeLessThan(103);
  });

  it("has no collisions among a hundred thousand alike texts", () => {
    expect(new Set(spread(100_000)).size).toBe(100_000);
  });
});

describe("a bottom-k sketch", () => {
  it("counts exactly while everything fits, doubles left out", () => {
    fc.assert(
      fc.property(hashes, (items) => {
        const distinct = new Set(items).size;
        fc.pre(distinct < LIMIT);
        expect(sketch(items).exact).toBe(true);
        expect(sketch(items).count()).toBe(distinct);
      }),
    );
  });

  it("holds the smallest hashes, ascending", () => {
    fc.assert(
      fc.property(hashes, (items) => {
        const smallest = [...new Set(items)].toSorted((a, b) => a - b).slice(0, LIMIT);
        expect([...sketch(items).values()]).toEqual(smallest);
        for (const item of smallest) expect(sketch(items).has(item)).toBe(true);
      }),
    );
  });

  it.each([200, 1000, 20_000])("estimates %i items within four standard errors", (count) => {
    for (let from = 0; from < 5; from++) {
      const estimate = sketch(spread(count, from * 1_000_000), 128).count();
      expect(Math.abs(estimate - count) / count).toBeLessThan(4 / Math.sqrt(126));
    }
  });

  it("merges commutatively, associatively and idempotently, like adding everything to one", () => {
    fc.assert(
      fc.property(hashes, hashes, hashes, (a, b, c) => {
        const whole = [...sketch([...a, ...b, ...c]).values()];
        const [x, y, z] = [sketch(a), sketch(b), sketch(c)];
        expect([...merged(x, y, z).values()]).toEqual(whole);
        expect([...merged(z, x, y).values()]).toEqual(whole);
        expect([...merged(merged(x, y), z).values()]).toEqual(whole);
        expect([...merged(x, merged(y, z)).values()]).toEqual(whole);
        expect([...merged(x, x, y, z, y).values()]).toEqual(whole);
      }),
    );
  });

  it("takes a larger sketch in and keeps to its own limit", () => {
    const large = sketch(spread(500), 128);
    const small = new BottomK(LIMIT);
    small.merge(large);
    expect([...small.values()]).toEqual([...large.values()].slice(0, LIMIT));
  });
});

describe("an item beyond another sketch", () => {
  it("is claimed exactly when there is one, while both sketches are whole", () => {
    const few = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: LIMIT - 1 });
    fc.assert(
      fc.property(few, few, (a, b) => {
        expect(hasItemBeyond(sketch(a), sketch(b))).toBe(a.some((item) => !b.includes(item)));
      }),
    );
  });

  it("is never claimed when there is none, however much the sketches left out", () => {
    fc.assert(
      fc.property(hashes, hashes, fc.integer({ min: 1, max: 40 }), (a, b, limit) => {
        expect(hasItemBeyond(sketch(a, limit), sketch([...a, ...b]))).toBe(false);
      }),
    );
  });

  it("is not claimed of what cannot be compared", () => {
    const low = Array.from({ length: LIMIT }, (_, index) => index);
    expect(hasItemBeyond(sketch([1_000_000]), sketch(low))).toBe(false);
    expect(hasItemBeyond(sketch([]), sketch(low))).toBe(false);
    expect(hasItemBeyond(sketch([1_000_000]), sketch([]))).toBe(true);
  });
});

const witness: fc.Arbitrary<Witness> = fc.record({
  time: fc.option(fc.integer({ min: MONDAY, max: MONDAY + 72 * HOUR }), { nil: undefined }),
  client: fc.constantFrom("10.0.1.5", "10.0.1.6", "2001:db8::1"),
  clientPort: fc.option(fc.integer({ min: 41_000, max: 41_009 }), { nil: undefined }),
  server: fc.constant("10.0.2.9"),
  serverPort: fc.constantFrom(7070, 8080),
  protocol: fc.constantFrom("TCP", "UDP"),
  node: fc.constantFrom(undefined, "a", "b"),
  kind: fc.constantFrom("policy-verdict", "layer7", "trace", "reply", "undirected"),
  opening: fc.boolean(),
  passed: fc.boolean(),
  audited: fc.boolean(),
  confirmsOnly: fc.boolean(),
});
const witnesses = fc.array(witness, { maxLength: 25 });

function logOf(some: readonly Witness[]): EvidenceLog {
  const log = new EvidenceLog();
  for (const one of some) log.add(one);
  return log;
}

function stateOf(log: EvidenceLog): unknown {
  const { opened, established, forwarded } = log;
  return { ...log.summary(), opened, established, forwarded: forwarded && [...forwarded.values()] };
}

describe("the evidence of an edge", () => {
  it("is the same in any order, doubled, and in pieces merged in any order", () => {
    fc.assert(
      fc.property(witnesses, witnesses, witnesses, (a, b, c) => {
        const whole = stateOf(logOf([...a, ...b, ...c]));
        expect(stateOf(logOf([...c, ...b, ...a].toReversed()))).toEqual(whole);
        expect(stateOf(logOf([...a, ...b, ...c, ...b, ...a]))).toEqual(whole);
        for (const parts of [
          [a, b, c],
          [c, a, b],
          [b, b, c, a],
        ]) {
          const log = new EvidenceLog();
          for (const part of parts) log.merge(logOf(part));
          expect(stateOf(log)).toEqual(whole);
        }
      }),
    );
  });

  it("counts a connection once a day, from whichever end and node it was seen", () => {
    const seen = [record(), record({ node: "node-b", time: MONDAY + 10 * HOUR }), record({ verdict: "REDIRECTED" })];
    expect(graphOf(seen).edges[0]?.evidence).toMatchObject({
      connections: 1,
      exact: true,
      hours: [MONDAY / HOUR + 9, MONDAY / HOUR + 10],
    });
    const nextDay = record({ time: MONDAY + 33 * HOUR });
    expect(graphOf([...seen, nextDay]).edges[0]?.evidence.connections).toBe(2);
  });

  it("without a time counts, and has neither hours nor first and last", () => {
    expect(graphOf([record({ time: undefined })]).edges[0]?.evidence).toMatchObject({
      connections: 1,
      firstSeen: undefined,
      lastSeen: undefined,
      hours: [],
    });
  });

  it("of times before 1970 has hours all the same", () => {
    expect(graphOf([record({ time: -HOUR - 1 })]).edges[0]?.evidence.hours).toEqual([-2]);
  });

  it("keeps at most three samples, client first, addresses of IPv6 in brackets", () => {
    const many = Array.from({ length: 50 }, (_, index) => record({ sourcePort: 41_000 + index }));
    const { samples } = graphOf(many).edges[0]?.evidence ?? { samples: [] };
    expect(samples).toHaveLength(3);
    expect(new Set(samples.map(({ server }) => server))).toEqual(new Set(["10.0.2.9:7070"]));
    const six = record({ source: reserved("world"), sourceIp: "2001:db8::1" });
    expect(graphOf([six]).edges[0]?.evidence.samples[0]?.client).toBe("[2001:db8::1]:41234");
  });

  it("says that an existing policy would have dropped it", () => {
    expect(graphOf([record({ verdict: "AUDIT", event: "policy-verdict" })]).edges[0]?.evidence.audited).toBe(true);
  });

  it("of a layer 7 response alone makes no edge, but confirms one", () => {
    const response = record({
      event: "l7",
      isReply: true,
      observationPoint: undefined,
      layer7: { type: "response", dns: undefined },
      sourcePort: 7070,
      destinationPort: 41_234,
      source: record().destination,
      destination: record().source,
      sourceIp: "10.0.2.9",
      destinationIp: "10.0.1.5",
    });
    expect(graphOf([response]).edges).toEqual([]);
    expect(graphOf([response, record()]).edges[0]?.evidence.kinds).toEqual(["layer7", "trace"]);
  });

  it("calls a connection the same from both ends", () => {
    fc.assert(
      fc.property(witness, (one) => {
        const turned = {
          ...one,
          client: one.server,
          clientPort: one.serverPort,
          server: one.client,
          serverPort: one.clientPort,
        };
        expect(tupleHash(turned)).toBe(tupleHash(one));
        expect(tupleHash({ ...one, serverPort: (one.serverPort ?? 0) + 1 })).not.toBe(tupleHash(one));
      }),
    );
  });

  it("keeps samples that do not depend on the order, also of one connection on two nodes", () => {
    fc.assert(
      fc.property(witnesses, (some) => {
        const forth = new SampleSet();
        const back = new SampleSet();
        for (const one of some) forth.add(tupleHash(one), one);
        for (const one of some.toReversed()) back.add(tupleHash(one), one);
        expect(back.list()).toEqual(forth.list());
      }),
    );
  });
});

describe("records without ports", () => {
  it("make no edge and are quarantined", () => {
    const without = record({ destinationPort: undefined });
    expect(graphOf([without]).edges).toEqual([]);
    expect(graphOf([without]).quarantine[0]?.reason).toBe("no-port");
    expect(graphOf([record({ destinationPort: 0 })]).quarantine[0]?.reason).toBe("no-port");
  });

  it("are attempts all the same when they were refused", () => {
    const refused = record({ event: "drop", verdict: "DROPPED", tcpFlags: 2, isReply: undefined, destinationPort: 0 });
    expect(graphOf([refused]).denied[0]).toMatchObject({ port: undefined, reason: "UNKNOWN", byPolicy: false });
  });

  it("are fine for ICMP", () => {
    const ping = record({
      protocol: "ICMPv4",
      icmpType: 8,
      tcpFlags: undefined,
      sourcePort: undefined,
      destinationPort: undefined,
    });
    expect(graphOf([ping]).edges[0]).toMatchObject({ protocol: "ICMPv4", port: undefined });
  });
});

describe("the store of undecided connections", () => {
  const groups = (count: number): (readonly [string, string, number])[] =>
    Array.from({ length: count }, (_, index) => [`a${index % 7}`, `b${index}`, 1000 + index] as const);

  /** What stays of these groups and what was given up, in a store for ten. */
  function stored(list: readonly (readonly [string, string, number])[]): {
    kept: string[];
    connections: number[];
    records: number;
  } {
    const ids = new Map<string, number>();
    const idOf = (key: string): number => ids.get(key) ?? (ids.set(key, ids.size), ids.size - 1);
    const lost = new AttemptLog();
    let records = 0;
    const store = new PendingConnections(({ log, records: given }: Pending) => {
      lost.merge(log);
      records += given;
    }, 10);
    for (const [a, b, port] of list) {
      store.add(
        { a: idOf(a), b: idOf(b), claimed: false, onOverlay: false, protocol: "TCP", keys: [a, b] },
        {
          time: MONDAY,
          client: a,
          clientPort: 40_000,
          server: b,
          serverPort: port,
          protocol: "TCP",
          node: undefined,
          kind: "undirected",
          opening: false,
          passed: false,
          audited: false,
          confirmsOnly: false,
        },
      );
    }
    const kept = store.list().map((pending) => `${pending.b.port} ${pending.records}`);
    return { kept, connections: [...lost.connections.values()], records };
  }

  it("keeps the same ones of too many, whole, in any order, and counts the rest", () => {
    const many = groups(60);
    const twice = [...many, ...many];
    const first = stored(twice);
    expect(first.kept).toHaveLength(10);
    expect(first.kept.every((text) => text.endsWith(" 2"))).toBe(true);
    expect(first.records).toBe(100);
    fc.assert(
      fc.property(fc.shuffledSubarray(twice, { minLength: twice.length }), (order) => {
        expect(stored(order)).toEqual(first);
      }),
      { numRuns: 30 },
    );
  });

  it("gives nothing up while there is room", () => {
    expect(stored(groups(10))).toMatchObject({ connections: [], records: 0 });
  });

  it("groups the many ports a client takes into one", () => {
    const calls = Array.from({ length: 500 }, (_, index) =>
      record({ sourcePort: 40_000 + index, isReply: undefined, tcpFlags: undefined }),
    );
    const groupsOf = learn(calls).observations.pending.list();
    expect(groupsOf).toHaveLength(1);
    expect(groupsOf[0]).toMatchObject({ records: 500 });
  });

  it("does not take connections without ports", () => {
    const bare = record({ isReply: undefined, tcpFlags: undefined, sourcePort: undefined, source: NOBODY });
    expect(learn([bare]).observations.pending.list()).toEqual([]);
    expect(graphOf([bare]).quarantine.map(({ reason, pairs }) => `${reason} ${pairs}`)).toEqual(["undirected 1"]);
  });
});
