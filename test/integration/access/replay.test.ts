import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import type { AccessAttributes } from "../../../src/model/access.ts";
import type { RbacManifest } from "../../../src/model/rbac.ts";
import { OTHERWISE } from "./audit-lines.ts";
import { type Cluster, type Member, openCluster } from "./cluster.ts";
import { askGrid, GRID } from "./grid.ts";
import { type Outcome, play, surprises } from "./player.ts";
import { rbacOf, settled } from "./rbac.ts";
import { SCENARIO } from "./scenario/index.ts";
import { objectsOf, putInForce, rbacIn, type Suggested, suggest } from "./suggestion.ts";

const part = inject("apiserver");

/** Of what ours refuses the server is asked every fifth thing, for each identity others. */
const SAMPLED = 5;

/** What a server does: with the scenario, and with the grid for everybody. */
interface Seen {
  readonly outcomes: readonly Outcome[];
  /** By short name, and place in the grid. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<number, boolean>>;
  readonly rbac: readonly RbacManifest[];
  readonly oracle: Authorizer;
  readonly log: string;
}

describe.skipIf(part.state === "absent")("the suggested RBAC on a real API server", () => {
  let before: Seen;
  let after: Seen;
  let suggested: Suggested;
  let refused: readonly string[];
  let cast: ReadonlyMap<string, Member>;

  beforeAll(async () => {
    const first = await openCluster(part);
    try {
      before = await seen(first);
    } finally {
      await first.stop();
    }
    suggested = await suggest(before);
    const second = await openCluster(part);
    try {
      refused = await putInForce(second.admin, suggested);
      await settled(second.admin);
      after = await seen(second);
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
    expect(objectsOf(suggested.removedYaml).length).toBeGreaterThan(15);
    expect(objectsOf(suggested.keptYaml).map(({ metadata }) => metadata.name)).toEqual(["controller"]);
  });

  it("allows every request that was allowed, and refuses every one that was refused", () => {
    expect(surprises(after.outcomes)).toEqual([]);
  });

  it("makes nothing possible that was not", () => {
    // What was not asked before, ours refused, and the next test says that ours is right.
    const gained = inGrid(
      after,
      (name, index, isAllowed) => isAllowed && before.answers.get(name)?.get(index) !== true,
    );
    expect(gained).toEqual([]);
  });

  it.each(["before", "after"] as const)("is judged by ours as by the server's authorizer on the grid, %s", (when) => {
    const state = { before, after }[when];
    const unlike = inGrid(state, (name, index, isAllowed) => {
      const attributes = GRID[index];
      const member = cast.get(name);
      return !attributes || !member || state.oracle.allows(identityOf(member), attributes) !== isAllowed;
    });
    expect(unlike).toEqual([]);
  });

  it.each(OTHERWISE)("is the same, to the byte, from the log %s", async (_what, otherwise) => {
    const { summary: _, ...same } = await suggest({ ...before, log: otherwise(before.log) });
    const { summary: __, ...expected } = suggested;
    expect(same).toEqual(expected);
  });

  it("is the same from what happens once it is in force, and replaces nothing more", async () => {
    const again = await suggest(after);
    expect(again.yaml).toBe(suggested.yaml);
    expect(objectsOf(again.removedYaml)).toEqual([]);
    expect(again.keptYaml).toBe("");
  });

  it("gives nobody what nobody had where the log alone is known, but for what stands for many", async () => {
    const { yaml } = await suggest({ ...before, rbac: undefined });
    const oracle = new Authorizer(rbacIn(yaml));
    const gained = inGrid(before, (name, index, isAllowed) => {
      const [attributes, member] = [GRID[index], cast.get(name)];
      if (isAllowed || attributes === undefined || member === undefined) return false;
      return oracle.allows(identityOf(member), attributes);
    });
    // More names and paths were seen than are kept, and nobody says which are in force: any.
    expect(gained.filter((one) => !/^hoarder: .*"configmaps"|^crawler: /u.test(one))).toEqual([]);
    expect(rbacIn(yaml).length).toBeGreaterThan(40);
  });

  it("takes away most of what was not used", () => {
    const count = ({ answers }: Seen, wanted: boolean): number =>
      [...answers.values()].flatMap((some) => [...some.values()]).filter((answer) => answer === wanted).length;
    expect(count(after, true)).toBeLessThan(count(before, true) / 2);
    const codes = before.outcomes.map(({ code }) => code);
    const unauthorized = codes.filter((code) => code === 401 || code === 403).length;
    console.log(
      [
        `${codes.length} requests of ${cast.size} identities: ${codes.length - unauthorized} allowed, ${unauthorized} refused`,
        `grid of ${GRID.length}: ${count(before, true)} allowed and ${count(before, false)} refused before, ${count(after, true)} and ${count(after, false)} after`,
        `${objectsOf(suggested.yaml).length} objects suggested, ${objectsOf(suggested.removedYaml).length} bindings replaced and ${objectsOf(suggested.keptYaml).length} cut down`,
      ].join("; "),
    );
  });
});

function identityOf({ username, groups }: Member): Pick<Member, "username" | "groups"> {
  return { username, groups };
}

async function seen(cluster: Cluster): Promise<Seen> {
  const outcomes = await play(cluster, SCENARIO);
  const log = await readFile(cluster.server.auditLog, "utf8");
  const rbac = await rbacOf(cluster.admin);
  const oracle = new Authorizer(rbac);
  const answers = new Map<string, ReadonlyMap<number, boolean>>();
  for (const [at, [name, member]] of [...cluster.cast].entries()) {
    // Nobody, and somebody whom no RBAC binds.
    if (name === "stranger" || name === "root") continue;
    const isAsked = (index: number, attributes: AccessAttributes): boolean =>
      index % SAMPLED === at % SAMPLED || oracle.allows(identityOf(member), attributes);
    answers.set(name, await askGrid(cluster, member, isAsked));
  }
  return { outcomes, log, rbac, oracle, answers };
}

/** Who and what of a server's answers is so, as text. */
function inGrid(
  { answers }: Seen,
  isSo: (name: string, index: number, isAllowed: boolean) => boolean,
): readonly string[] {
  return [...answers].flatMap(([name, some]) =>
    [...some].flatMap(([index, answer]) =>
      isSo(name, index, answer) ? [`${name}: ${JSON.stringify(GRID[index])}`] : [],
    ),
  );
}
