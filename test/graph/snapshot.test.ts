import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Learner } from "../../src/graph/learner.ts";
import { mergeSnapshot } from "../../src/graph/merge-snapshot.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { printSnapshot } from "../../src/graph/snapshot.ts";
import { NetlearnError } from "../../src/lib/errors.ts";
import type { FlowRecord } from "../../src/model/flow.ts";
import { learn, record } from "../support/flow-record.ts";
import { VARIED } from "../support/varied-records.ts";

function printed(learner: Learner): string {
  return printSnapshot(learner, { graph: resolve(learner.observations).graph, access: undefined });
}

function snapshotOf(records: readonly FlowRecord[]): string {
  return printed(learn(records));
}

function merge(...snapshots: readonly string[]): Learner {
  const learner = new Learner();
  for (const text of snapshots) mergeSnapshot(learner, text, "graph.json");
  return learner;
}

const some = fc.subarray([...VARIED]);

describe("a snapshot", () => {
  it("read back is what was printed, byte for byte, and learns on as if nothing had happened", () => {
    const text = snapshotOf(VARIED);
    expect(printed(merge(text))).toBe(text);
    expect(resolve(merge(text).observations).graph).toEqual(resolve(learn(VARIED).observations).graph);
  });

  it("is the same whatever the order of the records", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...VARIED], { minLength: VARIED.length }), (order) => {
        expect(snapshotOf(order)).toBe(snapshotOf(VARIED));
      }),
      { numRuns: 30 },
    );
  });

  it("merges commutatively and associatively, like learning everything at once", () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const [x, y, z] = [snapshotOf(a), snapshotOf(b), snapshotOf(c)];
        const whole = snapshotOf([...a, ...b, ...c]);
        expect(printed(merge(x, y, z))).toBe(whole);
        expect(printed(merge(z, x, y))).toBe(whole);
        expect(printed(merge(printed(merge(x, y)), z))).toBe(whole);
        expect(printed(merge(x, printed(merge(y, z))))).toBe(whole);
      }),
      { numRuns: 40 },
    );
  });

  it("merged twice changes no edge and no evidence, only the counts of records", () => {
    const text = snapshotOf(VARIED);
    const once = resolve(merge(text).observations).graph;
    const twice = resolve(merge(text, text).observations).graph;
    expect({ ...twice, facts: once.facts }).toEqual(once);
    expect(twice.facts.records).toBe(2 * once.facts.records);
  });

  it("of nothing is empty, and merging it changes nothing", () => {
    const text = snapshotOf(VARIED);
    expect(printed(merge(snapshotOf([]), text))).toBe(text);
    expect(resolve(merge(snapshotOf([])).observations).graph).toMatchObject({
      edges: [],
      workloads: [],
      window: undefined,
    });
  });

  it("joins what one part knew of the client with what another knew of the server", () => {
    const undirected = record({ isReply: undefined, tcpFlags: undefined });
    const oriented = record({ sourcePort: 41_999 });
    const { edges, quarantine } = resolve(merge(snapshotOf([undirected]), snapshotOf([oriented])).observations).graph;
    expect(edges[0]?.evidence.connections).toBe(2);
    expect(quarantine).toEqual([]);
  });

  it("remembers refused attempts, so that what another part saw leave makes no edge", () => {
    const sent = VARIED.filter(({ destinationPort, event }) => destinationPort === 9999 && event === "trace");
    const refused = VARIED.filter(({ event }) => event === "drop");
    expect([sent.length, refused.length]).toEqual([1, 1]);
    expect(resolve(merge(snapshotOf(sent), snapshotOf(refused)).observations).graph.edges).toEqual([]);
  });
});

interface Snapshot {
  apiVersion: unknown;
  observations: Record<string, Record<string, unknown>[]>;
}

/** The varied snapshot with one thing changed. */
function damaged(change: (snapshot: Snapshot) => void): string {
  const snapshot = JSON.parse(snapshotOf(VARIED)) as Snapshot;
  change(snapshot);
  return JSON.stringify(snapshot);
}

function failure(text: string): NetlearnError {
  try {
    merge(text);
  } catch (error) {
    if (error instanceof NetlearnError) return error;
    throw error;
  }
  throw new Error("the snapshot was taken");
}

describe("what is no snapshot", () => {
  it.each<readonly [string, string, string]>([
    ["no JSON", "{", "it is not JSON"],
    ["a JSON text", '"x"', "graph.json"],
    ["null", "null", "graph.json"],
    ["a flow log", '{"flow":{"verdict":"FORWARDED"}}', "apiVersion"],
    ["another version", damaged((file) => (file.apiVersion = "netlearn/v9")), "apiVersion"],
    ["no observations", '{"apiVersion":"netlearn/v1alpha1","kind":"GraphSnapshot"}', "observations"],
    ["an edge of nobody", damaged((file) => (file.observations["edges"]![0]!["client"] = 999)), "999"],
    [
      "an edge of a negative end",
      damaged((file) => (file.observations["edges"]![0]!["client"] = -1)),
      "observations.edges.0.client",
    ],
    [
      "a port out of range",
      damaged((file) => (file.observations["edges"]![0]!["port"] = 65_536)),
      "observations.edges.0.port",
    ],
    ["port 0", damaged((file) => (file.observations["edges"]![0]!["port"] = 0)), "observations.edges.0.port"],
    [
      "an unknown protocol",
      damaged((file) => (file.observations["edges"]![0]!["protocol"] = "TCPX")),
      "observations.edges.0.protocol",
    ],
    ["an unknown field", damaged((file) => (file.observations["edges"]![0]!["extra"] = 1)), "observations.edges.0"],
    [
      "a text for a time",
      damaged((file) => (file.observations["tenancies"]![0]!["first"] = "now")),
      "observations.tenancies.0.first",
    ],
    [
      "a text for an address",
      damaged((file) => {
        for (const sighting of file.observations["sightings"]!)
          if (sighting["address"] !== undefined) sighting["address"] = "nowhere";
      }),
      "observations.sightings.0.address",
    ],
  ])("is refused with the file and the place: %s", (_, text, place) => {
    const error = failure(text);
    expect(error.code).toBe("NETLEARN_SNAPSHOT_INVALID");
    expect(error.message).toContain("graph.json");
    expect(error.message).toContain(place);
    expect(error.hint).toBeDefined();
  });

  it("leaves what was learned before as it was", () => {
    const learned = learn(VARIED);
    const before = printed(learned);
    const broken = damaged((file) => (file.observations["edges"]!.at(-1)!["server"] = 999));
    expect(() => mergeSnapshot(learned, broken, "graph.json")).toThrow(NetlearnError);
    expect(printed(learned)).toBe(before);
  });

  it("never pollutes a prototype", () => {
    const text = damaged((file) => file).replace('"sets":{', '"sets":{"__proto__":["x"],');
    try {
      merge(text);
    } catch (error) {
      expect(error).toBeInstanceOf(NetlearnError);
    }
    expect("x" in {}).toBe(false);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});
