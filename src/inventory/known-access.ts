import type { Finding } from "../model/finding.ts";
import type { KnownAccess } from "../model/rbac.ts";
import type { ClusterReading, ClusterSources } from "./known-cluster.ts";

/** Where the objects of access control are. */
export interface AccessSources extends Pick<ClusterSources, "connect" | "namespaces"> {
  /** Files and directories with the RBAC objects in force (and an audit Policy); `-` for standard input. */
  readonly rbac: readonly string[];
}

/** What was read, with findings about what could not be. */
export interface ReadAccess extends KnownAccess {
  readonly findings: readonly Finding[];
}

/** Reads the RBAC objects in force and the audit Policy, from manifests, dumps and the cluster: in any order the same. */
export async function readKnownAccess(_sources: AccessSources, _reading: ClusterReading): Promise<ReadAccess> {
  return { rbac: undefined, auditPolicy: undefined, findings: [] };
}
