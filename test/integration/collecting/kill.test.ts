import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createRandom } from "../../support/simulator/random.ts";
import { kafkaAdmin } from "../../testbed/kafka-admin.ts";
import { type KafkaServer, startKafka } from "../../testbed/kafka-server.ts";
import { type PostgresServer, startPostgres } from "../../testbed/postgres.ts";
import { CollectorProcess } from "./collector-process.ts";
import { exported, wholeOf } from "./exports.ts";
import { Flock } from "./killing.ts";
import { SteadyProducer } from "./producer.ts";
import { traffic } from "./traffic.ts";

/** Kills for each way of collecting: `make soak` asks for more. */
const KILLS = Number(process.env["NETLEARN_KILLS"] ?? 22);
const SEED = Number(process.env["NETLEARN_SEED"] ?? 20_261);

/** How soon the group notices that one died; a busy machine must not take one of several for dead all the time. */
const SESSION_TIMEOUT_MS = { one: 2000, several: 5000 } as const;

const WAYS = [
  { name: "one collector and SQLite", collectors: 1, store: "sqlite" },
  { name: "one collector and PostgreSQL", collectors: 1, store: "postgresql" },
  { name: "three collectors and PostgreSQL", collectors: 3, store: "postgresql" },
] as const;

describe("collectors that are killed while a producer writes", { timeout: 60_000 + KILLS * 30_000 }, () => {
  let kafka: KafkaServer;
  let postgres: PostgresServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "netlearn-kills-"));
    [kafka, postgres] = await Promise.all([startKafka(inject("kafka")), startPostgres(inject("postgres"))]);
  });

  afterAll(async () => {
    await Promise.all([kafka?.stop(), postgres?.stop(), rm(folder, { recursive: true, force: true })]);
  });

  it.each(WAYS)("leave what one uninterrupted run leaves, byte for byte ($name)", async ({ collectors, store }) => {
    const sessionTimeout = SESSION_TIMEOUT_MS[collectors === 1 ? "one" : "several"];
    const topic = `kills-${collectors}-${store}`;
    const admin = kafkaAdmin(kafka);
    await admin.createTopic(topic, 5);
    await admin.close();
    const state =
      store === "sqlite" ? path.join(folder, `${topic}.db`) : await postgres.createDatabase(`kills_${collectors}`);
    const from = ["--brokers", kafka.brokers, "--topic", topic];
    const follow = [
      "collect",
      "--follow",
      "--state",
      state,
      "--group",
      topic,
      "--flush-interval",
      "1s",
      "--flush-records",
      "400",
      ...from,
    ];
    const producer = new SteadyProducer(kafka.brokers, traffic(topic, SEED + collectors), 1500);
    await producer.start();
    const flock = new Flock(
      collectors,
      () => new CollectorProcess([...follow, "--session-timeout", `${sessionTimeout / 1000}s`]),
    );
    const random = createRandom(`${SEED} ${topic}`);
    const rounds = collectors === 1 ? 1 : 4;
    for (let round = 1; round <= rounds; round++) {
      await flock.kill((KILLS * round) / rounds, random);
      if (collectors > 1) await flock.makeZombie(random, sessionTimeout + 3000);
    }
    const toll = await flock.stop();
    await producer.stop();

    const killed = await exported(state, [...from, "--group", topic]);
    const whole = await wholeOf(folder, from);
    console.log(`${topic}: ${JSON.stringify({ written: producer.written, seed: SEED, ...toll })}`);
    expect(killed).toBe(whole);
    expect(toll.kills).toBeGreaterThanOrEqual(KILLS);
    expect(toll.atWork).toBeGreaterThanOrEqual(Math.floor(KILLS / 4));
    if (collectors > 1) expect(toll.refused).toBeGreaterThan(0);
  });
});
