import { describe, expect, it } from "vitest";
import { type LagProgress, lagLine, progressLine } from "../../src/cli/progress.ts";
import type { ReadProgress } from "../../src/config/pipeline-options.ts";
import { MONDAY, someSuggestion } from "../support/fixtures.ts";
import { run, Sink } from "./world.ts";

const MIB = 1024 * 1024;
const half: ReadProgress = { source: "flows.jsonl", bytesRead: 5 * MIB, bytesTotal: 10 * MIB, records: 40_000 };

async function drawn(
  args: readonly string[],
  terminal: { columns?: number } | undefined,
  updates = 100,
): Promise<string> {
  const stderr = new Sink(terminal);
  let time = MONDAY;
  await run(["suggest", "x", ...args], {
    io: { stderr, now: () => time },
    pipeline: {
      suggest: async (_inputs, _options, io) => {
        for (let index = 0; index < updates; index++) {
          time += 10;
          io.progress?.(half);
        }
        io.notice?.("something to know");
        return someSuggestion();
      },
    },
  });
  return stderr.text;
}

describe("the progress line", () => {
  it("is drawn at most ten times a second, and gone when other text comes", async () => {
    const text = await drawn([], { columns: 80 });
    const draws = text.split("\r\u001b[K").filter((part) => part.includes("50 %"));
    expect(draws.length).toBeGreaterThanOrEqual(9);
    expect(draws.length).toBeLessThanOrEqual(11);
    expect(text).toContain("\r\u001b[Ksomething to know\n");
    const after = text.slice(text.indexOf("something to know"));
    expect(after).not.toContain("50 %");
  });

  it.each([
    ["no terminal", [], undefined],
    ["--no-progress", ["--no-progress"], {}],
    ["--quiet", ["--quiet"], {}],
    ["--log-format json", ["--log-format", "json"], {}],
  ])("is not drawn with %s", async (_name, args, terminal) => {
    expect(await drawn(args, terminal)).not.toContain("\r");
  });

  it("is gone when reading fails", async () => {
    const stderr = new Sink({});
    const suggest = async (
      _inputs: unknown,
      _options: unknown,
      io: { progress?: (state: ReadProgress) => void },
    ): Promise<never> => {
      io.progress?.(half);
      throw new Error("broken");
    };
    await run(["suggest", "x", "--color", "never"], { io: { stderr }, pipeline: { suggest } });
    expect(stderr.text).toContain("50 %");
    expect(stderr.text).toContain("\r\u001b[Kerror: ");
  });
});

describe("its text", () => {
  const elapsed = { total: 4000, source: 4000 };

  it("says share, bytes, records a second, time left and the source", () => {
    expect(progressLine(half, elapsed, 100)).toBe(
      " 50 %  5.0 MiB of 10.0 MiB  10,000 records/s  4 s left  flows.jsonl",
    );
  });

  it.each([10, 20, 40, 60])("fits %i columns, the share first", (width) => {
    const line = progressLine(half, elapsed, width);
    expect(line.length).toBeLessThanOrEqual(width);
    expect(line).toContain("50 %");
  });

  it("of a stream says what is known", () => {
    const stream = { source: "-", bytesRead: 1536, bytesTotal: undefined, records: 4000 };
    expect(progressLine(stream, elapsed, 80)).toBe("1.5 KiB  1,000 records/s  -");
  });

  it("never says more than 100 %, whatever a growing file does", () => {
    expect(progressLine({ ...half, bytesRead: 50 * MIB }, elapsed, 80)).toContain("100 %");
    expect(progressLine({ ...half, bytesTotal: 0 }, elapsed, 80)).not.toContain("%");
  });

  it("shows no escape sequence a file name may hold", () => {
    expect(progressLine({ ...half, source: "\u001b[2Jx" }, elapsed, 100)).not.toContain("\u001b");
  });
});

describe("its text while a topic is read", () => {
  const behind: LagProgress = { taken: 30_000, lag: 10_000, ends: true, waitsFor: undefined };

  it("says share, lag, records, records a second and the time left", () => {
    expect(lagLine(behind, 3000, 80)).toBe(" 75 %  10,000 behind  30,000 read  10,000 records/s  1 s left");
  });

  it("of a run that follows has no share and no end", () => {
    expect(lagLine({ ...behind, ends: false }, 3000, 80)).toBe("10,000 behind  30,000 read  10,000 records/s");
  });

  it("says what a run waits for, whatever its group is called", () => {
    const waiting = { ...behind, waitsFor: "the partitions of group \u001b[2Jx" };
    expect(lagLine(waiting, 3000, 80)).toMatch(/^waiting for the partitions of group /u);
    expect(lagLine(waiting, 3000, 80)).not.toContain("\u001b");
  });

  it.each([10, 20, 40, 60])("fits %i columns, the share first", (width) => {
    const line = lagLine(behind, 3000, width);
    expect(line.length).toBeLessThanOrEqual(width);
    expect(line).toContain("75 %");
  });

  it("says nothing of a share while nothing is known", () => {
    expect(lagLine({ taken: 0, lag: 0, ends: true, waitsFor: undefined }, 100, 80)).toBe("0 behind  0 read");
  });
});
