import { NetlearnError } from "../../lib/errors.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { byText } from "../../lib/sort.ts";
import type { Finding } from "../../model/finding.ts";
import type { JsonObject, KubernetesApi } from "../../model/kubernetes-api.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { withoutSchemas } from "./custom-resource-definition.ts";
import { LISTED_KINDS, type ListedKind, resourceName } from "./listed-kinds.ts";
import { liveObjects } from "./live-object.ts";
import { type KindReading, noticesOf } from "./notices.ts";
import { readOwners } from "./owners.ts";
import { type ClusterProgress, findType, type Reader, readType } from "./read-kind.ts";

/** Everything a live cluster holds that matters. */
export interface ClusterObjects {
  /** Sorted by API group, kind, namespace and name; their `file` is the cluster's name. */
  readonly objects: readonly ManifestObject[];
  /** What was not read, and what is lost by it. */
  readonly notices: readonly Finding[];
  /** Resources that were listed to the end in the whole cluster: `pods`, `roles.rbac.authorization.k8s.io`. */
  readonly whole: ReadonlySet<string>;
}

/** How to read a cluster. */
export interface ClusterOptions {
  /** What to list; all that says something about the network unless something is said. */
  readonly kinds?: readonly ListedKind[];
  /** Where to look when the whole cluster may not be listed. */
  readonly namespaces?: readonly string[];
  /** What is kept of an object, which has its apiVersion and kind. */
  readonly prune: (value: JsonObject) => JsonObject;
  readonly signal: AbortSignal;
  readonly progress?: (progress: ClusterProgress) => void;
}

/** Lists under way at one time: an API server counts the requests of a client (flow control), and has other work. */
const AT_ONCE = 3;

/**
 * Reads the objects of a cluster that tell what exists and what protects it, and never a Secret or ConfigMap.
 *
 * @returns what could be read, and a notice about each kind that could not
 * @throws NetlearnError when the server can't be reached, is none, doesn't accept the credentials, or lets nothing be read
 */
export async function readCluster(api: KubernetesApi, options: ClusterOptions): Promise<ClusterObjects> {
  const stop = new AbortController();
  const reader = readerOf(api, options, AbortSignal.any([options.signal, stop.signal]));
  try {
    const kinds = await inParallel(
      options.kinds ?? LISTED_KINDS,
      AT_ONCE,
      async (kind) => await readKind(kind, reader),
    );
    requireSomething(api, kinds);
    const values = kinds.flatMap(({ reading }) => reading?.objects ?? []);
    const owners = await readOwners(values, reader, AT_ONCE);
    return {
      objects: liveObjects([...values, ...owners.objects], api.name),
      notices: noticesOf(api.name, kinds, owners.unread),
      whole: new Set(kinds.filter(isWhole).map(({ kind, group }) => resourceName(group, kind.resource))),
    };
  } finally {
    // After a failure, what else is under way is of no use to anybody.
    stop.abort();
  }
}

function readerOf(
  api: KubernetesApi,
  { namespaces = [], prune, progress }: ClusterOptions,
  signal: AbortSignal,
): Reader {
  let bytesRead = 0;
  let records = 0;
  return {
    api,
    namespaces: [...new Set(namespaces)].toSorted(byText),
    prune: (value) => prune(withoutSchemas(value)),
    signal,
    tell: (source, bytes, count) => {
      bytesRead += bytes;
      records += count;
      progress?.({ source, bytesRead, bytesTotal: undefined, records });
    },
  };
}

async function readKind(kind: ListedKind, reader: Reader): Promise<KindReading> {
  const type = await findType(kind, reader);
  if (type === undefined) return { kind, group: kind.groups[0], reading: undefined };
  return { kind, group: type.group, reading: await readType(type, reader, Number.POSITIVE_INFINITY) };
}

function isWhole({ reading }: KindReading): boolean {
  return reading?.refusal === undefined && reading?.onlyIn === undefined && reading?.malformed === 0;
}

function requireSomething(api: KubernetesApi, kinds: readonly KindReading[]): void {
  const readings = kinds.flatMap(({ reading }) => reading ?? []);
  const isSomething = readings.some(
    ({ refusal, onlyIn, objects }) => refusal === undefined || onlyIn !== undefined || objects.length > 0,
  );
  if (isSomething) return;
  const refusals = readings.flatMap(({ refusal }) => refusal ?? []);
  const [first] = [...refusals.filter(({ kind }) => kind === "forbidden"), ...refusals];
  const reason = first === undefined || first.message === "" ? "it has none of the usual kinds" : first.message;
  throw new NetlearnError(
    "NETLEARN_INPUT_UNREADABLE",
    `nothing of ${JSON.stringify(api.name)} may be read: ${reason}`,
    {
      hint: "Grant the ClusterRole of docs/cluster-rights.md, or name the namespaces that may be read with --namespace.",
    },
  );
}
