import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Cluster, openCluster } from "./cluster.ts";
import { askGrid, GRID } from "./grid.ts";
import { play, surprises } from "./player.ts";
import { SCENARIO } from "./scenario/index.ts";

const part = inject("apiserver");

describe.skipIf(part.state === "absent")("a scenario", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster(part);
  });
  afterAll(() => cluster?.stop());

  it("goes as it is written", async () => {
    expect(surprises(await play(cluster, SCENARIO))).toEqual([]);
    console.log(SCENARIO.length);
  });
  it("grid", async () => {
    for (const [who, member] of cluster.cast) {
      const t = performance.now();
      const answers = await askGrid(cluster, member);
      console.log(who, GRID.length, answers.filter(Boolean).length, performance.now() - t);
    }
  });
});
