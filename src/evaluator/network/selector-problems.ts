import type { LabelSelector, LabelSelectorRequirement } from "../../model/manifest.ts";
import { isLabelKey, isLabelValue } from "./names.ts";
import { quoted } from "./shape.ts";

/** What the API server would refuse in a label selector; `path` is where it stands. */
export function selectorProblems(selector: LabelSelector, path: string): string[] {
  const expressions = (selector.matchExpressions ?? []).flatMap((requirement, index) =>
    requirementProblems(requirement, `${path}.matchExpressions[${index}]`),
  );
  return [...labelProblems(selector.matchLabels ?? {}, `${path}.matchLabels`), ...expressions];
}

function requirementProblems(requirement: LabelSelectorRequirement, path: string): string[] {
  const { key, operator, values = [] } = requirement;
  const problems = keyProblems(key, `${path}.key`);
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        problems.push(`${path}.values: ${operator} needs at least one value`);
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        problems.push(`${path}.values: ${operator} takes no values`);
      }
      break;
    default:
      problems.push(`${path}.operator: ${quoted(operator)} must be In, NotIn, Exists or DoesNotExist`);
  }
  return [...problems, ...values.flatMap((value, index) => valueProblems(value, `${path}.values[${index}]`))];
}

/** What it would refuse in labels. */
export function labelProblems(labels: Readonly<Record<string, string>>, path: string): string[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...keyProblems(key, path),
    ...valueProblems(value, `${path}[${quoted(key)}]`),
  ]);
}

/** What it would refuse in the key of a label or an annotation. */
export function keyProblems(key: string | undefined, path: string): string[] {
  return key !== undefined && isLabelKey(key)
    ? []
    : [
        `${path}: ${quoted(key)} must be a label key: at most 63 of A-Z, a-z, 0-9, "-", "_" and ".", after an optional DNS prefix and "/"`,
      ];
}

function valueProblems(value: string, path: string): string[] {
  return isLabelValue(value)
    ? []
    : [
        `${path}: ${quoted(value)} must be a label value: at most 63 of A-Z, a-z, 0-9, "-", "_" and ".", alphanumeric at both ends`,
      ];
}
