import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import { type KafkaRunOptions, runKafka } from "../../src/ingest/run-kafka.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { KafkaWorld, type Member, TOPIC } from "./kafka-world.ts";

const OPTIONS: KafkaRunOptions = {
  owner: "test",
  topics: [TOPIC],
  mode: "until-caught-up",
  start: { kind: "earliest" },
  flushRecords: 100,
  flushSize: 100,
  flushInterval: 1_000_000,
  topicInterval: 1_000_000,
};

interface Run {
  readonly world: KafkaWorld;
  readonly store: MemoryStore;
  readonly result: ReturnType<typeof runKafka>;
  readonly isOver: () => boolean;
  readonly member: Member;
}

async function run(partitions: number, records: number, signal = new AbortController().signal): Promise<Run> {
  const world = new KafkaWorld(partitions);
  for (let at = 0; at < records; at++) world.append(at % partitions, Buffer.from("{}"));
  const store = new MemoryStore(mergeCells);
  const ignore = (): void => {};
  const observer = { assigned: ignore, folded: ignore, fenced: ignore, gap: ignore, progress: ignore };
  let isOver = false;
  const parts = { cluster: world, store, observer, read: ignore, now: () => 0 };
  const result = runKafka(parts, OPTIONS, signal).finally(() => (isOver = true));
  while (world.members.size === 0) await sleep(5);
  const [member] = world.members;
  if (member === undefined) throw new Error("nobody joined");
  return { world, store, result, isOver: () => isOver, member };
}

async function read(member: Member): Promise<void> {
  for (let nth = 0; nth < 4; nth++) while (await member.deliver(nth, 3));
}

describe("a run until it has caught up", () => {
  it("ends when everything was folded in that was there at its start", async () => {
    const { world, store, result, member } = await run(2, 10);
    world.append(0, Buffer.from("{}"));
    await member.assign([0, 1]);
    await read(member);
    expect(await result).toMatchObject({ caughtUp: true, topics: [TOPIC] });
    expect((await store.positions()).map(({ next }) => next)).toEqual([6, 5]);
  });

  it("waits for partitions that a member holds which will never read them, until they are its own", async () => {
    const { result, isOver, member } = await run(2, 10);
    await member.assign([1]);
    await read(member);
    await sleep(1500);
    expect(isOver()).toBe(false);
    await member.assign([0, 1]);
    await read(member);
    expect(await result).toMatchObject({ caughtUp: true });
  });

  it("ends when brokers have nothing more, though offsets are left (an open transaction)", async () => {
    const { world, result, member } = await run(1, 4);
    world.skip(0);
    await member.assign([0]);
    await member.deliver(0, 3);
    for (let answer = 0; answer < 3; answer++) await member.nothing();
    expect(await result).toMatchObject({ caughtUp: true });
  });

  it("that is stopped folds in what it has read, and says that there is more", async () => {
    const stop = new AbortController();
    const { store, result, member } = await run(1, 9, stop.signal);
    await member.assign([0]);
    await member.deliver(0, 3);
    stop.abort();
    expect(await result).toMatchObject({ caughtUp: false });
    expect((await store.positions()).map(({ next }) => next)).toEqual([3]);
  });
});
