import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTool, type ToolCall, type ToolResult } from "../../../src/gitops/tools/run-tool.ts";
import { type FakeCommands, fakeCommands } from "../../testbed/fake-commands.ts";

let commands: FakeCommands;

beforeAll(async () => {
  commands = await fakeCommands("");
});
afterAll(async () => {
  await commands.remove();
});

async function run(script: string, given: Partial<ToolCall> = {}): Promise<ToolResult> {
  await commands.write("tool", script);
  const program = path.join(commands.folder, "bin/tool");
  return await runTool({
    program,
    args: [],
    folder: commands.folder,
    environment: { PATH: "/usr/bin:/bin" },
    hidden: [commands.folder],
    ...given,
  });
}

it("gives arguments, the folder and standard input as they are, and no shell is between", async () => {
  const args = ["$(touch x)", "a b", "; exit 1", "*"];
  const result = await run('printf "%s|" "$@"; pwd; cat', { args, input: "given\n" });
  expect(result).toEqual({ kind: "done", stdout: `${args.join("|")}|${commands.folder}\ngiven\n` });
});

it("tells the line that says what is wrong, without the names of temporary folders and what steers a terminal", async () => {
  const script = `printf 'WARNING: old\\nError: in %s/app \\033[31mred\\007\\nmore\\n' "$PWD" >&2; exit 3`;
  expect(await run(script)).toEqual({ kind: "refused", because: "Error: in ./app [31mred" });
});

it.each([
  ['E1129 10:29:41.258364 24148 run.go:72] "command failed" err="it is empty"', '"it is empty"'],
  [
    'W1129 10:29:41.258364   7 run.go:72] "command failed" err=<\n\ttrouble with this\n\tand that\n >',
    "trouble with this",
  ],
  ["E1129 10:29:41.258364 24148 x.go:1] error reading", "error reading"],
])("leaves out the time and the process of what is logged: %j", async (said, because) => {
  await writeFile(path.join(commands.folder, "said"), said);
  expect(await run("cat said >&2; exit 1")).toEqual({ kind: "refused", because });
});

it("tells an exit code where nothing else is said", async () => {
  expect(await run("exit 7")).toEqual({ kind: "refused", because: "exit code 7" });
});

it("takes a complaint of any length, and tells the first of it", async () => {
  const result = await run("head -c 3000000 /dev/zero | tr '\\0' 'x' >&2; exit 1");
  expect(result).toEqual({ kind: "refused", because: `${"x".repeat(300)}...` });
});

it("stops what prints without end", async () => {
  const result = await run("while :; do echo more; done", { largestOutput: 1000 });
  expect(result).toEqual({ kind: "stopped", because: "it printed more than 1000 bytes" });
});

it("stops what takes too long, and what it started", async () => {
  const pids = path.join(commands.folder, "pid");
  const result = await run(`sleep 1000 & echo $! > ${pids}; wait`, { timeoutMs: 500 });
  expect(result).toEqual({ kind: "stopped", because: "it took more than 0.5 seconds" });
  const pid = (await readFile(pids, "utf8")).trim();
  const isGone = () =>
    ["", "Z"].includes(spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" }).stdout.trim().slice(0, 1));
  await expect.poll(isGone).toBe(true);
});

it("is not held up by what left its group and keeps its output open", async () => {
  const result = await run("setsid sleep 5 & sleep 1000", { timeoutMs: 500 });
  expect(result.kind).toBe("stopped");
});

it("throws when it is aborted, before and meanwhile", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const running = run("sleep 1000", { signal });
  setTimeout(() => controller.abort(new Error("enough")), 200);
  await expect(running).rejects.toThrow("enough");
  await expect(run("echo x", { signal })).rejects.toThrow("enough");
});

it("says what can't be run", async () => {
  const result = await runTool({ program: "/nowhere/tool", args: [], folder: commands.folder, environment: {} });
  expect(result).toEqual({ kind: "stopped", because: expect.stringMatching(/^it can't be run: .*ENOENT/u) });
});
