import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { cached, cacheFolder, hashOf } from "./cache.ts";
import { start } from "./command.ts";
import type { Absent, Part, Surroundings } from "./part.ts";

/** What to build: a Go module of the testbed. */
export interface GoModule {
  /** As people are told, and as the binary is called. */
  readonly name: string;
  readonly folder: string;
  /** Values for variables of packages, as `go build -ldflags -X` takes them; the module's go.mod is given. */
  readonly variables?: (goMod: string) => readonly string[];
}

const PROGRESS_MS = 15_000;

/** How the go command says that it could not reach a module proxy. Whatever else goes wrong is a fault, and no absence. */
const UNREACHABLE =
  /dial tcp|no such host|i\/o timeout|connection (refused|reset)|TLS handshake|module lookup disabled|proxyconnect|: [45]\d\d [A-Z]/u;

/**
 * The binary of a Go module, built when it is not yet in the cache folder: `$XDG_CACHE_HOME` or `~/.cache`, then
 * `netlearn/testbed/<name>-<hash of sources, Go and flags>`. Two who build at once both build, and either result stands.
 *
 * @throws Error when the module does not compile
 */
export async function goBinary(module: GoModule, { say, environment }: Surroundings): Promise<Part> {
  const surroundings = { say, environment: { ...environment, CGO_ENABLED: "0", GOWORK: "off" } };
  const go = await goVersion(module.folder, surroundings.environment);
  if (go.state === "absent") return go;
  const flags = await buildFlags(module);
  const sources = (await readdir(module.folder)).filter((name) => name.endsWith(".go") || name.startsWith("go."));
  const hash = await hashOf(module.folder, sources, [go.version, ...flags]);
  const binary = path.join(cacheFolder(environment), `${module.name}-${hash}`);
  const absent = await cached<Absent>(binary, async (unfinished) => {
    const output = path.join(unfinished, module.name);
    return (await build(module, [...flags, "-o", output, "."], surroundings)) ?? output;
  });
  return absent ?? { state: "ready", binary };
}

type Go = { readonly state: "ready"; readonly version: string } | Absent;

/** Asked in the module's folder: the go command may fetch the Go that go.mod wants, or say that it can't. */
export async function goVersion(cwd: string, env: NodeJS.ProcessEnv): Promise<Go> {
  try {
    const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { cwd, env });
    return { state: "ready", version: stdout };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isMissing = "code" in error && error.code === "ENOENT";
    const said = "stderr" in error ? String(error.stderr).trim() : error.message;
    return { state: "absent", why: isMissing ? "there is no `go` on the PATH" : said };
  }
}

async function buildFlags({ folder, variables }: GoModule): Promise<readonly string[]> {
  const values = variables?.(await readFile(path.join(folder, "go.mod"), "utf8")) ?? [];
  const linker = ["-s", "-w", ...values.map((value) => `-X ${value}`)].join(" ");
  return ["-mod=readonly", "-buildvcs=false", "-trimpath", `-ldflags=${linker}`];
}

/** Undefined when it was built. */
async function build(
  module: GoModule,
  args: readonly string[],
  { say, environment }: Surroundings,
): Promise<Absent | undefined> {
  const started = performance.now();
  const told: string[] = [];
  let downloaded = 0;
  let compiled = 0;
  const elapsed = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  say(`${module.name}: building, which takes many minutes the first time and happens once`);
  const running = start({ run: ["go", "build", "-v", ...args], cwd: module.folder, environment });
  const progress = setInterval(
    () => say(`${module.name}: ${downloaded} modules fetched, ${compiled} packages compiled, ${elapsed()}`),
    PROGRESS_MS,
  );
  try {
    for await (const line of createInterface({ input: running.stderr })) {
      if (line.startsWith("go: downloading ")) downloaded += 1;
      else if (/^[\w.~/-]+$/u.test(line)) compiled += 1;
      else told.push(line);
    }
    if ((await running.ended) === 0) say(`${module.name}: built in ${elapsed()}`);
    else return faultOf(module.name, told);
    return undefined;
  } finally {
    clearInterval(progress);
    running.release();
  }
}

/** What a build that failed said.
 *
 * @throws Error unless it could not reach a module proxy
 */
export function faultOf(name: string, told: readonly string[]): Absent {
  const unreachable = told.find((line) => UNREACHABLE.test(line));
  if (unreachable === undefined) throw new Error(`${name} does not build:\n${told.slice(-30).join("\n")}`);
  return { state: "absent", why: `the Go modules it is made of can't be fetched: ${unreachable}` };
}
