const HIGH = 2 ** 32;

/** The hash of a text: an integer in [0, 2^53), evenly spread. */
export function hashText(text: string): number {
  return hashSocket(text, 0);
}

/** The hash of an address and a port, or of any text and a whole number below 2^32. */
export function hashSocket(address: string, port: number): number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let at = 0; at < address.length; at++) {
    const unit = address.charCodeAt(at);
    a = laneA(a, unit);
    b = laneB(b, unit);
  }
  a = laneA(a, address.length);
  b = laneB(b, address.length);
  return finish(laneA(a, port), laneB(b, port));
}

/** The hash of some texts, in this order: those of "ab", "c" and of "a", "bc" differ. */
export function hashTexts(texts: readonly string[]): number {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (const text of texts) {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      a = laneA(a, unit);
      b = laneB(b, unit);
    }
    // Beyond what a code unit can be.
    a = laneA(a, text.length + 0x10000);
    b = laneB(b, text.length + 0x10000);
  }
  return finish(a, b);
}

/** The hash of two whole numbers in [0, 2^53), in this order. */
export function hashPair(one: number, other: number): number {
  let a = laneA(laneA(0x811c9dc5, one >>> 0), Math.floor(one / HIGH));
  let b = laneB(laneB(0x9e3779b9, one >>> 0), Math.floor(one / HIGH));
  a = laneA(laneA(a, other >>> 0), Math.floor(other / HIGH));
  b = laneB(laneB(b, other >>> 0), Math.floor(other / HIGH));
  return finish(a, b);
}

/** Two lanes of 32 bits mix the same input differently: FNV-1a with a shift, and the body of murmur3. */
function laneA(a: number, value: number): number {
  return Math.imul(a ^ value, 0x01000193) ^ (a >>> 15);
}

function laneB(b: number, value: number): number {
  const mixed = b ^ Math.imul(value, 0xcc9e2d51);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(a: number, b: number): number {
  const low = avalanche(a ^ Math.imul(b, 0x85ebca6b));
  const high = avalanche((b + low) | 0);
  return (high >>> 11) * HIGH + (low >>> 0);
}

/** The finaliser of murmur3. */
function avalanche(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
