import type { Readable } from "node:stream";
import type { InferredKind } from "../model/inferred.ts";
import type { ConfigurableEntity, EntityChoice, ExternalPrefix, Settings } from "./settings.ts";

/** What learning needs to know. */
export interface LearnOptions {
  /** Name of the input format; undefined recognises it. */
  readonly format: string | undefined;
  /** Learned state to go on from: a file, or the URL of a PostgreSQL database; undefined: none. */
  readonly state: string | undefined;
  /** Graph snapshot files to merge in. */
  readonly snapshots: readonly string[];
  /** Milliseconds since the epoch: `since` inclusive, `until` exclusive. */
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly clusterName: string | undefined;
  /** Files and directories with the cluster's objects; none: flows alone. */
  readonly manifests: readonly string[];
  /** The live cluster to read them from as well; undefined: none. */
  readonly cluster: ClusterChoice | undefined;
  /** `NAMESPACE/WORKLOAD`, `CLIENT->SERVER`, `CLIENT->SERVER:PORT`, `*` as wildcard. */
  readonly exclude: readonly string[];
}

/** What deciding on policies needs to know besides. */
export interface SuggestOptions extends LearnOptions {
  /** Empty: every namespace. */
  readonly namespaces: readonly string[];
  readonly unobserved: "open" | "deny";
  readonly defaultDeny: boolean;
  readonly entities: Readonly<Partial<Record<ConfigurableEntity, EntityChoice>>>;
  readonly externalPrefix: ExternalPrefix;
  readonly externalClients: "addresses" | "any";
  readonly dnsOverTcp: boolean;
  readonly systemNamespaces: boolean;
  readonly allowDenied: readonly string[];
  /** Kinds of traffic that get rules because objects promise it, whether or not it was seen. */
  readonly allow: readonly InferredKind[];
  /** Files and directories with the roles and bindings in force, and the audit Policy; none: what is granted is not known. */
  readonly rbac: readonly string[];
  /** Refused requests to grant, `SUBJECT:VERB RESOURCE...`. */
  readonly grant: readonly string[];
  /** What no role is to hold although other requests imply it, written as in `grant`. */
  readonly reject: readonly string[];
  /** Whether to keep what such clients do sooner or later. */
  readonly idioms: boolean;
  /** Days of audit log that a binding in force must outlast unused before it may be removed. */
  readonly minDays: number;
  /** Who will apply the roles: a username, or `NAMESPACE/NAME` of a ServiceAccount; undefined: not asked. */
  readonly applier: string | undefined;
}

/** How far reading has come: bytes of one source, records of all, where they are counted. */
export interface ReadProgress {
  readonly source: string;
  readonly bytesRead: number;
  readonly bytesTotal: number | undefined;
  readonly records?: number;
}

/** What the pipeline gets from the process around it. */
export interface PipelineIo {
  readonly stdin: Readable;
  readonly progress?: (progress: ReadProgress) => void;
  readonly notice?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Told what is read next: objects stay in memory, records do not. */
  readonly reading?: (what: "objects" | "records") => void;
  /** Environment of the process, for finding kubeconfigs; undefined: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of manifests and kubeconfigs begin; undefined: the process's own directory. */
  readonly cwd?: string;
}

/** Which live cluster is meant. */
export interface ClusterChoice {
  /** Undefined: $KUBECONFIG, the file in the home directory, or the pod's own cluster. */
  readonly kubeconfig: string | undefined;
  /** Undefined: the current one. */
  readonly context: string | undefined;
  /** Where to look when the whole cluster may not be listed. */
  readonly namespaces: readonly string[];
}

function clusterChoice({ cluster, kubeconfig, context, namespace }: Settings): ClusterChoice | undefined {
  if (!cluster && kubeconfig === undefined && context === undefined) return undefined;
  return { kubeconfig, context, namespaces: namespace };
}

/** The part of the settings that learning sees. */
export function learnOptions(settings: Settings): LearnOptions {
  return {
    format: settings.inputFormat,
    state: settings.state,
    snapshots: settings.snapshot,
    since: settings.since,
    until: settings.until,
    clusterName: settings.clusterName,
    manifests: settings.manifests,
    cluster: clusterChoice(settings),
    exclude: settings.exclude,
  };
}

/** The part of the settings that decides on policies. */
export function suggestOptions(settings: Settings): SuggestOptions {
  return {
    ...learnOptions(settings),
    namespaces: settings.namespace,
    unobserved: settings.unobserved,
    defaultDeny: settings.defaultDeny,
    entities: settings.entity,
    externalPrefix: settings.widenExternal,
    externalClients: settings.externalClients,
    dnsOverTcp: settings.dnsOverTcp,
    systemNamespaces: settings.systemNamespaces,
    allowDenied: settings.allowDenied,
    allow: settings.allow,
    rbac: settings.rbac,
    grant: settings.grant,
    reject: [],
    idioms: settings.idioms,
    minDays: settings.minDays,
    applier: settings.applier,
  };
}
