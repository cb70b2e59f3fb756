import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import { openState } from "../../src/store/open.ts";
import { runFiles } from "../ingest/support/state.ts";
import { randomWorld, shuffle, simulate, split } from "../support/simulator/index.ts";
import { netlearn, ROOT } from "./command.ts";

const SHOP = path.join(ROOT, "examples/shop/flows.jsonl");
let directory = "";
let state = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-state-"));
  state = path.join(directory, "netlearn.db");
});
afterEach(() => rm(directory, { recursive: true }));

/** Folds these lines into the state, each part as a file of its own, and all of them again. */
async function collect(parts: readonly (readonly string[])[]): Promise<void> {
  const store = await openState(state, { mode: "write", mergeCells });
  const files: string[] = [];
  for (const [at, part] of parts.entries()) {
    const file = path.join(directory, `part-${at}.jsonl`);
    await writeFile(file, `${part.join("\n")}\n`);
    files.push(file);
    await runFiles(store, [file], { flushSize: 20 });
  }
  await runFiles(store, files.toReversed());
  await store.close();
}

describe("learning from a state", () => {
  it("gives the same bytes as learning from what was folded in, in pieces, in any order, twice", async () => {
    const lines = (await readFile(SHOP, "utf8")).trimEnd().split("\n");
    const worlds = [lines, ...[1].map((seed) => simulate(randomWorld(seed, 8), { seed, hours: 3 }).lines)];
    for (const [seed, world] of worlds.entries()) {
      const whole = path.join(directory, "whole.jsonl");
      await writeFile(whole, `${world.join("\n")}\n`);
      await collect(split(shuffle(world, seed), 5));
      for (const command of ["suggest", "graph"]) {
        const expected = await netlearn([command, whole, "--quiet"]);
        expect(expected.stdout.length).toBeGreaterThan(100);
        const learned = await netlearn([command, "--state", state, "--quiet"]);
        expect([learned.stdout, learned.stderr, learned.code]).toEqual([
          expected.stdout,
          expected.stderr,
          expected.code,
        ]);
      }
      await rm(state);
    }
  });

  it("goes together with flows, and explains what both show", async () => {
    const lines = (await readFile(SHOP, "utf8")).trimEnd().split("\n");
    const [half = [], other = []] = split(lines, 2);
    await collect([half]);
    const flows = path.join(directory, "other.jsonl");
    await writeFile(flows, `${other.join("\n")}\n`);
    const both = await netlearn(["suggest", flows, "--state", state, "--quiet"]);
    expect(both.stdout).toBe((await netlearn(["suggest", SHOP, "--quiet"])).stdout);
    const explained = await netlearn([
      "explain",
      flows,
      "--from",
      "shop/frontend",
      "--to",
      "shop/cart",
      "--state",
      state,
      "--quiet",
    ]);
    expect(explained.code).toBe(0);
  });

  it("works while a collector holds the state", async () => {
    await collect([(await readFile(SHOP, "utf8")).trimEnd().split("\n")]);
    const store = await openState(state, { mode: "write", mergeCells });
    const learned = await netlearn(["suggest", "--state", state, "--quiet"]);
    await store.close();
    expect(learned.stdout).toBe((await netlearn(["suggest", SHOP, "--quiet"])).stdout);
  });

  it("from none, or from an empty one, says so and how to get one", async () => {
    const none = await netlearn(["suggest", "--state", state]);
    expect([none.code, none.stdout]).toEqual([3, ""]);
    expect(none.stderr).toContain("netlearn collect");
    await collect([]);
    const empty = await netlearn(["suggest", "--state", state]);
    expect([empty.code, empty.stdout]).toEqual([1, ""]);
    expect(empty.stderr.replaceAll(/\s+/gu, " ")).toContain(
      `no flow record or audit event was found in the state ${state}`,
    );
    expect(empty.stderr).toContain("netlearn state show");
  });
});
