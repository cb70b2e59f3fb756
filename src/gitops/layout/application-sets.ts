import type { Repository } from "../../model/repository.ts";
import { at, isFields, listAt } from "../fields.ts";
import { baseName, folderOf } from "../paths.ts";
import { parseYaml } from "../yaml.ts";
import type { Notice, SourceObject } from "./documents.ts";
import { gitSource } from "./git-source.ts";
import { fitsFolder } from "./globs.ts";
import type { GitSource } from "./origin.ts";
import { textAt } from "./values.ts";

/** An Application that is declared, or that an ApplicationSet makes. */
export interface MadeApplication {
  readonly object: SourceObject;
  /** Where the generators read that it is made of. */
  readonly generators: readonly GitSource[];
  /** Whether it stands for several, one for each of clusters that the repository does not name. */
  readonly isForEach: boolean;
}

interface Context {
  readonly folders: readonly string[];
  readonly repository: Repository;
  readonly notices: Notice[];
}

/** The Application, or those that an ApplicationSet makes as far as the repository alone tells; the rest is a notice. */
export function applicationsOf(object: SourceObject, context: Context): readonly MadeApplication[] {
  if (object.kind === "Application") return [{ object, generators: [], isForEach: false }];
  if (object.kind !== "ApplicationSet") return [];
  const open = new Set<string>();
  const made = listAt(object.value, "spec", "generators").flatMap((generator) => {
    const sets = parametersOf(generator, context);
    if (sets === undefined) {
      open.add(Object.keys(Object(generator)).join(", "));
      return [];
    }
    return sets.flatMap((set) => {
      const application = filledIn(object, set);
      if (typeof application === "string") open.add(application);
      return typeof application === "string" ? [] : [application];
    });
  });
  if (at(object.value, "spec", "templatePatch") !== undefined) open.add("templatePatch");
  if (open.size > 0) {
    const what = [...open].toSorted().join("; ");
    const message = `what the ApplicationSet ${object.name} makes is not known from the repository alone (${what})`;
    context.notices.push({ path: object.path, message, mayHold: true });
  }
  return made;
}

/** Values that a generator gives to the template. */
interface Parameters {
  readonly values: ReadonlyMap<string, string>;
  readonly sources: readonly GitSource[];
  /** Whether a cluster gives more of them, which only Argo CD knows. */
  readonly isForEach: boolean;
}

/** Undefined: not known. */
function parametersOf(generator: unknown, context: Context): readonly Parameters[] | undefined {
  // What a selector lets through, and what a generator puts over the template, is not worked out.
  const isAltered = Object.values(Object(generator)).some((one) => at(one, "template") !== undefined);
  if (isAltered || at(generator, "selector") !== undefined) return undefined;
  if (at(generator, "clusters") !== undefined) {
    const values = scalars(at(generator, "clusters", "values"), "values.");
    return [{ values, sources: [], isForEach: true }];
  }
  if (at(generator, "matrix") !== undefined) return productOf(listAt(generator, "matrix", "generators"), context);
  if (at(generator, "list", "elements") !== undefined) {
    return listAt(generator, "list", "elements").map((element) => {
      return { values: scalars(element), sources: [], isForEach: false };
    });
  }
  const git = at(generator, "git");
  const directories = listAt(git, "directories");
  const files = listAt(git, "files");
  if (directories.length === 0 && files.length === 0) return undefined;
  const more = scalars(at(git, "values"), "values.");
  const found = [
    ...fitting(context.folders, directories).map(pathParameters),
    ...fitting([...context.repository.files.keys()], files).flatMap((path) => fileParameters(path, context) ?? []),
  ];
  const sources = [gitSource(git, found.length > 0)];
  return found.map((values) => ({ values: new Map([...values, ...more]), sources, isForEach: false }));
}

/** Argo CD itself makes some thousand at most. */
const MOST_COMBINATIONS = 10_000;

/** Each of the one with each of the other; undefined as well where they are too many to be meant. */
function productOf(generators: readonly unknown[], context: Context): readonly Parameters[] | undefined {
  let product: readonly Parameters[] = [{ values: new Map(), sources: [], isForEach: false }];
  for (const generator of generators) {
    const sets = parametersOf(generator, context);
    if (sets === undefined || product.length * sets.length > MOST_COMBINATIONS) return undefined;
    product = product.flatMap((one) =>
      sets.map((other) => ({
        values: new Map([...one.values, ...other.values]),
        sources: [...one.sources, ...other.sources],
        isForEach: one.isForEach || other.isForEach,
      })),
    );
  }
  return product;
}

function fitting(paths: readonly string[], patterns: readonly unknown[]): readonly string[] {
  const [excluded, included] = [true, false].map((isOut) =>
    patterns.filter((one) => (at(one, "exclude") === true) === isOut).flatMap((one) => textAt(one, "path") ?? []),
  );
  return paths
    .filter((path) => included?.some((pattern) => fitsFolder(path, pattern)) === true)
    .filter((path) => excluded?.some((pattern) => fitsFolder(path, pattern)) !== true);
}

function scalars(element: unknown, before = ""): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (!isFields(element)) return found;
  for (const [key, value] of Object.entries(element)) {
    if (isFields(value)) for (const [inner, text] of scalars(value, `${before}${key}.`)) found.set(inner, text);
    else if (["string", "number", "boolean"].includes(typeof value)) found.set(`${before}${key}`, String(value));
  }
  return found;
}

function pathParameters(folder: string): ReadonlyMap<string, string> {
  const segments = folder
    .split("/")
    .flatMap((segment, index) => [
      [`path[${index}]`, segment] as const,
      [`index .path.segments ${index}`, segment] as const,
    ]);
  const name = baseName(folder);
  return new Map([["path", folder], ["path.path", folder], ["path.basename", name], ...segments]);
}

/** Undefined for what holds no fields; that it can't be read is said where it is read as a manifest. */
function fileParameters(path: string, { repository }: Context): ReadonlyMap<string, string> | undefined {
  const text = repository.files.get(path)?.text;
  if (text === undefined) return undefined;
  try {
    const [content, ...more] = parseYaml(text);
    if (more.length > 0) return undefined;
    const values = scalars(content);
    return new Map([...values, ...pathParameters(folderOf(path)), ["path.filename", baseName(path)]]);
  } catch {
    return undefined;
  }
}

/** The Application; a text: what in it is not known. */
function filledIn(object: SourceObject, { values, sources, isForEach }: Parameters): MadeApplication | string {
  const value = filled(at(object.value, "spec", "template"), values);
  const name = textAt(value, "metadata", "name");
  if (name === undefined) return "no name";
  const spec = at(value, "spec");
  // Where each cluster gets one, its name and its address are what is left out, and nothing of them is needed.
  const needed =
    isForEach && isFields(spec) ? { ...spec, destination: { namespace: at(spec, "destination", "namespace") } } : spec;
  const open =
    /\{\{.*?\}\}/u.exec(JSON.stringify(needed ?? ""))?.[0] ?? (isForEach ? undefined : /\{\{.*?\}\}/u.exec(name)?.[0]);
  if (open !== undefined) return open;
  const namespace = textAt(value, "metadata", "namespace");
  return { object: { ...object, kind: "Application", name, namespace, value }, generators: sources, isForEach };
}

function filled(value: unknown, parameters: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(/\{\{-?\s*(.*?)\s*-?\}\}/gu, (whole: string, name: string) => {
      return parameters.get(name) ?? parameters.get(name.replace(/^\./u, "")) ?? whole;
    });
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, parameters));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, parameters)]));
}
