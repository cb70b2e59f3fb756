/** A JSON object as an API server sends it: nothing of it is checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One kind of object in one version, as an API server serves it. */
export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** Plural, as in paths and RBAC rules: `networkpolicies`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What an API group serves. */
export type GroupAnswer =
  /** What can be listed, preferred versions first; empty for a group that is not served. */
  | { readonly kind: "types"; readonly types: readonly ResourceType[] }
  /** The server did not tell; `message` is its own reason. */
  | { readonly kind: "untold"; readonly message: string };

/** What happens while a list is read. */
export type ListEvent =
  | ListPage
  /** The server no longer knows where this list was: it begins again, and what came before is to be dropped. */
  | { readonly kind: "restart" }
  /** The end of a list that can't be read, or not to its end. */
  | ListRefusal;

/** A part of a list. */
export interface ListPage {
  readonly kind: "page";
  /** With apiVersion and kind, and pruned. */
  readonly items: readonly JsonObject[];
  /** Entries of the list that were no objects, and are left out. */
  readonly malformed: number;
  /** The size of the page, unpacked. */
  readonly bytes: number;
}

/** Why a list, or the rest of it, can't be read. `message` is the server's own reason and may hold any text. */
export interface ListRefusal {
  /** `forbidden`: RBAC says no; `absent`: no such resource; `failed`: the server has a fault of its own. */
  readonly kind: "forbidden" | "absent" | "failed";
  readonly message: string;
}

/** How to list. */
export interface ListOptions {
  /** Undefined: the whole cluster. */
  readonly namespace: string | undefined;
  /** What is kept of an object, which has its apiVersion and kind; called once each as pages arrive. */
  readonly prune: (value: JsonObject) => JsonObject;
  readonly signal: AbortSignal;
}

/** An API server that is read. */
export interface KubernetesApi {
  /** The context's name, or what stands for one; for messages, never a credential. */
  readonly name: string;
  /** @throws NetlearnError as {@link KubernetesApi.list} */
  readonly typesIn: (group: string, signal: AbortSignal) => Promise<GroupAnswer>;
  /**
   * Lists the objects of one type, page by page. What one page of JSON holds is let go of before the next is asked for.
   *
   * No `resourceVersion` is sent, so pages show the cluster as it is now ("most recent"): with `resourceVersion=0` a
   * server may answer from an old cache, and ignores `limit`. All pages are of one moment, unless the server forgets it
   * (410) while the list is read: then the rest is of a later one (kubernetes.io "API Concepts": limit and continue).
   *
   * @throws NetlearnError when the server can't be reached, the credentials don't count, or what answers is no API server
   */
  readonly list: (type: ResourceType, options: ListOptions) => AsyncIterable<ListEvent>;
}
