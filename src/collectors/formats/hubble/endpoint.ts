import type { Endpoint, WorkloadHint } from "../../../model/flow.ts";
import { BoundedCache } from "../bounded-cache.ts";
import type { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";
import { sortedTexts } from "../texts.ts";
import { field, message, rawTexts, text, unsigned } from "./fields.ts";

/** The side of a record its source said nothing about. */
export const NO_ENDPOINT: Endpoint = Object.freeze({
  cluster: undefined,
  namespace: undefined,
  podName: undefined,
  labels: Object.freeze([]),
  workload: undefined,
  local: false,
});

/** An endpoint as it was read: its labels in the order and with the doubles they were written. */
type RawEndpoint = Endpoint;

/** An interned endpoint, and the order its labels had when it was seen last. */
interface Known {
  labels: readonly string[];
  readonly endpoint: Endpoint;
}

const REMEMBERED = 16_384;
/** Endpoints of one pod: the local and the remote view, before and after a change of labels, of each cluster. */
const MOST_VARIANTS = 16;

/**
 * Gives equal endpoints the same object, as long as no more than some ten thousand different pods come between. Looks
 * up by the pod's name and compares the rest, which costs less than a key of everything.
 */
export class EndpointTable {
  readonly #known = new BoundedCache<Known[]>(REMEMBERED);

  /** Reads a flow.proto Endpoint; absent ones and those that say nothing are {@link NO_ENDPOINT}. */
  read(fields: Fields | undefined, faults: Faults): Endpoint {
    if (fields === undefined) {
      return NO_ENDPOINT;
    }
    const raw = decodeEndpoint(fields, faults);
    return faults.first === undefined ? this.#intern(raw) : NO_ENDPOINT;
  }

  #intern(raw: RawEndpoint): Endpoint {
    const key = raw.podName === undefined ? raw.labels.toSorted().join("\n") : `${raw.namespace}/${raw.podName}`;
    const variants = this.#known.get(key);
    const same = variants?.find(
      ({ endpoint }) => sameButLabels(endpoint, raw) && sameTexts(endpoint.labels, raw.labels),
    );
    return same?.endpoint ?? this.#reordered(key, raw, variants);
  }

  #reordered(key: string, raw: RawEndpoint, variants: Known[] | undefined): Endpoint {
    const written = variants?.find(
      (known) => sameButLabels(known.endpoint, raw) && sameTexts(known.labels, raw.labels),
    );
    if (written !== undefined) {
      return written.endpoint;
    }
    const endpoint = { ...raw, labels: sortedTexts(raw.labels) };
    const known = variants?.find(
      (variant) => sameButLabels(variant.endpoint, raw) && sameTexts(variant.endpoint.labels, endpoint.labels),
    );
    if (known !== undefined) {
      known.labels = raw.labels;
      return known.endpoint;
    }
    if (sameButLabels(endpoint, NO_ENDPOINT) && endpoint.labels.length === 0) {
      return NO_ENDPOINT;
    }
    this.#add(key, { labels: raw.labels, endpoint }, variants);
    return endpoint;
  }

  #add(key: string, known: Known, variants: Known[] | undefined): void {
    if (variants === undefined) {
      this.#known.set(key, [known]);
      return;
    }
    if (variants.length >= MOST_VARIANTS) {
      variants.shift();
    }
    variants.push(known);
  }
}

function sameButLabels(one: Endpoint, other: Endpoint): boolean {
  return (
    one.podName === other.podName &&
    one.namespace === other.namespace &&
    one.local === other.local &&
    one.cluster === other.cluster &&
    one.workload?.name === other.workload?.name &&
    one.workload?.kind === other.workload?.kind
  );
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((label, index) => label === other[index]);
}

function decodeEndpoint(fields: Fields, faults: Faults): RawEndpoint {
  return {
    cluster: text(fields, "cluster_name", faults),
    namespace: text(fields, "namespace", faults),
    podName: text(fields, "pod_name", faults),
    labels: labelsOrIdentity(fields, faults),
    workload: workload(fields, faults),
    local: (unsigned(fields, "ID", faults) ?? 0) !== 0,
  };
}

/** Reserved identities by number (cilium pkg/identity/numericidentity.go). */
const RESERVED_IDENTITIES: ReadonlyMap<unknown, readonly string[]> = new Map(
  [
    "host",
    "world",
    "unmanaged",
    "health",
    "init",
    "remote-node",
    "kube-apiserver",
    "ingress",
    "world-ipv4",
    "world-ipv6",
    "overlay-to-encrypt",
  ].map((name, index) => [index + 1, [`reserved:${name}`]]),
);

/** Where a field mask leaves labels out, the number still tells a node from an address outside. */
function labelsOrIdentity(fields: Fields, faults: Faults): readonly string[] {
  const written = labels(fields, faults);
  return written.length > 0 ? written : (RESERVED_IDENTITIES.get(field(fields, "identity")) ?? written);
}

/** hubble-otel can write labels as a map, split at the `=`; `reserved:host` then has an empty value. */
function labels(fields: Fields, faults: Faults): readonly string[] {
  const value = field(fields, "labels");
  if (!isFields(value)) {
    return rawTexts(fields, "labels", faults);
  }
  const pairs: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "string") {
      faults.add("labels", item, "a string");
    } else {
      pairs.push(item === "" && key.startsWith("reserved:") ? key : `${key}=${item}`);
    }
  }
  return pairs;
}

/** The first of `workloads` with a name and a kind: a pod has one controller. */
function workload(fields: Fields, faults: Faults): WorkloadHint | undefined {
  const value = field(fields, "workloads");
  if (value === undefined) {
    return undefined;
  }
  if (!Array.isArray(value) || !value.every(isFields)) {
    return faults.add("workloads", value, "a list of objects");
  }
  for (const item of value) {
    const name = text(item, "name", faults);
    const kind = text(item, "kind", faults);
    if (name !== undefined && kind !== undefined) {
      return { kind, name };
    }
  }
  return undefined;
}

/** flow.proto Service as `namespace/name`; undefined when either is missing. */
export function decodeService(fields: Fields, name: string, faults: Faults): string | undefined {
  const service = message(fields, name, faults);
  if (service === undefined) {
    return undefined;
  }
  const serviceName = text(service, "name", faults);
  const namespace = text(service, "namespace", faults);
  return serviceName === undefined || namespace === undefined ? undefined : `${namespace}/${serviceName}`;
}
