import { type Document, isScalar, visit } from "yaml";

/** A key that a mapping has twice. */
export interface RepeatedKey {
  readonly key: string;
  /** Where the second one begins, in UTF-16 units of the text. */
  readonly offset: number;
}

/**
 * The first key of a document that stands twice in one mapping, which the API server refuses; `<<` may stand twice.
 * The library's own check compares each key with every other: a mapping of half a million keys keeps it for minutes.
 */
export function repeatedKey(document: Document.Parsed): RepeatedKey | undefined {
  let found: RepeatedKey | undefined;
  visit(document, {
    Map(_place, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || key.value === "<<") continue;
        if (seen.has(key.value)) {
          found = { key: String(key.value), offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}
