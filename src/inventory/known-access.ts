import type { Finding } from "../model/finding.ts";
import type { KnownAccess } from "../model/rbac.ts";
import { isAuditPolicy, readAuditPolicies } from "./access/audit-policy.ts";
import { prunedAccess } from "./access/prune-access.ts";
import { readState } from "./access/rbac-state.ts";
import { RBAC_KINDS } from "./access/read-object.ts";
import { ACCESS_KINDS, resourceName } from "./cluster/listed-kinds.ts";
import type { ClusterReading } from "./known-cluster.ts";
import { problemFinding } from "./manifests/problem-finding.ts";
import { readManifests } from "./manifests/read-manifests.ts";
import { type LiveSources, readLive } from "./read-live.ts";

/** Where the objects of access control are. */
export interface AccessSources extends LiveSources {
  /** Files and directories with the RBAC objects in force (and an audit Policy); `-` for standard input. */
  readonly rbac: readonly string[];
}

/** What was read, with findings about what could not be. */
export interface ReadAccess extends KnownAccess {
  readonly findings: readonly Finding[];
}

/**
 * Reads the RBAC objects in force and the audit Policy, from manifests, dumps and the cluster: in any order the same.
 * Roles and bindings that every cluster has are assumed where they were not given (model/default-rbac.ts).
 *
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` when a given path is not there; as `readCluster` when the cluster can't
 *   be read
 */
export async function readKnownAccess(sources: AccessSources, reading: ClusterReading): Promise<ReadAccess> {
  const options = { ...reading, namespace: "default", prune: prunedAccess };
  const { objects: given, problems } = await readManifests(sources.rbac, options);
  const live = await readLive(sources, reading, { kinds: ACCESS_KINDS, prune: prunedAccess });
  const { state, findings } = readState({ given, listed: live.objects, listedWhole: wholeIn(live.whole) });
  const audit = readAuditPolicies(given.filter(isAuditPolicy));
  return {
    rbac: state,
    auditPolicy: audit.policy,
    findings: [...problems.map(problemFinding), ...live.notices, ...findings, ...audit.findings],
  };
}

function wholeIn(resources: ReadonlySet<string>): ReadonlySet<(typeof RBAC_KINDS)[number]> {
  const listed = ACCESS_KINDS.filter(({ groups, resource }) => resources.has(resourceName(groups[0], resource)));
  const names = new Set(listed.map(({ kind }) => kind));
  return new Set(RBAC_KINDS.filter((kind) => names.has(kind)));
}
