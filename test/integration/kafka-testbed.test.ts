import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { type KafkaAdmin, kafkaAdmin } from "../testbed/kafka-admin.ts";
import { kafkaPlace } from "../testbed/kafka-place.ts";
import { type Codec, produce, readTopic } from "../testbed/kafka-records.ts";
import { type KafkaServer, startKafka } from "../testbed/kafka-server.ts";

const part = inject("kafka");
const PATIENCE = { timeout: 20_000, interval: 100 };
/** In the order of the numbers that batches carry. */
const CODECS: readonly Codec[] = ["none", "gzip", "snappy", "lz4", "zstd"];
const ALICE = { name: "alice", password: "wonderland" };
const TLS = path.join(import.meta.dirname, "../support/tls");

const texts = (records: readonly { readonly value: Buffer | null }[]): readonly (string | undefined)[] =>
  records.map(({ value }) => value?.toString("utf8"));

describe.skipIf(part.state === "absent")("the Kafka of the testbed", () => {
  let server: KafkaServer;
  let admin: KafkaAdmin;
  beforeAll(async () => {
    server = await startKafka(part, { users: [ALICE], acls: true });
    admin = kafkaAdmin(server);
  });
  afterAll(async () => {
    await admin?.close();
    await server?.stop();
  });

  /** Settings of somebody who logs in. */
  const loginOf = (mechanism: string, module: string): Record<string, string> => ({
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": mechanism,
    "sasl.jaas.config": `org.apache.kafka.common.security.${module};`,
  });
  const grantReading = async (user: string, name: string): Promise<void> => {
    for (const operation of ["READ", "DESCRIBE"] as const) await admin.allow({ user, type: "TOPIC", name, operation });
  };
  const alice = `username="${ALICE.name}" password="${ALICE.password}"`;

  it("keeps what every codec packs, in batches of that codec, where it is asked to", async () => {
    await admin.createTopic("codecs", 2);
    for (const codec of CODECS) {
      const value = codec.repeat(100);
      const headers = [["näme", "wert"]] as const;
      const steps = [
        { topic: "codecs", partition: 1, key: codec, value, headers, timestamp: 12_345 },
        { topic: "codecs", partition: 1, value },
      ];
      expect(await produce(server, steps, codec)).toMatchObject([
        { partition: 1, timestamp: 12_345 },
        { partition: 1 },
      ]);
    }
    const records = await readTopic(server, "codecs");
    expect(records.map(({ partition, offset }) => [partition, offset])).toEqual(
      CODECS.flatMap((_codec, at) => [
        [1, 2 * at],
        [1, 2 * at + 1],
      ]),
    );
    expect(texts(records)).toEqual(CODECS.flatMap((codec) => [codec.repeat(100), codec.repeat(100)]));
    expect(records[2]).toMatchObject({ key: Buffer.from("gzip"), timestamp: 12_345, headers: [["näme", "wert"]] });
    expect(await batches(path.join(server.dataDir, "codecs-1"))).toEqual(
      CODECS.map((_codec, codec) => ({ codec, count: 2 })),
    );
  });

  it("tells a tombstone from an empty value", async () => {
    await admin.createTopic("tombstones");
    await produce(
      server,
      [null, ""].map((value) => ({ topic: "tombstones", key: "k", value })),
    );
    expect((await readTopic(server, "tombstones")).map(({ value }) => value)).toEqual([null, Buffer.alloc(0)]);
  });

  it("shows what a transaction wrote once it is committed, and never what was aborted or left open", async () => {
    await admin.createTopic("transactions");
    const topic = "transactions";
    await produce({ ...server, settings: { "transactional.id": "one" } }, [
      { step: "begin" },
      { topic, value: "aborted" },
      { step: "abort" },
      { step: "begin" },
      { topic, value: "committed" },
      { step: "commit" },
      { step: "begin" },
      { topic, value: "open" },
    ]);
    const uncommitted = { ...server, settings: { "isolation.level": "read_uncommitted" } };
    expect(texts(await readTopic(server, topic))).toEqual(["committed"]);
    expect(texts(await readTopic(uncommitted, topic))).toEqual(["aborted", "committed", "open"]);
  });

  it("deletes records and topics, and adds partitions", async () => {
    await admin.createTopic("changing");
    await produce(
      server,
      ["a", "b", "c"].map((value) => ({ topic: "changing", value })),
    );
    await admin.deleteRecords("changing", 0, 2);
    expect(await admin.offsets("changing", 0)).toEqual({ first: 2, end: 3 });
    expect(texts(await readTopic(server, "changing"))).toEqual(["c"]);
    await admin.addPartitions("changing", 3);
    expect(await admin.offsets("changing", 2)).toEqual({ first: 0, end: 0 });
    await admin.deleteTopic("changing");
    await expect(admin.deleteTopic("changing")).rejects.toThrow("UnknownTopicOrPartition");
    await expect(
      produce({ ...server, settings: { "max.block.ms": 500 } }, [{ topic: "changing", value: "" }]),
    ).rejects.toThrow("changing");
  });

  it("forgets by retention within seconds", async () => {
    await admin.createTopic("short", 1, { "retention.ms": "1000", "segment.ms": "500" });
    const old = Date.now() - 60_000;
    await produce(server, [{ topic: "short", value: "old", timestamp: old }]);
    await vi.waitFor(async () => expect(await admin.offsets("short", 0)).toEqual({ first: 1, end: 1 }), PATIENCE);
  });

  describe("whoever logs in", () => {
    const plain = loginOf("PLAIN", `plain.PlainLoginModule required ${alice}`);
    beforeAll(async () => {
      for (const topic of ["open", "closed"]) await admin.createTopic(topic);
      await produce(
        server,
        ["open", "closed"].map((topic) => ({ topic, value: "here" })),
      );
      await grantReading(ALICE.name, "open");
    });

    it.each([
      ["PLAIN", plain],
      ["SCRAM-SHA-256", loginOf("SCRAM-SHA-256", `scram.ScramLoginModule required ${alice}`)],
      ["SCRAM-SHA-512", loginOf("SCRAM-SHA-512", `scram.ScramLoginModule required ${alice}`)],
      [
        "OAUTHBEARER",
        loginOf(
          "OAUTHBEARER",
          `oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${ALICE.name}"`,
        ),
      ],
    ])("reads by %s what an ACL allows, and nothing else", async (_mechanism, settings) => {
      const access = { ...server, brokers: server.saslBrokers, settings };
      expect(texts(await readTopic(access, "open"))).toEqual(["here"]);
      await expect(readTopic(access, "closed")).rejects.toThrow("TopicAuthorizationException");
    });

    it("does not write where the ACL allows to read", async () => {
      const access = { ...server, brokers: server.saslBrokers, settings: plain };
      await expect(produce(access, [{ topic: "open", value: "" }])).rejects.toThrow("AuthorizationException");
    });
  });

  it("lets nobody in with another password", async () => {
    const settings = loginOf("SCRAM-SHA-512", 'scram.ScramLoginModule required username="alice" password="x"');
    await expect(readTopic({ ...server, brokers: server.saslBrokers, settings }, "any")).rejects.toThrow(
      "SaslAuthenticationException",
    );
  });

  it("knows by TLS who shows a certificate, and takes who shows none", async () => {
    await admin.createTopic("for-learners");
    await grantReading("O=readers,CN=learner", "for-learners");
    const settings = {
      "security.protocol": "SSL",
      "ssl.truststore.type": "PEM",
      "ssl.truststore.certificates": server.ca,
    };
    const [crt, key] = await Promise.all(
      ["client.crt", "client.key"].map((name) => readFile(path.join(TLS, name), "utf8")),
    );
    const certificate = {
      "ssl.keystore.type": "PEM",
      "ssl.keystore.certificate.chain": crt ?? "",
      "ssl.keystore.key": key ?? "",
    };
    const access = { ...server, brokers: server.tlsBrokers };
    expect(await readTopic({ ...access, settings: { ...settings, ...certificate } }, "for-learners")).toEqual([]);
    await produce({ ...access, settings }, [{ topic: "for-learners", value: "" }]);
  });

  it("is another's where KAFKA_BROKERS names one, which goes on when the tests are through", async () => {
    const place = await kafkaPlace(part, { KAFKA_BROKERS: server.brokers });
    await admin.createTopic("elsewhere");
    await produce(place, [{ topic: "elsewhere", value: "here" }]);
    await place.stop();
    expect(texts(await readTopic(server, "elsewhere"))).toEqual(["here"]);
  });

  it("speaks TLS where it takes logins in TLS", async () => {
    const [, port] = server.saslTlsBrokers.split(":");
    const socket: TLSSocket = connectTls({ host: "127.0.0.1", port: Number(port), ca: server.ca });
    await once(socket, "secureConnect");
    expect(socket.authorized).toBe(true);
    socket.destroy();
  });
});

interface Batch {
  /** The lowest three bits of its attributes. */
  readonly codec: number;
  readonly count: number;
}

/** The batches of a partition's first segment, from the bytes on disk (https://kafka.apache.org/documentation/#recordbatch). */
async function batches(folder: string): Promise<readonly Batch[]> {
  const bytes = await readFile(path.join(folder, "00000000000000000000.log"));
  const found: Batch[] = [];
  for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
    found.push({ codec: bytes.readInt16BE(at + 21) & 7, count: bytes.readInt32BE(at + 57) });
  }
  return found;
}
