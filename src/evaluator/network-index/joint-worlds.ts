import { PROFILES, type Profile, type ProfileName } from "../network/profile.ts";
import type { Direction } from "../network/verdict.ts";
import type { NetworkWorld } from "../network/world.ts";
import type { AddressNumber } from "./address-space.ts";
import { type DraftEnds, endPeers } from "./end-table.ts";
import type { Isolation } from "./isolation.ts";
import type { PeerSpace } from "./peer-space.ts";
import { prepare } from "./prepare.ts";
import { readTwoWorlds } from "./read-once.ts";
import type { ReadWorld } from "./read-world.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** One of two worlds over the same numbers of peers. */
export interface JointWorld {
  readonly world: ReadWorld;
  readonly ends: JointEnds;
  readonly isolation: Isolation;
}

/** Peers by number of end, pods first, and the ends of addresses that are not simply their pod: as in `EndTable`. */
export interface JointEnds {
  readonly peers: Int32Array;
  readonly byAddress: ReadonlyMap<AddressNumber, number>;
}

/** Two worlds with one numbering of peers and one cache of tables, so that they can be compared by number. */
export interface JointWorlds {
  readonly profile: Profile;
  readonly vocabulary: Vocabulary;
  readonly peers: PeerSpace;
  /** Whether other policies isolate a class in one world than in the other. */
  readonly isChanged: (direction: Direction, classNumber: number) => boolean;
  readonly base: JointWorld;
  readonly head: JointWorld;
}

/**
 * Joins two worlds. What they have in common is read and sorted once, and nothing is worked out about anybody's
 * isolation before it is asked for. Never throws for a bad world: what a cluster would refuse is left out.
 */
export function joinWorlds(base: NetworkWorld, head: NetworkWorld, profileName: ProfileName = "upstream"): JointWorlds {
  const profile = PROFILES[profileName];
  const read = readTwoWorlds(base, head);
  const preparation = prepare([read.base, read.head], profile);
  const baseDraft = preparation.draft(read.base);
  const headDraft = read.hasSameEnds ? baseDraft : preparation.draft(read.head);
  const { peers, numbers, isolation } = preparation.finish();
  const endsOf = (draft: DraftEnds): JointEnds => ({
    peers: endPeers(draft, numbers),
    byAddress: draft.byAddress,
  });
  const baseEnds = endsOf(baseDraft);
  const headEnds = headDraft === baseDraft ? baseEnds : endsOf(headDraft);
  const [inBase, inHead] = [new Set(read.base.policies), new Set(read.head.policies)];
  return {
    profile,
    vocabulary: preparation.vocabulary,
    peers,
    isChanged: (direction, classNumber) =>
      isolation.selecting(direction, classNumber).some((policy) => inBase.has(policy) !== inHead.has(policy)),
    base: { world: read.base, ends: baseEnds, isolation: isolation.isolationOf(read.base.policies) },
    head: { world: read.head, ends: headEnds, isolation: isolation.isolationOf(read.head.policies) },
  };
}
