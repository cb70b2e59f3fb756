import { spawn } from "node:child_process";
import path from "node:path";
import { buffer } from "node:stream/consumers";

export const ROOT = path.resolve(import.meta.dirname, "../..");

/** Half of a short run is compiling the same files again. */
const COMPILE_CACHE = { NODE_COMPILE_CACHE: path.join(ROOT, ".cache/compile") };

/** What a run of the command left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command from source in a process of its own, as a person would. */
export async function netlearn(
  args: readonly string[],
  { cwd = ROOT, stdin = "" }: { cwd?: string; stdin?: string | Buffer } = {},
): Promise<Outcome> {
  const script = path.join(ROOT, "test/end-to-end/start.ts");
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...COMPILE_CACHE, NO_COLOR: "1", NETLEARN_CONFIG: undefined },
  });
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), closed]);
  return { code, stdout: stdout.toString("utf8"), stderr: stderr.toString("utf8") };
}
