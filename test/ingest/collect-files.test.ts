import { appendFile, copyFile, mkdir, mkdtemp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolve } from "../../src/graph/resolve.ts";
import type { StateStore } from "../../src/model/state.ts";
import { randomWorld, simulate } from "../support/simulator/index.ts";
import { learnedFrom, newState, printed, restored, runFiles, stateText } from "./support/state.ts";

const LINES = simulate(randomWorld(1, 6), { seed: 1, hours: 2 }).lines.filter((line) => line.includes('"flow"'));
const TEXT = `${LINES.join("\n")}\n`;
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "netlearn-ingest-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function file(name: string): string {
  return path.join(directory, name);
}

async function put(name: string, content: Buffer | string): Promise<string> {
  await mkdir(path.dirname(file(name)), { recursive: true });
  await writeFile(file(name), content);
  return file(name);
}

/** What one reading of all these bytes shows. */
async function wholeText(content: Buffer | string): Promise<string> {
  const name = await put("whole/whole.log", content);
  const text = printed(await learnedFrom(name));
  await rm(file("whole"), { recursive: true });
  return text;
}

function part(from: number, to: number): string {
  return LINES.slice(from, to)
    .map((line) => `${line}\n`)
    .join("");
}

async function rejections(store: StateStore): Promise<string[]> {
  const counted = (await restored(store)).rejections();
  return counted.map(({ reason, count, sample }) => `${reason} ${count} @${sample.place.line}`);
}

describe("collecting files", () => {
  it("folds each file in once, whatever it is called", async () => {
    const store = await newState();
    const log = await put("a.log", TEXT);
    const first = await runFiles(store, [log]);
    expect(first).toMatchObject({ unchanged: 0, totals: { inputs: 1, records: LINES.length }, isStopped: false });
    expect(await stateText(store)).toBe(await wholeText(TEXT));
    await rename(log, file("a.log.1"));
    await copyFile(file("a.log.1"), file("copy.log"));
    const second = await runFiles(store, [directory]);
    expect(second).toMatchObject({ unchanged: 2, totals: { inputs: 0 }, folds: 0 });
    expect(await stateText(store)).toBe(await wholeText(TEXT));
  });

  it("goes on behind the last whole line of a log that grows, from its first byte on", async () => {
    const bytes = Buffer.from(part(0, 40));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length }), { maxLength: 5 }), async (cuts) => {
        const store = await newState();
        const log = await put("grows.log", "");
        for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          await writeFile(log, bytes.subarray(0, cut));
          const { summary } = await runFiles(store, [log]);
          expect(summary.unreadable).toEqual([]);
        }
        expect(await stateText(store)).toBe(await wholeText(bytes));
        expect(await rejections(store)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it("goes on in a log that was rotated, packed and has grown, in any order of names", async () => {
    const store = await newState();
    const log = await put("flows.log", part(0, 30) + LINES[30]?.slice(0, 50));
    expect((await runFiles(store, [directory])).notices.join()).toContain("its last 50 bytes are no whole record yet");
    await writeFile(file("flows.log.1.gz"), gzipSync(part(0, 60)));
    await writeFile(log, part(60, 80));
    await runFiles(store, [directory]);
    expect(await stateText(store)).toBe(await wholeText(part(0, 80)));
    await writeFile(file("flows.log.2.zst"), zstdCompressSync(part(0, 60)));
    await writeFile(file("flows.log.1.gz"), gzipSync(part(60, 90)));
    await writeFile(log, part(90, 95));
    await runFiles(store, [directory]);
    expect(await stateText(store)).toBe(await wholeText(part(0, 95)));
    expect(await runFiles(store, [directory])).toMatchObject({ unchanged: 3, folds: 0, summary: { bytes: 0 } });
  });

  it("tells a log that was cut and written anew from the old one, and its copies too", async () => {
    const store = await newState();
    const log = await put("flows.log", part(0, 30));
    await runFiles(store, [log]);
    await copyFile(log, file("flows.log.1"));
    await truncate(log);
    await appendFile(log, part(30, 50));
    await runFiles(store, [directory]);
    expect(await stateText(store)).toBe(await wholeText(part(0, 50)));
  });

  it("reads a file anew that begins alike and goes on otherwise, and loses none of it", async () => {
    const store = await newState();
    const log = await put("flows.log", part(0, 30));
    await runFiles(store, [log]);
    await writeFile(log, part(0, 10) + part(40, 70));
    const { notices } = await runFiles(store, [log]);
    expect(notices.join()).toContain("goes on otherwise");
    const { edges } = resolve((await restored(store)).observations).graph;
    const whole = await learnedFrom(await put("whole.log", part(0, 30) + part(40, 70)));
    expect(edges).toEqual(resolve(whole.observations).graph.edges);
    expect((await runFiles(store, [log])).unchanged).toBe(1);
  });

  it("folds in a shorter copy once, as a file of its own, without disturbing the longer one", async () => {
    const store = await newState();
    const log = await put("flows.log", part(0, 30));
    await runFiles(store, [log]);
    await put("copy.log", part(0, 20));
    await put("copy.log.gz", gzipSync(part(0, 25)));
    expect((await runFiles(store, [directory])).notices.join()).toContain("holds less than what was folded in");
    expect((await restored(store)).observations.counts.get("records")).toBe(30 + 20 + 25);
    await appendFile(log, part(30, 40));
    expect(await runFiles(store, [directory])).toMatchObject({ unchanged: 2, totals: { records: 10 } });
    expect(await runFiles(store, [directory])).toMatchObject({ unchanged: 3 });
  });

  it("takes a last line without a line break when it is a whole record, and goes on after it", async () => {
    const store = await newState();
    const log = await put("flows.log", part(0, 3).trimEnd());
    expect((await runFiles(store, [log])).notices).toEqual([]);
    expect(await stateText(store)).toBe(await wholeText(part(0, 3)));
    await appendFile(log, `\n${part(3, 6)}{"broken\n`);
    await runFiles(store, [log]);
    expect(await stateText(store)).toBe(await wholeText(part(0, 6)));
    expect(await rejections(store)).toEqual(["invalid-json 1 @7"]);
  });

  it("takes arrays and values over several lines whole, once they are closed", async () => {
    const values = LINES.slice(0, 8).map((line): unknown => JSON.parse(line));
    for (const text of [JSON.stringify(values), JSON.stringify(values, undefined, 2)]) {
      const store = await newState();
      const log = await put("flows.json", text.slice(0, -30));
      const { notices, folds } = await runFiles(store, [log]);
      expect([folds, notices.length]).toEqual([0, 1]);
      await writeFile(log, text);
      await runFiles(store, [log]);
      expect(await stateText(store)).toBe(await wholeText(text));
    }
  });

  it("does not cut a container log's line that is in pieces", async () => {
    const [line = ""] = LINES;
    const cri = (tag: string, text: string): string => `2026-01-05T09:00:00Z stdout ${tag} ${text}\n`;
    const pieces = [cri("F", LINES[1] ?? ""), cri("P", line.slice(0, 100)), cri("P", line.slice(100, 200))];
    const store = await newState();
    const log = await put("0.log", pieces.join(""));
    await runFiles(store, [log]);
    await appendFile(log, cri("F", line.slice(200)));
    await runFiles(store, [log]);
    expect(await stateText(store)).toBe(await wholeText(pieces.join("") + cri("F", line.slice(200))));
  });

  it("folds a large file in pieces, and what it shows is the same", async () => {
    const store = await newState();
    const text = TEXT.repeat(12);
    for (const name of ["large.log", "large.log.gz"]) {
      const content = name.endsWith(".gz") ? gzipSync(text) : text;
      const { folds } = await runFiles(store, [await put(name, content)], { flushSize: 1 });
      expect(folds).toBeGreaterThan(name.endsWith(".gz") ? 0 : 2);
    }
    expect(await stateText(store)).toBe(await wholeText(text));
  });

  it("goes on where it was stopped", async () => {
    const store = await newState();
    const text = TEXT.repeat(12);
    const log = await put("large.log", text);
    const stop = new AbortController();
    let calls = 0;
    const progress = (): void => {
      if (++calls === 3) stop.abort();
    };
    const { isStopped } = await runFiles(store, [log], { flushSize: 1, signal: stop.signal, progress });
    expect(isStopped).toBe(true);
    await runFiles(store, [log]);
    expect(await stateText(store)).toBe(await wholeText(text));
  });

  it("uses what comes before damage, says so every time, and reads the rest when it has come", async () => {
    const store = await newState();
    const packed = gzipSync(TEXT);
    const log = await put("flows.log.gz", packed.subarray(0, packed.length - 200));
    for (let run = 0; run < 2; run++) {
      expect((await runFiles(store, [log])).summary.unreadable).toHaveLength(1);
    }
    await writeFile(log, packed);
    expect((await runFiles(store, [log])).summary.unreadable).toEqual([]);
    expect(await stateText(store)).toBe(await wholeText(TEXT));
  });

  it("folds standard input in once a run, and says what that means", async () => {
    const store = await newState();
    const { notices } = await runFiles(store, ["-"], {
      stdin: Readable.from([Buffer.from(TEXT)], { objectMode: true }),
    });
    expect(notices.join()).toContain("standard input has no position");
    expect(await stateText(store)).toBe(await wholeText(TEXT));
  });

  it("leaves what is no flow log, counts what is broken once, and remembers no position for either", async () => {
    const store = await newState();
    await put("README.md", "# Captures\nTaken in March.\n");
    await put("picture.png", Buffer.from("89504e470d0a1a0a0000000d", "hex"));
    await put("flows.log", `${part(0, 3)}{"flow": nonsense}\n`);
    for (let run = 0; run < 2; run++) {
      const { summary } = await runFiles(store, [directory]);
      expect(summary.skipped).toHaveLength(2);
    }
    expect(await rejections(store)).toEqual(["invalid-json 1 @4"]);
    const positions = (await store.positions()).filter(({ next }) => next !== undefined);
    expect(positions.map(({ next }) => next)).toEqual([(await readFile(file("flows.log"))).length]);
  });

  it("by two collectors at once folds each file in once", async () => {
    const store = await newState();
    for (let at = 0; at < 6; at++) await put(`${at}.log`, part(at * 10, at * 10 + 10));
    const runs = await Promise.all([runFiles(store, [directory]), runFiles(store, [directory])]);
    expect(runs.map(({ totals }) => totals.inputs).reduce((a, b) => a + b)).toBe(6);
    expect(await stateText(store)).toBe(await wholeText(part(0, 60)));
  });
});
