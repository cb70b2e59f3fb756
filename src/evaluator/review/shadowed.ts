import type { CheckFinding } from "../../model/check-finding.ts";
import type { LabelSelector } from "../../model/manifest.ts";
import type { ProfileName } from "../network/profile.ts";
import { coverIndex, narrowKeys, narrowPeerKeys, wideKeys, widePeerKeys } from "./cover-index.ts";
import { isSwallowed, ruleCovers, selectorCovers } from "./covers.ts";
import { findingOf, placeOf } from "./finding.ts";
import { isolates, namespaceOf, type ReviewRule, rulesOf } from "./policies.ts";
import type { ReviewPolicy } from "./world.ts";

/**
 * Rules whose every connection another rule allows as well, in the same policy or in one that selects at least the
 * same pods: they can go without a change, whatever pods there are. Of two equal rules the later is named.
 */
export function shadowedRules(policies: readonly ReviewPolicy[], profile: ProfileName): readonly CheckFinding[] {
  const groups = Map.groupBy(policies, namespaceOf);
  return [...groups].flatMap(([namespace, group]) => {
    const rules = group.flatMap(effectiveRules).map((rule, order): OrderedRule => ({ rule, order }));
    const search = coverSearch(namespace, group, rules);
    return rules.flatMap(({ rule }) => {
      const cover = search(rule).find((wide) => shadows(wide.rule, rule, profile));
      return cover === undefined ? [] : [shadowFinding(rule, cover.rule)];
    });
  });
}

/** A rule and its place among those of its namespace: of several covers the first is named. */
interface OrderedRule {
  readonly rule: ReviewRule;
  readonly order: number;
}

/**
 * How the rules are found that may shadow a rule: in order, and in policies that select at least as much. A namespace
 * may have thousands of policies, and hardly any of them have to do with each other.
 */
function coverSearch(
  namespace: string,
  group: readonly ReviewPolicy[],
  rules: readonly OrderedRule[],
): (narrow: ReviewRule) => readonly OrderedRule[] {
  const byPolicy = Map.groupBy(rules, ({ rule }) => rule.policy);
  const policyIndex = coverIndex(group, (policy) => wideKeys(selectorOf(policy)));
  const ruleIndex = coverIndex(rules, ({ rule }) => widePeerKeys(rule.peers, namespace));
  // Policies with equal selectors are covered by the same ones.
  const known = new Map<string, ReadonlySet<ReviewPolicy>>();
  const widerThan = (policy: ReviewPolicy): ReadonlySet<ReviewPolicy> => {
    const selector = selectorOf(policy);
    const key = JSON.stringify(selector);
    const found =
      known.get(key) ?? new Set(policyIndex.find(narrowKeys(selector)).filter((wide) => selectsAsMany(wide, policy)));
    known.set(key, found);
    return found;
  };
  return (narrow) => {
    const wider = widerThan(narrow.policy);
    const byPeer = ruleIndex.find(narrowPeerKeys(narrow.peers, namespace));
    const found =
      byPeer.length < wider.size
        ? byPeer.filter(({ rule }) => wider.has(rule.policy))
        : [...wider].flatMap((policy) => byPolicy.get(policy) ?? []);
    return found.toSorted((one, other) => one.order - other.order);
  };
}

function selectorOf({ policy }: ReviewPolicy): LabelSelector {
  return policy.spec?.podSelector ?? {};
}

function effectiveRules(policy: ReviewPolicy): readonly ReviewRule[] {
  const isolated = isolates(policy);
  return rulesOf(policy).filter(({ direction }) => isolated.has(direction));
}

function selectsAsMany(wide: ReviewPolicy, narrow: ReviewPolicy): boolean {
  return selectorCovers(selectorOf(wide), selectorOf(narrow));
}

function shadows(wide: ReviewRule, narrow: ReviewRule, profile: ProfileName): boolean {
  if (wide === narrow || wide.direction !== narrow.direction) return false;
  const minds = profile === "ovn-kubernetes" ? "pod-selector" : "nothing";
  const context = { namespace: namespaceOf(narrow.policy), minds } as const;
  if (!ruleCovers(wide, narrow, context)) return false;
  const isMutual = ruleCovers(narrow, wide, context) && selectsAsMany(narrow.policy, wide.policy);
  return !isMutual || isBefore(wide, narrow);
}

function isBefore(a: ReviewRule, b: ReviewRule): boolean {
  return a.policy === b.policy ? a.index < b.index : a.policy.id < b.policy.id;
}

function shadowFinding(rule: ReviewRule, cover: ReviewRule): CheckFinding {
  const { policy, direction, index } = rule;
  const isOwn = cover.policy === policy;
  const where = isOwn ? `rule ${cover.index + 1}` : `rule ${cover.index + 1} of ${cover.policy.id}`;
  const coverPlace = placeOf(cover.policy.object, cover.path);
  return findingOf({
    code: "rule-shadowed",
    severity: isOwn ? "warning" : "info",
    about: policy.id,
    message: `NetworkPolicy ${policy.id}, ${direction} rule ${index + 1}: everything it allows is allowed by ${where} already`,
    choice: "Remove it, or narrow the other rule if that one allows too much.",
    place: placeOf(policy.object, rule.path),
    related: [{ place: coverPlace, text: "the rule that allows it already" }],
    detail: JSON.stringify([direction, rule.peers, rule.ports]),
  });
}

/** Blocks of which the excepts leave nothing. */
export function swallowedBlocks(policy: ReviewPolicy): readonly CheckFinding[] {
  return effectiveRules(policy).flatMap((rule) =>
    rule.peers.flatMap(({ ipBlock }, at) =>
      ipBlock === undefined || !isSwallowed(ipBlock)
        ? []
        : [
            findingOf({
              code: "rule-allows-nothing",
              severity: "warning",
              about: policy.id,
              message: `NetworkPolicy ${policy.id}, ${rule.direction} rule ${rule.index + 1}, peer ${at + 1}: the excepts leave nothing of ${ipBlock.cidr}`,
              choice: "Correct the excepts, or remove the peer.",
              place: placeOf(policy.object, [...rule.peersPath, at, "ipBlock"]),
              detail: JSON.stringify([rule.direction, ipBlock]),
            }),
          ],
    ),
  );
}
