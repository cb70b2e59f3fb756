import type { AccessAttributes } from "./access.ts";
import type { AccessPolicySet, AccessRisk } from "./access-policy.ts";
import type { Finding } from "./finding.ts";
import type { Labels } from "./graph.ts";
import type { KnownAccess, KnownBinding } from "./rbac.ts";

/** How a binding in force was used: by all requests that it would have let through, whether or not another one did too. */
export interface BindingUse {
  readonly binding: KnownBinding;
  readonly requests: number;
  /** Milliseconds since the epoch; undefined when it was never used, or no event carried a time. */
  readonly lastUsed: number | undefined;
  /** Usernames, sorted. */
  readonly users: readonly string[];
}

/** What an audit log can't show, so that silence about it says nothing. */
export interface BlindSpot {
  /** For people. */
  readonly because: string;
  readonly verbs: readonly string[];
  /** Resources with group and subresource; sorted. */
  readonly what: readonly string[];
}

/** What was used, held against what is granted. */
export interface AccessReview {
  readonly known: KnownAccess;
  /** What each identity or group was granted and used; empty where nothing in force is known. */
  readonly subjects: AccessPolicySet["subjects"];
  /** By kind, namespace and name; empty where nothing in force is known. */
  readonly bindings: readonly BindingUse[];
  readonly blindSpots: readonly BlindSpot[];
  /** What makes an access dangerous; undefined for everything else. */
  readonly riskOf: (attributes: AccessAttributes) => AccessRisk | undefined;
  /** Labels of namespaces, as far as the cluster's objects tell. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** About the audit log, and the objects in force. */
  readonly findings: readonly Finding[];
}

/** What a workload does with the token of its ServiceAccount. */
export type ApiUse =
  | {
      /** `refused`: it called, and was let in not once. What is refused is not wanted: it may be somebody who broke in. */
      readonly kind: "used" | "refused";
      /** `namespace/name`. */
      readonly serviceAccount: string;
      readonly requests: number;
      readonly exact: boolean;
      readonly lastSeen: number | undefined;
    }
  /** It never called the API while an audit log was written. */
  | { readonly kind: "unused"; readonly serviceAccount: string }
  /** It was not seen calling, and the log leaves out what it might have asked. */
  | { readonly kind: "unknown"; readonly serviceAccount: string };
