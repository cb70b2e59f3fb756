import { hashPair } from "../lib/hash.ts";
import type { Sample } from "../model/evidence.ts";
import type { Witness } from "./witness.ts";

const KEPT = 3;

/** A sample in the form it takes least memory in: texts are put together when somebody wants to see them. */
interface HeldSample {
  /** 31 bits. */
  readonly hash: number;
  readonly time: number | undefined;
  /** An address, or when the port is undefined whatever stands for the end. */
  readonly client: string;
  readonly clientPort: number | undefined;
  readonly server: string;
  readonly serverPort: number | undefined;
  readonly node: string | undefined;
}

/** A sample with its hash, as it comes out of JSON. */
type ListedSample = { readonly hash: number } & Pick<Sample, "client" | "server"> & Partial<Sample>;

/** The samples with the smallest hashes: the same ones whatever the order. */
export class SampleSet {
  #held: readonly HeldSample[] = [];

  get size(): number {
    return this.#held.length;
  }

  /** @param tuple the hash of the connection, see `tupleHash` */
  add(tuple: number, witness: Witness): void {
    const hash = hashPair(tuple, witness.time ?? 0) % 2 ** 31;
    if (!this.#wants(hash)) return;
    const { time, client, clientPort, server, serverPort, node } = witness;
    this.#insert({ hash, time, client, clientPort, server, serverPort, node });
  }

  /** Takes a sample as it was listed by {@link entries}. */
  insert(hash: number, sample: Sample): void {
    this.#insert({ hash, ...sample, clientPort: undefined, serverPort: undefined });
  }

  /** Takes samples as {@link entries} listed them. */
  restore(entries: readonly ListedSample[]): void {
    const isWhole = this.#held.length === 0 && entries.length <= KEPT;
    if (isWhole && entries.every(({ hash }, at) => at === 0 || (entries[at - 1]?.hash ?? 0) < hash)) {
      this.#held = entries.map(({ hash, time, client, server, node }) => {
        return { hash, time, client, clientPort: undefined, server, serverPort: undefined, node };
      });
      return;
    }
    for (const { hash, time, client, server, node } of entries) this.insert(hash, { time, client, server, node });
  }

  /** Takes over the samples of `other`; `turned` when its clients are servers here. */
  merge(other: SampleSet, turned = false): void {
    for (const held of other.#held) {
      if (!this.#wants(held.hash)) return;
      const { client, clientPort, server, serverPort } = held;
      const ends = turned ? { client: server, clientPort: serverPort, server: client, serverPort: clientPort } : {};
      this.#insert({ ...held, ...ends });
    }
  }

  /** The samples with their hashes, ascending. */
  entries(): readonly { readonly hash: number; readonly sample: Sample }[] {
    return this.#held.map((held) => ({ hash: held.hash, sample: sampleOf(held) }));
  }

  /** The samples in the order of time. */
  list(): Sample[] {
    return this.#held.map(sampleOf).toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0));
  }

  #wants(hash: number): boolean {
    const last = this.#held[KEPT - 1];
    return last === undefined || hash <= last.hash;
  }

  /** Of two with one hash the smaller text stays. */
  #insert(sample: HeldSample): void {
    const held = this.#held;
    const same = held.findIndex(({ hash }) => hash === sample.hash);
    const known = held[same];
    if (known === undefined) {
      const at = held.findIndex(({ hash }) => hash > sample.hash);
      this.#held = held.toSpliced(at < 0 ? held.length : at, 0, sample).slice(0, KEPT);
    } else if (textOf(sample) < textOf(known)) {
      this.#held = held.with(same, sample);
    }
  }
}

function sampleOf({ time, client, clientPort, server, serverPort, node }: HeldSample): Sample {
  return { time, client: socket(client, clientPort), server: socket(server, serverPort), node };
}

function textOf(held: HeldSample): string {
  return JSON.stringify(sampleOf(held));
}

function socket(address: string, port: number | undefined): string {
  const host = address.includes(":") ? `[${address}]` : address;
  // Joined, not concatenated: V8 would keep the pieces, and of these texts there are six an edge.
  return port === undefined ? address : [host, port].join(":");
}
