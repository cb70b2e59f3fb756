import { earlier, later } from "../../lib/sort.ts";
import type { AccessRecord } from "../../model/access.ts";
import { fateOf } from "./fate.ts";
import { addToFew, fewTexts, mergeFew } from "./few.ts";
import { logOf, Principals, placeOf } from "./principals.ts";

const ORIGINS = fewTexts(64);

/** Everything remembered of the use of one cluster's API. See `AccessObservations` for its laws. */
export class ClusterAccess {
  readonly principals: Principals = new Principals();
  first: number | undefined;
  last: number | undefined;
  readonly #counts = new Map<string, { value: number }>();
  #origins: readonly string[] = [];
  #size = 0;

  /** Records understood, whatever became of them. */
  get records(): number {
    let records = 0;
    for (const { value } of this.#counts.values()) records += value;
    return records;
  }

  /** True where nothing was learned. */
  get isEmpty(): boolean {
    return this.records === 0 && this.size === 0 && this.first === undefined;
  }

  /** Distinct things remembered: what the size of all this depends on. */
  get size(): number {
    return this.#size + this.principals.callers.size;
  }

  /** Events by what they came to; they add up, so an event read twice counts twice. Those that are zero are left out. */
  get counts(): ReadonlyMap<string, number> {
    return new Map([...this.#counts].flatMap(([what, { value }]) => (value === 0 ? [] : [[what, value] as const])));
  }

  /** Sources that said what they are, in no order. */
  get origins(): readonly string[] {
    return this.#origins;
  }

  /** False once any event told a decision: then one that tells none is not taken for allowed. */
  get isPresuming(): boolean {
    return !this.#counts.get("allowed")?.value && !this.#counts.get("denied")?.value;
  }

  add(record: AccessRecord): void {
    const fate = fateOf(record);
    this.count(fate);
    if (record.origin !== undefined) this.addOrigin(record.origin);
    if (fate === "request-received") return;
    this.addTime(record.time);
    if (fate === "allowed" || fate === "denied") this.#learn(record, fate);
    else if (fate === "throttled" || fate === "undecided") this.#learn(record, "undecided");
  }

  /** Adds what another one remembers: as learning from both would have been. */
  merge(other: ClusterAccess): void {
    for (const [what, count] of other.counts) this.count(what, count);
    this.addTime(other.first);
    this.addTime(other.last);
    this.#origins = mergeFew(this.#origins, other.origins, ORIGINS);
    this.principals.merge(other.principals);
    this.#size += other.#size;
  }

  /** @param what an event came to: a `Fate`, or `outside-window` */
  count(what: string, by = 1): void {
    const counter = this.#counts.get(what);
    if (counter === undefined) this.#counts.set(what, { value: by });
    else counter.value += by;
  }

  addTime(time: number | undefined): void {
    this.first = earlier(this.first, time);
    this.last = later(this.last, time);
  }

  addOrigin(origin: string): void {
    this.#origins = addToFew(this.#origins, origin, ORIGINS);
  }

  /** So many logs more are held, at most. */
  grow(logs: number): void {
    this.#size += logs;
  }

  #learn(record: AccessRecord, outcome: "allowed" | "denied" | "undecided"): void {
    const { attributes, identity, impersonator } = record;
    const principal = this.principals.of(identity, impersonator);
    principal.caller.add(record);
    if (outcome === "undecided" && !this.isPresuming) return;
    const log = logOf(placeOf(principal, attributes, outcome), attributes);
    if (log.requests.size === 0) this.#size++;
    log.add(record);
  }
}
