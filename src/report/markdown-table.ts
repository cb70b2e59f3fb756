import { counted } from "./wording.ts";

// A table beyond this is not read by anybody, and GitHub stops rendering long files.
const MOST_ROWS = 200;

/**
 * A table; what exceeds 200 rows is counted in a line below it.
 *
 * @param rows cells already escaped for Markdown, without line breaks
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const shown = rows.slice(0, MOST_ROWS);
  const hidden = rows.length - shown.length;
  return [
    line(header),
    line(header.map(() => "---")),
    ...shown.map(line),
    ...(hidden === 0 ? [] : ["", `… and ${counted(hidden, "more row")}.`]),
  ].join("\n");
}
