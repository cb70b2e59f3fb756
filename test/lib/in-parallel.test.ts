import { describe, expect, it } from "vitest";
import { inParallel } from "../../src/lib/in-parallel.ts";

const pause = async (milliseconds: number): Promise<void> =>
  await new Promise((done) => setTimeout(done, milliseconds));

describe("work in parallel", () => {
  it("gives results in the order of the items, whichever ends first", async () => {
    const slowFirst = async (item: number): Promise<string> => {
      await pause(item === 0 ? 10 : 0);
      return `done ${item}`;
    };
    expect(await inParallel([0, 1, 2, 3], 2, slowFirst)).toEqual(["done 0", "done 1", "done 2", "done 3"]);
  });

  it("keeps results that are nothing", async () => {
    expect(await inParallel([1, 2], 3, async () => undefined)).toEqual([undefined, undefined]);
    expect(await inParallel([], 3, async () => 1)).toEqual([]);
  });

  it("never has more under way than it may", async () => {
    let under = 0;
    let most = 0;
    await inParallel(Array.from({ length: 10 }), 3, async () => {
      under += 1;
      most = Math.max(most, under);
      await pause(1);
      under -= 1;
    });
    expect(most).toBe(3);
  });

  it("begins nothing more after a failure", async () => {
    const begun: number[] = [];
    const failing = inParallel([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      await pause(1);
      if (item === 0) throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await pause(10);
    expect(begun).not.toContain(4);
  });
});
