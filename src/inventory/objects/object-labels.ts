import { byText } from "../../lib/sort.ts";
import type { Labels } from "../../model/graph.ts";
import { isRunTimeLabel } from "../../model/labels.ts";
import { isRecord } from "./fields.ts";

/**
 * Labels as they stand in an object; none when absent, undefined when they are not a mapping of texts. One that is
 * `null` is there and empty, as to the API server.
 */
export function readLabels(value: unknown): Labels | undefined {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value);
  const texts = entries.flatMap(([key, written]) => {
    const text = written ?? "";
    return typeof text === "string" ? [[key, text] as const] : [];
  });
  return texts.length === entries.length ? Object.fromEntries(texts) : undefined;
}

/** The labels that are texts, run-time ones left out, sorted by key. What is no text is no label to the API server. */
export function lastingLabels(value: unknown): Labels {
  if (!isRecord(value)) return {};
  const texts: (readonly [string, string])[] = [];
  for (const [key, written] of Object.entries(value)) {
    const text = written ?? "";
    if (typeof text === "string" && !isRunTimeLabel(key)) texts.push([key, text]);
  }
  return Object.fromEntries(texts.toSorted(([a], [b]) => byText(a, b)));
}

/** True when a pod with these labels has all of the wanted ones. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  for (const key in wanted) if (!Object.hasOwn(labels, key) || labels[key] !== wanted[key]) return false;
  return true;
}

/** A text equal exactly for equal labels that are sorted by key. */
export function labelText(labels: Labels): string {
  return JSON.stringify(Object.entries(labels));
}

/** What all these labels agree on, in the order of the first. */
export function commonLabels(sets: readonly Labels[]): Labels {
  const [first, ...rest] = sets;
  const common = Object.entries(first ?? {}).filter(([key, value]) =>
    rest.every((labels) => Object.hasOwn(labels, key) && labels[key] === value),
  );
  return Object.fromEntries(common);
}
