import { sortedBy } from "../lib/sort.ts";
import type { Gap } from "../model/gap.ts";
import type { Position } from "../model/state.ts";
import { gapsOf } from "./gaps.ts";
import type { Learner } from "./learner.ts";
import type { RejectionCount } from "./rejections.ts";

/** What a state knows besides what was learned: how far sources were read, and what of them could not be. */
export interface StateText {
  readonly positions: readonly { readonly source: string; readonly next: number }[];
  readonly rejections: readonly RejectionCount[];
  readonly gaps: readonly Gap[];
}

/** Puts it together, in an order of its own: no claims, no owners, no clock. */
export function stateText(learner: Learner, positions: readonly Position[]): StateText {
  return {
    positions: sortedBy(positions, ({ source }) => source).flatMap(({ source, next }) => {
      return next === undefined ? [] : [{ source, next }];
    }),
    rejections: sortedBy(learner.rejections(), ({ reason }) => reason),
    gaps: gapsOf(learner.observations),
  };
}
