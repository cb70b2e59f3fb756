import type { ManifestPath } from "../../model/manifest-object.ts";
import { type FieldProblem, pathText, valueAt } from "../manifests/text-fields.ts";
import { isRecord } from "../objects/fields.ts";

/**
 * Reads fields of an object as the API server decodes them: what is absent or null is empty. What has another type is
 * noted as a problem and read as empty.
 */
export class FieldReader {
  readonly problems: FieldProblem[] = [];
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** Notes a problem with a field; the sentence goes on from the field's path. */
  refuse(path: ManifestPath, sentence: string): void {
    this.problems.push({ path, problem: `${pathText(path)}: ${sentence}` });
  }

  text(path: ManifestPath): string {
    const value = valueAt(this.#value, path);
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value;
    this.refuse(path, `${JSON.stringify(value)} must be text; put it in quotes`);
    return "";
  }

  texts(path: ManifestPath): readonly string[] {
    return this.items(path).map((item) => this.text(item));
  }

  /** The paths of a list's items. */
  items(path: ManifestPath): readonly ManifestPath[] {
    const value = valueAt(this.#value, path);
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value.map((_item, index) => [...path, index]);
    this.refuse(path, "must be a list");
    return [];
  }

  /** The paths of the mappings in a list. */
  mappings(path: ManifestPath): readonly ManifestPath[] {
    return this.items(path).filter((item) => {
      const value = valueAt(this.#value, item);
      const isMapping = value === null || isRecord(value);
      if (!isMapping) this.refuse(item, "must be a mapping");
      return isMapping;
    });
  }

  /** A mapping of texts. */
  textsByKey(path: ManifestPath): Readonly<Record<string, string>> {
    const value = valueAt(this.#value, path);
    if (value === undefined || value === null) return {};
    if (isRecord(value)) return Object.fromEntries(Object.keys(value).map((key) => [key, this.text([...path, key])]));
    this.refuse(path, "must be a mapping of texts");
    return {};
  }

  has(path: ManifestPath): boolean {
    const value = valueAt(this.#value, path);
    return value !== undefined && value !== null;
  }
}
