import { existsSync } from "node:fs";
import path from "node:path";

/** Audit logs of real API servers, and RBAC in force there; they are not part of the project. */
export const AUDIT_DATA: string = path.join(
  process.env["NETLEARN_SHARED_DATA"] ?? path.resolve(import.meta.dirname, "../../../shared/data"),
  "audit",
);

/** Whether they are there; where not, it is said aloud. */
export const hasAuditData: boolean = existsSync(AUDIT_DATA);
if (!hasAuditData) {
  console.warn(`SKIPPED: real audit logs are not at ${AUDIT_DATA}; set NETLEARN_SHARED_DATA to their parent directory`);
}
