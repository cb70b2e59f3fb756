import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort } from "../../model/manifest.ts";
import { type Block, blockHolds, parseBlock } from "../network/address.ts";

/** A rule of either direction: who, on which ports. */
export interface PlainRule {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}

/** What has to be known to compare rules. */
export interface CoverContext {
  /** Of the policies the rules stand in. */
  readonly namespace: string;
  /** True where a peer without podSelector leaves hostNetwork pods out that one with it would match. */
  readonly minds: "pod-selector" | "nothing";
}

/** What a selector asks of one label; all of them have to hold. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/**
 * True when everything `narrow` allows `wide` allows too, whatever pods there are. False may mean "not seen": the
 * comparison looks at one peer and one port at a time.
 */
export function ruleCovers(wide: PlainRule, narrow: PlainRule, context: CoverContext): boolean {
  const peers =
    wide.peers.length === 0 ||
    (narrow.peers.length > 0 &&
      narrow.peers.every((peer) => wide.peers.some((other) => peerCovers(other, peer, context))));
  const ports =
    wide.ports.length === 0 ||
    (narrow.ports.length > 0 && narrow.ports.every((port) => wide.ports.some((other) => portCovers(other, port))));
  return peers && ports;
}

/** True when every pod `narrow` selects is selected by `wide`, whatever pods there are. */
export function selectorCovers(wide: LabelSelector, narrow: LabelSelector): boolean {
  const given = requirementsOf(narrow);
  return requirementsOf(wide).every((wanted) => given.some((one) => implies(one, wanted)));
}

/** `matchLabels` and `matchExpressions` as one list. */
export function requirementsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly Requirement[] {
  const labels = Object.entries(matchLabels).map(
    ([key, value]): Requirement => ({ key, operator: "In", values: [value] }),
  );
  return [...labels, ...matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values }))];
}

function implies(given: Requirement, wanted: Requirement): boolean {
  if (given.key !== wanted.key) return false;
  switch (wanted.operator) {
    case "In":
      return given.operator === "In" && given.values.every((value) => wanted.values.includes(value));
    case "NotIn":
      return (
        given.operator === "DoesNotExist" ||
        (given.operator === "NotIn" && wanted.values.every((value) => given.values.includes(value))) ||
        (given.operator === "In" && !given.values.some((value) => wanted.values.includes(value)))
      );
    case "Exists":
      return given.operator === "In" || given.operator === "Exists";
    case "DoesNotExist":
      return given.operator === "DoesNotExist";
  }
}

function peerCovers(wide: NetworkPolicyPeer, narrow: NetworkPolicyPeer, context: CoverContext): boolean {
  if (wide.ipBlock !== undefined) return narrow.ipBlock !== undefined && blockCovers(wide.ipBlock, narrow.ipBlock);
  if (narrow.ipBlock !== undefined) return false;
  if (context.minds === "pod-selector" && leavesHostPodsOut(wide) && !leavesHostPodsOut(narrow)) return false;
  const { namespace } = context;
  const namespaces = selectorCovers(namespaceSelectorOf(wide, namespace), namespaceSelectorOf(narrow, namespace));
  return namespaces && selectorCovers(wide.podSelector ?? {}, narrow.podSelector ?? {});
}

/** The namespaces of a peer that is no block: without a selector, the policy's own. */
export function namespaceSelectorOf({ namespaceSelector }: NetworkPolicyPeer, namespace: string): LabelSelector {
  return namespaceSelector ?? { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}

function leavesHostPodsOut({ podSelector }: NetworkPolicyPeer): boolean {
  return podSelector === undefined;
}

type IpBlock = NonNullable<NetworkPolicyPeer["ipBlock"]>;

function blockCovers(wide: IpBlock, narrow: IpBlock): boolean {
  const outer = parseBlock(wide.cidr);
  const inner = parseBlock(narrow.cidr);
  if (outer === undefined || inner === undefined || !contains(outer, inner)) return false;
  const kept = blocksOf(narrow.except ?? []);
  return blocksOf(wide.except ?? []).every((hole) => {
    const apart = !contains(hole, inner) && !contains(inner, hole);
    return apart || kept.some((except) => contains(except, hole));
  });
}

/** True when the excepts of a block leave nothing of it. */
export function isSwallowed({ cidr, except = [] }: IpBlock): boolean {
  const block = parseBlock(cidr);
  return block !== undefined && isCovered(block, blocksOf(except));
}

function isCovered(block: Block, holes: readonly Block[]): boolean {
  const inside = holes.filter((hole) => contains(block, hole) || contains(hole, block));
  if (inside.length === 0) return false;
  if (inside.some((hole) => contains(hole, block))) return true;
  return halvesOf(block).every((half) => isCovered(half, inside));
}

function halvesOf(block: Block): readonly Block[] {
  // The block may have been written with host bits, so the bit is set in one half and cleared in the other.
  const place = block.bits >> 3;
  const bit = 0x80 >> (block.bits & 7);
  const bits = block.bits + 1;
  const lower = block.bytes.map((byte, index) => (index === place ? byte & ~bit : byte));
  const upper = block.bytes.map((byte, index) => (index === place ? byte | bit : byte));
  return [
    { ...block, bits, bytes: lower },
    { ...block, bits, bytes: upper },
  ];
}

function contains(outer: Block, inner: Block): boolean {
  return outer.bits <= inner.bits && blockHolds(outer, inner);
}

function blocksOf(texts: readonly string[]): readonly Block[] {
  return texts.flatMap((text) => parseBlock(text) ?? []);
}

function portCovers(wide: NetworkPolicyPort, narrow: NetworkPolicyPort): boolean {
  if ((wide.protocol ?? "TCP") !== (narrow.protocol ?? "TCP")) return false;
  if (wide.port === undefined) return true;
  if (typeof wide.port === "string" || typeof narrow.port !== "number") return wide.port === narrow.port;
  return wide.port <= narrow.port && (narrow.endPort ?? narrow.port) <= (wide.endPort ?? wide.port);
}
