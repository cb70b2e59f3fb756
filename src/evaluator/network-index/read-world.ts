import type { NetworkPolicy } from "../../model/manifest.ts";
import { namespaceLabels, readPolicy, standingPolicies, type WorldProblem } from "../network/compile.ts";
import type { LabelMap } from "../network/selector.ts";
import type { NetworkWorld, WorldPod } from "../network/world.ts";
import { type AddressNumber, addressNumber } from "./address-space.ts";

/** A pod with its readable addresses. */
export interface ReadPod {
  readonly pod: WorldPod;
  readonly addresses: readonly AddressNumber[];
}

/** In {@link Inventory.owners}: the address is on record for several pods. */
export const SHARED = -1;

/** Pods and nodes of a world, duplicates resolved and addresses read. */
export interface Inventory {
  /** A pod's number is its place here. */
  readonly pods: readonly ReadPod[];
  /** Numbers by namespace and name; nested, so that looking up makes no text. */
  readonly podNumbers: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Number of the pod of the pod network that has the address, or {@link SHARED}. */
  readonly owners: ReadonlyMap<AddressNumber, number>;
  /** Addresses on record for several pods. */
  readonly shared: ReadonlySet<AddressNumber>;
  /** Names of nodes by address. */
  readonly nodes: ReadonlyMap<AddressNumber, string>;
  readonly problems: readonly WorldProblem[];
}

/** A world, read; what the API server would refuse is left out and listed as `compileNetworkWorld` lists it. */
export interface ReadWorld extends Inventory {
  /** Free of `null`, one of each name. */
  readonly policies: readonly NetworkPolicy[];
  /** Only the namespaces that are declared. */
  readonly namespaces: ReadonlyMap<string, LabelMap>;
}

/** Reads a world; `inventory` and `read` spare reading again what another world has as well. */
export function readWorld(world: NetworkWorld, inventory = readInventory(world), read = readPolicy): ReadWorld {
  const problems: WorldProblem[] = [];
  const policies = standingPolicies(world.policies, problems, read);
  const namespaces = new Map(world.namespaces.map(({ name, labels }) => [name, namespaceLabels(name, labels)]));
  return { ...inventory, policies, namespaces, problems: [...problems, ...inventory.problems] };
}

/** Reads pods and nodes. Of two pods with one name the later stands, in the place of the first. */
export function readInventory(world: Pick<NetworkWorld, "pods" | "nodes">): Inventory {
  const problems: WorldProblem[] = [];
  const pods: ReadPod[] = [];
  const podNumbers = new Map<string, Map<string, number>>();
  for (const pod of world.pods) {
    const numbers = numbersIn(podNumbers, pod.namespace);
    const known = numbers.get(pod.name);
    const number = known ?? pods.length;
    if (known === undefined) {
      numbers.set(pod.name, number);
    } else {
      const problem = "given twice; the later one counts";
      problems.push({ kind: "replaced", about: `Pod ${pod.namespace}/${pod.name}`, problem });
    }
    const addresses = readAddresses(pod.ips);
    if (addresses.length < pod.ips.length) {
      problems.push(...unreadable(pod.ips, `Pod ${pod.namespace}/${pod.name}`));
    }
    pods[number] = { pod, addresses };
  }
  return { pods, podNumbers, ...ownersOf(pods), nodes: nodesOf(world, pods, problems), problems };
}

function numbersIn(podNumbers: Map<string, Map<string, number>>, namespace: string): Map<string, number> {
  let found = podNumbers.get(namespace);
  if (found === undefined) {
    found = new Map();
    podNumbers.set(namespace, found);
  }
  return found;
}

/** The addresses that can be read. */
function readAddresses(ips: readonly string[]): readonly AddressNumber[] {
  const read = ips.map(addressNumber);
  return read.every(isRead) ? read : read.filter(isRead);
}

function isRead(address: AddressNumber | undefined): address is AddressNumber {
  return address !== undefined;
}

function unreadable(ips: readonly string[], about: string): readonly WorldProblem[] {
  return ips
    .filter((ip) => addressNumber(ip) === undefined)
    .map((ip) => ({ kind: "ignored", about, problem: `${JSON.stringify(ip)} is not an IP address; it is ignored` }));
}

function ownersOf(pods: readonly ReadPod[]): Pick<Inventory, "owners" | "shared"> {
  const owners = new Map<AddressNumber, number>();
  const shared = new Set<AddressNumber>();
  for (const [number, { pod, addresses }] of pods.entries()) {
    if (pod.hostNetwork) {
      continue;
    }
    for (const address of addresses) {
      if (owners.has(address)) {
        owners.set(address, SHARED);
        shared.add(address);
      } else {
        owners.set(address, number);
      }
    }
  }
  return { owners, shared };
}

function nodesOf(
  world: Pick<NetworkWorld, "nodes">,
  pods: readonly ReadPod[],
  problems: WorldProblem[],
): ReadonlyMap<AddressNumber, string> {
  const found = new Map<AddressNumber, string>();
  for (const { pod, addresses } of pods) {
    if (pod.hostNetwork && pod.node !== undefined) {
      for (const address of addresses) {
        found.set(address, pod.node);
      }
    }
  }
  for (const { name, ips } of world.nodes ?? []) {
    problems.push(...unreadable(ips, `Node ${name}`));
    for (const address of readAddresses(ips)) {
      found.set(address, name);
    }
  }
  return found;
}
