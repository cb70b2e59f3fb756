import type { ApiUse } from "../../model/access-review.ts";
import type { EntityName, WorkloadKey } from "../../model/peer.ts";

/** What to do about traffic that NetworkPolicy has no word for. */
export type InexpressibleChoice =
  /** Leave that direction of the workload open: nothing is cut, nothing is closed. */
  | "open"
  /** Name the addresses that were seen; they change, and some CNIs do not match nodes by address. */
  | "address"
  /** Close the direction and cut the traffic. */
  | "omit";

/** Traffic the operator decides on: reserved identities as the other end, and ICMP. */
export type Inexpressible = EntityName | "icmp";

/** What deciding on policies depends on besides the graph. */
export interface SynthesisOptions {
  /** Namespaces to write policies for; empty means all but the system's. */
  readonly namespaces: readonly string[];
  /** Also write policies for `kube-system` and its like. */
  readonly systemNamespaces: boolean;
  /** What to do with a direction in which a workload was never seen. */
  readonly unobserved: "open" | "deny";
  /** Add a default-deny for every namespace that gets policies. */
  readonly defaultDeny: boolean;
  readonly inexpressible: Readonly<Record<Inexpressible, InexpressibleChoice>>;
  /** Longest prefix an external address is widened to; 32 and 128 leave it as it is. */
  readonly externalPrefix: { readonly v4: number; readonly v6: number };
  /** `any`: whoever was reached from outside may be reached from anywhere. */
  readonly externalClients: "addresses" | "any";
  /** Allow TCP beside UDP to a DNS server: long answers are asked for again over TCP (RFC 7766). */
  readonly dnsOverTcp: boolean;
  /** What workloads do with their tokens, where an audit log tells; it changes no policy, only what is said about them. */
  readonly apiUse: ReadonlyMap<WorkloadKey, ApiUse>;
}

/** Sound and small: nothing seen is cut, nothing is opened beyond what was seen. */
export const DEFAULT_SYNTHESIS: SynthesisOptions = {
  namespaces: [],
  systemNamespaces: false,
  unobserved: "open",
  defaultDeny: false,
  inexpressible: {
    host: "open",
    "remote-node": "open",
    "kube-apiserver": "open",
    ingress: "open",
    unmanaged: "open",
    "other-cluster": "open",
    icmp: "open",
  },
  externalPrefix: { v4: 32, v6: 128 },
  externalClients: "addresses",
  dnsOverTcp: true,
  apiUse: new Map(),
};

const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** True when policies are wanted for a namespace. A namespace named by the operator is wanted whatever it is. */
export function isInScope(
  namespace: string,
  options: Pick<SynthesisOptions, "namespaces" | "systemNamespaces">,
): boolean {
  if (options.namespaces.length > 0) return options.namespaces.includes(namespace);
  return options.systemNamespaces || !SYSTEM_NAMESPACES.has(namespace);
}
