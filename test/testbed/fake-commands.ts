import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder of commands that a test writes, and the variables of a process that finds only those and the system's. */
export interface FakeCommands {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Writes a command in shell. */
  readonly write: (name: string, script: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** @param system folders of commands that are real, with those that the scripts need */
export async function fakeCommands(system: string): Promise<FakeCommands> {
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-commands-"));
  const bin = path.join(folder, "bin");
  await mkdir(bin);
  return {
    folder,
    environment: { PATH: `${bin}:${system}`, XDG_CACHE_HOME: path.join(folder, "cache"), FOLDER: folder },
    write: async (name, script) => {
      await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`);
      await chmod(path.join(bin, name), 0o755);
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
