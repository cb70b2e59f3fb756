import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Learner } from "../../src/graph/learner.ts";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import { beginTopics } from "../../src/ingest/begin-topics.ts";
import { type CollectorOptions, type CollectorParts, KafkaCollector } from "../../src/ingest/kafka-collector.ts";
import type { IngestObserver } from "../../src/ingest/observer.ts";
import type { StartRule } from "../../src/ingest/start-rule.ts";
import type { Gap } from "../../src/model/gap.ts";
import type { ObservationSink } from "../../src/model/observation.ts";
import type { Advance, Cell, FoldOutcome, StateStore } from "../../src/model/state.ts";
import { learnerOf, printLearner } from "../support/learned-state.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { VARIED } from "../support/varied-records.ts";
import { KafkaWorld, type Member, TOPIC } from "./kafka-world.ts";

/** A value is the number of a record, one that can't be read, or nothing. */
function read(
  place: { partition: number },
  record: { value: Buffer | null; offset: number },
  sink: ObservationSink,
): void {
  if (record.value === null) return sink.otherEvent("tombstone");
  const flow = VARIED[Number(record.value.toString())];
  if (flow !== undefined) return sink.flow(flow);
  const source = `${TOPIC}/${place.partition}@${record.offset}`;
  sink.rejected({ reason: "invalid-json", place: { source, line: undefined }, detail: "no record" });
}

const OPTIONS: CollectorOptions = {
  owner: "test",
  flushRecords: 7,
  flushSize: 1000,
  flushInterval: 1_000_000,
};

class Heard implements IngestObserver {
  readonly gaps: Gap[] = [];
  fences = 0;
  folds = 0;
  assigned(): void {}
  folded(): void {
    this.folds++;
  }
  fenced(): void {
    this.fences++;
  }
  gap(gap: Gap): void {
    this.gaps.push(gap);
  }
  progress(): void {}
}

/** A store on which a process dies in the middle of a fold: before the transaction counts, or right after. */
class MortalStore extends MemoryStore {
  dies: "never" | "before" | "after" = "never";

  override async fold(cells: Iterable<Cell>, advances: readonly Advance[]): Promise<FoldOutcome> {
    const { dies } = this;
    this.dies = "never";
    if (dies === "before") throw new Error("killed");
    const outcome = await super.fold(cells, advances);
    if (dies === "after") throw new Error("killed");
    return outcome;
  }
}

interface Bench {
  readonly world: KafkaWorld;
  readonly store: MortalStore;
  readonly heard: Heard;
  readonly parts: CollectorParts;
}

function bench(partitions: number): Bench {
  const world = new KafkaWorld(partitions);
  const store = new MortalStore(mergeCells);
  const heard = new Heard();
  return { world, store, heard, parts: { cluster: world, store, read, observer: heard, now: () => 0 } };
}

interface Running {
  readonly collector: KafkaCollector;
  readonly member: Member;
}

async function start({ world, parts }: Bench, rule: StartRule = { kind: "earliest" }): Promise<Running> {
  const collector = new KafkaCollector(parts, OPTIONS);
  await beginTopics([TOPIC], { ...parts, owner: "test", start: rule });
  const member = (await world.subscribe([TOPIC], collector)) as Member;
  collector.use(member);
  return { collector, member };
}

/** One collector that reads everything there is and folds it in. */
async function finish(one: Bench): Promise<void> {
  const { collector, member } = await start(one);
  await member.assign(one.world.logs.map((_, partition) => partition));
  for (let quiet = 0; quiet < 3; ) {
    let isBusy = false;
    for (const nth of one.world.logs.keys()) isBusy = (await member.deliver(nth, 5)) || isBusy;
    quiet = isBusy ? 0 : quiet + 1;
  }
  expect(await collector.settle()).toBe(true);
}

/** What one uninterrupted reading of all that was ever written learns. */
function wholeOf({ world }: Bench): Learner {
  const learner = new Learner();
  for (const [partition, { records }] of world.logs.entries()) {
    for (const record of records) read({ partition }, record, learner);
  }
  return learner;
}

async function state({ store }: { readonly store: StateStore }): Promise<string> {
  return printLearner(await learnerOf(store));
}

type Step =
  | { readonly do: "append"; readonly partition: number; readonly value: number }
  | { readonly do: "skip" | "tombstone"; readonly partition: number }
  | { readonly do: "start" }
  | { readonly do: "kill"; readonly who: number }
  | { readonly do: "deliver"; readonly who: number; readonly nth: number; readonly limit: number }
  | { readonly do: "rebalance"; readonly owners: readonly number[]; readonly unaware: readonly boolean[] }
  | { readonly do: "settle"; readonly who: number }
  | { readonly do: "die"; readonly who: number; readonly dies: "before" | "after" };

const who = fc.nat({ max: 3 });
const partition = fc.nat({ max: 2 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("append" as const), partition, value: fc.nat({ max: VARIED.length }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("skip" as const, "tombstone" as const), partition }) },
  { weight: 2, arbitrary: fc.constant({ do: "start" as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), who }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      who,
      nth: partition,
      limit: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("rebalance" as const),
      owners: fc.array(who, { minLength: 3, maxLength: 3 }),
      unaware: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("settle" as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("die" as const),
      who,
      dies: fc.constantFrom("before" as const, "after" as const),
    }),
  },
);

/** Up to four collectors, some of which do not hear that they lost their partitions. */
class Play {
  readonly #one: Bench;
  readonly #running: Running[] = [];

  constructor(one: Bench) {
    this.#one = one;
  }

  async start(): Promise<void> {
    if (this.#running.length < 4) this.#running.push(await start(this.#one));
  }

  async step(now: Step): Promise<void> {
    const { world } = this.#one;
    switch (now.do) {
      case "append":
        return world.append(now.partition, Buffer.from(String(now.value)));
      case "skip":
        return world.skip(now.partition);
      case "tombstone":
        return world.append(now.partition, null);
      case "start":
        return await this.start();
      case "kill":
      case "deliver":
      case "rebalance":
      case "settle":
      case "die":
        return await this.#disturb(now);
    }
  }

  async #disturb(now: Exclude<Step, { do: "append" | "skip" | "tombstone" | "start" }>): Promise<void> {
    switch (now.do) {
      case "kill":
        this.#running.splice(now.who % Math.max(this.#running.length, 1), 1);
        return;
      case "deliver":
        await this.#at(now.who)?.member.deliver(now.nth, now.limit);
        return;
      case "rebalance":
        return await this.#rebalance(now);
      case "settle":
        await this.#at(now.who)?.collector.settle();
        return;
      case "die":
        return await this.#die(now);
    }
  }

  #at(nth: number): Running | undefined {
    return this.#running[nth % Math.max(this.#running.length, 1)];
  }

  async #rebalance({ owners, unaware }: Extract<Step, { do: "rebalance" }>): Promise<void> {
    for (const [place, { member }] of this.#running.entries()) {
      const own = owners.flatMap((owner, index) => (owner % this.#running.length === place ? [index] : []));
      member.isMember = unaware[place] !== true;
      if (member.isMember) await member.assign(own);
    }
  }

  /** Dies in the middle of a fold, when there is one. */
  async #die({ who: nth, dies }: Extract<Step, { do: "die" }>): Promise<void> {
    const victim = this.#at(nth);
    if (victim === undefined) return;
    this.#one.store.dies = dies;
    const isDead = await victim.collector.settle().then(
      () => false,
      () => true,
    );
    this.#one.store.dies = "never";
    if (isDead) this.#running.splice(this.#running.indexOf(victim), 1);
  }
}

async function play(one: Bench, played: readonly Step[]): Promise<void> {
  const stage = new Play(one);
  await stage.start();
  await stage.start();
  for (const step of played) await stage.step(step);
}

describe("a collector of a consumer group", () => {
  it("folds each record in once, whoever dies, lags behind or believes to own what", async () => {
    let fences = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { maxLength: 120, size: "max" }), async (played) => {
        const one = bench(3);
        await play(one, played);
        await finish(one);
        fences += one.heard.fences;
        expect(one.heard.gaps).toEqual([]);
        expect(await state(one)).toBe(printLearner(wholeOf(one)));
      }),
      { numRuns: 300 },
    );
    expect(fences).toBeGreaterThan(20);
  });

  it("goes on where the state is, and reads nothing twice", async () => {
    const one = bench(1);
    for (const value of [0, 1, 2]) one.world.append(0, Buffer.from(String(value)));
    await finish(one);
    const before = await state(one);
    await finish(one);
    expect(await state(one)).toBe(before);
    one.world.append(0, Buffer.from("3"));
    await finish(one);
    expect(await state(one)).toBe(printLearner(wholeOf(one)));
  });

  it("refuses what a zombie folds in late, and the zombie forgets it", async () => {
    const one = bench(1);
    for (const value of [0, 1, 2, 3]) one.world.append(0, Buffer.from(String(value)));
    const zombie = await start(one);
    await zombie.member.assign([0]);
    await zombie.member.deliver(0, 2);
    zombie.member.isMember = false;
    const heir = await start(one);
    await heir.member.assign([0]);
    expect(await zombie.collector.settle()).toBe(false);
    expect(zombie.collector.assignment).toBeUndefined();
    expect(one.heard.fences).toBe(1);
    await heir.member.deliver(0, 9);
    expect(await heir.collector.settle()).toBe(true);
    expect(await state(one)).toBe(printLearner(wholeOf(one)));
  });

  it("records what retention removed before it was read, once", async () => {
    const one = bench(2);
    for (let value = 0; value < 8; value++) one.world.append(0, Buffer.from(String(value % 4)));
    const first = await start(one);
    await first.member.assign([0, 1]);
    await first.member.deliver(0, 2);
    await first.collector.settle();
    one.world.expire(0, 6);
    await finish(one);
    await finish(one);
    const gap = { topic: TOPIC, partition: 0, from: 2, to: 6, why: "expired" };
    expect(one.heard.gaps).toEqual([gap]);
    const [{ facts }] = [(await resolved(one)).graph];
    expect(facts.gaps).toEqual([gap]);
  });

  it("records what retention removed while it was reading", async () => {
    const one = bench(1);
    for (let value = 0; value < 9; value++) one.world.append(0, Buffer.from(String(value % 4)));
    const { collector, member } = await start(one);
    await member.assign([0]);
    await member.deliver(0, 2);
    one.world.expire(0, 5);
    while (await member.deliver(0, 2));
    await collector.settle();
    expect(one.heard.gaps).toEqual([{ topic: TOPIC, partition: 0, from: 2, to: 5, why: "expired" }]);
    expect((await learnerOf(one.store)).observations.counts.get("records")).toBe(6);
  });

  it.each([1, 3, 4, 5, 9])("notices that a topic was made anew, with %d records since", async (since) => {
    const one = bench(1);
    for (const value of [0, 1, 2, 3]) one.world.append(0, Buffer.from(String(value)), 1000);
    await finish(one);
    one.world.recreate(1);
    for (let value = 0; value < since; value++) one.world.append(0, Buffer.from(String(4 + (value % 3))), 2000);
    await finish(one);
    one.world.append(0, Buffer.from("5"), 3000);
    await finish(one);
    expect(one.heard.gaps).toEqual([{ topic: TOPIC, partition: 0, from: 4, to: undefined, why: "restarted" }]);
    expect((await learnerOf(one.store)).observations.counts.get("records")).toBe(4 + one.world.logs[0]!.records.length);
  });

  it("reads a partition that came later from its beginning, whatever it was told to start with", async () => {
    const one = bench(1);
    one.world.append(0, Buffer.from("0"));
    await start(one, { kind: "latest" });
    one.world.addPartition();
    one.world.append(0, Buffer.from("1"));
    one.world.append(1, Buffer.from("2"));
    const { collector, member } = await start(one, { kind: "latest" });
    await member.assign([0, 1]);
    while ((await member.deliver(0, 5)) || (await member.deliver(1, 5)));
    await collector.settle();
    expect((await learnerOf(one.store)).observations.counts.get("records")).toBe(2);
  });

  it("starts where it is told to in topics the state knows nothing of", async () => {
    for (const [rule, records] of [
      [{ kind: "earliest" }, 3],
      [{ kind: "latest" }, 0],
      [{ kind: "time", time: 2000 }, 2],
    ] as const) {
      const one = bench(1);
      for (const time of [1000, 2000, 3000]) one.world.append(0, Buffer.from("0"), time);
      const { collector, member } = await start(one, rule);
      await member.assign([0]);
      while (await member.deliver(0, 5));
      await collector.settle();
      expect((await learnerOf(one.store)).observations.counts.get("records") ?? 0).toBe(records);
    }
  });

  it("folds in by itself by count, by size and by age, also when the clock jumps back", async () => {
    let clock = 0;
    for (const options of [{ flushRecords: 2 }, { flushSize: 1 }, { flushInterval: 10 }] as const) {
      const one = bench(1);
      for (let value = 0; value < 4; value++) one.world.append(0, Buffer.from(String(value)));
      clock = 1000;
      const quiet = { ...OPTIONS, flushRecords: 100, flushSize: 1000, ...options };
      const collector = new KafkaCollector({ ...one.parts, now: () => clock }, quiet);
      await beginTopics([TOPIC], { ...one.parts, owner: "test", start: { kind: "earliest" } });
      const member = (await one.world.subscribe([TOPIC], collector)) as Member;
      collector.use(member);
      await member.assign([0]);
      await member.deliver(0, 1);
      await member.deliver(0, 1);
      clock = 500;
      await collector.tick();
      expect(one.heard.folds).toBeGreaterThan(0);
    }
  });
});

async function resolved({ store }: Bench) {
  const { resolve } = await import("../../src/graph/resolve.ts");
  return resolve((await learnerOf(store)).observations);
}
