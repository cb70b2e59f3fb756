import type { LabelSelector, LabelSelectorRequirement } from "../model/manifest.ts";
import { badValue, type Origin } from "./given.ts";

/**
 * Reads a label selector as `kubectl get -l` does: `env=prod`, `tier!=test`, `team in (a,b)`, `x notin (a)`, `x`, `!x`,
 * several with commas between them, all of which must be met.
 *
 * @throws NetlearnError when a part is none of these
 */
export function readSelector(text: string, origin: Origin): LabelSelector {
  const parts = text.split(OUTER_COMMA).map((part) => part.trim());
  const matchExpressions = parts.map((part) => {
    const requirement = readRequirement(part);
    if (requirement === undefined) {
      throw badValue(
        text,
        origin,
        "is no label selector",
        "Write labels as kubectl get -l does: env=prod, tier!=test, 'team in (a,b)', or several with commas between them.",
      );
    }
    return requirement;
  });
  return { matchExpressions };
}

/** A comma that stands in no parentheses. */
const OUTER_COMMA = /,(?![^(]*\))/u;

// As apimachinery has keys and values (validation.IsQualifiedName, IsValidLabelValue).
const KEY = "(?<key>(?:[a-z0-9.-]{1,253}/)?[A-Za-z0-9](?:[\\w.-]{0,61}[A-Za-z0-9])?)";
const VALUE = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/u;
const EQUALITY = new RegExp(`^${KEY}\\s*(?<operator>==?|!=)\\s*(?<value>\\S*)$`, "u");
const SET = new RegExp(`^${KEY}\\s+(?<operator>in|notin)\\s*\\((?<values>[^()]*)\\)$`, "u");
const EXISTENCE = new RegExp(`^(?<not>!?)\\s*${KEY}$`, "u");

function readRequirement(part: string): LabelSelectorRequirement | undefined {
  const equality = EQUALITY.exec(part)?.groups;
  if (equality !== undefined) return valued(equality, [equality["value"] ?? ""]);
  const set = SET.exec(part)?.groups;
  if (set !== undefined)
    return valued(
      set,
      (set["values"] ?? "").split(",").map((value) => value.trim()),
    );
  const existence = EXISTENCE.exec(part)?.groups;
  if (existence === undefined) return undefined;
  return { key: existence["key"] ?? "", operator: existence["not"] === "!" ? "DoesNotExist" : "Exists" };
}

const NEGATIVE: readonly (string | undefined)[] = ["!=", "notin"];

function valued(groups: Readonly<Record<string, string>>, values: string[]): LabelSelectorRequirement | undefined {
  if (!values.every((value) => VALUE.test(value))) return undefined;
  return { key: groups["key"] ?? "", operator: NEGATIVE.includes(groups["operator"]) ? "NotIn" : "In", values };
}
