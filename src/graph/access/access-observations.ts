import { later } from "../../lib/sort.ts";
import type { AccessGraph, AccessRecord } from "../../model/access.ts";
import type { Gap } from "../../model/gap.ts";
import type { AuditReading } from "../../model/reading.ts";
import { ClusterAccess } from "./cluster-access.ts";
import { onlyCluster } from "./cluster-names.ts";
import { fateOf } from "./fate.ts";
import { Kept } from "./kept.ts";
import { resolveAccess } from "./resolve-access.ts";
import { auditReadingOf, sumInto } from "./set-aside.ts";

/** Clusters that are told apart at most: who makes up a million names costs no more than so many. */
export const CLUSTERS_KEPT = 256;
const NO_GAPS = (): readonly Gap[] => [];

/**
 * Everything remembered of the use of the API, apart for each cluster that events name, in memory bounded by distinct uses: a
 * record that comes twice changes nothing but plain counters, and order never matters. Of more clusters than are kept, those
 * whose names have the smallest hashes are whole, and of the others events are counted.
 */
export class AccessObservations {
  /** Of events that name no cluster. */
  readonly unnamed: ClusterAccess = new ClusterAccess();
  readonly #named = new Kept<ClusterAccess>(CLUSTERS_KEPT);
  /** Events of clusters that are not kept, by what they came to. */
  readonly #further = new Map<string, number>();
  readonly #gaps: () => readonly Gap[];
  /** Most records come from one cluster. */
  #latest: { readonly name: string; readonly access: ClusterAccess } | undefined;

  /** @param gaps what was gone before it could be read, when {@link resolve} asks */
  constructor(gaps: () => readonly Gap[] = NO_GAPS) {
    this.#gaps = gaps;
  }

  /** Names of clusters in full (see `AccessRecord.cluster`), sorted. Not all where {@link further} counts any. */
  get clusters(): readonly string[] {
    return this.#named.entries().map(([name]) => name);
  }

  /** Events of clusters that are not kept, by what they came to. */
  get further(): ReadonlyMap<string, number> {
    return this.#further;
  }

  /** Records understood, whatever became of them. */
  get records(): number {
    let records = 0;
    for (const count of this.counts.values()) records += count;
    return records;
  }

  /** Distinct things remembered: what the size of all this depends on. */
  get size(): number {
    let { size } = this.unnamed;
    for (const access of this.#named.unsorted()) size += access.size;
    return size;
  }

  /** Time of the last event of all clusters that are kept. */
  get last(): number | undefined {
    let { last } = this.unnamed;
    for (const access of this.#named.unsorted()) last = later(last, access.last);
    return last;
  }

  /** Events of all clusters by what they came to; an event read twice counts twice. */
  get counts(): ReadonlyMap<string, number> {
    const counts = new Map(this.#further);
    sumInto(counts, this.unnamed.counts);
    for (const access of this.#named.unsorted()) sumInto(counts, access.counts);
    return counts;
  }

  /** What is kept, by the cluster's name: first what names none. */
  list(): readonly (readonly [cluster: string | undefined, access: ClusterAccess])[] {
    return [[undefined, this.unnamed], ...this.#named.entries()];
  }

  add(record: AccessRecord): void {
    const access = this.of(record.cluster);
    if (access === undefined) this.countFurther(fateOf(record));
    else access.add(record);
  }

  /** Leaves an event out that lies outside the time that was asked for. */
  leaveOut(): void {
    this.unnamed.count("outside-window");
  }

  /** Where what is seen of a cluster belongs; undefined where it is one too many. */
  of(cluster: string | undefined): ClusterAccess | undefined {
    if (cluster === undefined) return this.unnamed;
    if (this.#latest?.name === cluster) return this.#latest.access;
    const access = this.#named.get(cluster) ?? this.#begin(cluster);
    if (access !== undefined) this.#latest = { name: cluster, access };
    return access;
  }

  countFurther(what: string, by = 1): void {
    this.#further.set(what, (this.#further.get(what) ?? 0) + by);
  }

  /**
   * The names of the only cluster; empty where events name none.
   *
   * @throws NetlearnError `NETLEARN_USAGE` when events name several
   */
  only(): readonly string[] {
    return onlyCluster(this.clusters, this.#further.size > 0);
  }

  /**
   * What was seen of one cluster, as the rest of the program sees it: events that name no cluster count as its.
   *
   * @param clusters its names in full, of {@link clusters}; empty where only events without a name are meant
   * @throws NetlearnError `NETLEARN_USAGE` when none are given and events name several clusters
   */
  resolve(clusters: readonly string[] = this.only()): AccessGraph {
    return resolveAccess(together(this.#meant(clusters)), { gaps: this.#gaps(), others: this.othersThan(clusters) });
  }

  /** What became of the events; `clusters` as {@link resolve} takes them. */
  reading(clusters: readonly string[] = this.only()): AuditReading {
    const counts = new Map<string, number>();
    for (const access of this.#meant(clusters)) sumInto(counts, access.counts);
    return auditReadingOf(counts, this.othersThan(clusters));
  }

  /** How many events are of other clusters; those that name none are not. */
  othersThan(clusters: readonly string[]): number {
    const others = this.#named.entries().filter(([name]) => !clusters.includes(name));
    const further = [...this.#further.values()].reduce((sum, count) => sum + count, 0);
    return others.reduce((sum, [, { records }]) => sum + records, further);
  }

  #begin(cluster: string): ClusterAccess | undefined {
    if (!this.#named.admits(cluster)) return undefined;
    const access = new ClusterAccess();
    const gone = this.#named.put(cluster, access);
    if (gone !== undefined) sumInto(this.#further, gone.counts);
    return access;
  }

  /** What counts as one cluster's: what is of it by name, and what names none. */
  #meant(clusters: readonly string[]): readonly ClusterAccess[] {
    return [this.unnamed, ...clusters.flatMap((cluster) => this.#named.get(cluster) ?? [])];
  }
}

/** As if one had remembered it all; what is alone is not copied. */
function together(meant: readonly ClusterAccess[]): ClusterAccess {
  const [only = new ClusterAccess(), ...others] = meant.filter(({ isEmpty }) => !isEmpty);
  if (others.length === 0) return only;
  const whole = new ClusterAccess();
  for (const access of [only, ...others]) whole.merge(access);
  return whole;
}
