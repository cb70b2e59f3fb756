import { at, listAt } from "../fields.ts";
import { baseName } from "../paths.ts";
import type { Notice, SourceObject } from "./documents.ts";
import { fitsFolder } from "./globs.ts";
import { textAt } from "./values.ts";

/** The Application, or those that an ApplicationSet makes as far as the repository alone tells. */
export function applicationsOf(
  object: SourceObject,
  folders: readonly string[],
  notices: Notice[],
): readonly SourceObject[] {
  if (object.kind === "Application") return [object];
  if (object.kind !== "ApplicationSet") return [];
  return listAt(object.value, "spec", "generators").flatMap((generator) => {
    const sets = parametersOf(generator, folders);
    if (sets === undefined) {
      const names = Object.keys(Object(generator)).join(", ");
      const message = `what the ApplicationSet ${object.name} makes is not known from the repository alone (${names})`;
      notices.push({ path: object.path, message });
      return [];
    }
    return sets.flatMap((parameters) => filledIn(object, parameters) ?? []);
  });
}

type Parameters = ReadonlyMap<string, string>;

/** Undefined: not known. */
function parametersOf(generator: unknown, folders: readonly string[]): readonly Parameters[] | undefined {
  if (at(generator, "list", "elements") !== undefined) {
    return listAt(generator, "list", "elements").map((element) => scalars(element));
  }
  const directories = listAt(generator, "git", "directories");
  if (directories.length === 0) return undefined;
  const [excluded, included] = [true, false].map((isOut) =>
    directories.filter((one) => (at(one, "exclude") === true) === isOut).flatMap((one) => textAt(one, "path") ?? []),
  );
  return folders
    .filter((folder) => included?.some((pattern) => fitsFolder(folder, pattern)) === true)
    .filter((folder) => excluded?.some((pattern) => fitsFolder(folder, pattern)) !== true)
    .map(pathParameters);
}

function scalars(element: unknown): Parameters {
  const entries = Object.entries(Object(element) as Record<string, unknown>);
  return new Map(entries.flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : [])));
}

function pathParameters(folder: string): Parameters {
  const segments = folder
    .split("/")
    .flatMap((segment, index) => [
      [`path[${index}]`, segment] as const,
      [`index .path.segments ${index}`, segment] as const,
    ]);
  const name = baseName(folder);
  return new Map([["path", folder], ["path.path", folder], ["path.basename", name], ...segments]);
}

/** Undefined where something in it is not known. */
function filledIn(object: SourceObject, parameters: Parameters): SourceObject | undefined {
  const value = filled(at(object.value, "spec", "template"), parameters);
  const name = textAt(value, "metadata", "name");
  const isWhole = !JSON.stringify(at(value, "spec") ?? "").includes("{{");
  if (name === undefined || name.includes("{{") || !isWhole) return undefined;
  return { ...object, kind: "Application", name, namespace: textAt(value, "metadata", "namespace"), value };
}

function filled(value: unknown, parameters: Parameters): unknown {
  if (typeof value === "string") {
    return value.replace(/\{\{-?\s*(.*?)\s*-?\}\}/gu, (whole: string, name: string) => {
      return parameters.get(name) ?? parameters.get(name.replace(/^\./u, "")) ?? whole;
    });
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, parameters));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, parameters)]));
}
