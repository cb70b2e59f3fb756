/** Which cluster is meant. */
export interface ClusterChoice {
  /** One file, relative to the working directory; undefined: KUBECONFIG, the file in the home directory, or the pod. */
  readonly kubeconfig?: string | undefined;
  /** Undefined: the current one. */
  readonly context?: string | undefined;
  /** True: the cluster of the pod this runs in, whatever kubeconfigs there are. */
  readonly inCluster?: boolean | undefined;
}

/** What of the process decides on the cluster. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Where a pod finds its service account. */
  readonly serviceAccountDirectory?: string;
}

/** How long to wait, in milliseconds, how often to try, and how much to ask for at once. */
export interface RequestLimits {
  /** Until a connection stands. */
  readonly connect: number;
  /** Without a byte. */
  readonly idle: number;
  /** Before the second attempt; doubles with each. */
  readonly backoff: number;
  /** A server may ask for a longer wait than this; it is asked again after this. */
  readonly longestWait: number;
  /** All attempts at one request, the first included. */
  readonly attempts: number;
  /** Objects on a page of a list. */
  readonly page: number;
  /** Bytes of an answer, unpacked; a larger page is asked for again in smaller ones, as it is in memory whole. */
  readonly largest: number;
}

/** What suits a server that has other work: it ends a request after a minute itself, and kubectl asks for as much. */
export const REQUEST_LIMITS: RequestLimits = {
  connect: 10_000,
  idle: 65_000,
  backoff: 500,
  longestWait: 30_000,
  attempts: 5,
  page: 500,
  largest: 64 * 1024 * 1024,
};

/** A cluster and a user, chosen. */
export interface Target {
  /** The context's name; `in-cluster` for the pod's own. */
  readonly name: string;
  /** Without a slash at its end; may have a path. */
  readonly server: string;
  /** Its name in the kubeconfig, for messages. */
  readonly userName: string | undefined;
  /** The program that hands out credentials, and what its kubeconfig says about getting it. */
  readonly plugin: { readonly command: string; readonly installHint: string | undefined } | undefined;
  readonly isProxied: boolean;
  /** Headers of impersonation that the library does not know. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** A kubeconfig with this context alone and absolute paths; JSON. Holds secrets. */
  readonly kubeconfig: string;
}
