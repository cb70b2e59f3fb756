import type { NetworkPolicy } from "../../model/manifest.ts";
import { namespaceLabels, standingPolicies, type WorldProblem } from "../network/compile.ts";
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
  /** Names of nodes by address. */
  readonly nodes: ReadonlyMap<AddressNumber, string>;
  readonly problems: readonly WorldProblem[];
}

/** A world, read; what the API server would refuse is left out and listed as `compileNetworkWorld` lists it. */
export interface ReadWorld extends Inventory {
  /** Free of `null`, sorted by id. */
  readonly policies: readonly NetworkPolicy[];
  /** Only the namespaces that are declared. */
  readonly namespaces: ReadonlyMap<string, LabelMap>;
}

/** Reads a world; `inventory` spares reading the pods and nodes again when they are another world's. */
export function readWorld(world: NetworkWorld, inventory = readInventory(world)): ReadWorld {
  const problems: WorldProblem[] = [];
  const policies = standingPolicies(world.policies, problems);
  const namespaces = new Map(world.namespaces.map(({ name, labels }) => [name, namespaceLabels(name, labels)]));
  return { ...inventory, policies, namespaces, problems: [...problems, ...inventory.problems] };
}

/** Reads pods and nodes. Of two pods with one name the later stands, in the place of the first. */
export function readInventory(world: Pick<NetworkWorld, "pods" | "nodes">): Inventory {
  const problems: WorldProblem[] = [];
  const pods: ReadPod[] = [];
  const podNumbers = new Map<string, Map<string, number>>();
  for (const pod of world.pods) {
    const numbers = podNumbers.get(pod.namespace) ?? new Map<string, number>();
    podNumbers.set(pod.namespace, numbers);
    const known = numbers.get(pod.name);
    const number = known ?? pods.length;
    if (known !== undefined) {
      const problem = "given twice; the later one counts";
      problems.push({ kind: "replaced", about: `Pod ${pod.namespace}/${pod.name}`, problem });
    }
    numbers.set(pod.name, number);
    pods[number] = { pod, addresses: readAddresses(pod.ips, problems, () => `Pod ${pod.namespace}/${pod.name}`) };
  }
  return { pods, podNumbers, owners: ownersOf(pods), nodes: nodesOf(world, pods, problems), problems };
}

function readAddresses(ips: readonly string[], problems: WorldProblem[], about: () => string): AddressNumber[] {
  const found: AddressNumber[] = [];
  for (const ip of ips) {
    const address = addressNumber(ip);
    if (address === undefined) {
      const problem = `${JSON.stringify(ip)} is not an IP address; it is ignored`;
      problems.push({ kind: "ignored", about: about(), problem });
    } else {
      found.push(address);
    }
  }
  return found;
}

function ownersOf(pods: readonly ReadPod[]): ReadonlyMap<AddressNumber, number> {
  const found = new Map<AddressNumber, number>();
  for (const [number, { pod, addresses }] of pods.entries()) {
    for (const address of pod.hostNetwork ? [] : addresses) {
      found.set(address, found.has(address) ? SHARED : number);
    }
  }
  return found;
}

function nodesOf(
  world: Pick<NetworkWorld, "nodes">,
  pods: readonly ReadPod[],
  problems: WorldProblem[],
): ReadonlyMap<AddressNumber, string> {
  const found = new Map<AddressNumber, string>();
  for (const { pod, addresses } of pods) {
    for (const address of pod.hostNetwork && pod.node !== undefined ? addresses : []) {
      found.set(address, pod.node ?? "");
    }
  }
  for (const { name, ips } of world.nodes ?? []) {
    for (const address of readAddresses(ips, problems, () => `Node ${name}`)) {
      found.set(address, name);
    }
  }
  return found;
}
