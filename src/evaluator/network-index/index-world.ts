import type { WorldProblem } from "../network/compile.ts";
import { PROFILES, type Profile, type ProfileName } from "../network/profile.ts";
import type { NetworkWorld } from "../network/world.ts";
import { type EndTable, endTable } from "./end-table.ts";
import { type FlatTables, flatTables } from "./flat-tables.ts";
import type { PeerSpace } from "./peer-space.ts";
import { prepare } from "./prepare.ts";
import { type ReadWorld, readWorld } from "./read-world.ts";

/** A world ready to be asked millions of times; made by {@link indexNetworkWorld}, asked by `verdictOf`. */
export interface IndexedNetworkWorld {
  readonly profile: Profile;
  readonly world: ReadWorld;
  /** As `compileNetworkWorld` lists them. */
  readonly problems: readonly WorldProblem[];
  readonly peers: PeerSpace;
  readonly ends: EndTable;
  /** What isolates whom, by direction. */
  readonly ingress: DirectionIndex;
  readonly egress: DirectionIndex;
}

/** What isolates whom in one direction. */
export interface DirectionIndex {
  /** What each peer is, as in {@link PeerSpace.kinds}: here once more, so that an answer needs nothing else. */
  readonly kinds: Uint8Array;
  readonly flat: FlatTables;
}

/**
 * Prepares a world for verdicts in constant time. It answers what `evaluateConnection` answers but cannot say why: ask
 * that one about the few connections that are shown to somebody. Never throws for a bad world: see `problems`.
 */
export function indexNetworkWorld(written: NetworkWorld, profileName: ProfileName = "upstream"): IndexedNetworkWorld {
  const profile = PROFILES[profileName];
  const world = readWorld(written);
  const preparation = prepare([world], profile);
  const draft = preparation.draft(world);
  const { peers, numbers, isolation } = preparation.finish();
  const isolationOf = isolation.isolationOf(world.policies);
  const { classes } = peers.table;
  const indexOf = (direction: "ingress" | "egress"): DirectionIndex => ({
    kinds: peers.kinds,
    flat: flatTables(classes.map((_, classNumber) => isolationOf(direction, classNumber)?.table)),
  });
  return {
    profile,
    world,
    problems: world.problems,
    peers,
    ends: endTable(world, draft, numbers, { atoms: classes.length, size: peers.size }),
    ingress: indexOf("ingress"),
    egress: indexOf("egress"),
  };
}
