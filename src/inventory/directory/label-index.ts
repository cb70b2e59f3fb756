import type { Labels } from "../../model/graph.ts";
import type { TableRow } from "./workload-table.ts";

/** Workloads by the labels of their pods, so that no selector is held against all of them. */
export class LabelIndex {
  readonly #rows = new Map<string, TableRow[]>();

  constructor(rows: readonly TableRow[]) {
    for (const row of rows) {
      const keys = row.current.flatMap(({ shown }) =>
        Object.entries(shown).map(([key, value]) => indexKey(row.workload.namespace, key, value)),
      );
      for (const key of new Set(keys)) {
        const found = this.#rows.get(key);
        if (found === undefined) this.#rows.set(key, [row]);
        else found.push(row);
      }
    }
  }

  /** Few workloads, among them all with pods that have all of these labels; none for no labels. */
  candidates(namespace: string, labels: Labels): readonly TableRow[] {
    let fewest: readonly TableRow[] | undefined;
    for (const [key, value] of Object.entries(labels)) {
      const found = this.#rows.get(indexKey(namespace, key, value)) ?? [];
      if (fewest === undefined || found.length < fewest.length) fewest = found;
    }
    return fewest ?? [];
  }
}

function indexKey(namespace: string, key: string, value: string): string {
  return `${namespace}\0${key}\0${value}`;
}
