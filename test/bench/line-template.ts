/** Ten hexadecimal digits at the end of a uuid, which count. */
const UUID_DIGITS = 10;

const HEX = Buffer.from("0123456789abcdef");

/** k8s.io/apimachinery/pkg/util/rand */
const SAFE_ALPHABET = Buffer.from("bcdfghjklmnpqrstvwxz2456789");

/**
 * A line as bytes, with the places that differ from record to record. All of them have the same width in every
 * record, so a line is written by copying it and overwriting a few bytes.
 */
export interface LineTemplate {
  readonly bytes: Buffer;
  /** Where the nine digits of the fraction of a second start, and the nineteen before them. */
  readonly times: readonly number[];
  readonly ports: readonly number[];
  readonly uuids: readonly number[];
  /** Last three digits of each end's address, and the five of its pod's name: patched for unique endpoints only. */
  readonly addresses: readonly number[];
  readonly podSuffixes: readonly number[];
  /** Microseconds after the connection's beginning. */
  readonly after: number;
}

function placesOf(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map((match) => match.index + match[0].length);
}

const SLAB = 16 * 1024 * 1024;

/** Keeps many lines in few large buffers: hundreds of thousands of small ones cost more than all the rest. */
export class LineStore {
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  keep(line: string): Buffer {
    // No line of ours needs more than three bytes a character.
    if (this.#used + line.length * 3 + 1 > this.#slab.length) {
      this.#slab = Buffer.allocUnsafe(Math.max(SLAB, line.length * 3 + 1));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += this.#slab.write(`${line}\n`, start);
    return this.#slab.subarray(start, this.#used);
  }
}

export interface LineFacts {
  /** The client's, five digits. */
  readonly port: number;
  readonly after: number;
  /** Whether the ends' addresses and pod names will be patched. */
  readonly unique: boolean;
}

/** Finds the places in a line whose times have nine digits. */
export function lineTemplate(store: LineStore, line: string, { port, after, unique }: LineFacts): LineTemplate {
  return {
    bytes: store.keep(line),
    times: placesOf(line, /"time":"(?=\d{4}-)/g),
    ports: placesOf(line, new RegExp(`"(?:source|destination)_port":(?=${port}\\b)`, "g")),
    uuids: placesOf(line, /"uuid":"[0-9a-f-]{26}/g),
    addresses: placesOf(unique ? line : "", /"(?:source|destination)":"\d+\.\d+\.\d+\.(?=\d{3}")/g),
    podSuffixes: placesOf(unique ? line : "", /"pod_name":"[^"]*-(?=[a-z0-9]{5}")/g),
    after,
  };
}

/** `2026-03-04T06:00:00`, as bytes, made anew only when the second changes. */
export class SecondText {
  #second = Number.NaN;
  #bytes: Buffer = Buffer.alloc(0);

  of(second: number): Buffer {
    if (second !== this.#second) {
      this.#second = second;
      this.#bytes = Buffer.from(new Date(second * 1000).toISOString().slice(0, 19));
    }
    return this.#bytes;
  }
}

/** Writes `digits` decimal digits of a number, the last at the right. */
export function writeDecimal(target: Buffer, offset: number, number: number, digits: number): void {
  let rest = number;
  for (let index = offset + digits - 1; index >= offset; index -= 1) {
    const next = Math.floor(rest / 10);
    target[index] = 48 + rest - next * 10;
    rest = next;
  }
}

/** Writes a running number as the end of a uuid. */
export function writeUuid(target: Buffer, offset: number, number: number): void {
  let rest = number;
  for (let index = offset + UUID_DIGITS - 1; index >= offset; index -= 1) {
    target[index] = HEX[rest % 16] ?? 48;
    rest = Math.floor(rest / 16);
  }
}

/** Writes a running number as the five letters at the end of a pod's name. */
export function writePodSuffix(target: Buffer, offset: number, number: number): void {
  let rest = number;
  for (let index = offset + 4; index >= offset; index -= 1) {
    target[index] = SAFE_ALPHABET[rest % SAFE_ALPHABET.length] ?? 98;
    rest = Math.floor(rest / SAFE_ALPHABET.length);
  }
}
