import type { Observability } from "../../model/access.ts";

/** What the operator decides, and what is known besides. */
export interface AccessOptions {
  /** Subjects of these namespaces, and roles in them; empty: all. */
  readonly namespaces: readonly string[];
  /** True: also ServiceAccounts of kube-system and the like. */
  readonly systemNamespaces: boolean;
  /** True: what such clients do sooner or later is allowed too (watch needs list, leases, events). */
  readonly idioms: boolean;
  /** From how many namespaces on the same rules are one ClusterRole; less than two counts as two. */
  readonly sharedFrom: number;
  /** How many names a rule lists at most; beyond, any name. */
  readonly maxNames: number;
  /** Denied needs to grant, `SUBJECT:VERB RESOURCE[.GROUP][/SUBRESOURCE][ in NAMESPACE][ named NAME]`. */
  readonly grant: readonly string[];
  /** What no role is to hold although other requests imply it, written as in `grant`. */
  readonly reject: readonly string[];
  /** Names of objects that stand in Git: `RESOURCE NAMESPACE/NAME` with group. They are stable. */
  readonly stableNames: ReadonlySet<string>;
  /** Namespaces that exist; undefined where nobody tells. */
  readonly existingNamespaces: ReadonlySet<string> | undefined;
  /** What the log can't show; undefined where nobody tells. */
  readonly isObservable: Observability | undefined;
  /** How many days of log a binding in force must have been there for before it may go; 0: no waiting at all. */
  readonly minDays: number;
  /** When the log was read; undefined: the end of the window. */
  readonly now: number | undefined;
}

/** Careful, and small. */
export const DEFAULT_ACCESS_OPTIONS: AccessOptions = {
  namespaces: [],
  systemNamespaces: false,
  idioms: true,
  sharedFrom: 3,
  maxNames: 20,
  grant: [],
  reject: [],
  stableNames: new Set(),
  existingNamespaces: undefined,
  isObservable: undefined,
  minDays: 14,
  now: undefined,
};

const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** True where roles are wanted for ServiceAccounts of a namespace. One that the operator names is wanted whatever it is. */
export function isAccountInScope(namespace: string, options: AccessOptions): boolean {
  return options.namespaces.includes(namespace) || options.systemNamespaces || !SYSTEM_NAMESPACES.has(namespace);
}
