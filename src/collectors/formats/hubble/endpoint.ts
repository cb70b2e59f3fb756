import type { Endpoint, WorkloadHint } from "../../../model/flow.ts";
import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";
import { BoundedCache } from "./bounded-cache.ts";
import type { Faults } from "./fields.ts";
import { field, message, sortedTexts, text, texts, unsigned } from "./fields.ts";

/** The side of a record its source said nothing about. */
export const NO_ENDPOINT: Endpoint = Object.freeze({
  cluster: undefined,
  namespace: undefined,
  podName: undefined,
  labels: Object.freeze([]),
  workload: undefined,
  local: false,
});

const REMEMBERED = 32_768;

/** Gives equal endpoints the same object, as long as no more than some ten thousand different ones come between. */
export class EndpointTable {
  readonly #known = new BoundedCache<Endpoint>(REMEMBERED);

  intern(endpoint: Endpoint): Endpoint {
    const key = JSON.stringify(endpoint);
    if (key === EMPTY_KEY) {
      return NO_ENDPOINT;
    }
    const known = this.#known.get(key);
    if (known !== undefined) {
      return known;
    }
    this.#known.set(key, endpoint);
    return endpoint;
  }
}

const EMPTY_KEY = JSON.stringify(NO_ENDPOINT);

/** flow.proto Endpoint. */
export function decodeEndpoint(fields: Fields | undefined, faults: Faults): Endpoint {
  if (fields === undefined) {
    return NO_ENDPOINT;
  }
  return {
    cluster: text(fields, "cluster_name", faults),
    namespace: text(fields, "namespace", faults),
    podName: text(fields, "pod_name", faults),
    labels: labels(fields, faults),
    workload: workload(fields, faults),
    local: (unsigned(fields, "ID", faults) ?? 0) !== 0,
  };
}

/** hubble-otel can write labels as a map, split at the `=`; `reserved:host` then has an empty value. */
function labels(fields: Fields, faults: Faults): readonly string[] {
  const value = field(fields, "labels");
  if (!isFields(value)) {
    return texts(fields, "labels", faults);
  }
  const pairs: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "string") {
      faults.add("labels", item, "a string");
    } else {
      pairs.push(item === "" && key.startsWith("reserved:") ? key : `${key}=${item}`);
    }
  }
  return sortedTexts(pairs);
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
