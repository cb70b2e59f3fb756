import type { CheckFinding } from "../../model/check-finding.ts";
import type { NetworkPolicyPort } from "../../model/manifest.ts";
import type { Direction } from "../network/verdict.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { isolates, namespaceOf, type ReviewRule, rulesOf } from "./policies.ts";
import type { Selection } from "./selectors.ts";
import type { ReviewPolicy, ReviewWorld, Subject } from "./world.ts";

/** So many combinations of port and protocol fit for one address, over all rules and policies that name it. */
export const MOST_PORTS = 24;

/** Combinations of port and protocol that policies of a pod name for one and the same address. */
interface Named {
  /** As it is shown: a workload, a block, or everybody. */
  readonly address: string;
  readonly ports: Set<string>;
  readonly rules: Set<ReviewRule>;
}

/** Workloads whose policies together name more ports for one address than the Amazon VPC CNI can hold. */
export function portLimitFindings(world: ReviewWorld, selection: Selection): readonly CheckFinding[] {
  const subjects = policiesBySubject(world.policies, selection);
  const checked = new Set<string>();
  return [...subjects].flatMap(([subject, policies]) =>
    (["ingress", "egress"] as const).flatMap((direction) => {
      const rules = policies.flatMap((policy) => effectiveRules(policy, direction));
      // Pods of the same policies have the same to say; most have far too few ports to look any closer.
      const key = JSON.stringify([direction, policies.map(({ id }) => id)]);
      if (checked.has(key) || new Set(rules.flatMap(portTexts)).size <= MOST_PORTS) return [];
      checked.add(key);
      const over = namedIn(rules, selection).filter(({ ports }) => ports.size > MOST_PORTS);
      const [worst] = over.toSorted((a, b) => b.ports.size - a.ports.size || (a.address < b.address ? -1 : 1));
      return worst === undefined ? [] : limitFinding(subject, direction, worst, over.length);
    }),
  );
}

function policiesBySubject(
  policies: readonly ReviewPolicy[],
  selection: Selection,
): ReadonlyMap<Subject, readonly ReviewPolicy[]> {
  const pairs = policies.flatMap((policy) => selection.selectedBy(policy).map((subject) => ({ subject, policy })));
  const groups = Map.groupBy(pairs, ({ subject }) => subject);
  return new Map([...groups].map(([subject, group]) => [subject, group.map(({ policy }) => policy)]));
}

function effectiveRules(policy: ReviewPolicy, direction: Direction): readonly ReviewRule[] {
  return isolates(policy).has(direction) ? rulesOf(policy).filter((rule) => rule.direction === direction) : [];
}

/** A range counts once; a rule without ports is one entry for all of them. */
function portTexts({ ports }: ReviewRule): readonly string[] {
  return ports.length === 0 ? ["every port"] : ports.map(portText);
}

function portText({ port, endPort, protocol = "TCP" }: NetworkPolicyPort): string {
  return `${port ?? "every port"}${endPort === undefined ? "" : `-${endPort}`}/${protocol}`;
}

/** Selectors stand for the addresses of the pods they match, which several of them may share. */
function namedIn(rules: readonly ReviewRule[], selection: Selection): readonly Named[] {
  const found = new Map<string, Named>();
  for (const rule of rules) {
    for (const address of addressesOf(rule, selection)) {
      const named = found.get(address) ?? { address, ports: new Set(), rules: new Set() };
      found.set(address, named);
      named.rules.add(rule);
      for (const port of portTexts(rule)) named.ports.add(port);
    }
  }
  return [...found.values()];
}

function addressesOf({ peers, policy }: ReviewRule, selection: Selection): readonly string[] {
  if (peers.length === 0) return ["everybody"];
  const addresses = peers.flatMap((peer) => {
    if (peer.ipBlock !== undefined) return [peer.ipBlock.cidr];
    const matched = selection.matchedBy(peer, namespaceOf(policy));
    return matched?.map(({ key }) => key) ?? [`the pods of ${JSON.stringify(peer)}`];
  });
  return [...new Set(addresses)];
}

function limitFinding(
  subject: Subject,
  direction: Direction,
  { address, ports, rules }: Named,
  over: number,
): readonly CheckFinding[] {
  const [first, ...others] = [...new Set([...rules].map(({ policy }) => policy))];
  if (first === undefined) return [];
  const names = namesOf([first, ...others].map(({ id }) => id));
  const more = over === 1 ? "" : ` (and for ${over - 1} more)`;
  return [
    findingOf({
      code: "plugin-limit",
      severity: "warning",
      about: first.id,
      message: `The ${direction} of ${subject.key} names ${ports.size} combinations of port and protocol for ${address}${more} in ${names}, and EKS holds ${MOST_PORTS} for one address`,
      choice: "Use ranges (endPort), leave ports out, or split the workload.",
      place: placeOf(first.object, ["spec", direction]),
      related: others
        .slice(0, 3)
        .map(({ id, object }) => ({ place: placeOf(object, ["spec", direction]), text: `${id} adds to it` })),
      detail: JSON.stringify([direction, address]),
    }),
  ];
}
