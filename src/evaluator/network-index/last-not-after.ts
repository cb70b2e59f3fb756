/**
 * Place of the last of ascending starts that is not after the value: the stretch that holds it. The first start must not
 * be after it. `flatAtom` is the same search over a part of a typed array, written out since verdicts wait for it.
 */
export function lastNotAfter(starts: readonly (number | bigint)[], value: number | bigint): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= value) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}
