import type { AuditStage } from "./access.ts";

/** A rule of a role, as rbac.authorization.k8s.io/v1 has it; absent lists are empty. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export interface RbacMetadata {
  readonly name: string;
  /** Absent for what is cluster-scoped. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Role or ClusterRole as it is written. */
export interface RoleManifest {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "Role" | "ClusterRole";
  readonly metadata: RbacMetadata;
  readonly rules: readonly PolicyRule[];
}

/** Who a binding is for. ServiceAccounts have a namespace and no group; users and groups the other way round. */
export interface RbacSubject {
  readonly kind: "ServiceAccount" | "User" | "Group";
  readonly apiGroup?: "rbac.authorization.k8s.io";
  readonly name: string;
  readonly namespace?: string;
}

export interface RoleRef {
  readonly apiGroup: "rbac.authorization.k8s.io";
  readonly kind: "Role" | "ClusterRole";
  readonly name: string;
}

/** A RoleBinding or ClusterRoleBinding as it is written. */
export interface BindingManifest {
  readonly apiVersion: "rbac.authorization.k8s.io/v1";
  readonly kind: "RoleBinding" | "ClusterRoleBinding";
  readonly metadata: RbacMetadata;
  readonly roleRef: RoleRef;
  readonly subjects: readonly RbacSubject[];
}

export type RbacManifest = RoleManifest | BindingManifest;

/** A role in force. */
export interface KnownRole extends RoleManifest {
  /** True where a controller writes its rules (`aggregationRule`): `rules` are those of the roles it selects. */
  readonly isAggregated: boolean;
  /** When it was made, milliseconds since the epoch; undefined where nobody tells. */
  readonly createdAt: number | undefined;
  /** Why nobody but its owner may change it (bootstrapping label, `system:` name, Helm or an operator); undefined: none. */
  readonly keeper: string | undefined;
  /** `FILE:LINE`, or where in the cluster; for people. */
  readonly place: string;
}

/** A binding in force. */
export interface KnownBinding extends BindingManifest {
  readonly createdAt: number | undefined;
  readonly keeper: string | undefined;
  readonly place: string;
}

/** What is not known of the RBAC in force. */
export interface RbacGaps {
  /**
   * True where objects may be in force that nobody gave: files show what they hold, and only a cluster that was read to its end,
   * or a dump of all of it, shows everything.
   */
  readonly isPartial: boolean;
  /**
   * Roles that bindings refer to and nobody gave, sorted: what these bindings grant is not known. A role that is known not to
   * exist grants nothing and is not among them.
   */
  readonly unknownRoles: readonly {
    readonly kind: "Role" | "ClusterRole";
    /** Empty for a ClusterRole. */
    readonly namespace: string;
    readonly name: string;
  }[];
}

/**
 * The RBAC objects in force. Sorted by kind, namespace and name; of one name the newest. What the API server would not take
 * is not among them.
 */
export interface RbacState {
  readonly roles: readonly KnownRole[];
  readonly bindings: readonly KnownBinding[];
  /** Absent: nothing is missing. */
  readonly gaps?: RbacGaps;
}

/** A rule of an audit Policy (audit.k8s.io/v1); absent lists match everything. */
export interface AuditRule {
  readonly level: "None" | "Metadata" | "Request" | "RequestResponse";
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly {
    readonly group?: string;
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  /** Stages of a request that are not logged, those that the Policy leaves out everywhere among them. */
  readonly omitStages?: readonly AuditStage[];
}

/** What an API server was told to log: the first rule that matches counts, and without one nothing is logged. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
}

/** What is known of a cluster's access control besides what was used. */
export interface KnownAccess {
  /** Undefined where nobody gave the RBAC objects in force. */
  readonly rbac: RbacState | undefined;
  /** Undefined where nobody gave it. */
  readonly auditPolicy: AuditPolicy | undefined;
}
