import { access, constants, stat } from "node:fs/promises";
import path from "node:path";
import { inTemporaryFolder } from "../hosts/temporary-folder.ts";
import { toolEnvironment } from "./environment.ts";
import { runTool } from "./run-tool.ts";

/** A program on PATH that reads what stands in repositories. */
export interface Tool {
  readonly kind: "kustomize" | "helm" | "terraform";
  /** As a proposal names it: `kubectl kustomize v5.5.0`. */
  readonly label: string;
  /** Absolute. */
  readonly program: string;
  /** What comes before the arguments of its own: `kustomize` for kubectl. */
  readonly args: readonly string[];
}

/** Who finds tools, and until when. */
export interface ToolSearch {
  /** The process's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

interface KnownTool {
  readonly kind: Tool["kind"];
  readonly program: string;
  readonly title: string;
  readonly args: readonly string[];
  readonly versionArgs: readonly string[];
  /** Where among all that it prints the version stands. */
  readonly version: RegExp;
}

const VERSION = "v?\\d+\\.\\d+(?:\\.\\d+)?(?:[-+][0-9A-Za-z.+-]{1,40})?";
const ANY_VERSION = new RegExp(VERSION, "u");

const KNOWN: readonly KnownTool[] = [
  {
    kind: "kustomize",
    program: "kustomize",
    title: "kustomize",
    args: ["build"],
    versionArgs: ["version"],
    version: ANY_VERSION,
  },
  {
    kind: "kustomize",
    program: "kubectl",
    title: "kubectl kustomize",
    args: ["kustomize"],
    versionArgs: ["version", "--client"],
    version: new RegExp(`(?<=Kustomize Version: )${VERSION}`, "u"),
  },
  {
    kind: "helm",
    program: "helm",
    title: "helm",
    args: ["template"],
    versionArgs: ["version", "--short"],
    version: ANY_VERSION,
  },
  ...["terraform", "tofu"].map((program): KnownTool => {
    return {
      kind: "terraform",
      program,
      title: `${program} fmt`,
      args: ["fmt"],
      versionArgs: ["version"],
      version: ANY_VERSION,
    };
  }),
];

/**
 * Which of kustomize, kubectl, helm, terraform and tofu are on PATH. What is there and does not say its version without anybody's
 * settings (a shim of a version manager) is left out: it would not render either.
 *
 * @throws the reason of `signal`, when that was aborted
 */
export async function findTools(search: ToolSearch): Promise<readonly Tool[]> {
  return await inTemporaryFolder(async (home) => {
    const found = await Promise.all(KNOWN.map(async (known) => await findTool(known, search, home)));
    return found.filter((tool) => tool !== undefined);
  });
}

async function findTool(known: KnownTool, { env, signal }: ToolSearch, home: string): Promise<Tool | undefined> {
  const program = await onPath(known.program, env);
  if (program === undefined) return undefined;
  const environment = toolEnvironment(env, home);
  const call = {
    program,
    args: known.versionArgs,
    folder: home,
    environment,
    timeoutMs: 20_000,
    largestOutput: 65_536,
  };
  const result = await runTool({ ...call, signal });
  const version = result.kind === "done" ? known.version.exec(result.stdout)?.[0] : undefined;
  if (version === undefined) return undefined;
  return { kind: known.kind, label: `${known.title} ${version}`, program, args: known.args };
}

/** Folders that are told from where one stands are passed over: that may be the repository. */
async function onPath(name: string, env: ToolSearch["env"]): Promise<string | undefined> {
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const program = path.join(folder, process.platform === "win32" ? `${name}.exe` : name);
    if (await isProgram(program)) return program;
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
