import type { Holder, KnownWorkload, Span } from "../../model/directory.ts";
import type { EndpointsObject } from "../objects/endpoints.ts";
import type { NodeTable } from "./node-table.ts";
import type { Tenant } from "./read-workloads.ts";
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

/**
 * Adds the pods that are known only from being behind a Service: their address, not since when.
 *
 * @param rowOfPod the workload of a pod, told apart by what the Service's selector says of its labels
 */
export function addEndpoints(
  slices: readonly EndpointsObject[],
  { tenancies, hosts }: { readonly tenancies: Tenancies<Tenant>; readonly hosts: ReadonlySet<string> },
  rowOfPod: (namespace: string, pod: string, service: string | undefined) => TableRow | undefined,
): void {
  for (const { namespace, service, endpoints } of slices) {
    for (const { pod, addresses, node } of endpoints) {
      if (pod === undefined) continue;
      const row = rowOfPod(pod.namespace, pod.name, service === undefined ? undefined : `${namespace}/${service}`);
      if (row?.workload.hostNetwork === true) continue;
      for (const address of addresses) {
        const known = tenancies.at(address, EVER);
        if (hosts.has(address)) continue;
        if (known !== undefined && (row === undefined || known.some(({ keeper }) => keeper.row === row))) continue;
        const tenant = { keeper: { row }, node };
        tenancies.add(address, { tenant, start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY });
      }
    }
  }
}
