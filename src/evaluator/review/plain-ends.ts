import { by } from "../../lib/sort.ts";
import type { DifferenceEnd } from "../difference/difference.ts";
import { type Block, blockHolds, parseAddress } from "../network/address.ts";
import type { CompiledNetworkWorld, CompiledPod } from "../network/compile.ts";
import type { CompiledRule } from "../network/policy.ts";
import type { ConnectionEnd } from "../network/world.ts";
import { type AddressRange, rangesOf, representative } from "./ranges.ts";

/** Ends that no policy of two worlds tells apart. */
export interface EndClass {
  /** One end that stands for all; `second` is another of the class, where there is one. */
  readonly first: ConnectionEnd;
  readonly second: ConnectionEnd | undefined;
  /** Pods as `namespace/name`, sorted; empty for addresses. */
  readonly pods: readonly string[];
  readonly cidrs: readonly string[];
  readonly hostNetwork: boolean;
  /** False when the two worlds say the same about these ends, so that only a change of the other end matters. */
  readonly isChanged: boolean;
}

/** Sorts pods that both worlds have, and all addresses, into classes: sorted by their first member. */
export function endClasses(base: CompiledNetworkWorld, head: CompiledNetworkWorld): readonly EndClass[] {
  const blocks = distinctBlocks([base, head]);
  const changed = changedPolicies(base, head);
  return [...podClasses(base, head, { blocks, changed }), ...addressClasses(base, head, blocks)];
}

function podClasses(
  base: CompiledNetworkWorld,
  head: CompiledNetworkWorld,
  { blocks, changed }: { readonly blocks: readonly Block[]; readonly changed: ReadonlySet<string> },
): readonly EndClass[] {
  const groups = new Map<string, { readonly pods: [CompiledPod, ...CompiledPod[]]; readonly isChanged: boolean }>();
  for (const id of [...base.pods.keys()].toSorted()) {
    const before = base.pods.get(id);
    const after = head.pods.get(id);
    if (before === undefined || after === undefined) continue;
    const [old, now] = [signatureOf(before, blocks), signatureOf(after, blocks)];
    const key = JSON.stringify([old, now]);
    const policies = [...Object.values(before.isolatedBy), ...Object.values(after.isolatedBy)].flat();
    const isChanged = old !== now || policies.some((policy) => changed.has(policy.id));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { pods: [before], isChanged });
    else group.pods.push(before);
  }
  return [...groups.values()].map(({ pods, isChanged }) => {
    const [first, second] = pods;
    return {
      first: referenceOf(first),
      second: second && referenceOf(second),
      pods: pods.map(({ id }) => id),
      cidrs: [],
      hostNetwork: first.hostNetwork,
      isChanged,
    };
  });
}

function referenceOf({ id, namespace }: CompiledPod): ConnectionEnd {
  return { namespace, name: id.slice(namespace.length + 1) };
}

/** Everything a verdict can depend on. */
function signatureOf(pod: CompiledPod, blocks: readonly Block[]): string {
  const { namespace, namespaceLabels, labels, addresses, hostNetwork, node, ports, isolatedBy } = pod;
  const held = blocks.map((block) => addresses.filter((address) => blockHolds(block, address)).length);
  return JSON.stringify([
    namespace,
    [...namespaceLabels].toSorted(by(([key]) => key)),
    [...labels].toSorted(by(([key]) => key)),
    hostNetwork,
    node,
    ports,
    addresses.length,
    held,
    isolatedBy.ingress.map(({ id }) => id),
    isolatedBy.egress.map(({ id }) => id),
  ]);
}

function addressClasses(
  base: CompiledNetworkWorld,
  head: CompiledNetworkWorld,
  blocks: readonly Block[],
): readonly EndClass[] {
  const isTaken = (key: string): boolean =>
    [base, head].some((world) => world.podsByAddress.has(key) || world.nodesByAddress.has(key));
  const groups = Map.groupBy(rangesOf(blocks), (range) => membership(range, blocks));
  return [...groups.values()].flatMap((ranges): readonly EndClass[] => {
    const ip = ranges.map((range) => representative(range, isTaken)).find((found) => found !== undefined);
    const cidrs = ranges.flatMap((range) => range.cidrs);
    if (ip === undefined) return [];
    return [{ first: { ip }, second: undefined, pods: [], cidrs, hostNetwork: false, isChanged: false }];
  });
}

/** Addresses in the same blocks are one class, whatever their family. */
function membership({ first }: AddressRange, blocks: readonly Block[]): string {
  const address = parseAddress(first);
  return address === undefined ? "" : blocks.map((block) => (blockHolds(block, address) ? "1" : "0")).join("");
}

function distinctBlocks(worlds: readonly CompiledNetworkWorld[]): readonly Block[] {
  const rules = worlds.flatMap(rulesOf);
  const blocks = rules.flatMap(({ peers }) =>
    peers.flatMap((peer) => (peer.kind === "block" ? [peer.block, ...peer.except] : [])),
  );
  return [...new Map(blocks.map((block) => [JSON.stringify(block), block])).values()];
}

/** All rules of a world that have an effect. */
export function rulesOf({ policies }: CompiledNetworkWorld): readonly CompiledRule[] {
  return [...policies.values()].flat().flatMap(({ rules }) => [...(rules.ingress ?? []), ...(rules.egress ?? [])]);
}

/** Ids of policies that only one of the worlds has, or that are written differently. */
function changedPolicies(base: CompiledNetworkWorld, head: CompiledNetworkWorld): ReadonlySet<string> {
  const textsOf = ({ policies }: CompiledNetworkWorld): ReadonlyMap<string, string> =>
    new Map([...policies.values()].flat().map(({ id, rules }) => [id, JSON.stringify(rules)] as const));
  const [before, after] = [textsOf(base), textsOf(head)];
  // Selectors are functions here and their peers' keys texts, so a change of podSelector shows in who is selected.
  return new Set([...before.keys(), ...after.keys()].filter((id) => before.get(id) !== after.get(id)));
}

/** Classes as an end of a row. */
export function endOf(classes: readonly EndClass[], listed: number): DifferenceEnd {
  const pods = classes.flatMap((one) => one.pods).toSorted();
  if (pods.length === 0) return { kind: "addresses", cidrs: classes.flatMap(({ cidrs }) => cidrs) };
  return { kind: "pods", pods: pods.slice(0, listed), count: pods.length, classes: [], classCount: classes.length };
}
