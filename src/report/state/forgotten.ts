import type { CellKind } from "../../model/state.ts";
import { countedRows, indented, labelled, type TerminalStyle } from "../terminal-layout.ts";
import { counted } from "../wording.ts";

/** What was forgotten, or would be. */
export interface Forgotten {
  readonly removed: Readonly<Partial<Record<CellKind, number>>>;
  /** Connections and uses of the API that stay with less evidence. */
  readonly trimmed: number;
}

/** What facts are about, in words that need no glossary. */
const KIND_WORDS: Readonly<Record<CellKind, string>> = {
  access: "kinds of use of the Kubernetes API",
  "access-denial": "identities whose requests were denied",
  caller: "origins of requests to the Kubernetes API",
  counter: "counters",
  denial: "refused attempts",
  edge: "edges between sightings",
  fact: "facts about sources",
  name: "addresses' DNS names",
  pending: "connections whose client is unknown",
  quarantine: "uncertain observations",
  rejection: "records not understood",
  sighting: "sightings of ends",
  span: "the window",
  tenancy: "times that pods held addresses",
};

/**
 * What pruning did, for a person at a terminal.
 *
 * @param isDry nothing was forgotten
 * @returns lines without a line break at the end
 */
export function renderForgotten({ removed, trimmed }: Forgotten, isDry: boolean, style: TerminalStyle): string {
  const rows = Object.entries(KIND_WORDS).flatMap(([kind, text]) => {
    const count = Object.entries(removed).find(([name]) => name === kind)?.[1] ?? 0;
    return count === 0 ? [] : [{ count, text }];
  });
  const total = rows.reduce((sum, { count }) => sum + count, 0);
  if (total === 0 && trimmed === 0) return indented(style, 0, "There is nothing to forget.").join("\n");
  return [
    ...labelled(style, isDry ? "Would go" : "Forgotten", counted(total, "fact")),
    ...countedRows(style, rows),
    ...(trimmed === 0 ? [] : labelled(style, "Trimmed", `${counted(trimmed, "fact")}, which stay with less evidence`)),
  ].join("\n");
}
