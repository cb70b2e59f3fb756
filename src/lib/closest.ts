/**
 * Finds what somebody probably meant.
 *
 * @param word what was given
 * @param known what would have been understood
 * @returns the nearest known words, nearest first, at most three; none when nothing is near
 */
export function closest(word: string, known: Iterable<string>): readonly string[] {
  const given = word.toLowerCase().slice(0, LONGEST);
  const candidates = [...new Set(known)].map((candidate) => {
    const comparable = candidate.toLowerCase().slice(0, LONGEST);
    const limit = Math.max(1, Math.floor(Math.max(given.length, comparable.length) * 0.4));
    const distance = editDistance(given, comparable);
    return { candidate, distance, similar: distance <= limit, contains: comparable.includes(given) };
  });
  const similar = candidates.filter((candidate) => candidate.similar);
  // A part of the name is a guess for when nothing is similar: "cart" for "shop/cart".
  const near = similar.length > 0 || given.length < 3 ? similar : candidates.filter(({ contains }) => contains);
  // Somebody who wrote "namespaces" did not mean "systemNamespaces" when there is a "namespace".
  const best = Math.min(...near.map(({ distance }) => distance));
  return near
    .filter(({ distance }) => distance <= best + 1)
    .toSorted((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/**
 * The sentence for an error's hint.
 *
 * @returns `Did you mean a or b?`, or undefined when nothing is near
 */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const near = closest(word, known);
  return near.length === 0 ? undefined : `Did you mean ${near.join(" or ")}?`;
}

// Words come from people and from the cluster; the distance is quadratic in their length.
const LONGEST = 80;

/** Damerau-Levenshtein, restricted: swapping two neighbours is one slip of the finger, not two. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const costAt = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          costAt(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          costAt(i - 1, j) + 1,
          costAt(i, j - 1) + 1,
          isSwap ? costAt(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return costAt(a.length, b.length);
}
