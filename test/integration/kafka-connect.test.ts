import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { connectKafka } from "../../src/collectors/kafka/connect-kafka.ts";
import type { KafkaCluster, KafkaConnection, KafkaSasl, KafkaTls } from "../../src/collectors/kafka/port.ts";
import { NetlearnError } from "../../src/lib/errors.ts";
import { type KafkaAdmin, kafkaAdmin } from "../testbed/kafka-admin.ts";
import { produce } from "../testbed/kafka-records.ts";
import { type KafkaServer, startKafka } from "../testbed/kafka-server.ts";
import { plainConnection, RecordingReader } from "./kafka-reader.ts";

const part = inject("kafka");
const ALICE = { name: "alice", password: "wonder-land-7" };
/** Whom the broker takes a client with the certificate for. */
const CERTIFIED = "O=readers,CN=learner";
const THEN = Date.now() - 60_000;
const LIMITS = { connectMs: 3000, outageMs: 5000 };

function pem(file: string): string {
  return readFileSync(path.join(import.meta.dirname, "../support/tls", file), "utf8");
}

/** Signed by nobody, which the testbed's broker takes. */
function tokenFor(user: string, seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: user, iat: now - 60, exp: now + seconds };
  return `${[{ alg: "none" }, claims].map((section) => Buffer.from(JSON.stringify(section)).toString("base64url")).join(".")}.`;
}

function login(mechanism: "plain" | "scram-sha-256" | "scram-sha-512", password = ALICE.password): KafkaSasl {
  return { mechanism, username: ALICE.name, password: async () => password };
}

async function connect(connection: KafkaConnection): Promise<KafkaCluster> {
  return await connectKafka(connection, { signal: new AbortController().signal, limits: LIMITS });
}

/** The error of what fails, with everything in it that might be printed. */
async function failure(work: Promise<unknown>): Promise<{ readonly error: NetlearnError; readonly all: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  if (!(error instanceof NetlearnError)) {
    throw new Error(`this is no error for people: ${String(error)}`);
  }
  return {
    error,
    all: `${error.message}\n${error.hint}\n${error.stack}\n${JSON.stringify(error)}\n${String(error.cause)}`,
  };
}

describe.skipIf(part.state === "absent")("connecting to Kafka", () => {
  let server: KafkaServer;
  let admin: KafkaAdmin;
  const tls = (more: Partial<KafkaTls> = {}): KafkaTls => ({
    ca: server.ca,
    certificate: undefined,
    key: undefined,
    serverName: undefined,
    ...more,
  });
  const to = (brokers: string, more: Partial<KafkaConnection> = {}): KafkaConnection => ({
    ...plainConnection(brokers, "connecting"),
    ...more,
  });
  beforeAll(async () => {
    server = await startKafka(part, { users: [ALICE], acls: true });
    admin = kafkaAdmin(server);
    await admin.createTopic("open", 2);
    await admin.createTopic("closed");
    await admin.createTopic("seen");
    await produce(server, [
      { topic: "open", partition: 0, value: "a", timestamp: THEN },
      { topic: "open", partition: 0, value: "b", timestamp: THEN + 1000 },
    ]);
    for (const name of ["open", "seen"]) {
      await admin.allow({ user: ALICE.name, type: "TOPIC", name, operation: "DESCRIBE" });
    }
    await admin.allow({ user: ALICE.name, type: "TOPIC", name: "open", operation: "READ" });
    await admin.allow({ user: CERTIFIED, type: "TOPIC", name: "open", operation: "DESCRIBE" });
    await admin.allow({ user: ALICE.name, type: "GROUP", name: "connecting", operation: "READ" });
  });
  afterAll(async () => {
    await admin?.close();
    await server?.stop();
  });

  it("tells the cluster's id, its topics, and what can be read of them", async () => {
    const cluster = await connect(to(server.brokers));
    const again = await connect(to(server.tlsBrokers, { tls: tls() }));
    expect(cluster.id).toMatch(/^[\w-]{20,}$/u);
    expect(again.id).toBe(cluster.id);
    expect(await cluster.topics()).toEqual(["closed", "open", "seen"]);
    expect(await cluster.extents("open")).toEqual([
      { topic: "open", partition: 0, start: 0, end: 2 },
      { topic: "open", partition: 1, start: 0, end: 0 },
    ]);
    expect(await cluster.offsetsAt("open", THEN + 500)).toEqual([
      { topic: "open", partition: 0, offset: 1 },
      { topic: "open", partition: 1, offset: 0 },
    ]);
    await Promise.all([cluster.close(), again.close()]);
  });

  it.each([
    ["TLS", () => to(server.tlsBrokers, { tls: tls() })],
    [
      "TLS with a client certificate",
      () => to(server.tlsBrokers, { tls: tls({ certificate: pem("client.crt"), key: pem("client.key") }) }),
    ],
    ["TLS by another name", () => to(server.tlsBrokers, { tls: tls({ serverName: "localhost" }) })],
    ["PLAIN", () => to(server.saslBrokers, { sasl: login("plain") })],
    ["SCRAM-SHA-256", () => to(server.saslBrokers, { sasl: login("scram-sha-256") })],
    ["SCRAM-SHA-512 in TLS", () => to(server.saslTlsBrokers, { tls: tls(), sasl: login("scram-sha-512") })],
    [
      "OAUTHBEARER",
      () =>
        to(server.saslBrokers, {
          sasl: { mechanism: "oauthbearer", token: async () => tokenFor(ALICE.name, 600) },
        }),
    ],
    ["a list whose first broker is away", () => to(`127.0.0.1:1,${server.brokers}`)],
  ] as const)("succeeds by %s", async (_name, connection) => {
    const cluster = await connect(connection());
    expect(await cluster.topics()).toContain("open");
    await cluster.close();
  });

  it.each([
    ["no broker listens", () => to("127.0.0.1:1,127.0.0.1:2"), /127\.0\.0\.1:1 can't be reached.*127\.0\.0\.1:2/u],
    ["a name is nobody's", () => to("kafka.invalid:9092"), /kafka\.invalid:9092 can't be reached/u],
    ["an address is none", () => to("kafka"), /"kafka" is no address/u],
    ["TLS is expected", () => to(server.tlsBrokers), /answers a plain connection in TLS/u],
    ["TLS is not expected", () => to(server.brokers, { tls: tls() }), /no answer in TLS/u],
    [
      "nobody known signed",
      () => to(server.tlsBrokers, { tls: tls({ ca: undefined }) }),
      /certificate that is not trusted/u,
    ],
    [
      "the name is another",
      () => to(server.tlsBrokers, { tls: tls({ serverName: "kafka.example" }) }),
      /not trusted: .*kafka\.example/u,
    ],
    ["the authority is no PEM", () => to(server.tlsBrokers, { tls: tls({ ca: "hello" }) }), /no certificate in PEM/u],
    [
      "key and certificate are strangers",
      () => to(server.tlsBrokers, { tls: tls({ certificate: pem("client.crt"), key: pem("server.key") }) }),
      /certificates for Kafka can't be used/u,
    ],
    ["a login is expected", () => to(server.saslBrokers), /without credentials/u],
    ["no login is expected", () => to(server.brokers, { sasl: login("plain") }), /asks for no credentials/u],
    [
      "the password of PLAIN is wrong",
      () => to(server.saslBrokers, { sasl: login("plain", "hush-1") }),
      /"alice" \(SASL PLAIN\)/u,
    ],
    [
      "the password of SCRAM is wrong",
      () => to(server.saslBrokers, { sasl: login("scram-sha-512", "hush-2") }),
      /"alice" \(SASL SCRAM-SHA-512\)/u,
    ],
    [
      "the token has expired",
      () => to(server.saslBrokers, { sasl: { mechanism: "oauthbearer", token: async () => tokenFor("hush-3", -30) } }),
      /token of SASL OAUTHBEARER \(invalid_token\)/u,
    ],
    [
      "the password can't be read",
      () =>
        to(server.saslBrokers, {
          sasl: { mechanism: "plain", username: "alice", password: () => Promise.reject(new Error("hush-4")) },
        }),
      /password or token for Kafka can't be read/u,
    ],
  ] as const)("says so when %s", async (_name, connection, message) => {
    const { error, all } = await failure(connect(connection()));
    expect(error.code).toBe("NETLEARN_KAFKA_UNAVAILABLE");
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
    expect(all).not.toContain("hush");
    expect(all).not.toContain(ALICE.password);
  });

  it("ends the attempts when it is told to", async () => {
    const reason = new Error("enough");
    const over = new AbortController();
    setTimeout(() => over.abort(reason), 200);
    await expect(connectKafka(to("127.0.0.1:1"), { signal: over.signal })).rejects.toBe(reason);
  });

  it("names topics that are not there, and those that may have been meant", async () => {
    const cluster = await connect(to(server.brokers));
    const subscribed = await failure(cluster.subscribe(["opne"], new RecordingReader()));
    expect(subscribed.error.message).toMatch(/no topic "opne".*there is "open"/u);
    expect((await failure(cluster.extents("opne"))).error.message).toMatch(/no topic "opne"/u);
    // What was asked about before and is not there must not spoil what is.
    expect(await cluster.extents("seen")).toHaveLength(1);
    await cluster.close();
  });

  it("says which right is missing", async () => {
    const cluster = await connect(to(server.saslBrokers, { sasl: login("plain") }));
    expect(await cluster.topics()).toEqual(["open", "seen"]);
    expect((await failure(cluster.subscribe(["closed"], new RecordingReader()))).error.hint).toMatch(/Describe/u);

    const subscription = await cluster.subscribe(["seen"], new RecordingReader());
    const { error } = await failure(subscription.ended);
    expect(error.message).toMatch(/doesn't let user "alice" \(SASL PLAIN\) read "seen"/u);

    const stranger = await connect(to(server.saslBrokers, { sasl: login("plain"), group: "others" }));
    const group = await failure(stranger.subscribe(["open"], new RecordingReader()));
    expect(group.error.message).toMatch(/consumer group "others"/u);
    await Promise.all([cluster.close(), stranger.close()]);
  });

  it("reads passwords for each connection anew", async () => {
    let password = "not yet";
    const sasl: KafkaSasl = { mechanism: "scram-sha-256", username: ALICE.name, password: async () => password };
    await failure(connect(to(server.saslBrokers, { sasl })));
    password = ALICE.password;
    const cluster = await connect(to(server.saslBrokers, { sasl }));
    await cluster.close();
  });
});
