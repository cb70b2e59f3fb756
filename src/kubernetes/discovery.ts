import type { GroupAnswer, ResourceType } from "../model/kubernetes-api.ts";
import type { Client } from "./client.ts";
import { fieldOf, listOf, textOf, textsOf } from "./fields.ts";
import type { Reply } from "./reply.ts";

/** What a server says under `/api` or `/apis`. */
type Root =
  /** All in one answer (kubernetes.io "Kubernetes API", aggregated discovery: 1.26 and later). */
  | { readonly kind: "aggregated"; readonly groups: ReadonlyMap<string, GroupAnswer> }
  /** Versions by group, preferred first; what is in each is a question of its own. */
  | { readonly kind: "plain"; readonly groups: ReadonlyMap<string, readonly string[]> }
  | { readonly kind: "untold"; readonly message: string };

const AGGREGATED = ["v2", "v2beta1"].map(
  (version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
);
const ACCEPT = [...AGGREGATED, "application/json"].join(",");

/** Which resources a server has; asked for when somebody wants to know, and then remembered. */
export class Discovery {
  readonly #client: Client;
  readonly #roots = new Map<string, Promise<Root>>();
  readonly #groups = new Map<string, Promise<GroupAnswer>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** What can be listed in a group. @throws NetlearnError as {@link Client.ask} */
  async typesIn(group: string, signal: AbortSignal): Promise<GroupAnswer> {
    return await remembered(this.#groups, group, () => this.#read(group, signal));
  }

  async #read(group: string, signal: AbortSignal): Promise<GroupAnswer> {
    const path = group === "" ? "/api" : "/apis";
    const root = await remembered(this.#roots, path, async () =>
      readRoot(await this.#client.ask({ path, accept: ACCEPT }, signal)),
    );
    switch (root.kind) {
      case "untold":
        return root;
      case "aggregated":
        return root.groups.get(group) ?? { kind: "types", types: [] };
      case "plain":
        return await this.#readVersions(group, root.groups.get(group) ?? [], signal);
    }
  }

  async #readVersions(group: string, versions: readonly string[], signal: AbortSignal): Promise<GroupAnswer> {
    const types: ResourceType[] = [];
    for (const version of versions) {
      const path = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
      const reply = await this.#client.ask({ path }, signal);
      if (reply.kind !== "object") return { kind: "untold", message: messageIn(reply) };
      types.push(...listOf(reply.value, "resources").flatMap((one) => plainType(one, group, version)));
    }
    return { kind: "types", types };
  }
}

async function remembered<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  read: () => Promise<Value>,
): Promise<Value> {
  const found = known.get(key) ?? read();
  known.set(key, found);
  return await found;
}

function readRoot(reply: Reply): Root {
  if (reply.kind !== "object") return { kind: "untold", message: messageIn(reply) };
  const { value } = reply;
  switch (fieldOf(value, "kind")) {
    case "APIGroupDiscoveryList":
      return { kind: "aggregated", groups: new Map(listOf(value, "items").map(aggregatedGroup)) };
    case "APIGroupList":
      return { kind: "plain", groups: new Map(listOf(value, "groups").map(plainGroup)) };
    case "APIVersions":
      return { kind: "plain", groups: new Map([["", textsOf(value, "versions")]]) };
    default:
      return { kind: "untold", message: "the server sent something else than what it serves" };
  }
}

function messageIn(reply: Reply): string {
  return "message" in reply ? reply.message : "the answer can't be used";
}

function aggregatedGroup(item: unknown): readonly [string, GroupAnswer] {
  const group = textOf(fieldOf(item, "metadata"), "name") ?? "";
  const versions = listOf(item, "versions");
  const types = versions.flatMap((version) => {
    const name = textOf(version, "version");
    return name === undefined ? [] : listOf(version, "resources").flatMap((one) => aggregatedType(one, group, name));
  });
  // An aggregated API whose server is down is named without what it serves.
  const isStale = versions.some((version) => fieldOf(version, "freshness") === "Stale");
  if (isStale && types.length === 0) return [group, { kind: "untold", message: "the server behind this API is down" }];
  return [group, { kind: "types", types }];
}

function aggregatedType(item: unknown, group: string, version: string): readonly ResourceType[] {
  const resource = textOf(item, "resource");
  const kind = textOf(fieldOf(item, "responseKind"), "kind");
  if (resource === undefined || kind === undefined || !textsOf(item, "verbs").includes("list")) return [];
  return [{ group, version, resource, kind, namespaced: fieldOf(item, "scope") === "Namespaced" }];
}

function plainGroup(item: unknown): readonly [string, readonly string[]] {
  const group = textOf(item, "name") ?? "";
  const preferred = textOf(fieldOf(item, "preferredVersion"), "version");
  const versions = listOf(item, "versions").flatMap((one) => textOf(one, "version") ?? []);
  const first = versions.filter((version) => version === preferred);
  return [group, [...first, ...versions.filter((version) => version !== preferred)]];
}

function plainType(item: unknown, group: string, version: string): readonly ResourceType[] {
  const resource = textOf(item, "name");
  const kind = textOf(item, "kind");
  // `pods/log` is a part of pods.
  const isWhole = resource !== undefined && !resource.includes("/") && textsOf(item, "verbs").includes("list");
  if (!isWhole || kind === undefined) return [];
  return [{ group, version, resource, kind, namespaced: fieldOf(item, "namespaced") === true }];
}
