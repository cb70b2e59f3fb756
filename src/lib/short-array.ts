/**
 * An array of one number with room for four. One that grows from nothing takes room for seventeen at its first push, and
 * where there are a hundred thousand arrays of two or three numbers that room is most of the memory.
 */
export function shortArray(first: number): number[] {
  const some = [first, first, first, first];
  some.length = 1;
  return some;
}
