const SPACE_HIGH = 2 ** 32;

/** A 53-bit hash in the making: two 32-bit lanes that mix the same input differently (FNV-1a and murmur-style). */
export interface HashState {
  a: number;
  b: number;
}

export function startHash(): HashState {
  return { a: 0x811c9dc5, b: 0x9e3779b9 };
}

/** Mixes a whole number below 2^32 in. */
export function mixNumber(state: HashState, value: number): void {
  state.a = Math.imul(state.a ^ value, 0x01000193) ^ (state.a >>> 15);
  let b = state.b ^ Math.imul(value, 0xcc9e2d51);
  b = Math.imul((b << 13) | (b >>> 19), 5) + 0xe6546b64;
  state.b = b | 0;
}

/** Mixes a text in, code unit by code unit. */
export function mixText(state: HashState, text: string): void {
  for (let at = 0; at < text.length; at++) mixNumber(state, text.charCodeAt(at));
  mixNumber(state, text.length);
}

/** The finished hash: an integer in [0, 2^53), evenly spread. */
export function finishHash(state: HashState): number {
  const a = avalanche(state.a ^ Math.imul(state.b, 0x85ebca6b));
  const b = avalanche(state.b + a);
  return (b >>> 11) * SPACE_HIGH + (a >>> 0);
}

function avalanche(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The hash of a text. */
export function hashText(text: string): number {
  const state = startHash();
  mixText(state, text);
  return finishHash(state);
}
