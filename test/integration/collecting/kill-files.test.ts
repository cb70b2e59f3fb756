import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { netlearn } from "../../end-to-end/command.ts";
import { randomWorld, simulate } from "../../support/simulator/index.ts";
import { createRandom } from "../../support/simulator/random.ts";
import { CollectorProcess } from "./collector-process.ts";
import { exportOf } from "./exports.ts";

const KILLS = 20;

describe("collecting from files, killed again and again", { timeout: 240_000 }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "netlearn-kill-files-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("leaves what one uninterrupted run leaves, also of a file that grows and of a packed one", async () => {
    const text = logOf(5);
    const growing = path.join(folder, "growing.jsonl");
    await writeFile(growing, text);
    await writeFile(path.join(folder, "large.jsonl"), repeated(logOf(6), 20e6));
    await writeFile(path.join(folder, "packed.jsonl.gz"), gzipSync(repeated(logOf(7), 20e6)));
    const state = path.join(folder, "killed.db");
    const collect = ["collect", "--from-files", folder, "--state", state];
    const random = createRandom("files");
    let kills = 0;
    for (let time = 0; time < KILLS; time++) {
      await writeFile(path.join(folder, `round-${time}.jsonl`), repeated(logOf(10 + time), 20e6));
      const collector = new CollectorProcess(collect);
      await Promise.race([sleep(random.integer(150, 800)), collector.ended]);
      if (collector.isRunning) kills++;
      collector.kill("SIGKILL");
      await collector.ended;
      await appendFile(growing, time % 2 === 0 ? text.slice(0, 5000) : text.slice(5000));
    }
    const last = await netlearn(collect);
    expect(last.code, last.stderr).toBe(0);
    const whole = path.join(folder, "whole.db");
    const once = await netlearn(["collect", "--from-files", folder, "--state", whole]);
    expect(once.code, once.stderr).toBe(0);
    console.log(`collecting from files: ${kills} kills`);
    const learned = async (place: string): Promise<unknown> => JSON.parse(await exportOf(place)).observations;
    expect(await learned(state)).toEqual(await learned(whole));
    expect(kills).toBeGreaterThan(KILLS / 4);
  });
});

/** A log as one agent writes it: no two of them begin alike, since records tell their time. */
function logOf(seed: number): string {
  const { lines } = simulate(randomWorld(5, 10), { seed, hours: 6 });
  return `${lines.join("\n")}\n`;
}

function repeated(text: string, bytes: number): string {
  return text.repeat(Math.ceil(bytes / text.length));
}
