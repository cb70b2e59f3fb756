import type { CheckFinding } from "../../model/check-finding.ts";
import type { LabelSelector, NetworkPolicyPeer } from "../../model/manifest.ts";
import { compileSelector, type LabelMap } from "../network/selector.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { isolates, namespaceOf, type ReviewRule, rulesOf } from "./policies.ts";
import type { ReviewPolicy, ReviewWorld, Subject } from "./world.ts";

/** Answers what selectors match, each asked once. */
export interface Selection {
  /** The workloads a policy selects. */
  readonly selectedBy: (policy: ReviewPolicy) => readonly Subject[];
  /**
   * The workloads a peer matches; undefined when that can't be said: it is a block, or nothing is known of the
   * namespaces it means.
   */
  readonly matchedBy: (peer: NetworkPolicyPeer, namespace: string) => readonly Subject[] | undefined;
  readonly inNamespace: (namespace: string) => readonly Subject[];
}

/** Makes the workloads of a world ready to be selected. */
export function selectionOf({ subjects, compiled, namespaces }: ReviewWorld): Selection {
  const pods = new Map(subjects.map((subject) => [subject, new Map(Object.entries(subject.labels))] as const));
  const byNamespace = Map.groupBy(subjects, ({ namespace }) => namespace);
  const labelsOf = new Map<string, LabelMap>();
  for (const { namespace, namespaceLabels } of compiled.pods.values()) labelsOf.set(namespace, namespaceLabels);
  const described = new Set(namespaces.map(({ name }) => name));
  const known = new Map<string, readonly Subject[] | undefined>();
  const inNamespace = (namespace: string): readonly Subject[] => byNamespace.get(namespace) ?? [];
  const select = (candidates: readonly Subject[], selector: LabelSelector | undefined): readonly Subject[] => {
    const matches = compileSelector(selector ?? {});
    return candidates.filter((subject) => matches(pods.get(subject) ?? new Map()));
  };
  const find = ({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, own: string) => {
    if (ipBlock !== undefined) return undefined;
    if (namespaceSelector === undefined) {
      const candidates = inNamespace(own);
      return candidates.length === 0 ? undefined : select(candidates, podSelector);
    }
    const matches = compileSelector(namespaceSelector);
    const meant = [...labelsOf].filter(([, labels]) => matches(labels)).map(([name]) => name);
    // Other labels of a namespace than its name are known only from its manifest.
    const isKnown = meant.length > 0 || (described.size > 0 && !namesNamespace(namespaceSelector));
    return isKnown ? select(meant.flatMap(inNamespace), podSelector) : undefined;
  };
  return {
    inNamespace,
    selectedBy: (policy) => select(inNamespace(namespaceOf(policy)), policy.policy.spec?.podSelector),
    matchedBy: (peer, namespace) => {
      const key = JSON.stringify([peer, peer.namespaceSelector === undefined ? namespace : ""]);
      if (!known.has(key)) known.set(key, find(peer, namespace));
      return known.get(key);
    },
  };
}

/** True for a selector that names its namespaces: which others there are does not matter then. */
function namesNamespace({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)].includes(
    "kubernetes.io/metadata.name",
  );
}

/** Selectors of pods that match none or all of a namespace. */
export function subjectFindings(policy: ReviewPolicy, selection: Selection): readonly CheckFinding[] {
  const candidates = selection.inNamespace(namespaceOf(policy));
  if (candidates.length === 0) return [];
  const selected = selection.selectedBy(policy);
  const selector = policy.policy.spec?.podSelector ?? {};
  const place = placeOf(policy.object, ["spec", "podSelector"]);
  if (selected.length === 0) {
    return [
      findingOf({
        code: "selector-matches-nothing",
        severity: "warning",
        about: policy.id,
        message: `NetworkPolicy ${policy.id} selects none of the ${candidates.length} workloads known in ${namespaceOf(policy)}, so it does nothing${nearestText(selector, candidates)}`,
        choice: "Correct podSelector, or remove the policy.",
        place,
        detail: "podSelector",
      }),
    ];
  }
  const isWhole = isEmpty(selector) || (selected.length === candidates.length && candidates.length >= 3);
  // A default-deny is meant for everybody.
  if (!isWhole || rulesOf(policy).length === 0) return [];
  return [
    findingOf({
      code: "selector-matches-everything",
      severity: "info",
      about: policy.id,
      message: `NetworkPolicy ${policy.id} selects every workload known in ${namespaceOf(policy)}, and its rules are for all of them: ${namesOf(selected.map(({ key }) => key))}`,
      choice: "Nothing to do if the rules are meant for every pod; else narrow podSelector.",
      place,
      detail: "podSelector",
    }),
  ];
}

function isEmpty({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** What is there instead: values of the keys that the selector asks for. */
function nearestText({ matchLabels = {} }: LabelSelector, candidates: readonly Subject[]): string {
  for (const [key, wanted] of Object.entries(matchLabels)) {
    const values = new Set(candidates.flatMap(({ labels }) => (Object.hasOwn(labels, key) ? [labels[key] ?? ""] : [])));
    if (values.size === 0) return `; no workload there has a label ${key}`;
    if (!values.has(wanted)) return `; ${key} is ${namesOf([...values].toSorted(), 5)} there, not ${wanted}`;
  }
  return "";
}

/** Peers of a rule that match nothing or everything, and rules of which nothing is left. */
export function peerFindings(rule: ReviewRule, selection: Selection): readonly CheckFinding[] {
  const { policy, direction } = rule;
  if (!isolates(policy).has(direction)) return [];
  if (rule.peers.length === 0) return rule.ports.length === 0 ? [openRule(rule)] : [];
  const own = namespaceOf(policy);
  const empty = rule.peers.flatMap((peer, index) =>
    selection.matchedBy(peer, own)?.length === 0 ? [{ peer, index }] : [],
  );
  if (empty.length === rule.peers.length) return [emptyRule(rule, empty[0]?.peer, selection)];
  return [
    ...empty.map(({ peer, index }) => emptyPeer(rule, peer, index, selection)),
    ...rule.peers.flatMap((peer, index) => (isEverybody(peer) ? [everybody(rule, index)] : [])),
  ];
}

function isEverybody({ namespaceSelector, podSelector, ipBlock }: NetworkPolicyPeer): boolean {
  const all = namespaceSelector !== undefined && isEmpty(namespaceSelector);
  return ipBlock === undefined && all && (podSelector === undefined || isEmpty(podSelector));
}

function openRule({ policy, direction, index, path }: ReviewRule): CheckFinding {
  return findingOf({
    code: "rule-allows-everything",
    severity: "info",
    about: policy.id,
    message: `NetworkPolicy ${policy.id}, ${direction} rule ${index + 1}: it names neither peers nor ports, so it allows everything in this direction`,
    choice: "Nothing to do if that is meant; else name peers and ports.",
    place: placeOf(policy.object, path),
    detail: direction,
  });
}

function emptyRule(rule: ReviewRule, peer: NetworkPolicyPeer | undefined, selection: Selection): CheckFinding {
  const { policy, direction, index } = rule;
  const count = rule.peers.length === 1 ? "its peer matches" : `its ${rule.peers.length} peers match`;
  const nearest = peer === undefined ? "" : hintFor(peer, namespaceOf(policy), selection);
  return findingOf({
    code: "rule-allows-nothing",
    severity: "warning",
    about: policy.id,
    message: `NetworkPolicy ${policy.id}, ${direction} rule ${index + 1}: ${count} no known workload, so it allows nothing${nearest}`,
    choice: "Correct the selectors, or remove the rule.",
    place: placeOf(policy.object, [...rule.peersPath, 0]),
    detail: JSON.stringify([direction, rule.peers]),
  });
}

function emptyPeer(rule: ReviewRule, peer: NetworkPolicyPeer, at: number, selection: Selection): CheckFinding {
  const { policy, direction, index } = rule;
  return findingOf({
    code: "selector-matches-nothing",
    severity: "warning",
    about: policy.id,
    message: `NetworkPolicy ${policy.id}, ${direction} rule ${index + 1}, peer ${at + 1}: it matches no known workload${hintFor(peer, namespaceOf(policy), selection)}`,
    choice: "Correct the selectors, or remove the peer.",
    place: placeOf(policy.object, [...rule.peersPath, at]),
    detail: JSON.stringify([direction, peer]),
  });
}

function hintFor(peer: NetworkPolicyPeer, own: string, selection: Selection): string {
  const { podSelector, ...others } = peer;
  const candidates = selection.matchedBy({ ...others, podSelector: {} }, own) ?? [];
  if (candidates.length === 0) return "; no known namespace has the labels its namespaceSelector asks for";
  return nearestText(podSelector ?? {}, candidates);
}

function everybody({ policy, direction, index, peersPath }: ReviewRule, at: number): CheckFinding {
  return findingOf({
    code: "selector-matches-everything",
    severity: "info",
    about: policy.id,
    message: `NetworkPolicy ${policy.id}, ${direction} rule ${index + 1}, peer ${at + 1}: it matches every pod of every namespace`,
    choice: "Nothing to do if that is meant; else name the namespace and the pods.",
    place: placeOf(policy.object, [...peersPath, at]),
    detail: direction,
  });
}
