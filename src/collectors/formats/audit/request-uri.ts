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
  const root = parts[0];
  if (root === "api") {
    return targetIn("", parts, 2);
  }
  return root === "apis" ? targetIn(parts[1] ?? "", parts, 3) : undefined;
}

/** @param start of the parts behind the version */
function targetIn(apiGroup: string, parts: readonly string[], start: number): UriTarget | undefined {
  const first = parts[start];
  const prefix = first === "watch" || first === "proxy" ? first : "";
  const scope = prefix === "" ? start : start + 1;
  const namespace = parts[scope] === "namespaces" ? (parts[scope + 1] ?? "") : "";
  const at = namespace !== "" && isResource(parts[scope + 2]) ? scope + 2 : scope;
  const resource = parts[at];
  const name = parts[at + 1] ?? "";
  const subresource = prefix === "proxy" ? "" : (parts[at + 2] ?? "");
  return resource === undefined ? undefined : { prefix, apiGroup, resource, subresource, namespace, name };
}

/** Behind a namespace's name its own subresources may stand, or a resource in it. */
function isResource(part: string | undefined): boolean {
  return part !== undefined && !NAMESPACE_SUBRESOURCES.has(part);
}

const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(["status", "finalize"]);

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
