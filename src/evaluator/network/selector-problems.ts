import type { LabelSelector, LabelSelectorRequirement } from "../../model/manifest.ts";
import { isLabelKey, isLabelValue } from "./names.ts";
import {
  inField,
  inItems,
  inLabel,
  NO_PROBLEMS,
  ofFields,
  type Problems,
  problem,
  quoted,
  together,
} from "./problem.ts";

/** What the API server would refuse in a label selector. */
export function selectorProblems({ matchLabels, matchExpressions }: LabelSelector): Problems {
  return together(
    inField("matchLabels", labelProblems(matchLabels ?? {})),
    inField("matchExpressions", inItems(matchExpressions ?? [], requirementProblems)),
  );
}

function requirementProblems(requirement: LabelSelectorRequirement): Problems {
  const { key, values = [] } = requirement;
  return together(
    inField("key", keyProblems(key)),
    operatorProblems(requirement),
    inField("values", inItems(values, valueProblems)),
  );
}

function operatorProblems({ operator, values = [] }: LabelSelectorRequirement): Problems {
  switch (operator) {
    case "In":
    case "NotIn":
      return values.length === 0 ? inField("values", problem(`${operator} needs at least one value`)) : NO_PROBLEMS;
    case "Exists":
    case "DoesNotExist":
      return values.length > 0 ? inField("values", problem(`${operator} takes no values`)) : NO_PROBLEMS;
    default:
      return inField("operator", problem(`${quoted(operator)} must be In, NotIn, Exists or DoesNotExist`));
  }
}

/** What it would refuse in labels. */
export function labelProblems(labels: Readonly<Record<string, string>>): Problems {
  return ofFields(labels, (key, value) => together(keyProblems(key), inLabel(key, valueProblems(value))));
}

/** What it would refuse in the key of a label or an annotation. */
export function keyProblems(key: string | undefined): Problems {
  return key !== undefined && isLabelKey(key)
    ? NO_PROBLEMS
    : problem(
        `${quoted(key)} must be a label key: at most 63 of A-Z, a-z, 0-9, "-", "_" and ".", after an optional DNS prefix and "/"`,
      );
}

function valueProblems(value: string): Problems {
  return isLabelValue(value)
    ? NO_PROBLEMS
    : problem(
        `${quoted(value)} must be a label value: at most 63 of A-Z, a-z, 0-9, "-", "_" and ".", alphanumeric at both ends`,
      );
}
