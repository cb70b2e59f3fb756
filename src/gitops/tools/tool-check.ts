import type { Placement } from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import type { Tool } from "./find-tools.ts";
import type { Renderings } from "./renderings.ts";

/** A unit's change, and what renders it. */
export interface ToolCheck {
  readonly repository: Repository;
  /** As it would be. */
  readonly changed: Repository;
  readonly changes: readonly FileChange[];
  readonly placements: readonly Placement[];
  readonly tools: readonly Tool[];
  readonly renderings: Renderings;
}

/** What tools found besides netlearn's own reader; one sentence each. */
export interface ToolFindings {
  /** Labels of tools that rendered. */
  readonly by: readonly string[];
  readonly differences: readonly string[];
  readonly unsure: readonly string[];
  /** What the own reader was unsure of, and a tool has rendered. */
  readonly settled: readonly string[];
  /** What it was unsure of, and no tool could render either. */
  readonly open: readonly string[];
}

/** Several findings as one, in their order. */
export function joinedFindings(found: readonly ToolFindings[]): ToolFindings {
  const all = (key: keyof ToolFindings) => [...new Set(found.flatMap((each) => each[key]))];
  return {
    by: all("by"),
    differences: all("differences"),
    unsure: all("unsure"),
    settled: all("settled"),
    open: all("open"),
  };
}
