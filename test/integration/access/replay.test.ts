import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import type { AccessAttributes } from "../../../src/model/access.ts";
import type { RbacManifest } from "../../../src/model/rbac.ts";
import { AUDIT_POLICY, type Cluster, type Member, openCluster } from "./cluster.ts";
import { askGrid, GRID } from "./grid.ts";
import { type Outcome, play, surprises } from "./player.ts";
import { rbacOf, settled } from "./rbac.ts";
import { SCENARIO } from "./scenario/index.ts";
import { objectsOf, putInForce, type Suggested, suggest } from "./suggestion.ts";

const part = inject("apiserver");

/** What is asked of a server: the scenario, and the grid for everybody. */
interface Seen {
  readonly outcomes: readonly Outcome[];
  /** By short name, in the order of the grid. */
  readonly answers: ReadonlyMap<string, readonly boolean[]>;
  readonly rbac: readonly RbacManifest[];
}

describe.skipIf(part.state === "absent")("the suggested RBAC on a real API server", () => {
  let before: Seen;
  let after: Seen;
  let log: string;
  let suggested: Suggested;
  let refused: readonly string[];
  let cast: ReadonlyMap<string, Member>;

  beforeAll(async () => {
    const first = await openCluster(part);
    try {
      const outcomes = await play(first, SCENARIO);
      log = await readFile(first.server.auditLog, "utf8");
      before = await seen(first, outcomes);
      suggested = await suggest({ log, rbac: before.rbac, auditPolicy: AUDIT_POLICY });
    } finally {
      await first.stop();
    }
    const second = await openCluster(part);
    try {
      refused = await putInForce(second.admin, suggested);
      await settled(second.admin);
      after = await seen(second, await play(second, SCENARIO));
      cast = second.cast;
    } finally {
      await second.stop();
    }
  }, 400_000);

  it("was learned from a scenario that goes as it is written", () => {
    expect(surprises(before.outcomes)).toEqual([]);
  });

  it("is taken by the server", () => {
    expect(refused).toEqual([]);
    expect(objectsOf(suggested.yaml).length).toBeGreaterThan(40);
    expect(objectsOf(suggested.replacedYaml).length).toBeGreaterThan(15);
  });

  it("allows every request that was allowed, and refuses every one that was refused", () => {
    expect(surprises(after.outcomes)).toEqual([]);
  });

  it("makes nothing possible that was not", () => {
    const gained = differences(
      (name, index) => after.answers.get(name)?.[index] === true && before.answers.get(name)?.[index] === false,
    );
    expect(gained).toEqual([]);
  });

  it("takes much away that was not used", () => {
    const count = ({ answers }: Seen): number => [...answers.values()].flat().filter(Boolean).length;
    expect(count(after)).toBeLessThan(count(before) / 2);
    const codes = before.outcomes.map(({ code }) => code);
    const unauthorized = codes.filter((code) => code === 401 || code === 403).length;
    console.log(
      `${codes.length} requests, ${codes.length - unauthorized} allowed, ${unauthorized} refused; grid ${GRID.length} x ${before.answers.size}, ` +
        `allowed ${count(before)} before and ${count(after)} after; ${objectsOf(suggested.yaml).length} objects suggested, ` +
        `${objectsOf(suggested.replacedYaml).length} bindings replaced`,
    );
  });

  it.each(["before", "after"] as const)(
    "is judged by ours as by the server's authorizer on the whole grid, %s",
    (when) => {
      const { rbac, answers } = { before, after }[when];
      const oracle = new Authorizer(rbac);
      const unlike = differences((name, index, attributes) => {
        const { username, groups } = cast.get(name) ?? { username: "", groups: [] };
        return oracle.decide({ username, groups }, attributes).isAllowed !== answers.get(name)?.[index];
      });
      expect(unlike).toEqual([]);
    },
  );

  /** Who and what of the grid is so, as text. */
  function differences(
    isSo: (name: string, index: number, attributes: AccessAttributes) => boolean,
  ): readonly string[] {
    return [...before.answers.keys()].flatMap((name) =>
      GRID.flatMap((attributes, index) =>
        isSo(name, index, attributes) ? [`${name}: ${JSON.stringify(attributes)}`] : [],
      ),
    );
  }
});

async function seen(cluster: Cluster, outcomes: readonly Outcome[]): Promise<Seen> {
  const answers = new Map<string, readonly boolean[]>();
  for (const [name, member] of cluster.cast) {
    if (member.username !== "") answers.set(name, await askGrid(cluster, member));
  }
  return { outcomes, answers, rbac: await rbacOf(cluster.admin) };
}
