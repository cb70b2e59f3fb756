import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { renderer } from "../gitops/tools/units.ts";
import type { Part } from "../testbed/part.ts";

/** What renders with one program of the testbed and no other, and a folder beside it. */
export interface OnlyTool {
  readonly folder: string;
  readonly render: ReturnType<typeof renderer>;
  readonly remove: () => Promise<void>;
}

/** @throws Error when the testbed has not got it */
export async function onlyTool(name: string, given: Part): Promise<OnlyTool> {
  if (given.state === "absent") throw new Error(given.why);
  const folder = await mkdtemp(path.join(tmpdir(), `netlearn-${name}-`));
  await mkdir(path.join(folder, "bin"));
  await symlink(given.binary, path.join(folder, "bin", name));
  return {
    folder,
    render: renderer({ env: { PATH: path.join(folder, "bin") } }),
    remove: async () => await rm(folder, { recursive: true }),
  };
}
