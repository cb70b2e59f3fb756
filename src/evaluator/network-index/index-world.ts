import { namespaceLabels, type WorldProblem } from "../network/compile.ts";
import { PROFILES, type Profile, type ProfileName } from "../network/profile.ts";
import type { NetworkWorld } from "../network/world.ts";
import { addressSpace } from "./address-space.ts";
import { type DraftEnds, draftEnds, type EndTable, endTable } from "./end-table.ts";
import { type Classifier, classifier } from "./identity-classes.ts";
import { type IsolationIndex, isolationIndexer } from "./isolation.ts";
import { type PeerSpace, peerSpace } from "./peer-space.ts";
import { type ReadWorld, readInventory, readWorld } from "./read-world.ts";
import { selectorIndex } from "./selector-index.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

/** A world ready to be asked millions of times; made by {@link indexNetworkWorld}, asked by `verdictOf`. */
export interface IndexedNetworkWorld {
  readonly profile: Profile;
  readonly world: ReadWorld;
  /** As `compileNetworkWorld` lists them. */
  readonly problems: readonly WorldProblem[];
  readonly vocabulary: Vocabulary;
  readonly peers: PeerSpace;
  readonly ends: EndTable;
  readonly isolation: IsolationIndex;
}

/**
 * Prepares a world for verdicts in constant time. It answers what `evaluateConnection` answers but cannot say why: ask
 * that one about the few connections that are shown to somebody. Never throws for a bad world: see `problems`.
 */
export function indexNetworkWorld(world: NetworkWorld, profileName: ProfileName = "upstream"): IndexedNetworkWorld {
  const read = readWorld(world);
  const preparation = prepare([read], PROFILES[profileName]);
  const ends = preparation.draft(read);
  return preparation.finish()(read, ends);
}

/** Indexes two worlds with one numbering of peers and one cache of tables, so that they can be compared by number. */
export function indexTwoWorlds(
  worlds: { readonly base: NetworkWorld; readonly head: NetworkWorld },
  profileName: ProfileName = "upstream",
): { readonly base: IndexedNetworkWorld; readonly head: IndexedNetworkWorld } {
  const inventory = readInventory(worlds.base);
  const hasSamePods = worlds.base.pods === worlds.head.pods && worlds.base.nodes === worlds.head.nodes;
  const base = readWorld(worlds.base, inventory);
  const head = readWorld(worlds.head, hasSamePods ? inventory : undefined);
  const preparation = prepare([base, head], PROFILES[profileName]);
  const baseEnds = preparation.draft(base);
  const isSame = hasSamePods && worlds.base.namespaces === worlds.head.namespaces;
  const headEnds = isSame ? baseEnds : preparation.draft(head);
  const finish = preparation.finish();
  return { base: finish(base, baseEnds), head: finish(head, headEnds) };
}

/** All ends must be sorted into classes before classes have their numbers, and those before policies are looked at. */
function prepare(
  worlds: readonly ReadWorld[],
  profile: Profile,
): {
  draft(world: ReadWorld): DraftEnds;
  finish(): (world: ReadWorld, ends: DraftEnds) => IndexedNetworkWorld;
} {
  const vocabulary = vocabularyOf(worlds.flatMap(({ policies }) => policies));
  const space = addressSpace(vocabulary.blocks);
  const classes = classifier(vocabulary, space, profile);
  return {
    draft: (world) => draftEnds(world, classes, namespaceNumbers(world, classes)),
    finish() {
      const { table, numbers } = classes.finish();
      const selectors = selectorIndex(table, vocabulary);
      const peers = peerSpace(table, space, selectors, profile);
      const isolationOf = isolationIndexer(peers, selectors, profile);
      return (world, draft) => ({
        profile,
        world,
        problems: world.problems,
        vocabulary,
        peers,
        ends: endTable(draft, numbers, { atoms: table.classes.length, size: peers.size }),
        isolation: isolationOf(world.policies),
      });
    },
  };
}

/** Numbers namespaces once each: to number one, its labels are made into a text. */
function namespaceNumbers({ namespaces }: ReadWorld, classes: Classifier): (name: string) => number {
  const known = new Map<string, number>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = classes.namespace(name, namespaces.get(name) ?? namespaceLabels(name, {}));
      known.set(name, found);
    }
    return found;
  };
}
