import type { LabelSelector, LabelSelectorRequirement } from "../../model/manifest.ts";

/** Labels of an object. A map, so that a label called `__proto__` is a label. */
export type LabelMap = ReadonlyMap<string, string>;

/** Whether the labels are selected. */
export type LabelMatcher = (labels: LabelMap) => boolean;

/**
 * Makes a selector ready to match. `{}` matches everything; matchLabels and matchExpressions must all hold (rule 7).
 * The selector must be one the API server accepts (`problemsOf`).
 */
export function compileSelector(selector: LabelSelector): LabelMatcher {
  const wanted = Object.entries(selector.matchLabels ?? {});
  const requirements = (selector.matchExpressions ?? []).map(compileRequirement);
  return (labels) => {
    for (const [key, value] of wanted) if (labels.get(key) !== value) return false;
    for (const matches of requirements) if (!matches(labels)) return false;
    return true;
  };
}

/** apimachinery pkg/labels/selector.go, Requirement.Matches: NotIn also holds when the key is absent. */
function compileRequirement(requirement: LabelSelectorRequirement): LabelMatcher {
  const { key, operator } = requirement;
  const values = new Set(requirement.values ?? []);
  const isListed = (value: string | undefined): boolean => value !== undefined && values.has(value);
  switch (operator) {
    case "In":
      return (labels) => isListed(labels.get(key));
    case "NotIn":
      return (labels) => !isListed(labels.get(key));
    case "Exists":
      return (labels) => labels.has(key);
    case "DoesNotExist":
      return (labels) => !labels.has(key);
  }
}
