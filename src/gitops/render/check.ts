import { isSameData } from "../../lib/equal.ts";
import type { ProposedManifest } from "../../model/placement.ts";
import { type Fields, fieldsAt, isFields } from "../fields.ts";
import { textAt } from "./read-yaml.ts";
import { kindOf, nameOf, namespaceOf, type RenderedObject } from "./transform.ts";

/** What was meant. */
export interface Intent {
  /** What each file of ours shall hold, by path; empty lists are files that go. */
  readonly files: ReadonlyMap<string, readonly ProposedManifest[]>;
  /** Labels that kustomizations write into selectors. */
  readonly selectorLabels: readonly (readonly [string, string])[];
}

/**
 * Whether what is rendered after a change is what was rendered before, and the intended objects besides. Compared by content:
 * kustomizations may rename objects, label them and annotate them.
 *
 * @returns what differs, one sentence each, in the order of the objects; empty: nothing
 */
export function differences(
  before: readonly RenderedObject[],
  after: readonly RenderedObject[],
  intent: Intent,
): string[] {
  const others = (objects: readonly RenderedObject[]) => objects.filter(({ source }) => !intent.files.has(source));
  const found = otherDifferences(others(before), others(after));
  for (const [path, manifests] of intent.files) {
    found.push(...ownDifferences(path, manifests, after, intent.selectorLabels));
  }
  return [...found, ...duplicates(before, after)];
}

function otherDifferences(before: readonly RenderedObject[], after: readonly RenderedObject[]): string[] {
  const left = new Set(after);
  const bySource = Map.groupBy(after, ({ source }) => source);
  const gone = before.filter((item) => {
    const same = bySource.get(item.source)?.find((other) => left.has(other) && isSameData(other.object, item.object));
    return same === undefined || !left.delete(same);
  });
  return [
    ...gone.map((item) => `${described(item)} would no longer be there as it is.`),
    ...[...left].map((item) => `${described(item)} would be there, and nobody meant it.`),
  ];
}

function ownDifferences(
  path: string,
  manifests: readonly ProposedManifest[],
  after: readonly RenderedObject[],
  selectorLabels: Intent["selectorLabels"],
): string[] {
  const rendered = after.filter(({ source }) => source === path);
  if (rendered.length !== manifests.length) {
    return [`${path} would come to ${rendered.length} objects, not to ${manifests.length}.`];
  }
  const roleName = (kind: string, name: string) => {
    const index = manifests.findIndex((manifest) => manifest.kind === kind && manifest.metadata.name === name);
    return nameOf(rendered[index]?.object ?? { metadata: { name } });
  };
  return rendered.flatMap((item, index) => {
    const manifest = manifests[index];
    if (manifest === undefined) return [];
    const meant = data(manifest);
    const because = differenceOf(meant, item.object, { roleName, selectorLabels });
    return because === undefined ? [] : [`${described(item)} would come out with ${because}.`];
  });
}

interface Allowance {
  readonly roleName: (kind: string, name: string) => string;
  readonly selectorLabels: Intent["selectorLabels"];
}

function differenceOf(meant: Fields, found: Fields, allowance: Allowance): string | undefined {
  if (meant["apiVersion"] !== found["apiVersion"] || kindOf(meant) !== kindOf(found)) return "another kind";
  if (namespaceOf(meant) !== namespaceOf(found)) {
    return `the namespace "${namespaceOf(found)}", not "${namespaceOf(meant)}"`;
  }
  const reference = fieldsAt(meant, "roleRef");
  const roleRef =
    meant["roleRef"] === undefined
      ? {}
      : { roleRef: { ...reference, name: allowance.roleName(textAt(reference, "kind"), textAt(reference, "name")) } };
  const expected: Fields = { ...meant, ...roleRef };
  const actual = withoutAdded(found, meant, allowance.selectorLabels);
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  keys.delete("metadata");
  const other = [...keys].find((key) => !isSameData(expected[key], actual[key]));
  return other === undefined ? undefined : `another \`${other}\``;
}

/** Without the labels that kustomizations add to a policy's own selector: the pods get them as well. */
function withoutAdded(found: Fields, meant: Fields, added: Intent["selectorLabels"]): Fields {
  const selector = fieldsAt(found, "spec", "podSelector");
  if (!isFields(selector["matchLabels"])) return found;
  const own = fieldsAt(meant, "spec", "podSelector", "matchLabels");
  const matchLabels = Object.fromEntries(
    Object.entries(selector["matchLabels"]).filter(
      ([key, value]) => Object.hasOwn(own, key) || !added.some(([name, text]) => name === key && text === value),
    ),
  );
  return { ...found, spec: { ...fieldsAt(found, "spec"), podSelector: { ...selector, matchLabels } } };
}

/** Kustomize refuses two objects of one name, and elsewhere the last one wins. */
function duplicates(before: readonly RenderedObject[], after: readonly RenderedObject[]): string[] {
  const known = repeated(before);
  return [...repeated(after)].filter((id) => !known.has(id)).map((id) => `${id} would be there twice.`);
}

function repeated(objects: readonly RenderedObject[]): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { object } of objects) {
    const [group] = textAt(object, "apiVersion").split("/", 1);
    const id = `${kindOf(object)} ${namespaceOf(object)}/${nameOf(object)} (${group ?? ""})`;
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  return twice;
}

function described({ object, source }: RenderedObject): string {
  return `${kindOf(object)} ${namespaceOf(object)}/${nameOf(object)} of ${source}`;
}

function data(manifest: ProposedManifest): Fields {
  return { ...manifest };
}

/** Objects of ours and nobody else's: each of them is labelled so. */
export function isLabelledOwn(documents: readonly unknown[]): boolean {
  return (
    documents.length > 0 &&
    documents.every(
      (document) => textAt(fieldsAt(document, "metadata", "labels"), "app.kubernetes.io/managed-by") === "netlearn",
    )
  );
}
