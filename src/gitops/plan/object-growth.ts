import type { ProposedManifest } from "../../model/placement.ts";

/** What comes of one object of two versions. */
export interface ObjectGrowth {
  /** Lets through what the current one does not. */
  readonly isWider: boolean;
  /** Refuses what the current one lets through, or isolates where nothing did. */
  readonly isNarrower: boolean;
  /** What lets through all that either does, and isolates where both do: the current one where nothing is to be added. */
  readonly widened: ProposedManifest;
}
