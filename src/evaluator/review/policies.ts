import type { CheckFinding } from "../../model/check-finding.ts";
import type { NetworkPolicyEgressRule, NetworkPolicyIngressRule } from "../../model/manifest.ts";
import type { ManifestObject, ManifestPath } from "../../model/manifest-object.ts";
import { policyNamespace } from "../network/policy.ts";
import type { Direction } from "../network/verdict.ts";
import type { PlainRule } from "./covers.ts";
import { findingOf, placeOf } from "./finding.ts";
import type { ReviewPolicy, ReviewRefusal, ReviewWorld } from "./world.ts";

/** A rule and where it stands. */
export interface ReviewRule extends PlainRule {
  readonly policy: ReviewPolicy;
  readonly direction: Direction;
  /** Index in its list. */
  readonly index: number;
  readonly path: ManifestPath;
  /** Where its peers stand. */
  readonly peersPath: ManifestPath;
}

/** The directions a policy isolates (rule 8). */
export function isolates({ policy }: ReviewPolicy): ReadonlySet<Direction> {
  const { policyTypes = [], egress = [] } = policy.spec ?? {};
  if (policyTypes.length === 0) return new Set(egress.length > 0 ? ["ingress", "egress"] : ["ingress"]);
  return new Set([
    ...(policyTypes.includes("Ingress") ? (["ingress"] as const) : []),
    ...(policyTypes.includes("Egress") ? (["egress"] as const) : []),
  ]);
}

/** The rules that stand in a policy, whether they have an effect or not. */
export function rulesOf(policy: ReviewPolicy): readonly ReviewRule[] {
  const { ingress = [], egress = [] } = policy.policy.spec ?? {};
  return [
    ...ingress.map((rule, index) => ruleAt(policy, "ingress", index, rule)),
    ...egress.map((rule, index) => ruleAt(policy, "egress", index, rule)),
  ];
}

function ruleAt(
  policy: ReviewPolicy,
  direction: Direction,
  index: number,
  rule: NetworkPolicyIngressRule & NetworkPolicyEgressRule,
): ReviewRule {
  const peers = (direction === "ingress" ? rule.from : rule.to) ?? [];
  const path = ["spec", direction, index];
  const peersPath = [...path, direction === "ingress" ? "from" : "to"];
  return { policy, direction, index, peers, ports: rule.ports ?? [], path, peersPath };
}

/** Policies the API server would refuse: a cluster keeps what it had, or nothing. Some only newer servers refuse. */
export function refusedPolicies({ refused, outdated }: ReviewWorld): readonly CheckFinding[] {
  return [
    ...refused.flatMap((refusal) =>
      refusalFindings(
        refusal,
        "Mend it; until then it protects and allows nothing, and nothing else in it was checked.",
      ),
    ),
    ...outdated.flatMap((refusal) =>
      refusalFindings(
        refusal,
        "Mend it. An older cluster takes it, and a newer one keeps it if it has it already: it was checked as it would work there.",
      ),
    ),
  ];
}

function refusalFindings({ object, problems }: ReviewRefusal, choice: string): readonly CheckFinding[] {
  return problems.map((problem) =>
    findingOf({
      code: "policy-refused",
      severity: "error",
      about: nameOf(object),
      message: `the API server would refuse this policy: ${problem}${misreadNote(object, pathOf(problem))}`,
      choice,
      place: placeOf(object, pathOf(problem)),
      detail: problem,
    }),
  );
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string | undefined }): string {
  return `${namespace}/${name ?? "(without a name)"}`;
}

/** Why a value is another one than the file seems to say. */
function misreadNote({ misreadAt }: ManifestObject, path: ManifestPath): string {
  const value = misreadAt?.(path).value;
  if (value === undefined) return "";
  return ` (it is written ${value.written}, and kubectl, which reads YAML 1.1, takes that for ${JSON.stringify(value.byKubectl)})`;
}

/** The path at the head of a sentence of `problemsOf`: `spec.ingress[0].from[1].podSelector.matchLabels["app"]: ...`. */
function pathOf(problem: string): ManifestPath {
  const [head = ""] = /^(?:\.?\w+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])+/u.exec(problem) ?? [];
  const steps = head.matchAll(/\.?(?<name>\w+)|\[(?<index>\d+)\]|\[(?<key>"(?:[^"\\]|\\.)*")\]/gu);
  return Array.from(steps, ({ groups: { name, index, key } = {} }) => {
    if (index !== undefined) return Number(index);
    return key === undefined ? (name ?? "") : String(JSON.parse(key));
  });
}

/** Policies whose directions are only what the API server fills in, and sections without effect. */
export function policyTypeFindings(policy: ReviewPolicy): readonly CheckFinding[] {
  const { policyTypes = [], egress = [], ingress = [] } = policy.policy.spec ?? {};
  const isolated = isolates(policy);
  const rules = { ingress, egress };
  const ignored = (["ingress", "egress"] as const)
    .filter((direction) => !isolated.has(direction) && rules[direction].length > 0)
    .map((direction) => ignoredSection(policy, direction));
  return policyTypes.length > 0 ? ignored : [...ignored, defaultedFinding(policy)];
}

function defaultedFinding(policy: ReviewPolicy): CheckFinding {
  const { severity, consequence, choice } = defaultWords(policy);
  return findingOf({
    code: "policy-types-missing",
    severity,
    about: policy.id,
    message: `NetworkPolicy ${policy.id} has no policyTypes, ${consequence}`,
    choice,
    place: placeOf(policy.object, ["spec"]),
    detail: consequence,
  });
}

function defaultWords(policy: ReviewPolicy): {
  readonly severity: "info" | "warning";
  readonly consequence: string;
  readonly choice: string;
} {
  const { egress, ingress } = policy.policy.spec ?? {};
  if (egress !== undefined && egress.length > 0 && ingress === undefined) {
    return {
      severity: "warning",
      consequence: "so it also closes ingress of the pods it selects, for which it has no rule",
      choice:
        "Write policyTypes: [Egress] if ingress is to stay as it is, or [Ingress, Egress] to say that it is meant.",
    };
  }
  if (egress !== undefined && egress.length === 0) {
    return {
      severity: "warning",
      consequence: "so the empty egress list closes nothing: egress stays open",
      choice: "Write policyTypes: [Ingress, Egress] to close egress.",
    };
  }
  const types = [...isolates(policy)].map((direction) => (direction === "ingress" ? "Ingress" : "Egress")).join(", ");
  return {
    severity: "info",
    consequence: `so it isolates by default: ${types}`,
    choice: `Write policyTypes: [${types}] to say that it is meant.`,
  };
}

function ignoredSection(policy: ReviewPolicy, direction: Direction): CheckFinding {
  const type = direction === "ingress" ? "Ingress" : "Egress";
  return findingOf({
    code: "rule-ignored",
    severity: "warning",
    about: policy.id,
    message: `NetworkPolicy ${policy.id} has ${direction} rules, but its policyTypes do not name ${type}: they have no effect`,
    choice: `Add ${type} to policyTypes, or remove the rules.`,
    place: placeOf(policy.object, ["spec", direction]),
    detail: direction,
  });
}

/** The namespace of a policy. */
export function namespaceOf({ policy }: ReviewPolicy): string {
  return policyNamespace(policy);
}
