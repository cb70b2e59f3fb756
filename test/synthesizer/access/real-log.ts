import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { readKnownAccess } from "../../../src/inventory/known-access.ts";
import type { AccessGraph } from "../../../src/model/access.ts";
import type { RbacState } from "../../../src/model/rbac.ts";
import { learnLines } from "../../support/read-lines.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const data = path.join(
  process.env["NETLEARN_SHARED_DATA"] ?? path.resolve(root, "../shared/data"),
  "audit/real-apiserver",
);

/** Whether the log of a real API server is there; where not, it is said aloud, and is a failure under CI=true. */
export const hasRealLog: boolean = existsSync(data);
if (!hasRealLog) {
  const message = `the audit log of a real API server is not at ${data}; set NETLEARN_SHARED_DATA to the parent directory`;
  if (process.env["CI"] === "true") throw new Error(message);
  console.warn(`SKIPPED: ${message}`);
}

/** The log as it is learned, and the RBAC that was in force. */
export async function readRealLog(): Promise<{ readonly graph: AccessGraph; readonly rbac: RbacState }> {
  const lines = gunzipSync(readFileSync(path.join(data, "audit.log.gz")))
    .toString()
    .split("\n");
  const graph = learnLines(lines.filter((line) => line !== "")).accesses.resolve();
  const sources = { rbac: [path.join(data, "rbac")], connect: undefined, namespaces: [] };
  const { rbac } = await readKnownAccess(sources, {
    cwd: root,
    signal: new AbortController().signal,
    stdin: process.stdin,
  });
  if (rbac === undefined) throw new Error("no RBAC was read");
  return { graph, rbac };
}
