import { thousands } from "../wording.ts";

/** A part of a text. */
export interface Section {
  /** For saying that it was left out: `evidence`. */
  readonly name: string;
  /** Escaped. Stands whenever one of the rows does; a required section stands always. */
  readonly head: string;
  /** Escaped, one line or block each, the most important first. */
  readonly rows: readonly string[];
  readonly tail: string;
  /** Stands whatever else has to go. Its rows may have to go even so. */
  readonly isRequired: boolean;
  /** Whose rows are kept first: 0 before 1. */
  readonly rank: number;
}

// "+1,234,567 more rows" and its line breaks.
const MORE = 40;

/**
 * Sections one after the other in at most `limit` characters. Rows are left out from the end of the sections of the highest
 * rank on, and what is left out is said in its place. Required heads and tails are never left out.
 *
 * @returns longer than `limit` only if the required heads and tails alone are
 */
export function fit(sections: readonly Section[], limit: number): string {
  const gone = (section: Section): string =>
    `*Left out for length: ${section.name} (${thousands(section.rows.length)}).*`;
  const least = (section: Section): number => (section.isRequired ? frame(section) + MORE : gone(section).length + 2);
  let room = limit - sections.reduce((sum, section) => sum + least(section), 0);
  const kept = new Map<Section, number>();
  for (const section of sections.toSorted((a, b) => a.rank - b.rank)) {
    let budget = section.isRequired ? room : room + least(section) - frame(section) - MORE;
    let count = 0;
    for (const row of section.rows) {
      if (row.length + 1 > budget) break;
      budget -= row.length + 1;
      count += 1;
    }
    const isWhole = section.rows.length === 0 && budget >= 0;
    if (section.isRequired || count > 0 || isWhole) {
      kept.set(section, count);
      room = budget;
    }
  }
  return sections
    .map((section) => {
      const count = kept.get(section);
      return count === undefined ? gone(section) : shown(section, count);
    })
    .join("\n\n");
}

function frame({ head, tail }: Section): number {
  return head.length + tail.length + 6;
}

function shown({ head, rows, tail }: Section, count: number): string {
  const more = rows.length - count;
  const lines = [head, ...rows.slice(0, count)].filter((line) => line !== "").join("\n");
  return [lines, more === 0 ? "" : `*+${thousands(more)} more*`, tail].filter((part) => part !== "").join("\n\n");
}
