import type { AccessAttributes, AccessGraph, Observability } from "../model/access.ts";
import type { AuditPolicy } from "../model/rbac.ts";
import { policyAnswer } from "./audit-rules.ts";
import { GCE_AUDIT_POLICY } from "./gce-audit-policy.ts";

const READS: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** What a source leaves out, whatever its API server logs; undefined: nothing that is known. */
type BlindSpot = (attributes: AccessAttributes) => string | undefined;

const noReads =
  (reason: string): BlindSpot =>
  ({ verb }) =>
    READS.has(verb) ? reason : undefined;

/** By what sources say of themselves (`AccessRecord.origin`). */
const BLIND_SPOTS: Readonly<Record<string, BlindSpot>> = {
  "aks:kube-audit-admin": noReads("AKS's category kube-audit-admin leaves out reads; kube-audit has them"),
  "gke:activity": noReads("GKE's Admin Activity log holds writes only; Data Access logs have the reads"),
};

/**
 * Which requests the log can show. With the audit Policy that the API server runs with, that is what counts; without it, what is
 * known of where the log comes from, and what it is remarkable that nobody did.
 */
export function observabilityOf(
  { uses, facts }: Pick<AccessGraph, "uses" | "facts">,
  policy: AuditPolicy | undefined,
): Observability {
  const { origins } = facts;
  const spots = origins.map((origin) => BLIND_SPOTS[origin]);
  // A source that leaves something out is made up for by another that does not.
  const isBlind = spots.length > 0 && spots.every((spot) => spot !== undefined);
  const isGoogles = origins.length > 0 && origins.every((origin) => origin.startsWith("gke"));
  const nobodyReads =
    policy === undefined && uses.length > 0 && uses.every(({ attributes }) => !READS.has(attributes.verb));
  return (identity, attributes) => {
    const reason = isBlind ? spots.map((spot) => spot?.(attributes)).find((one) => one !== undefined) : undefined;
    if (reason !== undefined) return reason;
    if (policy !== undefined) return policyAnswer(policy, identity, attributes);
    if (isGoogles && policyAnswer(GCE_AUDIT_POLICY, identity, attributes) !== true) {
      return "Google's audit Policy leaves such requests out";
    }
    if (nobodyReads && READS.has(attributes.verb)) {
      return "nobody was seen reading anything, so reads are not logged";
    }
    return true;
  };
}
