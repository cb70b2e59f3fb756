import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Advance, Cell, StateStore } from "../../src/model/state.ts";
import { openState } from "../../src/store/open.ts";
import { cellsOf, mergeToys, toy } from "../store/toy-facts.ts";

const run = promisify(execFile);
const DISK_KIB = 1024;

/** Whether this user may mount a small disk to fill. */
const canMount = process.getuid?.() === 0 && process.platform === "linux";
if (!canMount) {
  const message = "A FULL DISK IS NOT TESTED: mounting a small one takes root on Linux";
  if (!["", "0", "false"].includes(process.env["CI"] ?? "")) throw new Error(message);
  process.stderr.write(`${message}\n`);
}

describe.skipIf(!canMount)("a state on a disk that is full", () => {
  let disk = "";
  let store: StateStore;
  beforeEach(async () => {
    disk = await mkdtemp(path.join(tmpdir(), "netlearn-disk-"));
    await run("mount", ["-t", "tmpfs", "-o", `size=${DISK_KIB}k`, "netlearn-test", disk]);
    store = await openState(path.join(disk, "state.db"), { mode: "write", mergeCells: mergeToys });
  });
  afterEach(async () => {
    await store.close();
    await run("umount", [disk]);
    await rm(disk, { recursive: true });
  });

  const cells = (start: number, count: number): readonly Cell[] =>
    Array.from({ length: count }, (_, index) => toy("edge", `i${start + index}`, ...Array(40).keys()));

  it("is as it was before, says so, and goes on where it was when there is room again", async () => {
    const [claim] = await store.claim(["s"], "test");
    const advance = (from: number | undefined, next: number): Advance => ({
      ...claim!,
      from,
      next,
      landmark: undefined,
    });
    await store.fold(cells(0, 100), [advance(undefined, 100)]);
    const ballast = path.join(disk, "ballast");
    await writeFile(ballast, "");
    let next = 100;
    for (let fills = 0; fills < 4; fills++) {
      // Less room each time: the disk fills up at another place in the fold.
      await fill(ballast, 200 - fills * 60);
      const before = await everything();
      await expect(store.fold(cells(next, 3000), [advance(next, next + 3000)])).rejects.toMatchObject({
        code: "NETLEARN_STATE_UNUSABLE",
        exitCode: 3,
        message: expect.stringMatching(/there is no room left for the state/),
        hint: expect.stringContaining("as it was before"),
      });
      expect(await everything()).toEqual(before);
      await truncate(ballast, 0);
      expect(await store.fold(cells(next, 100), [advance(next, next + 100)])).toEqual({ kind: "folded", changed: 100 });
      next += 100;
    }
    expect((await everything()).cells).toHaveLength(next);
  });

  it("can't be made where there is no room at all", async () => {
    await fill(path.join(disk, "ballast"), 0);
    const opening = openState(path.join(disk, "other.db"), { mode: "write", mergeCells: mergeToys });
    await expect(opening).rejects.toMatchObject({ code: "NETLEARN_STATE_UNUSABLE", exitCode: 3 });
  });

  async function everything(): Promise<{ cells: readonly Cell[]; positions: unknown }> {
    return { cells: await cellsOf(store), positions: await store.positions() };
  }

  /** Leaves so much room, in KiB. */
  async function fill(ballast: string, roomKib: number): Promise<void> {
    await writeFile(ballast, "");
    const { stdout } = await run("df", ["--output=avail", "-k", disk]);
    const free = Number(stdout.split("\n")[1]);
    await writeFile(ballast, Buffer.alloc(Math.max(0, free - roomKib) * 1024, 1));
    expect((await stat(ballast)).size).toBe(Math.max(0, free - roomKib) * 1024);
  }
});
