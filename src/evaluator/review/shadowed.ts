import type { CheckFinding } from "../../model/check-finding.ts";
import type { ProfileName } from "../network/profile.ts";
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
  return [...groups.values()].flatMap((group) => {
    const rules = new Map(group.map((policy) => [policy, effectiveRules(policy)] as const));
    return group.flatMap((policy) => {
      const wider = group.filter((other) => other === policy || selectsAsMany(other, policy));
      const candidates = wider.flatMap((other) => rules.get(other) ?? []);
      return (rules.get(policy) ?? []).flatMap((rule) => {
        const cover = candidates.find((other) => shadows(other, rule, profile));
        return cover === undefined ? [] : [shadowFinding(rule, cover)];
      });
    });
  });
}

function effectiveRules(policy: ReviewPolicy): readonly ReviewRule[] {
  const isolated = isolates(policy);
  return rulesOf(policy).filter(({ direction }) => isolated.has(direction));
}

function selectsAsMany(wide: ReviewPolicy, narrow: ReviewPolicy): boolean {
  return selectorCovers(wide.policy.spec?.podSelector ?? {}, narrow.policy.spec?.podSelector ?? {});
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
