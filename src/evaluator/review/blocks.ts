import type { CheckFinding } from "../../model/check-finding.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { NetworkPolicyPeer } from "../../model/manifest.ts";
import { type Address, addressKey, type Block, blockHolds, parseAddress, parseBlock } from "../network/address.ts";
import type { Answer } from "../network/answer.ts";
import { PROFILES, type ProfileName } from "../network/profile.ts";
import { nodeAddresses, observedAddresses } from "./addresses.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { isolates, type ReviewRule, rulesOf } from "./policies.ts";
import type { ReviewWorld } from "./world.ts";

interface KnownAddress {
  readonly address: Address;
  readonly owner: string;
}

/** Addresses of the cluster as far as anybody showed them. */
interface KnownAddresses {
  readonly pods: readonly KnownAddress[];
  readonly nodes: readonly KnownAddress[];
}

/** Blocks that hold addresses of pods or nodes: whether they then match these depends on the network plugin. */
export function blockFindings(
  world: ReviewWorld,
  graph: Pick<CommunicationGraph, "edges"> | undefined,
  profile: ProfileName,
): readonly CheckFinding[] {
  const known = knownAddresses(world, graph);
  return world.policies.flatMap((policy) => {
    const isolated = isolates(policy);
    return rulesOf(policy)
      .filter(({ direction }) => isolated.has(direction))
      .flatMap((rule) => rule.peers.flatMap((_, at) => blockFinding(rule, at, { known, profile })));
  });
}

function knownAddresses(world: ReviewWorld, graph: Pick<CommunicationGraph, "edges"> | undefined): KnownAddresses {
  const fromManifests = world.subjects.flatMap(({ key, hostNetwork, manifest }) =>
    hostNetwork ? [] : (manifest?.ips ?? []).map((ip) => [ip, key] as const),
  );
  const observed = [...observedAddresses(graph)].flatMap(([key, ips]) => ips.map((ip) => [ip, key] as const));
  return { pods: readAll([...fromManifests, ...observed]), nodes: readAll([...nodeAddresses(graph)]) };
}

function readAll(rows: readonly (readonly [ip: string, owner: string])[]): readonly KnownAddress[] {
  return rows.flatMap(([ip, owner]) => {
    const address = parseAddress(ip);
    return address === undefined ? [] : [{ address, owner }];
  });
}

function blockFinding(
  { policy, direction, index, peers, peersPath }: ReviewRule,
  at: number,
  { known, profile }: { readonly known: KnownAddresses; readonly profile: ProfileName },
): readonly CheckFinding[] {
  const ipBlock = peers[at]?.ipBlock;
  const held = ipBlock && heldBy(ipBlock, known);
  if (ipBlock === undefined || held === undefined) return [];
  const answers = answersFor(held, profile);
  if (answers.length === 0) return [];
  const what = held.isAll
    ? "it holds every address, those of pods and nodes as well"
    : `it holds addresses of ${[...partOf(held.pods, "pods"), ...partOf(held.nodes, "nodes")].join(" and of ")}`;
  return [
    findingOf({
      code: "block-covers-cluster",
      // A block of everything is written on purpose; a narrower one mostly means a network that was thought to be elsewhere.
      severity: held.isAll ? "info" : "warning",
      about: policy.id,
      message: `NetworkPolicy ${policy.id}, ${direction} rule ${index + 1}, peer ${at + 1}: ${ipBlock.cidr} reaches into the cluster: ${what}; ${consequence(answers, profile)}`,
      choice: "Select pods by their labels, and take the cluster's own networks out of blocks with `except`.",
      place: placeOf(policy.object, [...peersPath, at, "ipBlock", "cidr"]),
      detail: JSON.stringify([direction, ipBlock]),
    }),
  ];
}

interface Held extends KnownAddresses {
  readonly isAll: boolean;
}

function heldBy(
  { cidr, except = [] }: NonNullable<NetworkPolicyPeer["ipBlock"]>,
  known: KnownAddresses,
): Held | undefined {
  const block = parseBlock(cidr);
  if (block === undefined) return undefined;
  const holes = except.flatMap((text) => parseBlock(text) ?? []);
  const isHeld = ({ address }: KnownAddress): boolean => holds(block, holes, address);
  const isAll = block.bits === 0 && holes.length === 0;
  return { isAll, pods: known.pods.filter(isHeld), nodes: known.nodes.filter(isHeld) };
}

/** Whether the block matches what it holds: one answer for pods, one for nodes, none where it holds neither. */
function answersFor({ isAll, pods, nodes }: Held, profile: ProfileName): readonly Answer[] {
  const { blocksMatchPods, blocksMatchNodes } = PROFILES[profile];
  return [...(pods.length > 0 || isAll ? [blocksMatchPods] : []), ...(nodes.length > 0 ? [blocksMatchNodes] : [])];
}

function partOf(held: readonly KnownAddress[], what: string): readonly string[] {
  if (held.length === 0) return [];
  const texts = held.map(({ address, owner }) => `${owner} (${addressKey(address)})`);
  return [`${what}: ${namesOf(texts.toSorted(), 2)}`];
}

function consequence(answers: readonly Answer[], profile: ProfileName): string {
  if (answers.includes("unknown")) return `whether it allows them is not known for ${profile}`;
  return answers.includes("yes")
    ? `as ${profile} reads blocks, it allows them`
    : `as ${profile} reads blocks, it does not match them, so it allows none of them`;
}

function holds(block: Block, holes: readonly Block[], address: Address): boolean {
  return blockHolds(block, address) && !holes.some((hole) => blockHolds(hole, address));
}
