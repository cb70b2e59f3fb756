/**
 * What a request's URI asks for, as the API server reads it (k8s.io/apiserver pkg/endpoints/request/requestinfo.go,
 * NewRequestInfo): it tells the authorizer this and nothing else.
 */
export interface UriRequest {
  /** Decoded, without the query. */
  readonly path: string;
  /** As it stands there, without the question mark; empty: none. */
  readonly query: string;
  /** Undefined for a path that names no resource. */
  readonly target: UriTarget | undefined;
}

/** The resource a path names. Texts are empty where the path says nothing. */
export interface UriTarget {
  /** The verb that a path of the old style begins with. */
  readonly prefix: "" | "watch" | "proxy";
  readonly apiGroup: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Reads `/api/v1/namespaces/shop/pods?limit=500` and the like. */
export function readUri(uri: string): UriRequest {
  const mark = uri.indexOf("?");
  const path = percentDecoded(mark < 0 ? uri : uri.slice(0, mark));
  return { path, query: mark < 0 ? "" : uri.slice(mark + 1), target: targetOf(pathParts(path)) };
}

/** The resource in the parts of a path; undefined when they name none, as those of discovery. */
export function targetOf(parts: readonly string[]): UriTarget | undefined {
  const isGroupless = parts[0] === "api";
  if (parts.length < 3 || (!isGroupless && parts[0] !== "apis")) {
    return undefined;
  }
  const apiGroup = isGroupless ? "" : (parts[1] ?? "");
  let at = isGroupless ? 2 : 3;
  if (at >= parts.length) {
    return undefined;
  }
  const prefix = prefixOf(parts[at]);
  if (prefix !== "") {
    at++;
  }
  if (at >= parts.length) {
    return undefined;
  }
  const namespace = parts[at] === "namespaces" ? (parts[at + 1] ?? "") : "";
  // Behind a namespace's name its own subresources may stand, or a resource in it.
  const third = parts[at + 2];
  if (namespace !== "" && third !== undefined && !NAMESPACE_SUBRESOURCES.has(third)) {
    at += 2;
  }
  const subresource = prefix === "proxy" ? "" : (parts[at + 2] ?? "");
  return { prefix, apiGroup, resource: parts[at] ?? "", subresource, namespace, name: parts[at + 1] ?? "" };
}

const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(["status", "finalize"]);

function prefixOf(part: string | undefined): UriTarget["prefix"] {
  return part === "watch" || part === "proxy" ? part : "";
}

function pathParts(path: string): readonly string[] {
  let start = 0;
  let end = path.length;
  while (start < end && path.charCodeAt(start) === SLASH) start++;
  while (end > start && path.charCodeAt(end - 1) === SLASH) end--;
  return start === end ? [] : path.slice(start, end).split("/");
}

const SLASH = 0x2f;

/** Escapes that are none stay as they are; bytes that are no UTF-8 become U+FFFD. */
function percentDecoded(text: string): string {
  if (!text.includes("%")) {
    return text;
  }
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
      Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
    );
  }
}
