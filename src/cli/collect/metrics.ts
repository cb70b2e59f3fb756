import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from "prom-client";
import type { HeldPartition } from "../../ingest/held-partition.ts";
import type { FoldReport, IngestObserver } from "../../ingest/observer.ts";
import { NO_TOTALS, type Totals } from "../../ingest/totals.ts";
import type { Gap } from "../../model/gap.ts";
import type { CellKind } from "../../model/state.ts";

/** Counting the facts of a large state takes a while: not at every scrape. */
const COUNT_EVERY = 60_000;
/** Seconds. */
const FOLD_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];

/**
 * What a run of `netlearn collect` does, as metrics for Prometheus. Counters begin at zero with each run. Texts from topics
 * stand in labels, which the library escapes.
 */
export class Metrics implements IngestObserver {
  readonly #registry = new Registry();
  readonly #process = new Registry();
  readonly #now: () => number;
  readonly #folds: Counter<"outcome">;
  readonly #foldSeconds: Histogram;
  readonly #lastFold: Gauge;
  readonly #lastCaughtUp: Gauge;
  readonly #gaps: Counter<"reason">;
  readonly #missing: Counter;
  #totals: Totals = NO_TOTALS;
  #partitions: readonly HeldPartition[] = [];
  #countCells: (() => Promise<Readonly<Record<CellKind, number>>>) | undefined;
  #cells: Readonly<Partial<Record<CellKind, number>>> = {};
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(version: string, now: () => number) {
    this.#now = now;
    const name = (suffix: string, help: string) => ({ name: `netlearn_${suffix}`, help, registers: [this.#registry] });
    const build = new Gauge({ ...name("build_info", "Version of netlearn; always 1."), labelNames: ["version"] });
    build.set({ version }, 1);
    this.#folds = new Counter({
      ...name("folds_total", "Writes to the state; fenced: refused, since another collector holds the partitions."),
      labelNames: ["outcome"],
    });
    for (const outcome of ["folded", "fenced"]) this.#folds.inc({ outcome }, 0);
    this.#foldSeconds = new Histogram({
      ...name("fold_seconds", "Time that writes to the state took."),
      buckets: FOLD_BUCKETS,
    });
    this.#lastFold = new Gauge(name("last_fold_timestamp_seconds", "When the state was written to last; 0: not yet."));
    this.#lastCaughtUp = new Gauge(
      name("last_caught_up_timestamp_seconds", "When there was nothing left to read; 0: not yet."),
    );
    this.#gaps = new Counter({
      ...name("gaps_total", "Times that records were gone before they could be read."),
      labelNames: ["reason"],
    });
    for (const reason of ["expired", "restarted"]) this.#gaps.inc({ reason }, 0);
    this.#missing = new Counter(name("missing_records_total", "Records that were gone before they could be read."));
    for (const metric of [...this.#countersOfTotals(), ...this.#gauges()]) this.#registry.registerMetric(metric);
  }

  /** Lets the state's facts be counted, until {@link recount}. */
  useState(countCells: () => Promise<Readonly<Record<CellKind, number>>>): void {
    this.#countCells = countCells;
  }

  /** Counts the state's facts for the last time: it is about to be closed. */
  async recount(): Promise<void> {
    this.#countedAt = Number.NEGATIVE_INFINITY;
    await this.#cellCounts();
    this.#countCells = undefined;
  }

  useTotals(totals: Totals): void {
    this.#totals = totals;
  }

  /** In Prometheus' text format. The process's own metrics are left out: a textfile collector has some of its own. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }

  /** {@link text} and the metrics of this process. */
  async scrape(): Promise<string> {
    if (this.#process.getMetricsAsArray().length === 0) collectDefaultMetrics({ register: this.#process });
    return `${await this.#registry.metrics()}${await this.#process.metrics()}`;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  assigned(partitions: readonly HeldPartition[]): void {
    this.#partitions = partitions;
  }

  progress(partitions: readonly HeldPartition[], totals: Totals): void {
    this.#partitions = partitions;
    this.useTotals(totals);
    const isCaughtUp = partitions.length > 0 && partitions.every(({ lag }) => lag === 0);
    if (isCaughtUp) this.#lastCaughtUp.set(this.#now() / 1000);
  }

  folded({ milliseconds }: FoldReport): void {
    this.#folds.inc({ outcome: "folded" });
    this.#foldSeconds.observe(milliseconds / 1000);
    this.#lastFold.set(this.#now() / 1000);
  }

  fenced(): void {
    this.#folds.inc({ outcome: "fenced" });
  }

  gap({ why, from, to }: Gap): void {
    this.#gaps.inc({ reason: why });
    if (to !== undefined) this.#missing.inc(to - from);
  }

  #countersOfTotals(): readonly Metric[] {
    const totals = (): Totals => this.#totals;
    return [
      new Counter({
        ...unregistered("inputs_total", "Records of Kafka, or files, that are in the state."),
        collect() {
          setTo(this, totals().inputs);
        },
      }),
      new Counter({
        ...unregistered(
          "records_total",
          "Flow records in the state, by outcome: used, set_aside (with its reason), undecided until more is known; and rejected ones.",
        ),
        labelNames: ["outcome", "reason"],
        collect() {
          this.reset();
          for (const [outcome, reason, count] of outcomes(totals())) {
            this.inc(reason === undefined ? { outcome } : { outcome, reason }, count);
          }
        },
      }),
      new Counter({
        ...unregistered(
          "audit_events_total",
          "Audit events in the state, by outcome: allowed and denied are uses of the API, the others are none (yet).",
        ),
        labelNames: ["outcome"],
        collect() {
          this.reset();
          for (const [outcome, count] of Object.entries(totals().auditEvents)) this.inc({ outcome }, count);
        },
      }),
      new Counter({
        ...unregistered("lost_events_total", "Events that the sources of the records say they lost."),
        collect() {
          setTo(this, totals().lostEvents);
        },
      }),
      new Gauge({
        ...unregistered("last_record_timestamp_seconds", "Time of the latest flow record or audit event; 0: none yet."),
        collect() {
          this.set((totals().lastRecord ?? 0) / 1000);
        },
      }),
    ];
  }

  #gauges(): readonly Metric[] {
    const partitions = (): readonly HeldPartition[] => this.#partitions;
    const cells = async () => await this.#cellCounts();
    return [
      new Gauge({
        ...unregistered("kafka_lag_records", "Records still to be read, of each partition that this member reads."),
        labelNames: ["topic", "partition"],
        collect() {
          this.reset();
          for (const { topic, partition, lag } of partitions()) this.set({ topic, partition: String(partition) }, lag);
        },
      }),
      new Gauge({
        ...unregistered("kafka_assigned_partitions", "Partitions that this member of the group reads."),
        collect() {
          this.set(partitions().length);
        },
      }),
      new Gauge({
        ...unregistered("state_cells", "Facts in the state, by kind; looked at once a minute."),
        labelNames: ["kind"],
        async collect() {
          for (const [kind, count] of Object.entries(await cells())) this.set({ kind }, count);
        },
      }),
    ];
  }

  /** What was counted last when the state can't be asked: a scrape is no place to fail. */
  async #cellCounts(): Promise<Readonly<Partial<Record<CellKind, number>>>> {
    const now = this.#now();
    if (this.#countCells !== undefined && now - this.#countedAt >= COUNT_EVERY) {
      this.#countedAt = now;
      this.#cells = await this.#countCells().catch(() => this.#cells);
    }
    return this.#cells;
  }
}

/** What is put into a registry later. */
function unregistered(suffix: string, help: string): { name: string; help: string; registers: Registry[] } {
  return { name: `netlearn_${suffix}`, help, registers: [] };
}

function setTo(counter: Counter, value: number): void {
  counter.reset();
  counter.inc(value);
}

function outcomes(totals: Totals): readonly (readonly [outcome: string, reason: string | undefined, count: number])[] {
  const setAside = Object.entries(totals.setAside);
  const left = setAside.reduce((sum, [, count]) => sum + count, 0);
  return [
    ["used", undefined, totals.used],
    ["undecided", undefined, Math.max(0, totals.records - totals.used - left)],
    ...setAside.map(([reason, count]) => ["set_aside", reason, count] as const),
    ...totals.rejections.map(({ reason, count }) => ["rejected", reason, count] as const),
  ];
}
