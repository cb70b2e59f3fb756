import type { Beginning } from "../../collect.ts";
import type { KafkaCollectOptions } from "../../config/collect-options.ts";
import { type HeldPartition, partitionKey } from "../../ingest/held-partition.ts";
import type { FoldReport, IngestObserver } from "../../ingest/observer.ts";
import type { Totals } from "../../ingest/totals.ts";
import type { Gap } from "../../model/gap.ts";
import type { RejectionReason } from "../../model/observation.ts";
import { counted, thousands } from "../../report/wording.ts";
import type { Session } from "../session.ts";

/** Tells people and machines what happens while topics are read. */
export class IngestLog implements IngestObserver {
  readonly #session: Session;
  readonly #options: KafkaCollectOptions;
  /** Where each partition was when it was last looked at. */
  readonly #seen = new Map<string, number>();
  readonly #rejected = new Set<RejectionReason>();
  #taken = 0;
  #isAssigned = false;

  constructor(session: Session, options: KafkaCollectOptions) {
    this.#session = session;
    this.#options = options;
  }

  begun({ state, topics }: Beginning): void {
    const { brokers, group } = this.#options.connection;
    const { mode } = this.#options;
    const what = topics.length > 3 ? counted(topics.length, "topic") : topics.join(", ");
    this.#session.log.say(
      "info",
      "started",
      `Reading ${what} of ${brokers.join(", ")} into ${state}, as a member of group ${group}.`,
      { state, brokers, topics, group, mode },
    );
    this.#showProgress([]);
  }

  assigned(partitions: readonly HeldPartition[]): void {
    this.#isAssigned = true;
    this.#seen.clear();
    for (const held of partitions) this.#seen.set(partitionKey(held), held.next);
    const lag = partitions.reduce((sum, held) => sum + held.lag, 0);
    const message =
      partitions.length === 0
        ? "Other members of the group read all partitions; this one stands by."
        : `${counted(partitions.length, "partition")} to read, ${counted(lag, "record")} behind.`;
    const rows = partitions.map(({ topic, partition, next, end }) => ({ topic, partition, next, end }));
    this.#session.log.say("info", "assigned", message, { lag, partitions: rows });
  }

  folded({ inputs, size, changed, milliseconds }: FoldReport): void {
    const message = `Wrote ${counted(inputs, "record")} to the state in ${thousands(milliseconds)} ms; ${counted(changed, "fact")} changed.`;
    this.#session.log.say("debug", "folded", message, { inputs, size, changed, milliseconds });
  }

  fenced(sources: readonly string[]): void {
    const message = `Another collector took over ${counted(sources.length, "partition")}; what was read of them here is left to it, and the rest is read again.`;
    this.#session.log.say("info", "fenced", message, { sources });
  }

  gap(gap: Gap): void {
    this.#session.log.say("warning", "gap", gapSentence(gap), { ...gap });
  }

  progress(partitions: readonly HeldPartition[], totals: Totals): void {
    // A run that ends says them at its end.
    if (this.#options.mode === "follow") this.#sayRejections(totals);
    for (const held of partitions) {
      const key = partitionKey(held);
      const before = this.#seen.get(key);
      this.#seen.set(key, held.next);
      if (before !== undefined) this.#taken += Math.max(0, held.next - before);
    }
    this.#showProgress(partitions);
  }

  /** Once for each reason. */
  #sayRejections({ rejections }: Totals): void {
    for (const { reason, count, sample } of rejections) {
      if (this.#rejected.has(reason)) continue;
      this.#rejected.add(reason);
      const { source } = sample.place;
      const message = `${reason}: ${source}: ${sample.detail}. More of this kind are counted, not told.`;
      this.#session.log.say("warning", "rejected", message, { reason, count, source, detail: sample.detail });
    }
  }

  #showProgress(partitions: readonly HeldPartition[]): void {
    this.#session.showLag({
      taken: this.#taken,
      lag: partitions.reduce((sum, held) => sum + held.lag, 0),
      ends: this.#options.mode === "until-caught-up",
      waitsFor: this.#isAssigned ? undefined : `the partitions of group ${this.#options.connection.group}`,
    });
  }
}

function gapSentence({ topic, partition, from, to, why }: Gap): string {
  const place = `partition ${partition} of ${topic}`;
  if (why === "restarted") {
    return `The offsets of ${place} began anew: the topic was deleted and made again, or lost its end. It is read from its beginning; what came behind offset ${thousands(from)} before that is not known.`;
  }
  const count = to === undefined ? "records" : counted(to - from, "record");
  return `${count} of ${place} were gone before they could be read (from offset ${thousands(from)}): retention removed them. Connections, and uses of the API, that only they showed are missing; collect more often, or keep records longer.`;
}
