import type { RepositoryFile } from "../../model/repository.ts";
import { at, type Fields, fieldsAt } from "../fields.ts";
import { parseYaml } from "../yaml.ts";

/** Documents of a YAML text as data, empty ones left out; undefined where it is no YAML. */
export function readDocuments(text: string): unknown[] | undefined {
  try {
    return parseYaml(text).filter((value) => value !== null);
  } catch {
    return undefined;
  }
}

const READ = new WeakMap<RepositoryFile, readonly unknown[]>();

/** {@link readDocuments} of a file, which is read once however often it is asked for; undefined also where it has no text. */
export function documentsIn(file: RepositoryFile): readonly unknown[] | undefined {
  const known = READ.get(file) ?? (file.text === undefined ? undefined : readDocuments(file.text));
  if (known !== undefined) READ.set(file, known);
  return known;
}

/** The text below a key; empty where there is none. */
export function textAt(value: Fields, key: string): string {
  const found = at(value, key);
  return typeof found === "string" ? found : "";
}

/** Entries of a map whose values are texts. */
export function textsAt(value: Fields, key: string): Readonly<Record<string, string>> {
  const entries = Object.entries(fieldsAt(value, key));
  return Object.fromEntries(entries.flatMap(([name, item]) => (typeof item === "string" ? [[name, item]] : [])));
}
