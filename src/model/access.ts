import type { Gap } from "./gap.ts";

/** Somebody as the API server's authenticator names them. */
export interface Identity {
  readonly username: string;
  /** Sorted, each once; empty where the source does not tell (GKE). */
  readonly groups: readonly string[];
}

/** What the authorizer was asked about an object or a collection (k8s.io/apiserver, authorizer.Attributes). */
export interface ResourceAttributes {
  readonly kind: "resource";
  readonly verb: string;
  /** The URL's group; empty for the core group. */
  readonly apiGroup: string;
  readonly resource: string;
  /** Empty: none. */
  readonly subresource: string;
  /** Empty: a cluster-scoped resource, or all namespaces. */
  readonly namespace: string;
  /** As the authorizer saw it; empty: none. */
  readonly name: string;
}

/** What the authorizer was asked about a path that is no resource. */
export interface NonResourceAttributes {
  readonly kind: "non-resource";
  /** Method in lower case. */
  readonly verb: string;
  /** Without the query. */
  readonly path: string;
}

export type AccessAttributes = ResourceAttributes | NonResourceAttributes;

/** Which binding let a request pass, as RBAC's authorizer says in its reason; or that another authorizer did. */
export type Citation =
  | {
      readonly kind: "rbac";
      readonly binding: {
        readonly kind: "ClusterRoleBinding" | "RoleBinding";
        /** Empty for a ClusterRoleBinding. */
        readonly namespace: string;
        readonly name: string;
      };
      readonly role: { readonly kind: "ClusterRole" | "Role"; readonly name: string };
      readonly subject: {
        readonly kind: "User" | "Group" | "ServiceAccount";
        /** Empty but for a ServiceAccount. */
        readonly namespace: string;
        readonly name: string;
      };
    }
  /** Another authorizer; `reason` is its own text, cut to 300 characters, empty for privileged groups and nodes. */
  | { readonly kind: "other"; readonly reason: string };

/**
 * What an event shows besides, from which checks follow that leave no event of their own (facts of RBAC: create on
 * patch, finalizers of owners, bind and escalate, signers, impersonation).
 */
export type AccessSign =
  /** A patch or update was answered with 201: it created the object. */
  | { readonly kind: "created" }
  /** Server-side apply, by the query or the client's name. */
  | { readonly kind: "applied" }
  /** A Role or ClusterRole was written; only a body tells what it holds. */
  | { readonly kind: "role-written" }
  /** A binding to this role was written; undefined where no body tells which. */
  | {
      readonly kind: "role-bound";
      readonly role: { readonly kind: "ClusterRole" | "Role"; readonly name: string } | undefined;
    }
  /** The object was written with an owner whose deletion it blocks. */
  | { readonly kind: "owner-blocked"; readonly apiGroup: string; readonly ownerKind: string }
  /** A certificate signing request of this signer was approved or signed, or a trust bundle of it written. */
  | { readonly kind: "signer"; readonly name: string }
  /** The impersonated identity came with a uid, or with a value under an extra key. */
  | { readonly kind: "impersonated-uid"; readonly uid: string }
  | { readonly kind: "impersonated-extra"; readonly key: string; readonly value: string }
  /** Constrained impersonation (KEP-5284): the mode the server used. */
  | { readonly kind: "impersonation-mode"; readonly constraint: string };

/** How many signs of a kind a use keeps at most. Where there are as many, there may have been more. */
export const SIGNS_KEPT = 32;

/** Stages of a request, as audit.k8s.io has them. */
export type AuditStage = "RequestReceived" | "ResponseStarted" | "ResponseComplete" | "Panic";

/** One audit event, understood: nothing is decided yet about whether it counts. */
export interface AccessRecord {
  /** When the request was received, milliseconds since the epoch. */
  readonly time: number | undefined;
  readonly stage: AuditStage;
  /**
   * Equal for events of one request: an integer in [0, 2^53) made of the audit id, the URI, the verb, the user and the time it was
   * received. Clients choose audit ids, so these alone tell nothing.
   */
  readonly request: number;
  /** Whose rights counted: who was impersonated, else who asked. */
  readonly identity: Identity;
  /** Who really asked; undefined where nobody was impersonated. */
  readonly impersonator: Identity | undefined;
  readonly attributes: AccessAttributes;
  /** What the authorizer said; undefined where the event does not tell. */
  readonly decision: "allow" | "forbid" | undefined;
  /** Undefined without a decision, for one that refused, and where the event tells no reason. */
  readonly citation: Citation | undefined;
  /** HTTP status; undefined where the event does not tell. */
  readonly code: number | undefined;
  readonly signs: readonly AccessSign[];
  /** The pod that asked, as its token says. */
  readonly pod: { readonly namespace: string; readonly name: string } | undefined;
  /** What the client calls itself: anything; cut to 300 characters. */
  readonly userAgent: string | undefined;
  /** The last of the event's addresses, which is the only one a client can't choose. */
  readonly sourceIp: string | undefined;
  /** Annotations that say the token is old-fashioned or stale. */
  readonly token: "legacy" | "stale" | undefined;
  /** What the source says of itself that decides what it can't show: `aks:kube-audit-admin`, `gke:activity`, `eks`, ... */
  readonly origin: string | undefined;
  /**
   * The cluster as the envelope names it, in full, so that clusters of one name stay apart; what is behind the last `/` is its name:
   * `prod`, `123456789012/prod` (EKS), `/subscriptions/.../managedclusters/prod` (AKS, in lower case),
   * `projects/.../locations/.../clusters/prod` (GKE). Undefined where the event does not tell: plain events never do.
   */
  readonly cluster: string | undefined;
}

/** What became of a request at the authorizer. */
export type AccessOutcome =
  /** It said yes, whatever the request came to afterwards. */
  | "allowed"
  /** It said no. Reported, never granted but item by item. */
  | "denied"
  /** Nothing in the whole log tells decisions, and the request was not refused: taken for allowed, with less confidence. */
  | "presumed";

/** Why netlearn believes in a use. Counts are of requests, never part of a manifest. */
export interface AccessEvidence {
  /** Distinct requests; exact while `exact`, else an estimate within about 10 %. */
  readonly requests: number;
  readonly exact: boolean;
  /** Milliseconds since the epoch; undefined when no event carried a time. */
  readonly firstSeen: number | undefined;
  readonly lastSeen: number | undefined;
  /** Whole hours since the epoch in which it was used, ascending. */
  readonly hours: readonly number[];
  /** HTTP codes, ascending. */
  readonly codes: readonly number[];
  /** A few, sorted, the same ones whatever the order of the input. */
  readonly userAgents: readonly string[];
  readonly sourceIps: readonly string[];
}

/** "This identity was allowed (or refused) that", however many requests showed it. */
export interface AccessUse {
  readonly identity: Identity;
  readonly impersonator: Identity | undefined;
  readonly attributes: AccessAttributes;
  /**
   * True where there were more names (or paths) than are kept: `name` is empty, or `path` is `*`, and stands for any. The
   * kept ones have uses of their own.
   */
  readonly isMany: boolean;
  readonly outcome: AccessOutcome;
  /** Sorted; at most eight. */
  readonly citations: readonly Citation[];
  /** Sorted, each once; at most {@link SIGNS_KEPT} of each kind. */
  readonly signs: readonly AccessSign[];
  readonly evidence: AccessEvidence;
}

/** Where the requests of somebody came from. */
export interface Caller {
  readonly username: string;
  /** Pods that used its token, sorted; not all where `hasMorePods`. */
  readonly pods: readonly { readonly namespace: string; readonly name: string }[];
  readonly hasMorePods: boolean;
  readonly usesLegacyToken: boolean;
  readonly usesStaleToken: boolean;
  /**
   * Denied requests that no use stands for, since there were too many distinct ones; an estimate where there are many. Absent:
   * none.
   */
  readonly furtherDenied?: number;
}

/**
 * Whether the log can show that somebody does something: `true`, or why it can't, in half a sentence. "Never seen" means
 * "not used" only where it says `true`.
 *
 * @param identity who asks: under impersonation, who impersonates
 * @param attributes of one request; an empty name asks about any object where the verb is about one
 */
export type Observability = (identity: Identity, attributes: AccessAttributes) => true | string;

/** What the audit log says of its own gaps. */
export interface AccessFacts {
  /** Events of every stage that were understood, and how many of them carried a decision. */
  readonly events: number;
  readonly withDecision: number;
  /** Events by what became of them (`request-received`, `unauthenticated`, ...), sorted by key; those used left out. */
  readonly setAside: Readonly<Record<string, number>>;
  /** Sources that said what they are, sorted: see `AccessRecord.origin`. */
  readonly origins: readonly string[];
  /** Records that were gone before they could be read, of any topic: what they showed is not known. Absent: none. */
  readonly gaps?: readonly Gap[];
}

/** Which identities used the API, and how: what was seen. Every list is sorted; equal observations give equal graphs. */
export interface AccessGraph {
  /** Milliseconds since the epoch of the first and last event with a time; what was only received does not count. */
  readonly window: { readonly first: number; readonly last: number } | undefined;
  /** By identity, attributes and outcome. */
  readonly uses: readonly AccessUse[];
  /** By username. */
  readonly callers: readonly Caller[];
  readonly facts: AccessFacts;
}
