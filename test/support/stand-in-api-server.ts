import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";

const TLS = path.resolve(import.meta.dirname, "tls");

/** A file of test/support/tls. */
export function tlsFile(name: string): string {
  return path.join(TLS, name);
}

/** Objects of one resource. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly items: readonly object[];
}

/** What a request asks, read. */
export interface ListRequest {
  readonly resource: ServedResource;
  readonly namespace: string | undefined;
  readonly limit: number;
  readonly continueToken: string | undefined;
}

/** How the stand-in behaves. */
export interface StandInOptions {
  readonly resources?: readonly ServedResource[];
  readonly discovery?: "aggregated" | "plain" | "forbidden";
  /** Answers a request itself and returns true, or leaves it. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse, seen: number) => boolean;
  readonly isForbidden?: (list: ListRequest) => boolean;
  readonly token?: string;
  /** Name of the certificate in test/support/tls; undefined speaks plain HTTP. */
  readonly certificate?: string | undefined;
  /** True: only clients with a certificate of the test authority. */
  readonly wantsClientCertificate?: boolean;
}

/** What speaks the list protocol of an API server, and misbehaves on demand. It judges no object. */
export class StandInApiServer {
  readonly url: string;
  /** Path and query of everything that was asked, in order. */
  readonly asked: string[];
  readonly headers: IncomingMessage["headers"][];
  /** Connections that were opened. */
  readonly connections: () => number;
  readonly #server: Server;
  readonly #directory: string;

  private constructor(
    server: Server,
    parts: Pick<StandInApiServer, "url" | "asked" | "headers" | "connections">,
    directory: string,
  ) {
    this.#server = server;
    this.#directory = directory;
    this.url = parts.url;
    this.asked = parts.asked;
    this.headers = parts.headers;
    this.connections = parts.connections;
  }

  static async start(options: StandInOptions = {}): Promise<StandInApiServer> {
    const asked: string[] = [];
    const headers: IncomingMessage["headers"][] = [];
    let connections = 0;
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      asked.push(request.url ?? "");
      headers.push(request.headers);
      if (options.intercept?.(request, response, asked.length) !== true) respond(request, response, options);
    };
    const isSecure = !("certificate" in options) || options.certificate !== undefined;
    const name = options.certificate ?? "server";
    const server = isSecure
      ? createServer(
          {
            cert: readFileSync(tlsFile(`${name}.crt`)),
            key: readFileSync(tlsFile(`${name}.key`)),
            ca: readFileSync(tlsFile("ca.crt")),
            requestCert: options.wantsClientCertificate === true,
            rejectUnauthorized: options.wantsClientCertificate === true,
          },
          answer,
        )
      : createPlainServer(answer);
    server.on(isSecure ? "secureConnection" : "connection", () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = `${isSecure ? "https" : "http"}://127.0.0.1:${port}`;
    const directory = await mkdtemp(path.join(tmpdir(), "netlearn-stand-in-"));
    return new StandInApiServer(server, { url, asked, headers, connections: () => connections }, directory);
  }

  /** Writes a kubeconfig with one context, `stand-in`. */
  async kubeconfig(user: object = { token: "secret-token" }, cluster: object = {}): Promise<string> {
    const file = path.join(this.#directory, `config-${this.asked.length}-${JSON.stringify(user).length}.yaml`);
    await writeFile(file, stringify(kubeconfigOf(this.url, user, cluster)));
    return file;
  }

  /** Stops listening, and listens at the same place again after some milliseconds. */
  restart(after: number): void {
    const { port } = this.#server.address() as AddressInfo;
    this.#server.close(() => setTimeout(() => this.#server.listen(port, "127.0.0.1"), after));
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#directory, { recursive: true });
  }
}

/** A kubeconfig with one context, `stand-in`, that trusts the test authority. */
export function kubeconfigOf(server: string, user: object, cluster: object = {}) {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "stand-in",
    contexts: [{ name: "stand-in", context: { cluster: "here", user: "learner" } }],
    clusters: [{ name: "here", cluster: { server, "certificate-authority": tlsFile("ca.crt"), ...cluster } }],
    users: [{ name: "learner", user }],
  };
}

/** Some objects with nothing but names. */
export function namedItems(count: number, namespace = "shop"): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    metadata: { name: `item-${String(index).padStart(6, "0")}`, namespace, uid: `uid-${index}` },
  }));
}

/** Sends JSON, packed when the client takes it, as an API server does from 128 KiB on. */
export function sendJson(request: IncomingMessage, response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value);
  const isPacked = text.length > 128 * 1024 && String(request.headers["accept-encoding"]).includes("gzip");
  response.writeHead(status, {
    "content-type": "application/json",
    ...(isPacked ? { "content-encoding": "gzip" } : {}),
  });
  response.end(isPacked ? gzipSync(text, { level: 1 }) : text);
}

/** What an API server says when it says no. */
export function statusOf(code: number, reason: string, message: string, metadata: object = {}) {
  return { kind: "Status", apiVersion: "v1", metadata, status: "Failure", message, reason, code };
}

function respond(request: IncomingMessage, response: ServerResponse, options: StandInOptions): void {
  const { token, resources = [] } = options;
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
    sendJson(request, response, 401, statusOf(401, "Unauthorized", "Unauthorized"));
    return;
  }
  const url = new URL(request.url ?? "/", "http://stand-in");
  const discovered = discover(url.pathname, request, options);
  if (discovered !== undefined) {
    sendJson(request, response, discovered.status, discovered.value);
    return;
  }
  const list = readRequest(url, resources);
  if (list === undefined) {
    response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
  } else if (options.isForbidden?.(list) === true) {
    sendJson(request, response, 403, forbidden(list));
  } else {
    sendJson(request, response, 200, pageOf(list));
  }
}

function forbidden({ resource, namespace }: ListRequest) {
  const scope = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const message = `${resource.resource} is forbidden: User "learner" cannot list resource "${resource.resource}" in API group "${resource.group}" ${scope}`;
  return statusOf(403, "Forbidden", message);
}

function readRequest(url: URL, resources: readonly ServedResource[]): ListRequest | undefined {
  const match = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)$/u.exec(url.pathname);
  const [, group = "", version, namespace, name] = match ?? [];
  const resource = resources.find((one) => one.group === group && one.version === version && one.resource === name);
  if (resource === undefined) return undefined;
  const limit = Number(url.searchParams.get("limit") ?? Number.POSITIVE_INFINITY);
  return { resource, namespace, limit, continueToken: url.searchParams.get("continue") ?? undefined };
}

function pageOf({ resource, namespace, limit, continueToken }: ListRequest) {
  const { group, version, kind, items } = resource;
  const all = items.filter((item) => namespace === undefined || namespaceOf(item) === namespace);
  const from = continueToken === undefined ? 0 : Number(continueToken);
  const isLast = from + limit >= all.length;
  return {
    kind: `${kind}List`,
    apiVersion: group === "" ? version : `${group}/${version}`,
    metadata: { resourceVersion: "1", ...(isLast ? {} : { continue: String(from + limit) }) },
    items: all.slice(from, from + limit),
  };
}

function namespaceOf(item: object): unknown {
  return (item as { metadata?: { namespace?: string } }).metadata?.namespace;
}

interface Discovered {
  readonly status: number;
  readonly value: unknown;
}

function discover(pathname: string, request: IncomingMessage, options: StandInOptions): Discovered | undefined {
  const parts = pathname.split("/").filter((part) => part !== "");
  const isCore = parts[0] === "api";
  const isRoot = parts.length === 1;
  if (!isRoot && parts.length !== (isCore ? 2 : 3)) return undefined;
  if (options.discovery === "forbidden") {
    const message = `forbidden: User "learner" cannot get path "${pathname}"`;
    return { status: 403, value: statusOf(403, "Forbidden", message) };
  }
  const own = (options.resources ?? []).filter(({ group }) => (group === "") === isCore);
  return { status: 200, value: isRoot ? rootOf(own, isCore, request, options) : resourceList(own, parts) };
}

function rootOf(
  own: readonly ServedResource[],
  isCore: boolean,
  request: IncomingMessage,
  { discovery = "aggregated" }: StandInOptions,
) {
  const takesAggregated = String(request.headers.accept).includes("APIGroupDiscoveryList");
  if (discovery === "aggregated" && takesAggregated) return aggregated(own);
  return isCore ? { kind: "APIVersions", versions: ["v1"] } : groupList(own);
}

function groupsOf(resources: readonly ServedResource[]): ReadonlyMap<string, readonly ServedResource[]> {
  return Map.groupBy(resources, ({ group }) => group);
}

function aggregated(resources: readonly ServedResource[]) {
  const items = [...groupsOf(resources)].map(([name, own]) => ({
    metadata: name === "" ? {} : { name },
    versions: [...Map.groupBy(own, ({ version }) => version)].map(([version, served]) => ({
      version,
      freshness: "Current",
      resources: served.map(({ resource, kind, namespaced, group }) => ({
        resource,
        responseKind: { group, version, kind },
        scope: namespaced ? "Namespaced" : "Cluster",
        verbs: ["get", "list", "watch"],
        subresources: [{ subresource: "status", verbs: ["get"] }],
      })),
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function groupList(resources: readonly ServedResource[]) {
  const groups = [...groupsOf(resources)].map(([name, own]) => {
    const versions = [...new Set(own.map(({ version }) => version))];
    const named = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions: named, preferredVersion: named[0] };
  });
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

function resourceList(resources: readonly ServedResource[], parts: readonly string[]) {
  const [group, version] = parts.length === 2 ? ["", parts[1]] : [parts[1], parts[2]];
  const own = resources.filter((one) => one.group === group && one.version === version);
  return {
    kind: "APIResourceList",
    groupVersion: group === "" ? version : `${group}/${version}`,
    resources: own.flatMap(({ resource, kind, namespaced }) => [
      { name: resource, kind, namespaced, verbs: ["get", "list"] },
      { name: `${resource}/status`, kind, namespaced, verbs: ["get"] },
    ]),
  };
}
