import type { CheckFinding } from "../../model/check-finding.ts";
import type { Labels } from "../../model/graph.ts";
import type { LabelSelector } from "../../model/manifest.ts";
import type { ManifestPath } from "../../model/manifest-object.ts";
import { compileSelector, type LabelMap } from "../network/selector.ts";
import { findingOf, placeOf } from "./finding.ts";
import { isolates, namespaceOf, rulesOf } from "./policies.ts";
import type { ReviewPolicy, ReviewWorld, Subject } from "./world.ts";

/** A selector of pods in a policy, with the namespaces it looks into. */
interface PodSelector {
  readonly policy: ReviewPolicy;
  readonly path: ManifestPath;
  readonly selects: (labels: Labels) => boolean;
  readonly looksInto: (namespace: string) => boolean;
  readonly what: string;
}

/**
 * Labels of pod templates that a change renames under selectors that stay: the policy goes on to protect and allow
 * pods that are no longer there.
 */
export function labelChangeFindings(base: ReviewWorld, head: ReviewWorld): readonly CheckFinding[] {
  const before = new Map(
    base.subjects.flatMap((subject) => (isDescribed(subject) ? [[idOf(subject), subject] as const] : [])),
  );
  const changed = head.subjects.flatMap((subject) => {
    const old = isDescribed(subject) ? before.get(idOf(subject)) : undefined;
    return old === undefined || changedKeys(old.labels, subject.labels).length === 0 ? [] : [{ subject, old }];
  });
  if (changed.length === 0) return [];
  const pods = [...head.compiled.pods.values()];
  const namespaceLabels = new Map(pods.map((pod) => [pod.namespace, pod.namespaceLabels] as const));
  const selectors = head.policies.flatMap((policy) => podSelectors(policy, namespaceLabels));
  return changed.flatMap(({ subject, old }) => {
    const lost = selectors.filter(
      ({ looksInto, selects }) => looksInto(subject.namespace) && selects(old.labels) && !selects(subject.labels),
    );
    return lost.length === 0 ? [] : [changeFinding(subject, old, lost)];
  });
}

function isDescribed({ manifest }: Subject): boolean {
  return manifest !== undefined;
}

function idOf({ namespace, manifest }: Subject): string {
  return JSON.stringify([namespace, manifest?.kind, manifest?.name]);
}

function changedKeys(old: Labels, now: Labels): readonly string[] {
  const before = new Map(Object.entries(old));
  const after = new Map(Object.entries(now));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key))
    .toSorted();
}

function podSelectors(policy: ReviewPolicy, namespaceLabels: ReadonlyMap<string, LabelMap>): readonly PodSelector[] {
  const own = namespaceOf(policy);
  const isolated = isolates(policy);
  const peers = rulesOf(policy)
    .filter(({ direction }) => isolated.has(direction))
    .flatMap(({ direction, index, peers: written, peersPath }) =>
      written.flatMap(({ podSelector, namespaceSelector }, at): readonly PodSelector[] => {
        if (podSelector === undefined) return [];
        const matches = namespaceSelector && compileSelector(namespaceSelector);
        const looksInto = (namespace: string): boolean =>
          matches === undefined ? namespace === own : matches(namespaceLabels.get(namespace) ?? new Map());
        const what = `${policy.id}, ${direction} rule ${index + 1}, peer ${at + 1}`;
        return [
          { policy, path: [...peersPath, at, "podSelector"], selects: labelMatcher(podSelector), looksInto, what },
        ];
      }),
    );
  const subject: PodSelector = {
    policy,
    path: ["spec", "podSelector"],
    selects: labelMatcher(policy.policy.spec?.podSelector ?? {}),
    looksInto: (namespace) => namespace === own,
    what: `${policy.id}, podSelector`,
  };
  return [subject, ...peers];
}

function labelMatcher(selector: LabelSelector): (labels: Labels) => boolean {
  const matches = compileSelector(selector);
  return (labels) => matches(new Map(Object.entries(labels)));
}

function changeFinding(subject: Subject, old: Subject, lost: readonly PodSelector[]): CheckFinding {
  const keys = changedKeys(old.labels, subject.labels);
  const changes = keys.map((key) => `${key}: ${valueOf(old.labels, key)} becomes ${valueOf(subject.labels, key)}`);
  const { manifest } = subject;
  const [first] = lost;
  const more = lost.length === 1 ? "" : ` and ${lost.length - 1} more`;
  return findingOf({
    code: "template-labels-changed",
    severity: "error",
    about: subject.key,
    message: `the labels of ${manifest?.kind ?? "pods"} ${subject.key} change under selectors that stay (${changes.join(", ")}): ${first?.what ?? ""}${more} no longer match its pods`,
    choice: "Change the selectors with the labels, or keep the labels.",
    place: manifest && placeOf(manifest.object, manifest.labelsPath),
    related: lost.slice(0, 10).map(({ policy, path, what }) => ({ place: placeOf(policy.object, path), text: what })),
    detail: keys.join(","),
  });
}

function valueOf(labels: Labels, key: string): string {
  return Object.hasOwn(labels, key) ? (labels[key] ?? "") : "(none)";
}
