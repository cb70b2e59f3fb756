import type { ProfileName } from "../evaluator/network/profile.ts";
import type { InferredKind } from "../model/inferred.ts";
import type { LabelSelector } from "../model/manifest.ts";
import type { EntityName } from "../model/peer.ts";

/** The commands of netlearn, in the order of the help; two words: a command below another one. */
export const COMMAND_NAMES = [
  "suggest",
  "propose",
  "graph",
  "explain",
  "access",
  "check",
  "can",
  "collect",
  "state show",
  "state export",
  "state import",
  "state merge",
  "state prune",
  "completion",
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What may follow `netlearn`: commands, and the first words of those that have two. */
export const FIRST_WORDS: readonly string[] = [...new Set(COMMAND_NAMES.map((name) => name.split(" ", 1).join("")))];

/** Second words of the commands that begin with `first`; none where it is a command itself. */
export function secondWords(first: string): readonly string[] {
  return COMMAND_NAMES.flatMap((name) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
}

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

export const ACCESS_FORMATS = ["text", "json", "markdown"] as const;
export type AccessFormat = (typeof ACCESS_FORMATS)[number];

/** Network plugins whose reading of NetworkPolicy is known; the first is the one whose flow logs netlearn reads. */
export const PROFILE_NAMES = [
  "cilium",
  "upstream",
  "calico",
  "ovn-kubernetes",
  "eks",
] as const satisfies readonly ProfileName[];

/** How a client shows a Kafka cluster who it is. */
export const SASL_MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

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

/** Where to begin in a topic that the state knows nothing of; times are milliseconds since the epoch. */
export type StartChoice =
  | { readonly kind: "earliest" }
  | { readonly kind: "latest" }
  | { readonly kind: "time"; readonly time: number };

/** The options of `netlearn collect` and `netlearn state`. */
export interface CollectSettings {
  readonly state: string | undefined;

  /** `host:port`, IPv6 in brackets. */
  readonly brokers: readonly string[];
  readonly topic: readonly string[];
  readonly group: string;
  readonly start: StartChoice;
  readonly clientRack: string | undefined;
  readonly tls: boolean;
  readonly tlsCa: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly tlsServerName: string | undefined;
  readonly sasl: SaslMechanism | undefined;
  readonly saslUsername: string | undefined;
  readonly saslPasswordFile: string | undefined;
  readonly saslTokenFile: string | undefined;
  readonly saslTokenUrl: string | undefined;
  readonly saslClientId: string | undefined;
  readonly saslClientSecretFile: string | undefined;
  readonly saslScope: string | undefined;

  readonly untilCaughtUp: boolean;
  readonly follow: boolean;
  readonly fromFiles: boolean;
  /** Milliseconds. */
  readonly sessionTimeout: number;
  readonly flushInterval: number;
  readonly flushRecords: number;
  /** Milliseconds. */
  readonly shutdownTimeout: number;
  readonly metricsPort: number | undefined;
  readonly metricsFile: string | undefined;

  readonly stateFormat: "text" | "json";
  readonly exportOutput: string | undefined;
  /** Milliseconds since the epoch. */
  readonly olderThan: number | undefined;
  readonly forgetNamespace: readonly string[];
  readonly dryRun: boolean;
}

/** The options about who used the API server. */
export interface AccessSettings {
  readonly audit: readonly string[];
  readonly rbac: readonly string[];
  readonly selector: LabelSelector | undefined;
  readonly accessFormat: AccessFormat;
  readonly accessOutput: string | undefined;
  readonly by: "namespace" | "identity";
  /** Milliseconds. */
  readonly unusedFor: number | undefined;
  readonly removeReplaced: string | undefined;
  readonly grant: readonly string[];
  readonly idioms: boolean;
  readonly minDays: number;
  readonly applier: string | undefined;
}

/** How proposals reach people. */
export const DELIVERIES = ["patch", "dir", "branch", "pull-request"] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** The options of `netlearn propose`. */
export interface ProposeSettings {
  /** A directory, or the address of a repository. */
  readonly repo: string;
  readonly baseBranch: string | undefined;
  /** Undefined: nothing is delivered, what would be is shown. */
  readonly deliver: Delivery | undefined;
  readonly tokenFile: string | undefined;
  readonly githubAppId: string | undefined;
  readonly githubAppKeyFile: string | undefined;
  readonly githubApiUrl: string | undefined;
  readonly repoCache: string | undefined;
}

/** Every option of every command, read and checked. What a command does not have stands at its default. */
export interface Settings extends CollectSettings, AccessSettings, ProposeSettings {
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
