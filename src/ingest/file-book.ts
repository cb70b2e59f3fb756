import { digestOf, HEAD_BYTES } from "../collectors/file/log-file.ts";
import type { Position } from "../model/state.ts";

/** How far a file was folded in. */
export interface FilePosition {
  /** Undefined when nothing was. */
  readonly source: string | undefined;
  /** Bytes, unpacked. */
  readonly next: number;
  /** Lines that end before {@link next}. */
  readonly lines: number;
  /** `digestOf` the bytes before {@link next}, up to {@link HEAD_BYTES} of them; undefined when nobody looked. */
  readonly tail: string | undefined;
}

export const UNREAD: FilePosition = { source: undefined, next: 0, lines: 0, tail: undefined };

const NAME = /^file:(\d+)-/u;

/**
 * The files that a state knows, by how they begin: `file:LENGTH-DIGEST` says how far a file was folded in that begins with
 * these bytes, whatever it is called and however it is packed. The length is that of what was folded in, up to 1024 bytes: a
 * file that was shorter is recognised when it has grown, and then gets a longer name; its short one stays, for copies.
 */
export class FileBook {
  readonly #positions = new Map<string, Position>();
  /** Lengths of heads, longest first. */
  #lengths: readonly number[] = [];

  constructor(positions: readonly Position[]) {
    for (const position of positions) this.set(position);
  }

  set(position: Position): void {
    const length = Number(NAME.exec(position.source)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) return;
    this.#positions.set(position.source, position);
    if (length <= HEAD_BYTES && !this.#lengths.includes(length)) {
      this.#lengths = [...this.#lengths, length].toSorted((a, b) => b - a);
    }
  }

  /** How far a source of that very name was folded in; undefined when nothing of it was. */
  next(source: string): number | undefined {
    return this.#positions.get(source)?.next;
  }

  /** How far a file that begins with these bytes was folded in. */
  find(head: Buffer): FilePosition {
    for (const length of this.#lengths) {
      if (length > head.length) continue;
      const position = this.#positions.get(headName(head.subarray(0, length)));
      if (position?.next !== undefined) return filePosition(position, position.next);
    }
    return UNREAD;
  }
}

/** What a file is called of which `next` bytes were folded in. */
export function fileSource(head: Buffer, next: number): string {
  return headName(head.subarray(0, Math.min(HEAD_BYTES, next)));
}

/** What a file is called that begins as another one and goes on otherwise, or is a packed one as it lies there. */
export function wholeFileSource(size: number, digest: string): string {
  return `file:${size}-${digest}`;
}

/** What is remembered beside a file's position: how many lines came before, and what the last bytes were. */
export function fileLandmark(lines: number, tail: string | undefined): string {
  return tail === undefined ? String(lines) : `${lines} ${tail}`;
}

function filePosition({ source, landmark = "" }: Position, next: number): FilePosition {
  const [lines = "", tail] = landmark.split(" ");
  return { source, next, lines: Number.parseInt(lines, 10) || 0, tail };
}

function headName(head: Buffer): string {
  return wholeFileSource(head.length, digestOf(head));
}
