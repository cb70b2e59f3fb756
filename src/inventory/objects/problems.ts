import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt, fieldOf, isRecord } from "./fields.ts";
import { ownGroup } from "./owner.ts";
import { makesPods, readWorkload } from "./pod-template.ts";

/** Kinds that the directory reads by itself; of all others nothing is expected. */
const READ_KINDS: ReadonlySet<string> = new Set(["/Namespace", "/Node", "/Pod", "/Service"]);

/**
 * What of an object can't be read, as sentences: what is missing is not in the directory, and what is not as the API
 * server takes it was left out. Depends on what the API server refuses only, so nothing of a live cluster has any.
 */
export function problemsOf(object: ManifestObject): readonly string[] {
  const { apiVersion, kind, name, value } = object;
  const type = `${ownGroup(apiVersion)}/${kind}`;
  if (makesPods(object)) {
    const read = readWorkload(object);
    const selector = kind === "Pod" ? undefined : selectorProblem(value);
    return [...(typeof read === "string" ? [read] : []), ...(selector === undefined ? [] : [selector])];
  }
  if (!READ_KINDS.has(type)) return [];
  if (name === undefined) return ["metadata.name: is missing"];
  const selector = type === "/Service" ? selectorProblem(value) : undefined;
  return selector === undefined ? [] : [selector];
}

/** A selector with a value that is no text is refused: what it would select is not known. */
function selectorProblem(value: unknown): string | undefined {
  const selector = fieldAt(value, "spec", "selector");
  if (selector === undefined || selector === null) return undefined;
  const isPlain = fieldOf(selector, "matchLabels") === undefined && fieldOf(selector, "matchExpressions") === undefined;
  const texts = isPlain ? selector : (fieldOf(selector, "matchLabels") ?? {});
  if (isRecord(texts) && Object.values(texts).every((text) => typeof text === "string")) return undefined;
  return "spec.selector: must be a mapping of texts; put numbers and true or false in quotes";
}
