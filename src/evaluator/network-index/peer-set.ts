/**
 * A set of peers, by number. Most rules name a handful of peers, so a set of a few is a sorted list (at most six steps
 * to look one up) and only larger ones are bits: with bits alone, memory would grow with the square of the classes.
 */
export interface PeerSet {
  readonly dense: boolean;
  /** Dense: bit `id & 31` of word `id >>> 5`. Else the members, ascending: a typed array of a few would cost more than they do. */
  readonly words: Uint32Array | readonly number[];
  /** Whether it is known to be everybody; not every set that is says so. */
  readonly isWhole: boolean;
}

const SPARSE_LIMIT = 64;

/** The empty set. */
export const NOBODY: PeerSet = sparseSet([]);

function sparseSet(words: readonly number[]): PeerSet {
  return { dense: false, words, isWhole: false };
}

function denseSet(words: Uint32Array): PeerSet {
  return { dense: true, words, isWhole: false };
}

/** The set of `ids` (ascending, distinct), all of them less than `size`. */
export function peerSet(ids: readonly number[], size: number): PeerSet {
  if (ids.length === 0) {
    return NOBODY;
  }
  if (ids.length <= SPARSE_LIMIT) {
    return sparseSet(ids);
  }
  const words = new Uint32Array((size + 31) >>> 5);
  for (const id of ids) {
    setBit(words, id);
  }
  return denseSet(words);
}

/** The set of all ids in the lists, in whatever order; no id may stand there twice. */
export function peerSetOf(lists: readonly (readonly number[])[], size: number): PeerSet {
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  if (count <= SPARSE_LIMIT) {
    return peerSet(
      lists.flat().toSorted((a, b) => a - b),
      size,
    );
  }
  const words = new Uint32Array((size + 31) >>> 5);
  for (const ids of lists) {
    for (const id of ids) {
      setBit(words, id);
    }
  }
  return denseSet(words);
}

/** Every peer from 0 to `size - 1`. */
export function everybody(size: number): PeerSet {
  const words = new Uint32Array((size + 31) >>> 5).fill(0xffffffff);
  // No bit beyond `size` may be set: members are listed from the bits.
  if ((size & 31) !== 0) {
    words[words.length - 1] = 2 ** (size & 31) - 1;
  }
  return { dense: true, words, isWhole: true };
}

/** Whether the peer is in the set. */
export function holds({ dense, words }: PeerSet, id: number): boolean {
  if (dense) {
    return (((words[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  }
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] ?? 0) < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < words.length && words[low] === id;
}

/** The members, ascending. */
export function membersOf({ dense, words }: PeerSet): readonly number[] {
  if (!dense) {
    return Array.from(words);
  }
  const found: number[] = [];
  for (const [index, word] of words.entries()) {
    for (let rest = word; rest !== 0; rest &= rest - 1) {
      found.push(index * 32 + 31 - Math.clz32(rest & -rest));
    }
  }
  return found;
}

/** Members of any of the sets. A union with one set that matters is that set: equal rows then share their memory. */
export function unionOf(sets: readonly PeerSet[], size: number): PeerSet {
  const first = sets.find(({ words }) => words.length > 0) ?? NOBODY;
  if (sets.every((set) => set === first || set.words.length === 0)) {
    return first;
  }
  const filled = [...new Set(sets)];
  const whole = filled.find(({ isWhole }) => isWhole);
  if (whole !== undefined) {
    return whole;
  }
  const [dense, ...more] = filled.filter((set) => set.dense);
  if (dense !== undefined && more.length === 0 && filled.every((set) => set.dense || isInside(set, dense))) {
    return dense;
  }
  const total = filled.reduce((sum, set) => sum + (set.dense ? Infinity : set.words.length), 0);
  if (total <= SPARSE_LIMIT) {
    const ids = filled.flatMap(membersOf).toSorted((a, b) => a - b);
    return sparseSet(ids.filter((id, index) => index === 0 || ids[index - 1] !== id));
  }
  const bits = new Uint32Array((size + 31) >>> 5);
  for (const set of filled) {
    addTo(bits, set);
  }
  return denseSet(bits);
}

function isInside(set: PeerSet, other: PeerSet): boolean {
  return membersOf(set).every((id) => holds(other, id));
}

/** Members of both sets. */
export function intersectionOf(a: PeerSet, b: PeerSet): PeerSet {
  if (a.isWhole || b.isWhole) {
    return a.isWhole ? b : a;
  }
  if (a.dense && b.dense) {
    const others = b.words;
    return lightest(Uint32Array.from(a.words, (word, index) => word & (others[index] ?? 0)));
  }
  const [few, others] = a.dense ? [b, a] : [a, b];
  return sparseSet(membersOf(few).filter((id) => holds(others, id)));
}

/** Members of the first set that are not in the second. */
export function differenceOf(a: PeerSet, b: PeerSet): PeerSet {
  if (!a.dense) {
    return sparseSet(membersOf(a).filter((id) => !holds(b, id)));
  }
  const rest = Uint32Array.from(a.words);
  for (const [index, word] of b.words.entries()) {
    if (b.dense) {
      rest[index] = (rest[index] ?? 0) & ~word;
    } else {
      rest[word >>> 5] = (rest[word >>> 5] ?? 0) & ~(1 << (word & 31));
    }
  }
  return lightest(rest);
}

/** Bits as a set; of a few, the list. Equal sets are then written alike, but for the one that says it is everybody. */
function lightest(words: Uint32Array): PeerSet {
  const set = denseSet(words);
  let count = 0;
  for (const word of words) {
    for (let rest = word; rest !== 0; rest &= rest - 1) {
      count++;
    }
  }
  return count > SPARSE_LIMIT ? set : sparseSet(membersOf(set));
}

function addTo(bits: Uint32Array, set: PeerSet): void {
  for (const [index, word] of set.words.entries()) {
    if (set.dense) {
      bits[index] = (bits[index] ?? 0) | word;
    } else {
      setBit(bits, word);
    }
  }
}

function setBit(words: Uint32Array, id: number): void {
  words[id >>> 5] = (words[id >>> 5] ?? 0) | (1 << (id & 31));
}
