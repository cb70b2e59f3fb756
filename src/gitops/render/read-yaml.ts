import { parseAllDocuments } from "yaml";

export type Fields = Readonly<Record<string, unknown>>;

/** Documents of a YAML text as data, empty ones left out; undefined where it is no YAML. */
export function readDocuments(text: string): unknown[] | undefined {
  const documents = parseAllDocuments(text, { merge: true, logLevel: "silent" });
  if (!Array.isArray(documents)) return [];
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  try {
    return documents.map((document): unknown => document.toJS()).filter((value) => value !== null);
  } catch {
    // Aliases that lead nowhere, or that would unfold without end.
    return undefined;
  }
}

/** Whether a value is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields below a key; none where there are none. */
export function fieldsAt(value: unknown, key: string): Fields {
  const found = isFields(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isFields(found) ? found : {};
}

/** The text below a key; empty where there is none. */
export function textAt(value: Fields, key: string): string {
  const found = value[key];
  return typeof found === "string" ? found : "";
}

/** The list below a key; empty where there is none. */
export function listAt(value: Fields, key: string): readonly unknown[] {
  const found = value[key];
  return Array.isArray(found) ? found : [];
}

/** Entries of a map whose values are texts. */
export function textsAt(value: Fields, key: string): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsAt(value, key));
  return Object.fromEntries(entries.flatMap(([name, item]) => (typeof item === "string" ? [[name, item]] : [])));
}
