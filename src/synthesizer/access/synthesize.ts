import type { AccessGraph } from "../../model/access.ts";
import type { AccessPolicySet } from "../../model/access-policy.ts";
import type { KnownAccess } from "../../model/rbac.ts";

/** What the operator decides. */
export interface AccessOptions {
  /** Subjects of these namespaces, and roles in them; empty: all. */
  readonly namespaces: readonly string[];
  /** True: also ServiceAccounts of kube-system and the like. */
  readonly systemNamespaces: boolean;
  /** True: what such clients do sooner or later is allowed too (watch needs list, leases, events). */
  readonly idioms: boolean;
  /** From how many namespaces on the same rules are one ClusterRole. */
  readonly sharedFrom: number;
  /** How many names a rule lists at most; beyond, any name. */
  readonly maxNames: number;
  /** Days of log that a binding in force must outlast unused before it may be removed. */
  readonly minDays: number;
  /** Denied needs to grant, `SUBJECT:VERB RESOURCE[.GROUP][/SUBRESOURCE][ in NAMESPACE][ named NAME]`. */
  readonly grant: readonly string[];
  /** Names of objects that stand in Git: `RESOURCE NAMESPACE/NAME` with group. They are stable. */
  readonly stableNames: ReadonlySet<string>;
  /** When the log was read; undefined: the end of the window. */
  readonly now: number | undefined;
}

/** Decides which roles hold what was used, and nothing else. */
export function synthesizeAccess(_graph: AccessGraph, _known: KnownAccess, _options: AccessOptions): AccessPolicySet {
  return { roles: [], bindings: [], replaced: [], subjects: [], findings: [] };
}
