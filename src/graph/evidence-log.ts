import { hashPair } from "../lib/hash.ts";
import { earlier, later } from "../lib/sort.ts";
import type { Evidence, EvidenceKind } from "../model/evidence.ts";
import { BottomK } from "./bottom-k.ts";
import { HourSet, MS_PER_HOUR } from "./hour-set.ts";
import { SampleSet } from "./sample-set.ts";
import { tupleHash, type Witness } from "./witness.ts";

const COUNTED = 128;
/** 5-tuples kept to compare two sketches by. */
export const COMPARED = 64;
const KINDS: readonly EvidenceKind[] = ["policy-verdict", "layer7", "trace", "reply", "undirected"];

/** The kinds that a number of {@link EvidenceLog.kinds} stands for: thousands of edges share a few of these lists. */
const KIND_SETS: readonly (readonly EvidenceKind[])[] = Array.from({ length: 1 << KINDS.length }, (_, set) =>
  KINDS.filter((_kind, bit) => (set & (1 << bit)) !== 0),
);

/**
 * Everything remembered of one edge, in memory that does not grow with its records. Adding a witness twice changes
 * nothing, and order never matters.
 */
export class EvidenceLog {
  readonly connections: BottomK = new BottomK(COUNTED);
  /** 5-tuples that the client's side saw leave, kept until one is proved to have arrived. */
  forwarded: BottomK | undefined;
  readonly samples: SampleSet = new SampleSet();
  readonly hours: HourSet = new HourSet();
  firstSeen: number | undefined;
  lastSeen: number | undefined;
  kinds = 0;
  passed = false;
  audited = false;
  /** True once a record showed a connection being opened. */
  opened = false;
  /** False while nothing but confirmations was seen. */
  established = false;

  add(witness: Witness): void {
    this.kinds |= 1 << KINDS.indexOf(witness.kind);
    this.audited ||= witness.audited;
    this.opened ||= witness.opening;
    this.established ||= !witness.confirmsOnly;
    this.#addTime(witness.time);
    const tuple = tupleHash(witness);
    this.connections.add(withDay(tuple, witness.time));
    this.samples.add(tuple, witness);
    if (witness.passed) this.#pass();
    else if (!this.passed) (this.forwarded ??= new BottomK(COMPARED)).add(tuple);
  }

  /** True while nothing was added. */
  get isEmpty(): boolean {
    const { kinds, connections, firstSeen, lastSeen, passed, audited, opened, established, forwarded } = this;
    const isUntimed = firstSeen === undefined && lastSeen === undefined && this.hours.isEmpty;
    const isUnmarked = kinds === 0 && !passed && !audited && !opened && !established && forwarded === undefined;
    return isUntimed && isUnmarked && connections.size === 0 && this.samples.size === 0;
  }

  /** Takes over what `other` knows; `turned` when its client is this log's server. */
  merge(other: EvidenceLog, turned = false): void {
    this.connections.merge(other.connections);
    this.samples.merge(other.samples, turned);
    this.hours.merge(other.hours);
    this.firstSeen = earlier(this.firstSeen, other.firstSeen);
    this.lastSeen = later(this.lastSeen, other.lastSeen);
    this.kinds |= other.kinds;
    this.audited ||= other.audited;
    this.opened ||= other.opened;
    this.established ||= other.established;
    if (other.passed) this.#pass();
    else if (!this.passed && other.forwarded !== undefined) {
      (this.forwarded ??= new BottomK(COMPARED)).merge(other.forwarded);
    }
  }

  /** The evidence as people and reports see it. */
  summary(): Evidence {
    return {
      connections: this.connections.count(),
      exact: this.connections.exact,
      firstSeen: this.firstSeen,
      lastSeen: this.lastSeen,
      hours: this.hours.list(),
      kinds: KIND_SETS[this.kinds] ?? [],
      passed: this.passed,
      audited: this.audited,
      samples: this.samples.list(),
    };
  }

  #addTime(time: number | undefined): void {
    if (time === undefined) return;
    this.firstSeen = earlier(this.firstSeen, time);
    this.lastSeen = later(this.lastSeen, time);
    this.hours.addTime(time);
  }

  #pass(): void {
    this.passed = true;
    this.forwarded = undefined;
  }
}

/** Connections that made no edge: refused ones, or set aside for one reason. */
export class AttemptLog {
  readonly connections: BottomK = new BottomK(COMPARED);
  readonly samples: SampleSet = new SampleSet();
  firstSeen: number | undefined;
  lastSeen: number | undefined;

  add(witness: Witness): void {
    const tuple = tupleHash(witness);
    this.connections.add(tuple);
    this.samples.add(tuple, witness);
    this.firstSeen = earlier(this.firstSeen, witness.time);
    this.lastSeen = later(this.lastSeen, witness.time);
  }

  merge(other: Pick<AttemptLog, "connections" | "samples" | "firstSeen" | "lastSeen">): void {
    this.connections.merge(other.connections);
    this.samples.merge(other.samples);
    this.firstSeen = earlier(this.firstSeen, other.firstSeen);
    this.lastSeen = later(this.lastSeen, other.lastSeen);
  }
}

/** Ports are used again: the same 5-tuple on another day is another connection. */
function withDay(tuple: number, time: number | undefined): number {
  return hashPair(tuple, time === undefined ? 0 : Math.floor(time / (24 * MS_PER_HOUR)));
}
