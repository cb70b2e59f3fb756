import { describe, expect, it } from "vitest";
import { UnpackingError } from "../../../src/collectors/kafka/codecs/codecs.ts";
import type { FetchedPartition, FetchingCluster, UnreadableRecords } from "../../../src/collectors/kafka/fetches.ts";
import { observeFetches } from "../../../src/collectors/kafka/fetches.ts";

type Fetch = FetchingBroker["fetch"];
type FetchingBroker = Awaited<ReturnType<FetchingCluster["findBroker"]>>;

const REQUEST: Parameters<Fetch>[0] = {
  topics: [
    {
      topic: "a",
      partitions: [0, 1].map((partition) => ({ partition, fetchOffset: `${10 + partition}`, maxBytes: 1 })),
    },
    { topic: "b", partitions: [{ partition: 0, fetchOffset: "7", maxBytes: 1 }] },
  ],
};

/** What is observed of one fetch that a broker answers with `fetch`, and what kafkajs gets. */
async function observed(fetch: Fetch) {
  const seen = { asked: [] as string[], answered: [] as FetchedPartition[], unreadable: [] as UnreadableRecords[] };
  const broker: FetchingBroker = { fetch };
  const cluster = { findBroker: async (_node: { nodeId: string }) => broker };
  observeFetches(cluster, {
    asks: ({ topic, partition }, offset) => seen.asked.push(`${topic}/${partition}@${offset}`),
    answered: (partitions) => seen.answered.push(...partitions),
    unreadable: (records) => seen.unreadable.push(records),
  });
  // Found twice, it is observed once.
  await cluster.findBroker({ nodeId: "1" });
  const found = await cluster.findBroker({ nodeId: "1" });
  const result = await found.fetch(REQUEST).catch((error: unknown) => error);
  return { ...seen, result };
}

describe("observed fetches", () => {
  it("tell what was asked, what came, and up to where it can be read", async () => {
    const responses = [
      {
        topicName: "a",
        partitions: [
          { partition: 0, highWatermark: "20", lastStableOffset: "15", messages: [{}, {}] },
          { partition: 1, highWatermark: "11", lastStableOffset: "-1", messages: [] },
        ],
      },
    ];
    const { asked, answered, result } = await observed(async () => ({ responses }));
    expect(asked).toEqual(["a/0@10", "a/1@11", "b/0@7"]);
    expect(answered).toEqual([
      { topic: "a", partition: 0, asked: 10, count: 2, end: 15 },
      { topic: "a", partition: 1, asked: 11, count: 0, end: 11 },
    ]);
    expect(result).toEqual({ responses });
  });

  it("find the partition whose records can't be unpacked", async () => {
    const { unreadable, answered, result } = await observed(async ({ topics }) => {
      if (
        topics.some(({ topic, partitions }) => topic === "a" && partitions.some(({ partition }) => partition === 1))
      ) {
        throw new UnpackingError("lz4", new Error("the LZ4 data is cut off"));
      }
      return { responses: [] };
    });
    expect(unreadable).toEqual([
      { topic: "a", partition: 1, asked: 11, codec: "lz4", reason: "the LZ4 data is cut off" },
    ]);
    expect(answered).toEqual([]);
    expect(result).toEqual({ responses: [] });
  });

  it("hand on what is wrong with the network", async () => {
    const fault = new Error("Closed connection");
    const { result, unreadable } = await observed(async () => await Promise.reject(fault));
    expect(result).toBe(fault);
    expect(unreadable).toEqual([]);
  });
});
