import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { goBinary } from "./go-build.ts";
import type { Part } from "./part.ts";

/** A go command in shell that answers `env` and, told to build, does what the test says; $output is where to. */
const fakeGo = (building: string): string => `#!/bin/sh
if [ "$1" = env ]; then echo go1.0; exit; fi
while [ "$1" != -o ]; do shift; done
output=$2
echo built >>"$COUNT"
${building}
`;

describe("goBinary", () => {
  let folder = "";
  let environment: NodeJS.ProcessEnv = {};

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "netlearn-go-build-"));
    for (const name of ["bin", "module"]) await mkdir(path.join(folder, name));
    await writeFile(path.join(folder, "module/go.mod"), "module example.invalid/thing\n");
    environment = {
      PATH: `${path.join(folder, "bin")}:/usr/bin:/bin`,
      XDG_CACHE_HOME: path.join(folder, "cache"),
      COUNT: path.join(folder, "count"),
    };
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function built(building: string): Promise<Part> {
    const go = path.join(folder, "bin/go");
    await writeFile(go, fakeGo(building));
    await chmod(go, 0o755);
    return goBinary({ name: "thing", folder: path.join(folder, "module") }, { say: () => {}, environment });
  }

  const count = async (): Promise<number> =>
    (await readFile(path.join(folder, "count"), "utf8")).split("\n").length - 1;

  it("builds once, and again when a source has changed", async () => {
    const first = await built('echo one >"$output"');
    const again = await built('echo two >"$output"');
    expect(again).toEqual(first);
    expect(await count()).toBe(1);
    await writeFile(path.join(folder, "module/main.go"), "package main\n");
    const changed = await built('echo three >"$output"');
    expect(changed).not.toEqual(first);
    expect(changed.state === "ready" && (await readFile(changed.binary, "utf8"))).toBe("three\n");
  });

  it("lets two build at once", async () => {
    const [one, other] = await Promise.all([
      built('sleep 0.2; echo x >"$output"'),
      built('sleep 0.2; echo x >"$output"'),
    ]);
    expect(other).toEqual(one);
    expect(one.state === "ready" && (await readFile(one.binary, "utf8"))).toBe("x\n");
    expect(await readdir(path.join(folder, "cache/netlearn/testbed"))).toHaveLength(1);
  });

  it("is absent without go, with a go that is too old, and when no module proxy answers", async () => {
    const nowhere = { PATH: path.join(folder, "bin") };
    const module = { name: "thing", folder: path.join(folder, "module") };
    expect(await goBinary(module, { say: () => {}, environment: nowhere })).toEqual({
      state: "absent",
      why: "there is no `go` on the PATH",
    });
    const offline =
      'echo "main.go:3:2: x@v1: Get \\"https://p/x.zip\\": dial tcp 127.0.0.1:1: connect: refused" >&2; exit 1';
    expect(await built(offline)).toMatchObject({ state: "absent", why: expect.stringContaining("dial tcp") });
    const go = path.join(folder, "bin/go");
    await writeFile(go, '#!/bin/sh\necho "go: go.mod requires go >= 9.9 (running go 1.0)" >&2; exit 1\n');
    expect(await goBinary(module, { say: () => {}, environment })).toMatchObject({
      state: "absent",
      why: expect.stringContaining("requires go >= 9.9"),
    });
  });

  it.each(["./main.go:3:1: syntax error", "verifying x@v1: checksum mismatch\nSECURITY ERROR"])(
    "is no absence but a fault when the build says %j",
    async (said) => {
      await expect(built(`echo ${JSON.stringify(said)} >&2; exit 1`)).rejects.toThrow(said.slice(0, 12));
      expect(await readdir(path.join(folder, "cache/netlearn/testbed"))).toEqual([]);
    },
  );

  it("does not go on when whoever asked for it is killed", async () => {
    const go = path.join(folder, "bin/go");
    const note = path.join(folder, "pid");
    await writeFile(go, fakeGo(`echo $$ >"${note}.new"; mv "${note}.new" "${note}"; exec sleep 60`));
    await chmod(go, 0o755);
    const call = `goBinary({ name: "thing", folder: ${JSON.stringify(path.join(folder, "module"))} }, { say() {}, environment: process.env })`;
    const script = `import(${JSON.stringify(path.join(import.meta.dirname, "go-build.ts"))}).then(({ goBinary }) => ${call})`;
    const asker = spawn(process.execPath, ["-e", script], { env: environment, stdio: "ignore" });
    const pid = Number(await vi.waitFor(() => readFile(note, "utf8"), { timeout: 20_000 }));
    expect(() => process.kill(pid, 0)).not.toThrow();
    asker.kill("SIGKILL");
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), { timeout: 20_000 });
  });
});
