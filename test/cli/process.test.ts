import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const START = `import(${JSON.stringify(path.join(root, "src/cli/main.ts"))}).then((cli) => cli.start())`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a process of its own, from its sources; `during` may act while it runs. */
async function runProcess(args: readonly string[], during: (child: ReturnType<typeof spawn>) => void): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd: root, env: { PATH: process.env["PATH"] ?? "" } });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
  during(child);
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, ...text };
}

const main = (...args: string[]): readonly string[] => ["-e", START, "--", "netlearn", ...args];

describe("the process", () => {
  it("ends with 130 on the first Ctrl-C, while it waits for input", async () => {
    const { code, stdout, stderr } = await runProcess(main("suggest", "-"), (child) => {
      // Standard input stays open and says nothing more: the run has to end all the same.
      child.stdin?.write("{}\n");
      setTimeout(() => child.kill("SIGINT"), 1500);
    });
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toBe("error: interrupted; nothing more was written\n");
  });

  it("ends quietly with 0 when the reader of its output goes away", async () => {
    const { code, stderr } = await runProcess(main("completion", "bash"), (child) => child.stdout?.destroy());
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("says in one line that a missing file is missing, and ends with 3", async () => {
    const { code, stderr } = await runProcess(main("suggest", "no-such-file.jsonl"), () => {});
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[NETLEARN_INPUT_MISSING\]: .*no-such-file\.jsonl/u);
  });
});

describe("bin/netlearn.js", () => {
  it.each(["12.22.0", "18.20.4", "22.18.0"])("on node %s says which one it needs, and ends with 3", async (version) => {
    const pretend = `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} })`;
    const args = ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, "bin/netlearn.js", "--help"];
    const { code, stdout, stderr } = await runProcess(args, () => {});
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toBe(`netlearn needs node 22.19 or newer, this is node ${version}: see https://nodejs.org\n`);
  });
});
