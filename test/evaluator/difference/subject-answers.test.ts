import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { baseAnswer, headAnswer, type PortAnswers } from "../../../src/evaluator/difference/port-answers.ts";
import { answersOf, type SubjectAnswers } from "../../../src/evaluator/difference/subject-answers.ts";
import { type Unit, unitTable } from "../../../src/evaluator/difference/units.ts";
import type { NetworkWorld } from "../../../src/evaluator/network/world.ts";
import { type IndexedNetworkWorld, indexNetworkWorld } from "../../../src/evaluator/network-index/index-world.ts";
import { joinWorlds } from "../../../src/evaluator/network-index/joint-worlds.ts";
import { lastNotAfter } from "../../../src/evaluator/network-index/last-not-after.ts";
import { holds } from "../../../src/evaluator/network-index/peer-set.ts";
import { serverPort } from "../../../src/evaluator/network-index/port-table.ts";
import { policiesAnswer } from "../../../src/evaluator/network-index/verdict-of.ts";
import { change, crowded, profileName, world } from "../network-index/random-world.ts";

const DIRECTIONS = ["ingress", "egress"] as const;
const PORTS = [1, 53, 79, 80, 81, 82, 83, 90, 65_535];

const crowds = fc.oneof(
  fc.record({ base: world, changed: change }).map(({ base, changed }) => [base, changed(base)] as const),
  fc
    .record({ base: world, changed: change, count: fc.integer({ min: 60, max: 100 }) })
    .map(({ base, changed, count }) => [crowded(base, count), crowded(changed(base), count)] as const),
);

/** What the whole index of one world says, by pods. */
function wholeAnswers(
  index: IndexedNetworkWorld,
  direction: (typeof DIRECTIONS)[number],
  [subject, other]: readonly [subject: number, other: number],
): readonly number[] {
  const peers = index.ends.peers;
  return PORTS.map((port) =>
    policiesAnswer(index[direction], peers[subject] ?? -1, peers[other] ?? -1, serverPort("TCP", port)),
  );
}

function answersOn({ protocols }: PortAnswers): readonly number[] {
  const [tcp] = protocols;
  return PORTS.map((port) => tcp?.answers[lastNotAfter(tcp.firsts, port)] ?? -1);
}

/** Number of the first pod of a unit in each world. */
function podOf(
  { members: [first = -1] }: Unit,
  [base, head]: readonly [NetworkWorld, NetworkWorld],
): readonly number[] {
  const pod = head.pods[first];
  return [base.pods.findIndex(({ namespace, name }) => namespace === pod?.namespace && name === pod.name), first];
}

describe("what the policies at a unit say about others", () => {
  it("is what the whole indexes of both worlds say", () => {
    let compared = 0;
    fc.assert(
      fc.property(crowds, profileName, fc.nat(), ([base, head], profile, offset) => {
        const worlds = joinWorlds(base, head, profile);
        const { units } = unitTable(worlds);
        const answers = answersOf(worlds, units);
        const [before, after] = [indexNetworkWorld(base, profile), indexNetworkWorld(head, profile)];
        const pods = [...units.entries()].filter(([, { kind }]) => kind === "pods");
        const pairs = pods.flatMap((subject) => pods.map((other) => [subject, other] as const));
        const every = Math.ceil(pairs.length / 200);
        for (const [[place, subject], [otherPlace, other]] of pairs.filter((_, at) => at % every === offset % every)) {
          const [[wasSubject = -1, isSubject = -1], [wasOther = -1, isOther = -1]] = [
            podOf(subject, [base, head]),
            podOf(other, [base, head]),
          ];
          for (const direction of DIRECTIONS) {
            const found = answersOn(answers[direction](place).about(otherPlace));
            compared++;
            expect(found.map(baseAnswer)).toEqual(wholeAnswers(before, direction, [wasSubject, wasOther]));
            expect(found.map(headAnswer)).toEqual(wholeAnswers(after, direction, [isSubject, isOther]));
          }
        }
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(2000);
  });

  it("is what is said of their part, unless they are named", () => {
    fc.assert(
      fc.property(crowds, profileName, ([base, head], profile) => {
        const worlds = joinWorlds(base, head, profile);
        const { units } = unitTable(worlds);
        const answers = answersOf(worlds, units);
        for (const direction of DIRECTIONS) {
          for (const subject of units.keys()) expectParts(answers[direction](subject), units.length);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is the same for subjects of one manner, about everybody whom neither names", () => {
    let shared = 0;
    fc.assert(
      fc.property(crowds, profileName, ([base, head], profile) => {
        const worlds = joinWorlds(base, head, profile);
        const { units } = unitTable(worlds);
        const answers = answersOf(worlds, units);
        for (const direction of DIRECTIONS) {
          const subjects = [...units.keys()].map((place) => answers[direction](place));
          for (const alike of Map.groupBy(new Set(subjects), ({ manner }) => manner()).values()) {
            const [first, ...others] = alike;
            shared += others.length;
            for (const place of units.keys()) {
              expect(others.filter(({ unnamed }) => unnamed(place) !== first?.unnamed(place))).toEqual([]);
            }
          }
        }
      }),
      { numRuns: 40 },
    );
    expect(shared).toBeGreaterThan(40);
  });
});

function expectParts({ about, unnamed, named, parts }: SubjectAnswers, count: number): void {
  const names = new Set(named());
  const all = parts();
  for (let place = 0; place < count; place++) {
    const holding = all.filter(({ places }) => holds(places, place));
    expect(holding.map(({ answers }) => answers)).toEqual([unnamed(place)]);
    if (!names.has(place)) {
      expect(about(place)).toBe(unnamed(place));
    }
  }
}
