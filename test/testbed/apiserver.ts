import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import type { AuditRule } from "../../src/model/rbac.ts";
import { type ApiAccess, type ApiClient, apiClient } from "./api-client.ts";
import type { GoModule } from "./go-build.ts";
import type { Part } from "./part.ts";

/** kube-apiserver with its etcd, from the modules they are published as. */
export const APISERVER: GoModule = {
  name: "apiserver",
  folder: path.join(import.meta.dirname, "apiserver"),
  variables: (goMod) => {
    const [, minor = "", patch = ""] = /k8s\.io\/kubernetes v1\.(\d+)\.(\d+)/u.exec(goMod) ?? [];
    const version = "k8s.io/component-base/version";
    return [`${version}.gitVersion=v1.${minor}.${patch}`, `${version}.gitMajor=1`, `${version}.gitMinor=${minor}`];
  },
};

/** Somebody with a token. `admin`, who may do everything, is always there. */
export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** How to start a server; everything may be left out. */
export interface ApiserverOptions {
  readonly users?: readonly User[];
  /** Flags of kube-apiserver, such as `--feature-gates=X=false`. */
  readonly flags?: readonly string[];
  /** What is logged, the first rule that matches first; without it everything at level Metadata. */
  readonly audit?: readonly AuditRule[];
}

/** A running server of its own, empty. */
export interface Apiserver {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  /** Events of every request and stage, one JSON object a line. An event is there before the answer is. */
  readonly auditLog: string;
  /** @throws Error for a user the server was not started with */
  readonly access: (user: string) => ApiAccess;
  readonly client: (user: string) => ApiClient;
  /** Writes a kubeconfig for the user and returns its path; the file goes with the server. */
  readonly kubeconfig: (user: string) => Promise<string>;
  /** Ends the process and removes what it wrote. */
  readonly stop: () => Promise<void>;
}

const ADMIN: User = { name: "admin", groups: ["system:masters"] };
const LOG = "log";
const AUDIT_LOG = "audit.jsonl";
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;

/**
 * Starts a server on a free port and waits until it is ready. It ends with this process, however that ends.
 *
 * @throws Error with the end of the server's log when it does not get ready
 */
export async function startApiserver(part: Part, options: ApiserverOptions = {}): Promise<Apiserver> {
  if (part.state === "absent") throw new Error(`there is no API server: ${part.why}`);
  const { users = [], flags = [], audit = [{ level: "Metadata" }] } = options;
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-apiserver-"));
  const everybody = [ADMIN, ...users].map((user) => ({ ...user, token: randomUUID() }));
  const child = launch(part.binary, folder, [...(await fileFlags(folder, everybody, audit)), ...flags]);
  try {
    const { url, caFile } = await announced(child);
    const tokens = new Map(everybody.map(({ name, token }) => [name, token]));
    const server = running(child, { folder, url, ca: await readFile(caFile, "utf8"), tokens });
    await ready(server, child);
    return server;
  } catch (error) {
    const log = await readFile(path.join(folder, LOG), "utf8");
    await end(child, folder);
    throw new Error(`the API server does not get ready; its log ends with\n${log.slice(-4000)}`, { cause: error });
  }
}

/** Writes the files that flags name, and returns the flags. */
async function fileFlags(
  folder: string,
  users: readonly (User & { readonly token: string })[],
  rules: readonly AuditRule[],
): Promise<readonly string[]> {
  const [tokens, auditPolicy] = [path.join(folder, "tokens.csv"), path.join(folder, "audit-policy.json")];
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const rows = users.map(
    ({ name, groups = [], token }) => `${token},${quoted(name)},${quoted(name)},${quoted(groups.join(","))}\n`,
  );
  await writeFile(tokens, rows.join(""), { mode: 0o600 });
  await writeFile(auditPolicy, JSON.stringify({ apiVersion: "audit.k8s.io/v1", kind: "Policy", rules }));
  return [
    `--token-auth-file=${tokens}`,
    `--audit-policy-file=${auditPolicy}`,
    `--audit-log-path=${path.join(folder, AUDIT_LOG)}`,
  ];
}

/** The process, with the ends of its pipes. */
interface Child {
  readonly process: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
}

/** The server sees its standard input end when this process does. Its log is a file, which never waits for a reader. */
function launch(binary: string, folder: string, flags: readonly string[]): Child {
  const log = openSync(path.join(folder, LOG), "w");
  try {
    const process = spawn(binary, [`--data-dir=${folder}`, ...flags], { stdio: ["pipe", "pipe", log] });
    const { stdin, stdout } = process;
    if (stdin === null || stdout === null) throw new Error("spawn made no pipes");
    return { process, stdin, stdout };
  } finally {
    closeSync(log);
  }
}

/** The line it prints once it listens. */
async function announced({ process, stdout }: Child): Promise<{ readonly url: string; readonly caFile: string }> {
  const failed = new Promise<never>((_resolve, reject) => {
    process.once("error", reject);
    process.once("exit", (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
  });
  const said = once(createInterface({ input: stdout }), "line", { signal: AbortSignal.timeout(START_LIMIT_MS) });
  const [line] = await Promise.race([said, failed]);
  return JSON.parse(String(line));
}

interface Running {
  readonly folder: string;
  readonly url: string;
  readonly ca: string;
  readonly tokens: ReadonlyMap<string, string>;
}

function running(child: Child, { folder, url, ca, tokens }: Running): Apiserver {
  const clients: ApiClient[] = [];
  const access = (user: string): ApiAccess => {
    const token = tokens.get(user);
    if (token === undefined) throw new Error(`the server was started without a user ${user}`);
    return { url, ca, token };
  };
  return {
    url,
    ca,
    auditLog: path.join(folder, AUDIT_LOG),
    access,
    client: (user) => {
      const client = apiClient(access(user));
      clients.push(client);
      return client;
    },
    kubeconfig: (user) => writeKubeconfig(path.join(folder, `${user}.kubeconfig`), access(user)),
    stop: async () => {
      clients.forEach((client) => client.close());
      await end(child, folder);
    },
  };
}

async function ready(server: Apiserver, { process }: Child): Promise<void> {
  const limit = performance.now() + START_LIMIT_MS;
  const client = server.client(ADMIN.name);
  for (;;) {
    const { status, body } = await client.get("/readyz?verbose");
    if (status === 200) break;
    if (process.exitCode !== null) throw new Error(`it ended with ${process.exitCode}`);
    if (performance.now() > limit) throw new Error(`/readyz still says ${status}: ${String(body)}`);
    await setTimeout(100);
  }
  client.close();
}

async function end({ process, stdin }: Child, folder: string): Promise<void> {
  if (process.exitCode === null && process.signalCode === null && process.pid !== undefined) {
    const exited = once(process, "exit");
    stdin.end();
    const isSlow = await Promise.race([exited.then(() => false), setTimeout(STOP_LIMIT_MS, true, { ref: false })]);
    if (isSlow) {
      process.kill("SIGKILL");
      await exited;
    }
  }
  await rm(folder, { recursive: true, force: true });
}

/** JSON, which is YAML. */
async function writeKubeconfig(file: string, { url, ca, token }: ApiAccess): Promise<string> {
  const name = "testbed";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: url, "certificate-authority-data": Buffer.from(ca).toString("base64") } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return file;
}
