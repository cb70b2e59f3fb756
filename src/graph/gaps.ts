import { sortedBy } from "../lib/sort.ts";
import type { Gap } from "../model/gap.ts";
import type { Observations } from "./observations.ts";

/** The set of facts that gaps are remembered in: each once, however often it was met. */
const SET = "gap";

/** Remembers that records were gone before they could be read. */
export function addGap(observations: Observations, { topic, partition, from, to, why }: Gap): void {
  observations.addFact(SET, JSON.stringify({ topic, partition, from, to, why }));
}

/** All gaps remembered, in the order of their texts. */
export function gapsOf(observations: Observations): readonly Gap[] {
  const texts = observations.sets.get(SET) ?? [];
  return sortedBy(texts, (text) => text).flatMap((text) => readGap(text) ?? []);
}

/** Snapshots are outside data: what is no gap is passed over. */
function readGap(text: string): Gap | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isGap(value) ? { ...value, to: value.to } : undefined;
}

function isGap(value: unknown): value is Gap {
  if (typeof value !== "object" || value === null) return false;
  const { topic, partition, from, to, why } = value as Readonly<Record<string, unknown>>;
  return (
    typeof topic === "string" &&
    Number.isSafeInteger(partition) &&
    Number.isSafeInteger(from) &&
    (to === undefined || Number.isSafeInteger(to)) &&
    (why === "expired" || why === "restarted")
  );
}
