import type { Holder, KnownWorkload, Span } from "../../model/directory.ts";
import type { Endpoint, EndpointsObject } from "../objects/endpoints.ts";
import type { NodeTable } from "./node-table.ts";
import { addTo, type Tenant } from "./read-workloads.ts";
import type { Tenancies } from "./tenancies.ts";
import type { TableRow } from "./workload-table.ts";

const EVER: Span = { first: undefined, last: undefined };

/** Answers who stands behind an address. */
export class Holders {
  readonly #tenancies: Tenancies<Tenant>;
  readonly #nodes: NodeTable;
  readonly #local: ReadonlySet<string>;

  /** @param local addresses that every node answers on by itself */
  constructor(tenancies: Tenancies<Tenant>, nodes: NodeTable, local: ReadonlySet<string>) {
    this.#tenancies = tenancies;
    this.#nodes = nodes;
    this.#local = local;
  }

  at(address: string, seen: Span): Holder | undefined {
    const [tenants, nodes] = [this.#tenancies.at(address, seen), this.#nodes.at(address, seen)];
    const [first] = tenants ?? [];
    if (nodes !== undefined) {
      return first === undefined
        ? { kind: "node", node: nodes.length === 1 ? nodes[0] : undefined }
        : { kind: "ambiguous" };
    }
    if (tenants !== undefined && first !== undefined) return holderOf(first, tenants);
    if (this.#local.has(address)) return { kind: "node-local" };
    const node = this.#nodes.ofRange(address);
    return tenants === undefined && node === undefined ? undefined : { kind: "unknown-pod", node };
  }

  /** The only workload that ever held an address. */
  onlyWorkload(address: string): KnownWorkload | undefined {
    const holder = this.at(address, EVER);
    return holder?.kind === "workload" ? holder.workload : undefined;
  }
}

function holderOf(first: Tenant, tenants: readonly Tenant[]): Holder {
  const { row } = first.keeper;
  if (tenants.some(({ keeper }) => keeper.row !== row)) return { kind: "ambiguous" };
  const node = tenants.some((other) => other.node !== first.node) ? undefined : first.node;
  return row === undefined ? { kind: "unknown-pod", node } : { kind: "workload", workload: row.workload, node };
}

/** What is known of addresses while reading goes on. */
interface Addresses {
  readonly tenancies: Tenancies<Tenant>;
  /** Addresses of nodes. */
  readonly hosts: ReadonlySet<string>;
  /** Those of them that pods name, with the nodes. */
  readonly hostAddresses: Map<string, Set<string>>;
}

/**
 * Adds the pods that are known only from being behind a Service: their address, not since when.
 *
 * @param rowOfPod the workload of a pod, told apart by what the Service's selector says of its labels
 */
export function addEndpoints(
  slices: readonly EndpointsObject[],
  known: Addresses,
  rowOfPod: (namespace: string, pod: string, service: string | undefined) => TableRow | undefined,
): void {
  const found = slices.flatMap(({ namespace, service, endpoints }) =>
    endpoints.flatMap((endpoint) => {
      const { pod } = endpoint;
      if (pod === undefined) return [];
      const behind = service === undefined ? undefined : `${namespace}/${service}`;
      return [{ endpoint, row: rowOfPod(pod.namespace, pod.name, behind) }];
    }),
  );
  for (const { endpoint, row } of found) if (row !== undefined) addEndpoint(endpoint, row, known);
  // Somebody's pod, if it is not one that is known to have the address.
  for (const { endpoint, row } of found) if (row === undefined) addEndpoint(endpoint, row, known);
}

function addEndpoint(
  { addresses, node }: Endpoint,
  row: TableRow | undefined,
  { tenancies, hosts, hostAddresses }: Addresses,
): void {
  for (const address of addresses) {
    if (row?.workload.hostNetwork === true) {
      if (node !== undefined) addTo(hostAddresses, address, node);
      continue;
    }
    const known = tenancies.at(address, EVER) ?? [];
    const isKnown = row === undefined ? known.length > 0 : known.some(({ keeper }) => keeper.row === row);
    if (isKnown || hosts.has(address)) continue;
    const tenant = { keeper: { row }, node };
    tenancies.add(address, { tenant, start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY });
  }
}
