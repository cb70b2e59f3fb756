import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { connectKafka } from "../../src/collectors/kafka/connect-kafka.ts";
import type { KafkaCluster, KafkaSubscription } from "../../src/collectors/kafka/port.ts";
import { type KafkaAdmin, kafkaAdmin } from "../testbed/kafka-admin.ts";
import { produce } from "../testbed/kafka-records.ts";
import { type KafkaServer, startKafka } from "../testbed/kafka-server.ts";
import { PATIENCE, plainConnection, RecordingReader } from "./kafka-reader.ts";

const part = inject("kafka");

function* numbered(topic: string, partitions: number, count: number) {
  for (let at = 0; at < count; at++) {
    yield { topic, partition: at % partitions, value: `v${at}` };
  }
}

function upTo(end: number): number[] {
  return Array.from({ length: end }, (_, at) => at);
}

describe.skipIf(part.state === "absent")("a member of a consumer group", () => {
  let server: KafkaServer;
  let admin: KafkaAdmin;
  const clusters: KafkaCluster[] = [];
  beforeAll(async () => {
    server = await startKafka(part);
    admin = kafkaAdmin(server);
  });
  afterEach(async () => {
    await Promise.all(clusters.splice(0).map((cluster) => cluster.close()));
  });
  afterAll(async () => {
    await admin?.close();
    await server?.stop();
  });

  async function join(topic: string, reader: RecordingReader, outageMs = 120_000): Promise<KafkaSubscription> {
    const limits = { connectMs: 15_000, outageMs };
    const connection = plainConnection(server.brokers, `group-${topic}`);
    const cluster = await connectKafka(connection, { signal: AbortSignal.timeout(60_000), limits });
    clusters.push(cluster);
    return await cluster.subscribe([topic], reader);
  }

  /** Partitions of the assignment that counts. */
  function assigned(reader: RecordingReader): readonly number[] {
    return (reader.assignments.at(-1) ?? []).map(({ partition }) => partition);
  }

  it("shares partitions with others, and takes them over when those leave", async () => {
    await admin.createTopic("shared", 4);
    await produce(server, numbered("shared", 4, 40));
    const one = new RecordingReader();
    const other = new RecordingReader();
    await join("shared", one);
    await vi.waitFor(() => expect(assigned(one)).toEqual(upTo(4)), PATIENCE);
    const second = await join("shared", other);
    await vi.waitFor(() => {
      expect(assigned(one)).toHaveLength(2);
      expect([...assigned(one), ...assigned(other)].toSorted((a, b) => a - b)).toEqual(upTo(4));
    }, PATIENCE);
    for (const partition of assigned(other)) {
      await other.untilNext("shared", 10, partition);
    }
    await second.stop();
    await second.ended;
    await vi.waitFor(() => expect(assigned(one)).toEqual(upTo(4)), PATIENCE);
    await produce(server, numbered("shared", 4, 4));
    for (const partition of upTo(4)) {
      await one.untilNext("shared", 11, partition);
      expect(new Set(one.offsets("shared", partition))).toEqual(new Set(upTo(11)));
    }
  });

  it("is idle when there is no partition left for it", async () => {
    await admin.createTopic("few");
    const readers = [new RecordingReader(), new RecordingReader()];
    for (const reader of readers) {
      await join("few", reader);
    }
    await vi.waitFor(
      () => expect(readers.map((reader) => assigned(reader).length).toSorted((a, b) => a - b)).toEqual([0, 1]),
      PATIENCE,
    );
    await Promise.all(readers.map((reader) => reader.untilIdle()));
  });

  it("hears of partitions that are added", async () => {
    await admin.createTopic("growing");
    const reader = new RecordingReader();
    await join("growing", reader);
    await reader.untilIdle();
    await admin.addPartitions("growing", 3);
    await produce(server, numbered("growing", 3, 9));
    await vi.waitFor(() => expect(assigned(reader)).toEqual(upTo(3)), PATIENCE);
    for (const partition of upTo(3)) {
      await reader.untilNext("growing", 3, partition);
      expect(new Set(reader.offsets("growing", partition))).toEqual(new Set(upTo(3)));
    }
  });

  it.each(["restart", "kill"] as const)("reads on after the broker's %s, without a gap", async (how) => {
    const topic = `outage-${how}`;
    await admin.createTopic(topic);
    await produce(server, numbered(topic, 1, 5));
    const reader = new RecordingReader();
    await join(topic, reader);
    await reader.untilNext(topic, 5);
    if (how === "kill") {
      await server.kill();
    }
    await server.restart();
    await produce(server, numbered(topic, 1, 5));
    await reader.untilNext(topic, 10);
    expect(reader.offsets(topic)).toEqual(upTo(10));
  });

  it("stays a member while the reader takes its time", async () => {
    await admin.createTopic("slow");
    await produce(server, numbered("slow", 1, 3));
    const reader = new RecordingReader();
    const subscription: { current?: KafkaSubscription } = {};
    reader.onBatch = async () => {
      await new Promise((resolve) => setTimeout(resolve, 4000));
      await subscription.current?.heartbeat();
    };
    subscription.current = await join("slow", reader);
    await reader.untilNext("slow", 3);
    expect(reader.assignments).toHaveLength(1);
  });

  it("delivers nothing more of a partition whose batch was refused, until it is assigned anew", async () => {
    await admin.createTopic("refused", 2);
    await produce(server, numbered("refused", 2, 4));
    const reader = new RecordingReader();
    let refuses = true;
    reader.onBatch = ({ partition }) => {
      if (refuses && partition === 0) {
        throw new Error("not now");
      }
    };
    await join("refused", reader);
    await reader.untilNext("refused", 2, 1);
    await reader.untilIdle();
    expect(reader.offsets("refused", 0)).toEqual([]);
    refuses = false;
    const other = await join("refused", new RecordingReader());
    await other.stop();
    await vi.waitFor(() => expect(assigned(reader)).toEqual([0, 1]), PATIENCE);
    await reader.untilNext("refused", 2, 0);
    expect(reader.offsets("refused", 0)).toEqual([0, 1]);
  });

  it("gives up when brokers are away for long", async () => {
    await admin.createTopic("away");
    const subscription = await join("away", new RecordingReader(), 3000);
    await server.kill();
    await expect(subscription.ended).rejects.toThrow(/can't be reached|did not do what was asked/u);
    await server.restart();
  });
});
