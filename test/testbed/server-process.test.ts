import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ServerProcess, startProcess } from "./server-process.ts";

const exists = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("startProcess", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "netlearn-process-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const started = (script: string): Promise<ServerProcess> =>
    startProcess({ run: ["sh", "-c", script], folder, log: path.join(folder, "log"), environment: process.env });

  it("gives the process' own number, what it prints, and what it complains of", async () => {
    const server = await started('echo "number $$"; echo worse >&2; exec sleep 60');
    expect((await server.lines.next()).value).toBe(`number ${server.pid}`);
    await vi.waitFor(async () => expect(await readFile(path.join(folder, "log"), "utf8")).toContain("worse"));
    await server.end("SIGTERM");
  });

  it("keeps the folder when the server ends, in whatever way", async () => {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const server = await started("exec sleep 60");
      expect(server.isRunning()).toBe(true);
      await server.end(signal);
      expect([server.isRunning(), exists(server.pid), existsSync(folder)]).toEqual([false, false, true]);
      await server.end(signal);
    }
    const failed = await started("exit 3");
    expect(await failed.ended).toContain("3");
    expect(existsSync(folder)).toBe(true);
  });

  it("ends the server and removes its folder when whoever started it is killed", async () => {
    const file = JSON.stringify(path.join(import.meta.dirname, "server-process.ts"));
    const command = { run: ["sleep", "60"], folder, log: path.join(folder, "log"), environment: {} };
    const script = `import(${file}).then(async ({ startProcess }) => {
      const server = await startProcess({ ...${JSON.stringify(command)}, environment: process.env });
      console.log(server.pid);
    })`;
    const starter = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: starter.stdout }), "line");
    const pid = Number(line);
    expect([exists(pid), existsSync(folder)]).toEqual([true, true]);
    starter.kill("SIGKILL");
    await vi.waitFor(() => expect([exists(pid), existsSync(folder)]).toEqual([false, false]), { timeout: 20_000 });
  });
});
