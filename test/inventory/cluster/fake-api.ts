import { ACCESS_KINDS, LISTED_KINDS } from "../../../src/inventory/cluster/listed-kinds.ts";
import type {
  GroupAnswer,
  JsonObject,
  KubernetesApi,
  ListEvent,
  ResourceType,
} from "../../../src/model/kubernetes-api.ts";

/** What a cluster without a network answers. */
export interface FakeCluster {
  /** Objects with their kind and version. */
  readonly objects?: readonly JsonObject[];
  /** Types beside those every cluster has. */
  readonly types?: readonly ResourceType[];
  /** Resources (`pods`, `rollouts.argoproj.io`) that are not there. */
  readonly absent?: readonly string[];
  /** What comes instead of a list; undefined leaves it. */
  readonly answer?: (type: ResourceType, namespace: string | undefined) => readonly ListEvent[] | undefined;
  readonly untold?: readonly string[];
}

export interface FakeApi extends KubernetesApi {
  /** `pods`, `pods in shop`: what was listed, in order. */
  readonly asked: string[];
}

const BUILT_IN: readonly ResourceType[] = [...LISTED_KINDS, ...ACCESS_KINDS]
  .filter(({ builtIn }) => builtIn)
  .map(({ groups: [group], version, resource, kind, namespaced }) => ({ group, version, resource, kind, namespaced }));

/** The type of a kind that comes with something else, as that serves it. */
export function installed(resource: string, group: string): ResourceType {
  const kind = LISTED_KINDS.find((one) => one.resource === resource && one.groups.includes(group));
  if (kind === undefined) throw new Error(`${resource}.${group} is not listed`);
  return { group, version: kind.version, resource, kind: kind.kind, namespaced: kind.namespaced };
}

/** An API server of plain data: one page a list, of objects that were given. */
export function fakeApi({ objects = [], types = [], absent = [], answer, untold = [] }: FakeCluster = {}): FakeApi {
  const asked: string[] = [];
  const served = [...BUILT_IN, ...types].filter(({ group, resource }) => !absent.includes(nameOf(group, resource)));
  return {
    name: "prod",
    asked,
    typesIn: async (group): Promise<GroupAnswer> =>
      untold.includes(group)
        ? { kind: "untold", message: "not told" }
        : { kind: "types", types: served.filter((type) => type.group === group) },
    list: async function* (type, { namespace, prune }) {
      const name = nameOf(type.group, type.resource);
      asked.push(namespace === undefined ? name : `${name} in ${namespace}`);
      const own = objects.filter(
        (value) => isOf(value, type) && (namespace === undefined || namespaceOf(value) === namespace),
      );
      yield* answer?.(type, namespace) ?? [page(own.map(prune))];
    },
  };
}

/** One page. */
export function page(items: readonly JsonObject[], malformed = 0): ListEvent {
  return { kind: "page", items, malformed, bytes: 1000 * items.length };
}

function isOf(value: JsonObject, { group, version, kind }: ResourceType): boolean {
  return value["kind"] === kind && value["apiVersion"] === (group === "" ? version : `${group}/${version}`);
}

function namespaceOf(value: JsonObject): unknown {
  return (value["metadata"] as JsonObject | undefined)?.["namespace"];
}

function nameOf(group: string, resource: string): string {
  return group === "" ? resource : `${resource}.${group}`;
}

/** An object of a namespace. */
export function object(apiVersion: string, kind: string, name: string, more: JsonObject = {}): JsonObject {
  const { metadata = {}, ...rest } = more;
  return { apiVersion, kind, metadata: { namespace: "shop", name, ...(metadata as JsonObject) }, ...rest };
}

/** A pod that something owns. */
export function ownedPod(name: string, apiVersion: string, kind: string): JsonObject {
  const ownerReferences = [{ apiVersion, kind, name: `${kind}-1`, uid: `${kind}-1`, controller: true }];
  return object("v1", "Pod", name, { metadata: { ownerReferences } });
}
