import type { ProposedManifest } from "../../model/placement.ts";
import type { Fields } from "../fields.ts";
import { differences, type Intent } from "../render/check.ts";
import { textAt } from "../render/read-yaml.ts";
import { kindOf, nameOf, namespaceOf, type RenderedObject } from "../render/transform.ts";

/** What a tool made of a repository. */
export type ToolRendering =
  | { readonly kind: "objects"; readonly objects: readonly RenderedObject[] }
  /** The end of a sentence; see `ToolResult`. */
  | { readonly kind: "refused"; readonly because: string }
  | { readonly kind: "stopped"; readonly because: string };

/** An object of ours as it comes out, and the file that brings it. */
export interface OwnObject {
  readonly object: Fields | ProposedManifest;
  readonly source: string;
}

/** Two renderings of one place, and what was to become of it. */
export interface Judged {
  /** `apps/shop/kustomization.yaml`, as a sentence begins with it. */
  readonly what: string;
  /** Who rendered. */
  readonly label: string;
  readonly before: ToolRendering;
  readonly after: ToolRendering;
  /** Of ours, in the order in which their files hold them. */
  readonly own: { readonly before: readonly OwnObject[]; readonly after: readonly OwnObject[] };
  readonly intent: Intent;
}

/** One sentence each. */
export interface Judgement {
  /** The label of who rendered both; empty: nobody did. */
  readonly by: readonly string[];
  readonly differences: readonly string[];
  readonly unsure: readonly string[];
}

/** A tool's word may be long; people read the first of it. */
const MOST = 20;

/**
 * Whether a tool renders what it rendered before, and the intended objects besides. What it could not render before says
 * nothing of the change; what only the change keeps it from rendering is a difference.
 */
export function judge({ what, label, before, after, own, intent }: Judged): Judgement {
  if (before.kind !== "objects") {
    return unsure(`${what} can't be rendered by ${label}, as it stands: ${before.because}.`);
  }
  if (after.kind === "stopped") return unsure(`${what} was not rendered by ${label}: ${after.because}.`);
  if (after.kind === "refused") {
    return { by: [], differences: [`${what} could no longer be rendered by ${label}: ${after.because}.`], unsure: [] };
  }
  const found = differences(
    withSources(before.objects, own.before, what),
    withSources(after.objects, own.after, what),
    intent,
  );
  const shown = found.slice(0, MOST).map((sentence) => `With ${label}: ${sentence}`);
  const more = found.length > MOST ? [`With ${label}: ${found.length - MOST} more objects of ${what} differ.`] : [];
  return { by: [label], differences: [...shown, ...more], unsure: [] };
}

function unsure(sentence: string): Judgement {
  return { by: [], differences: [], unsure: [sentence] };
}

/** Tools do not say which file an object is from: ours are known by what they are called, the others are of the place. */
function withSources(
  objects: readonly RenderedObject[],
  own: readonly OwnObject[],
  what: string,
): readonly RenderedObject[] {
  const byId = Map.groupBy(objects, ({ object }) => objectId(object));
  const ours = new Map(own.map(({ object, source }) => [objectId({ ...object }), source]));
  return [
    ...[...ours].flatMap(([id, source]) => (byId.get(id) ?? []).map((item) => ({ ...item, source }))),
    ...objects.filter(({ object }) => !ours.has(objectId(object))).map((item) => ({ ...item, source: what })),
  ];
}

/** Group, kind, namespace and name. */
export function objectId(object: Fields): string {
  const group = textAt(object, "apiVersion").split("/").slice(0, -1).join("/");
  return JSON.stringify([group, kindOf(object), namespaceOf(object), nameOf(object)]);
}
