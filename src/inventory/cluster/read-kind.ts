import type { JsonObject, KubernetesApi, ListRefusal, ResourceType } from "../../model/kubernetes-api.ts";
import type { ListedKind } from "./listed-kinds.ts";

/** How far reading has come; bytes and records are of everything read so far. */
export interface ClusterProgress {
  /** What is being read: `pods`. */
  readonly source: string;
  readonly bytesRead: number;
  /** A server says only how many objects are left, and not always. */
  readonly bytesTotal: undefined;
  readonly records: number;
}

/** What one reading of a cluster has in common. */
export interface Reader {
  readonly api: KubernetesApi;
  /** Where to look when the whole cluster may not be listed; sorted, each once. */
  readonly namespaces: readonly string[];
  readonly prune: (value: JsonObject) => JsonObject;
  readonly signal: AbortSignal;
  readonly tell: (source: string, bytes: number, records: number) => void;
}

/** What came of reading one type. */
export interface TypeReading {
  readonly objects: readonly JsonObject[];
  /** Why it was not read everywhere to the end; undefined when it was. */
  readonly refusal: ListRefusal | undefined;
  /** Namespaces that were read where the whole cluster may not be; undefined when the whole cluster was. */
  readonly onlyIn: readonly string[] | undefined;
  /** Entries that were no objects. */
  readonly malformed: number;
}

/**
 * Finds the type to list for a kind. Where a server does not tell what it has, the usual one is assumed.
 *
 * @returns undefined when the cluster has no such kind
 */
export async function findType(
  { groups, version, resource, kind, namespaced }: ListedKind,
  reader: Reader,
): Promise<ResourceType | undefined> {
  let assumed: ResourceType | undefined;
  for (const group of groups) {
    const answer = await reader.api.typesIn(group, reader.signal);
    if (answer.kind === "untold") assumed ??= { group, version, resource, kind, namespaced };
    const found = answer.kind === "untold" ? undefined : answer.types.find((type) => type.resource === resource);
    if (found !== undefined) return found;
  }
  return assumed;
}

/**
 * Lists one type: in the whole cluster, and where that may not be, in each of the namespaces somebody named.
 *
 * @param most objects after which it is given up, as `failed`
 */
export async function readType(type: ResourceType, reader: Reader, most: number): Promise<TypeReading> {
  const whole = await readList(type, undefined, reader, most);
  const { namespaces } = reader;
  if (whole.refusal?.kind !== "forbidden" || !type.namespaced || namespaces.length === 0) {
    return { ...whole, onlyIn: undefined };
  }
  const parts: ListReading[] = [];
  for (const namespace of namespaces) parts.push(await readList(type, namespace, reader, most));
  const read = namespaces.filter((_, index) => parts[index]?.refusal === undefined);
  return {
    objects: parts.flatMap(({ objects }) => objects),
    refusal: parts.map(({ refusal }) => refusal).find((refusal) => refusal !== undefined),
    onlyIn: read.length === 0 ? undefined : read,
    malformed: parts.reduce((sum, { malformed }) => sum + malformed, 0),
  };
}

type ListReading = Omit<TypeReading, "onlyIn">;

async function readList(
  type: ResourceType,
  namespace: string | undefined,
  reader: Reader,
  most: number,
): Promise<ListReading> {
  const { api, prune, signal, tell } = reader;
  let objects: JsonObject[] = [];
  let malformed = 0;
  for await (const event of api.list(type, { namespace, prune, signal })) {
    switch (event.kind) {
      case "page":
        objects.push(...event.items);
        malformed += event.malformed;
        tell(type.resource, event.bytes, event.items.length);
        if (objects.length > most) return { objects: [], refusal: tooMany(most), malformed };
        break;
      case "restart":
        tell(type.resource, 0, -objects.length);
        objects = [];
        malformed = 0;
        break;
      case "forbidden":
      case "absent":
      case "failed":
        return { objects, refusal: event, malformed };
    }
  }
  return { objects, refusal: undefined, malformed };
}

function tooMany(most: number): ListRefusal {
  return { kind: "failed", message: `there are more than ${most}` };
}
