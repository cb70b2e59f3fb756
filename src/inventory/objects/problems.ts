import type { ManifestObject } from "../../model/manifest-object.ts";
import { textProblems } from "../manifests/text-fields.ts";
import { fieldAt, isRecord, textOf } from "./fields.ts";
import { ownGroup } from "./owner.ts";
import { makesPods, readWorkload } from "./pod-template.ts";

/** Kinds that the directory reads beside those that make pods; of all others nothing is expected. */
const READ_KINDS: ReadonlySet<string> = new Set(["/Namespace", "/Node", "/Service"]);

/** Kinds whose selector is a plain mapping. */
const PLAIN_SELECTORS: ReadonlySet<string> = new Set(["/ReplicationController", "/Service"]);

/**
 * What of an object can't be read, as sentences: what is missing is not in the directory, and what is not as the API
 * server takes it was left out. What has a uid was taken, so it has no problems.
 */
export function problemsOf(object: ManifestObject): readonly string[] {
  const { apiVersion, kind, name, value } = object;
  if (textOf(fieldAt(value, "metadata"), "uid") !== undefined) return [];
  const type = `${ownGroup(apiVersion)}/${kind}`;
  const selector = PLAIN_SELECTORS.has(type) ? selectorProblems(value) : [];
  if (makesPods(object)) {
    const read = readWorkload(object);
    return [...(Array.isArray(read) ? read.map(({ problem }) => problem) : []), ...selector];
  }
  if (!READ_KINDS.has(type)) return [];
  const texts = textProblems(object, undefined).map(({ problem }) => problem);
  return [...texts, ...(texts.length === 0 && name === undefined ? ["metadata.name: is missing"] : []), ...selector];
}

/** A selector with a value that is no text is refused: what it would select is not known. */
function selectorProblems(value: unknown): readonly string[] {
  const selector = fieldAt(value, "spec", "selector");
  if (selector === undefined || selector === null) return [];
  if (isRecord(selector) && Object.values(selector).every((text) => typeof text === "string")) return [];
  return ["spec.selector: must be a mapping of texts; put numbers and true or false in quotes"];
}
