import type { Tracking } from "../../model/placement.ts";
import { fieldOf } from "./fields.ts";
import { readLabels } from "./object-labels.ts";

/** By which the tools know what they applied: Argo CD's resource tracking, and Flux's labels. */
const LABELS =
  /^(?:argocd\.argoproj\.io\/instance|app\.kubernetes\.io\/instance|(?:helm|kustomize)\.toolkit\.fluxcd\.io\/)/u;

/** The annotation in which Argo CD says so. */
export const TRACKING_ANNOTATION = "argocd.argoproj.io/tracking-id";

/** What an object itself says of who applied it; undefined: nothing. @param metadata of the object, not of its template */
export function readMarks(metadata: unknown): Tracking | undefined {
  const labels = Object.entries(readLabels(fieldOf(metadata, "labels")) ?? {}).filter(([name]) => LABELS.test(name));
  const id = fieldOf(fieldOf(metadata, "annotations"), TRACKING_ANNOTATION);
  const annotations = typeof id === "string" ? { [TRACKING_ANNOTATION]: id } : {};
  return labels.length === 0 && typeof id !== "string"
    ? undefined
    : { labels: Object.fromEntries(labels), annotations };
}
