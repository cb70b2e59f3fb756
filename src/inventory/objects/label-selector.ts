import type { Labels } from "../../model/graph.ts";
import { isRunTimeLabel } from "../../model/labels.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../../model/manifest.ts";
import { fieldOf, isRecord, listOf, textsOf } from "./fields.ts";
import { lastingLabels } from "./object-labels.ts";

const OPERATORS: ReadonlySet<unknown> = new Set(["DoesNotExist", "Exists", "In", "NotIn"]);

/**
 * A workload's `spec.selector` without run-time labels: a LabelSelector, or the plain mapping of a
 * ReplicationController or DeploymentConfig.
 *
 * @returns undefined when there is none, when nothing is left of it, or when a part of it can't be read: a selector
 *   without that part would select more
 */
export function readSelector(value: unknown): LabelSelector | undefined {
  if (!isRecord(value)) return undefined;
  const isPlain = !Object.hasOwn(value, "matchLabels") && !Object.hasOwn(value, "matchExpressions");
  const written = isPlain ? value : fieldOf(value, "matchLabels");
  const expressions = isPlain ? [] : listOf(fieldOf(value, "matchExpressions"));
  if (isRecord(written) && Object.values(written).some((text) => typeof text !== "string")) return undefined;
  const requirements = expressions.map(readRequirement).filter((one) => one !== undefined);
  if (requirements.length < expressions.length) return undefined;
  const matchLabels = lastingLabels(written);
  const matchExpressions = requirements.filter(({ key }) => !isRunTimeLabel(key));
  const hasLabels = Object.keys(matchLabels).length > 0;
  if (!hasLabels && matchExpressions.length === 0) return undefined;
  return { ...(hasLabels ? { matchLabels } : {}), ...(matchExpressions.length > 0 ? { matchExpressions } : {}) };
}

function readRequirement(value: unknown): LabelSelectorRequirement | undefined {
  const key = fieldOf(value, "key");
  const operator = fieldOf(value, "operator");
  if (typeof key !== "string" || !isOperator(operator)) return undefined;
  if (operator === "Exists" || operator === "DoesNotExist") return { key, operator };
  return { key, operator, values: textsOf(fieldOf(value, "values")) };
}

function isOperator(value: unknown): value is LabelSelectorRequirement["operator"] {
  return OPERATORS.has(value);
}

/** True when a pod with exactly these labels is selected (apimachinery pkg/labels/selector.go, Requirement.Matches). */
export function matchesSelector({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  for (const key in matchLabels) if (ownLabel(labels, key) !== matchLabels[key]) return false;
  return matchExpressions?.every((requirement) => meets(requirement, ownLabel(labels, requirement.key))) ?? true;
}

/** True when no pod that has at least these labels can be selected. */
export function contradictsSelector({ matchLabels, matchExpressions }: LabelSelector, labels: Labels): boolean {
  for (const key in matchLabels) {
    const value = ownLabel(labels, key);
    if (value !== undefined && value !== matchLabels[key]) return true;
  }
  return (
    matchExpressions?.some((requirement) => {
      const value = ownLabel(labels, requirement.key);
      return value !== undefined && !meets(requirement, value);
    }) ?? false
  );
}

function ownLabel(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function meets({ operator, values = [] }: LabelSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
