import { randomBytes } from "node:crypto";
import type { TopicMessages } from "kafkajs";
import kafkajs from "kafkajs";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { connectKafka } from "../../src/collectors/kafka/connect-kafka.ts";
import type { KafkaCluster, KafkaSubscription } from "../../src/collectors/kafka/port.ts";
import { type KafkaAdmin, kafkaAdmin } from "../testbed/kafka-admin.ts";
import { type Codec, produce } from "../testbed/kafka-records.ts";
import { type KafkaServer, startKafka } from "../testbed/kafka-server.ts";
import { plainConnection, RecordingReader } from "./kafka-reader.ts";

const part = inject("kafka");
const CODECS: readonly Codec[] = ["none", "gzip", "snappy", "lz4", "zstd"];
const MB = 1024 * 1024;

function* numbered(topic: string, count: number, more: { partition?: number; from?: number } = {}) {
  for (let at = more.from ?? 0; at < (more.from ?? 0) + count; at++) {
    yield { topic, partition: more.partition ?? 0, value: `v${at}` };
  }
}

function upTo(end: number, start = 0): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}

describe.skipIf(part.state === "absent")("reading topics of Kafka", () => {
  let server: KafkaServer;
  let admin: KafkaAdmin;
  let cluster: KafkaCluster;
  const subscriptions: KafkaSubscription[] = [];
  beforeAll(async () => {
    server = await startKafka(part, { settings: { "message.max.bytes": String(64 * MB) } });
    admin = kafkaAdmin(server);
    const signal = AbortSignal.timeout(60_000);
    cluster = await connectKafka(plainConnection(server.brokers, "reading"), { signal });
  });
  afterEach(async () => {
    await Promise.all(subscriptions.splice(0).map((subscription) => subscription.stop()));
  });
  afterAll(async () => {
    await cluster?.close();
    await admin?.close();
    await server?.stop();
  });

  async function read(topics: readonly string[], reader = new RecordingReader()): Promise<RecordingReader> {
    const subscription = await cluster.subscribe(topics, reader);
    subscriptions.push(subscription);
    return reader;
  }

  /** For what the JSON of the testbed's program is too small for. */
  async function write(topicMessages: TopicMessages[], compression = kafkajs.CompressionTypes.None): Promise<void> {
    const kafka = new kafkajs.Kafka({ brokers: [server.brokers], logLevel: kafkajs.logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    await producer.sendBatch({ topicMessages, compression });
    await producer.disconnect();
  }

  it("reads what every codec packs, as the client of Kafka itself writes it", async () => {
    await admin.createTopic("codecs");
    // What repeats is packed with references to what came before, what is random is not.
    const values = upTo(300).map((at) => `${at} ${"flow ".repeat(at)}${randomBytes(at).toString("base64")}`);
    for (const codec of CODECS) {
      await produce(
        server,
        values.map((value) => ({ topic: "codecs", value })),
        codec,
      );
    }
    const reader = await read(["codecs"]);
    await reader.untilNext("codecs", CODECS.length * values.length);
    expect(reader.offsets("codecs")).toEqual(upTo(CODECS.length * values.length));
    expect(reader.values("codecs")).toEqual(CODECS.flatMap(() => values));
  });

  it("tells records as they were written: time, headers, tombstones", async () => {
    await admin.createTopic("shapes");
    const timestamp = Date.now() - 5000;
    await produce(server, [
      {
        topic: "shapes",
        value: null,
        timestamp,
        headers: [
          ["a", "1"],
          ["a", "2"],
          ["__proto__", "3"],
        ],
      },
      { topic: "shapes", value: "" },
    ]);
    const reader = await read(["shapes"]);
    await reader.untilNext("shapes", 2);
    const [first, second] = reader.batches.flatMap(({ records }) => records);
    expect(first).toMatchObject({ offset: 0, timestamp, value: null });
    expect(Object.entries(first?.headers ?? {}).map(([name, value]) => [name, String(value)])).toEqual([
      ["a", "1,2"],
      ["__proto__", "3"],
    ]);
    expect(second?.value).toEqual(Buffer.alloc(0));
  });

  it("begins where the reader says, whatever the group has committed", async () => {
    await admin.createTopic("starts", 2);
    await produce(server, [...numbered("starts", 20), ...numbered("starts", 20, { partition: 1 })]);
    const first = await cluster.subscribe(["starts"], new RecordingReader());
    await first.commit([
      { topic: "starts", partition: 0, offset: 15 },
      { topic: "starts", partition: 1, offset: 3 },
    ]);
    await first.stop();
    await first.ended;

    const reader = new RecordingReader();
    reader.startAt = ({ partition }) => (partition === 0 ? 7 : 18);
    await read(["starts"], reader);
    await reader.untilNext("starts", 20, 0);
    await reader.untilNext("starts", 20, 1);
    expect(reader.assignments).toEqual([upTo(2).map((partition) => ({ topic: "starts", partition }))]);
    expect(reader.offsets("starts", 0)).toEqual(upTo(20, 7));
    expect(reader.offsets("starts", 1)).toEqual(upTo(20, 18));
    expect(reader.batches.find(({ partition }) => partition === 0)?.from).toBe(7);
  });

  it("moves when the reader says so, also from within a batch, and delivers nothing from elsewhere", async () => {
    await admin.createTopic("moves");
    await produce(server, numbered("moves", 10));
    const reader = new RecordingReader();
    let moved = false;
    const subscription: { current?: KafkaSubscription } = {};
    reader.onBatch = () => {
      if (!moved) {
        moved = true;
        subscription.current?.seek([
          { topic: "moves", partition: 0, offset: 4 },
          { topic: "elsewhere", partition: 0, offset: 1 },
        ]);
      }
    };
    subscription.current = await cluster.subscribe(["moves"], reader);
    subscriptions.push(subscription.current);
    await reader.untilIdle();
    expect(reader.offsets("moves")).toEqual([...upTo(10), ...upTo(10, 4)]);
    subscription.current.seek([{ topic: "moves", partition: 0, offset: 9 }]);
    await reader.untilIdle();
    await reader.untilIdle();
    expect(reader.offsets("moves").slice(16)).toEqual([9]);
  });

  it("shows committed transactions only, and its position gets to the end", async () => {
    await admin.createTopic("transactions");
    const topic = "transactions";
    const access = { ...server, settings: { "transactional.id": "writer" } };
    await produce(access, [
      { step: "begin" },
      ...numbered(topic, 3),
      { step: "abort" },
      { step: "begin" },
      ...numbered(topic, 2, { from: 3 }),
      { step: "commit" },
    ]);
    const { end } = await admin.offsets(topic, 0);
    const reader = await read([topic]);
    await reader.untilNext(topic, end);
    expect(reader.values(topic)).toEqual(["v3", "v4"]);
    await produce(access, [{ step: "begin" }, ...numbered(topic, 4), { step: "abort" }]);
    const after = await admin.offsets(topic, 0);
    await reader.untilNext(topic, after.end);
    expect(reader.values(topic)).toEqual(["v3", "v4"]);
    // Nothing is missing between what one batch ends with and the next begins with.
    expect(reader.batches.slice(1).map(({ from }) => from)).toEqual(
      reader.batches.slice(0, -1).map(({ next }) => next),
    );
    expect(reader.batches.at(-1)).toMatchObject({ records: [], next: after.end, end: after.end });
    await reader.untilIdle();
  });

  it("is idle before an open transaction, whose records can't be read yet", async () => {
    await admin.createTopic("open");
    const access = { ...server, settings: { "transactional.id": "sleeper" } };
    await produce(access, [
      { step: "begin" },
      ...numbered("open", 2),
      { step: "commit" },
      { step: "begin" },
      ...numbered("open", 2),
    ]);
    const reader = await read(["open"]);
    await reader.untilIdle();
    expect(reader.batches.at(-1)).toMatchObject({ next: 3, end: 3 });
    expect(await cluster.extents("open")).toEqual([{ topic: "open", partition: 0, start: 0, end: 3 }]);
  });

  it("gets records through that are larger than what it asks for at a time", async () => {
    await admin.createTopic("huge");
    const value = randomBytes(48 * MB);
    await write([{ topic: "huge", messages: [{ value: "before" }, { value }, { value: "after" }] }]);
    const reader = await read(["huge"]);
    await reader.untilNext("huge", 3);
    expect(reader.offsets("huge")).toEqual([0, 1, 2]);
    expect(reader.batches.flatMap(({ records }) => records)[1]?.value?.equals(value)).toBe(true);
  });

  it("ends with the place and the codec when records unpack to more than memory has room for", async () => {
    await admin.createTopic("bomb", 2);
    const value = Buffer.alloc(300 * MB);
    await write([{ topic: "bomb", messages: [{ partition: 1, value: "before" }] }]);
    await write([{ topic: "bomb", messages: [{ partition: 1, value }] }], kafkajs.CompressionTypes.GZIP);
    const reader = new RecordingReader();
    const subscription = await cluster.subscribe(["bomb"], reader);
    await expect(subscription.ended).rejects.toThrow(
      /^records of bomb\/1 at or behind offset \d are packed with gzip and can't be unpacked: it unpacks to more than/u,
    );
    expect(reader.offsets("bomb", 1)).not.toContain(1);
    await subscription.stop();
  });

  it("says from where it reads on when the partition no longer has the offset", async () => {
    await admin.createTopic("deleted");
    await produce(server, numbered("deleted", 10));
    await admin.deleteRecords("deleted", 0, 6);
    const reader = new RecordingReader();
    reader.startAt = () => 2;
    await read(["deleted"], reader);
    await reader.untilNext("deleted", 10);
    expect(reader.batches[0]).toMatchObject({ from: 6 });
    expect(reader.offsets("deleted")).toEqual(upTo(10, 6));
  });

  it("says from where it reads on when the topic was made anew and is shorter", async () => {
    await admin.createTopic("anew");
    await produce(server, numbered("anew", 3));
    const reader = new RecordingReader();
    reader.startAt = () => 500;
    await read(["anew"], reader);
    await reader.untilNext("anew", 3);
    expect(reader.batches[0]).toMatchObject({ from: 0 });
    expect(reader.offsets("anew")).toEqual(upTo(3));
  });

  it("reads on after a topic was deleted and made anew", async () => {
    await admin.createTopic("again");
    await produce(server, numbered("again", 10));
    const reader = await read(["again"]);
    await reader.untilNext("again", 10);
    await admin.deleteTopic("again");
    await admin.createTopic("again");
    await produce(server, numbered("again", 4));
    await reader.untilNext("again", 4);
    expect(reader.offsets("again")).toEqual([...upTo(10), ...upTo(4)]);
  });
});
