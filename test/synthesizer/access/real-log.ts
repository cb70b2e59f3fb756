import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { readKnownAccess } from "../../../src/inventory/known-access.ts";
import type { AccessGraph } from "../../../src/model/access.ts";
import type { RbacState } from "../../../src/model/rbac.ts";
import { AUDIT_DATA } from "../../support/audit-data.ts";
import { learnLines } from "../../support/read-lines.ts";

const data = path.join(AUDIT_DATA, "real-apiserver");

/** The log as it is learned, and the RBAC that was in force. */
export async function readRealLog(): Promise<{ readonly graph: AccessGraph; readonly rbac: RbacState }> {
  const lines = gunzipSync(readFileSync(path.join(data, "audit.log.gz")))
    .toString()
    .split("\n");
  const graph = learnLines(lines.filter((line) => line !== "")).accesses.resolve();
  const sources = { rbac: [path.join(data, "rbac")], connect: undefined, namespaces: [] };
  const { rbac } = await readKnownAccess(sources, {
    cwd: data,
    signal: new AbortController().signal,
    stdin: process.stdin,
  });
  if (rbac === undefined) throw new Error("no RBAC was read");
  return { graph, rbac };
}
