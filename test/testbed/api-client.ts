import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";

/** What says which object of the Kubernetes API is meant. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

/** What the server said. */
export interface ApiAnswer {
  readonly status: number;
  /** The object, the list, or the Status that says what is wrong; text where the server sends no JSON. */
  readonly body: unknown;
  /** Its `Warning` headers, which kubectl prints. */
  readonly warnings: readonly string[];
}

/** One request. `query` has no `?`. */
export interface ApiCall {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: string;
  readonly content?: { readonly type: string; readonly body: string };
  /** Besides those of every request: whom to impersonate, an upgrade, an audit id of one's own. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Requests of one user, with nothing between them and the server. An answer of any status is an answer. */
export interface ApiClient {
  readonly send: (call: ApiCall) => Promise<ApiAnswer>;
  /** @param path such as `/api/v1/pods?limit=10` */
  readonly get: (path: string) => Promise<ApiAnswer>;
  readonly read: (object: ObjectReference) => Promise<ApiAnswer>;
  readonly create: (object: ObjectReference, query?: string) => Promise<ApiAnswer>;
  readonly remove: (object: ObjectReference) => Promise<ApiAnswer>;
  /** Server-side apply, as the field manager `netlearn`, of a manifest as it lies in a file. */
  readonly apply: (object: ObjectReference, yaml: string, query?: string) => Promise<ApiAnswer>;
  readonly close: () => void;
}

/** Where a server is and who asks. */
export interface ApiAccess {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  /** Undefined: an anonymous client. */
  readonly token: string | undefined;
}

const ANSWER_LIMIT_MS = 60_000;

/** A client that keeps its connections; close it. */
export function apiClient({ url, ca, token }: ApiAccess): ApiClient {
  const agent = new Agent({ ca, keepAlive: true });
  const send = async ({ method, path, query, content, headers: more = {} }: ApiCall): Promise<ApiAnswer> => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      accept: "application/json",
      ...more,
      ...(content === undefined
        ? {}
        : { "content-type": content.type, "content-length": Buffer.byteLength(content.body) }),
    };
    const target = new URL(query === undefined ? path : `${path}?${query}`, url);
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const sent = request(target, { agent, method, headers, timeout: ANSWER_LIMIT_MS }, (response) => {
      text(response)
        .then((body) => {
          resolve({ status: response.statusCode ?? 0, body: parsed(body), warnings: warningsOf(response.headers) });
        })
        .catch(reject);
    });
    // Whoever asked for another protocol gets it; what is said in it is nobody's business here.
    sent.on("upgrade", ({ statusCode = 101 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, body: "", warnings: [] });
    });
    sent.on("timeout", () => sent.destroy(new Error(`${method} ${target.pathname}: no answer`)));
    sent.on("error", reject);
    sent.end(content?.body);
    return promise;
  };
  return {
    send,
    get: (path) => send({ method: "GET", path }),
    read: (object) => send({ method: "GET", path: objectPath(object) }),
    create: (object, query = "") =>
      send({
        method: "POST",
        path: collectionPath(object),
        query,
        content: { type: "application/json", body: JSON.stringify(object) },
      }),
    remove: (object) => send({ method: "DELETE", path: objectPath(object) }),
    apply: (object, yaml, query = "") =>
      send({
        method: "PATCH",
        path: objectPath(object),
        query: `fieldManager=netlearn&${query}`,
        content: { type: "application/apply-patch+yaml", body: yaml },
      }),
    close: () => agent.destroy(),
  };
}

/** Where objects of its kind and namespace are listed and created. */
function collectionPath({ apiVersion, kind, metadata: { namespace } }: ObjectReference): string {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const singular = kind.toLowerCase();
  const plural = /[^aeiou]y$/u.test(singular)
    ? `${singular.slice(0, -1)}ies`
    : `${singular}${singular.endsWith("s") ? "es" : "s"}`;
  return namespace === undefined ? `${group}/${plural}` : `${group}/namespaces/${namespace}/${plural}`;
}

/** Where an object is read and changed. */
export function objectPath(object: ObjectReference): string {
  return `${collectionPath(object)}/${encodeURIComponent(object.metadata.name)}`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** `299 - "text"`, several joined by commas (RFC 7234, section 5.5). */
function warningsOf({ warning }: { readonly warning?: string | undefined }): string[] {
  return [...(warning ?? "").matchAll(/"(?<said>(?:[^"\\]|\\.)*)"/gu)].map((match) => match.groups?.["said"] ?? "");
}
