import { namespaceLabels } from "../network/compile.ts";
import type { Profile } from "../network/profile.ts";
import { addressSpace } from "./address-space.ts";
import { type DraftEnds, draftEnds } from "./end-table.ts";
import { type Classifier, classifier } from "./identity-classes.ts";
import { type IsolationIndex, isolationIndex } from "./isolation.ts";
import { type PeerSpace, peerSpace } from "./peer-space.ts";
import type { ReadWorld } from "./read-world.ts";
import { selectorIndex } from "./selector-index.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

/** One numbering of peers for one world or several. */
export interface Preparation {
  readonly vocabulary: Vocabulary;
  /** Sorts the ends of a world into classes. */
  draft(world: ReadWorld): DraftEnds;
  /** Gives the classes their numbers; all worlds must be drafted. */
  finish(): PreparedPeers;
}

/** The peers of all drafted worlds. */
export interface PreparedPeers {
  readonly peers: PeerSpace;
  /** Final numbers of provisional classes. */
  readonly numbers: readonly number[];
  readonly isolation: IsolationIndex;
}

/** All ends must be sorted into classes before classes have their numbers, and those before policies are looked at. */
export function prepare(worlds: readonly ReadWorld[], profile: Profile): Preparation {
  const policies = new Set(worlds.flatMap((world) => world.policies));
  const vocabulary = vocabularyOf(policies);
  const space = addressSpace(vocabulary.blocks);
  const classes = classifier(vocabulary, space, profile);
  return {
    vocabulary,
    draft: (world) => draftEnds(world, classes, namespaceNumbers(world, classes)),
    finish() {
      const { table, numbers } = classes.finish();
      const selectors = selectorIndex(table, vocabulary);
      const peers = peerSpace(table, space, selectors, profile);
      return { peers, numbers, isolation: isolationIndex(policies, peers, selectors, profile) };
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
