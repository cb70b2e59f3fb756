import type { Directory, KnownWorkload } from "../../model/directory.ts";
import type { InferredClient } from "../../model/inferred.ts";
import { canonicalAddresses } from "../objects/address.ts";
import { fieldAt, fieldOf, listOf, textOf } from "../objects/fields.ts";
import { clientOf } from "./gathering.ts";
import type { ObjectsByType } from "./objects-by-type.ts";

const EVER = { first: undefined, last: undefined } as const;

/** Finds who forwards to what is behind an address that is published for it. */
export class FrontEnds {
  readonly #directory: Directory;
  /** Load balancers of some clouds have a name in place of an address. */
  readonly #serviceOfHost: ReadonlyMap<string, string>;

  constructor(objects: ObjectsByType, directory: Directory) {
    this.#directory = directory;
    const published = objects.of("", "Service").flatMap(({ namespace, name, value }) =>
      listOf(fieldAt(value, "status", "loadBalancer", "ingress")).flatMap((entry) => {
        const host = textOf(entry, "hostname");
        return host === undefined ? [] : [[host, `${namespace}/${name}`] as const];
      }),
    );
    this.#serviceOfHost = new Map(published);
  }

  /**
   * @param addresses addresses and host names, as they stand in a `status`
   * @returns the workloads behind Services with these addresses, and nodes where an address is one's; nobody when none
   *   is known
   */
  at(addresses: readonly unknown[]): readonly InferredClient[] {
    return distinctClients(addresses.flatMap((address) => this.#behind(address)));
  }

  #behind(published: unknown): readonly InferredClient[] {
    const [address] = canonicalAddresses([published]);
    const named = typeof published === "string" ? this.#serviceOfHost.get(published) : undefined;
    const service =
      named === undefined
        ? address === undefined
          ? undefined
          : this.#directory.serviceAt(address)
        : this.#directory.serviceNamed(named);
    if (service !== undefined) {
      const backends = service.ports.flatMap((port) => port.backends);
      return backends.flatMap((backend) => (backend.kind === "workload" ? [clientOf(backend.workload)] : []));
    }
    const holder = address === undefined ? undefined : this.#directory.holderOf(address, EVER);
    return holder?.kind === "node" ? [{ kind: "nodes" }] : [];
  }
}

/** Addresses and names of a load balancer's `ingress` list. */
export function publishedAt(list: unknown): readonly unknown[] {
  return listOf(list).flatMap((entry) => [fieldOf(entry, "ip"), fieldOf(entry, "hostname")]);
}

/** Each client once, in the order in which they come. */
export function distinctClients(clients: readonly InferredClient[]): readonly InferredClient[] {
  return [...new Map(clients.map((client) => [JSON.stringify(client), client])).values()];
}

/** Workloads with all these labels, of which an empty value stands for any; what runs to an end forwards nothing. */
export function workloadsWith(
  { workloads }: Directory,
  labels: Readonly<Record<string, string>>,
  namespace?: string,
): readonly KnownWorkload[] {
  const wanted = Object.entries(labels);
  return workloads.filter(
    (workload) =>
      (namespace === undefined || workload.namespace === namespace) &&
      !["CronJob", "Job"].includes(workload.kind) &&
      wanted.every(([key, value]) => hasLabel(workload, key, value)),
  );
}

function hasLabel({ labels }: KnownWorkload, key: string, value: string): boolean {
  return Object.hasOwn(labels, key) && (value === "" || labels[key] === value);
}
