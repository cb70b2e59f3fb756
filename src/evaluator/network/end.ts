import { NetlearnError } from "../../lib/errors.ts";
import { type Address, addressKey, parseAddress } from "./address.ts";
import type { Answer } from "./answer.ts";
import type { CompiledNetworkWorld, CompiledPod } from "./compile.ts";
import type { ConnectionEnd } from "./world.ts";

/** One end of a connection, looked up. `text` is for people. */
export type End =
  | { readonly kind: "pod"; readonly text: string; readonly addresses: readonly Address[]; readonly pod: CompiledPod }
  | { readonly kind: "node"; readonly text: string; readonly addresses: readonly Address[]; readonly node: string }
  /** `shared`: the address is on record for several pods, so who it is cannot be said. */
  | {
      readonly kind: "address";
      readonly text: string;
      readonly addresses: readonly Address[];
      readonly shared: boolean;
    };

/**
 * Looks an end up. An address that belongs to one pod or node of the world is that pod or node: policies do not care
 * how somebody wrote it down.
 * @throws NetlearnError NETLEARN_USAGE for a pod that the world lacks and for text that is no address
 */
export function findEnd(world: CompiledNetworkWorld, end: ConnectionEnd): End {
  if (!("ip" in end)) {
    const id = `${end.namespace}/${end.name}`;
    const pod = world.pods.get(id);
    if (pod === undefined) {
      throw unknownPod(id);
    }
    return { kind: "pod", text: id, addresses: pod.addresses, pod };
  }
  const address = parseAddress(end.ip);
  if (address === undefined) {
    throw notAnAddress(end.ip);
  }
  return ownerOf(world, address, end.ip);
}

/** The error for a pod that the world lacks; `id` is `namespace/name`. */
export function unknownPod(id: string): NetlearnError {
  return new NetlearnError("NETLEARN_USAGE", `There is no pod ${JSON.stringify(id)} in this world.`, {
    hint: "Give the pod as namespace and name, as listed, or give an address.",
  });
}

/** The error for an end whose address can't be read. */
export function notAnAddress(text: string): NetlearnError {
  return new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(text)} is not an IP address.`, {
    hint: "Write IPv4 as four decimals and IPv6 without a zone, such as 203.0.113.7 or 2001:db8::7.",
  });
}

function ownerOf(world: CompiledNetworkWorld, address: Address, text: string): End {
  const key = addressKey(address);
  const owners = world.podsByAddress.get(key) ?? [];
  const [pod] = owners;
  if (pod !== undefined && owners.length === 1) {
    return { kind: "pod", text: `${pod.id} (${text})`, addresses: [address], pod };
  }
  const node = world.nodesByAddress.get(key);
  if (node !== undefined && pod === undefined) {
    return { kind: "node", text: `node ${node} (${text})`, addresses: [address], node };
  }
  return { kind: "address", text, addresses: [address], shared: pod !== undefined };
}

/** Whether both ends are one and the same pod. */
export function isSamePod(a: End, b: End): boolean {
  return a.kind === "pod" && b.kind === "pod" && a.pod.id === b.pod.id;
}

/** Whether `node` is the node that the pod `end` runs on; unknown when nobody said where one of them runs. */
export function isOwnNode(end: End, node: End): Answer {
  if (end.kind !== "pod" || end.pod.hostNetwork || node.kind === "address") {
    return "no";
  }
  if (node.kind === "pod" && !node.pod.hostNetwork) {
    return "no";
  }
  const name = node.kind === "pod" ? node.pod.node : node.node;
  if (name === undefined || end.pod.node === undefined) {
    return "unknown";
  }
  return name === end.pod.node ? "yes" : "no";
}
