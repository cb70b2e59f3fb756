import type { ProfileName } from "../evaluator/network/profile.ts";
import type { InferredKind } from "../model/inferred.ts";
import type { EntityName } from "../model/peer.ts";

/** The commands of netlearn, in the order of the help. */
export const COMMAND_NAMES = ["suggest", "graph", "explain", "check", "can", "completion"] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What an operator decides about, one by one: reserved identities (model/peer.ts), and ICMP, which has no ports. */
export const ENTITY_CHOICE_NAMES = [
  "host",
  "remote-node",
  "kube-apiserver",
  "ingress",
  "unmanaged",
  "other-cluster",
  "icmp",
] as const;
export type ConfigurableEntity = EntityName | "icmp";

/** Those no rule can name by addresses. */
export const WITHOUT_ADDRESS: readonly ConfigurableEntity[] = ["other-cluster", "icmp"];

/**
 * What to do about traffic that NetworkPolicy has no word for: leave the direction open, allow the
 * observed addresses, or leave the traffic out.
 */
export const ENTITY_CHOICES = ["open", "address", "omit"] as const;
export type EntityChoice = (typeof ENTITY_CHOICES)[number];

export const GRAPH_FORMATS = ["mermaid", "dot", "json", "gexf"] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

export const CHECK_FORMATS = ["text", "json", "sarif", "github"] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

/** Which severity makes `netlearn check` fail: it, and everything graver. */
export const FAIL_ON = ["warning", "error", "info", "never"] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** Network plugins whose reading of NetworkPolicy is known; the first is the one whose flow logs netlearn reads. */
export const PROFILE_NAMES = [
  "cilium",
  "upstream",
  "calico",
  "ovn-kubernetes",
  "eks",
] as const satisfies readonly ProfileName[];

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A port somebody asks about; without a protocol, any. */
export interface PortQuestion {
  readonly port: number;
  /** Upper case, as in flow.proto: `TCP`, `UDP`, `SCTP`. */
  readonly protocol: string | undefined;
}

/** How far an external address may be widened, as prefix lengths. */
export interface ExternalPrefix {
  readonly v4: number;
  readonly v6: number;
}

/** Every option of every command, read and checked. What a command does not have stands at its default. */
export interface Settings {
  readonly inputFormat: string | undefined;
  readonly snapshot: readonly string[];
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly exclude: readonly string[];
  readonly clusterName: string | undefined;

  readonly namespace: readonly string[];
  readonly unobserved: "open" | "deny";
  readonly defaultDeny: boolean;
  readonly entity: Readonly<Partial<Record<ConfigurableEntity, EntityChoice>>>;
  readonly widenExternal: ExternalPrefix;
  readonly externalClients: "addresses" | "any";
  readonly dnsOverTcp: boolean;
  readonly systemNamespaces: boolean;
  readonly allowDenied: readonly string[];
  readonly allow: readonly InferredKind[];

  readonly output: string | undefined;
  readonly report: string | undefined;
  readonly force: boolean;
  readonly prune: boolean;

  readonly graphFormat: GraphFormat;
  readonly graphOutput: string | undefined;

  readonly to: string | undefined;
  readonly from: string | undefined;
  readonly port: PortQuestion | undefined;

  readonly flows: readonly string[];
  readonly manifests: readonly string[];
  readonly cluster: boolean;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly base: readonly string[];
  readonly head: readonly string[];
  readonly targetNamespace: string;
  readonly profile: ProfileName;
  readonly checkFormat: CheckFormat;
  readonly failOn: FailOn;
  readonly canFormat: "text" | "json";
  readonly queries: string | undefined;

  readonly config: string | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly logFormat: "text" | "json";
  readonly color: "auto" | "always" | "never";
  readonly progress: boolean;
}

export type OptionName = keyof Settings;
