import { expect, it } from "vitest";
import type { Host, WriteResult } from "../../src/gitops/host.ts";
import { FAULTS } from "../testbed/github/faults.ts";
import type { hostOn } from "../testbed/github/hosting.ts";
import type { OnGitHub } from "../testbed/github/suite.ts";

/** A write, on a world in which everything before it has been done. */
export interface PreparedWrite {
  readonly prepare: () => ReturnType<typeof hostOn>;
  readonly act: (host: Host) => Promise<WriteResult<unknown>>;
  /** What it leaves on GitHub, and what was there. */
  readonly traces: () => unknown;
  /** What it gives. */
  readonly done: unknown;
}

/** What holds of every write, whatever it writes. */
export function holdsOfWrites(on: OnGitHub, { prepare, act, traces, done }: PreparedWrite): void {
  it.each([
    ["a failure", FAULTS.badGateway],
    ["a cut connection", FAULTS.cut],
  ])("git rule 20: is deferred by %s before its effect, and not tried again", async (_, fault) => {
    const { host } = await prepare();
    const was = traces();
    on.github.faults.plan({ at: 1, when: "before", fault, of: "writes" });
    expect(await act(host)).toMatchObject({ kind: "deferred" });
    expect(traces()).toEqual(was);
    expect(on.github.faults.writes).toBe(1);
    on.github.faults.clear();
    expect(await act(host)).toEqual(done);
    expect(traces()).not.toEqual(was);
  });

  it("is refused in an archived repository", async () => {
    const { host } = await prepare();
    on.repository.isArchived = true;
    expect(await act(host)).toEqual({ kind: "refused", because: expect.stringContaining("archived") });
  });

  it("is deferred once the run is over, without asking", async () => {
    const { host, clock } = await prepare();
    clock.end();
    expect(await act(host)).toMatchObject({ kind: "deferred", because: expect.stringContaining("over") });
    expect(on.github.faults.calls).toEqual([]);
  });
}
