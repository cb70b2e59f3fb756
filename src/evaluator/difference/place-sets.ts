import { type PeerSet, unionOf } from "../network-index/peer-set.ts";

/** A set of units, by their places. */
export type PlaceSet = PeerSet;

/** Joins sets that have no place in common. Equal sets are one object: what is said about one is said once. */
export type PlaceSets = (parts: readonly PlaceSet[]) => PlaceSet;

/** Makes a joiner of sets of places less than `size`. */
export function placeSets(size: number): PlaceSets {
  const known = new Map<number, PlaceSet[]>();
  return (parts) => {
    const [only] = parts;
    const made = parts.length === 1 && only !== undefined ? only : unionOf(parts, size);
    const hash = hashOf(made);
    const alike = known.get(hash);
    if (alike === undefined) {
      known.set(hash, [made]);
      return made;
    }
    const found = alike.find((set) => isSameSet(set, made));
    if (found !== undefined) {
      return found;
    }
    alike.push(made);
    return made;
  };
}

/** FNV-1a over words. */
function hashOf({ words }: PlaceSet): number {
  let hash = 0x811c9dc5;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x01000193);
    // High bits would never reach the low ones: whole words are mixed in, not bytes.
    hash ^= hash >>> 15;
  }
  return hash;
}

/** Sets of few members are lists and larger ones are bits, always in the same way. */
function isSameSet(a: PlaceSet, b: PlaceSet): boolean {
  return (
    a.dense === b.dense && a.words.length === b.words.length && a.words.every((word, index) => word === b.words[index])
  );
}
