import type { BlindSpot } from "../../model/access-review.ts";
import { markdownCode, markdownText } from "../escape.ts";
import { table } from "../markdown-table.ts";

/** A heading and a table of what the log can't show; nothing where it shows everything. */
export function blindSpotSection(spots: readonly BlindSpot[]): readonly string[] {
  if (spots.length === 0) return [];
  const rows = spots.map(({ because, verbs, what }) => {
    const more = what.length > MOST ? ` and ${what.length - MOST} more` : "";
    return [
      verbs.map(markdownCode).join(", "),
      `${what.slice(0, MOST).map(markdownCode).join(", ")}${more}`,
      markdownText(because),
    ];
  });
  return [
    "## Not logged",
    "What a ServiceAccount does of this can't be seen: never seen is not unused.",
    table(["Verbs", "What", "Why"], rows),
  ];
}

const MOST = 20;
