import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { netlearn } from "../../end-to-end/command.ts";
import { type KafkaAdmin, kafkaAdmin } from "../../testbed/kafka-admin.ts";
import { produce } from "../../testbed/kafka-records.ts";
import { type KafkaServer, startKafka } from "../../testbed/kafka-server.ts";
import { type PostgresServer, startPostgres } from "../../testbed/postgres.ts";
import { CollectorProcess } from "./collector-process.ts";
import { collectAll, exported, exportOf, wholeOf } from "./exports.ts";
import { SteadyProducer } from "./producer.ts";
import { traffic } from "./traffic.ts";

describe("a collector", { timeout: 240_000 }, () => {
  let kafka: KafkaServer;
  let postgres: PostgresServer;
  let admin: KafkaAdmin;
  let folder: string;
  let number = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "netlearn-faults-"));
    [kafka, postgres] = await Promise.all([startKafka(inject("kafka")), startPostgres(inject("postgres"))]);
    admin = kafkaAdmin(kafka);
  });

  afterAll(async () => {
    await admin?.close();
    await Promise.all([kafka?.stop(), postgres?.stop(), rm(folder, { recursive: true, force: true })]);
  });

  /** A topic of its own, and where to read it from. */
  async function topicOf(partitions = 3): Promise<{ topic: string; from: readonly string[] }> {
    const topic = `faults-${++number}`;
    await admin.createTopic(topic, partitions);
    return { topic, from: ["--brokers", kafka.brokers, "--topic", topic] };
  }

  function follow(state: string, from: readonly string[], more: readonly string[] = []): CollectorProcess {
    const group = path.basename(state).replace(/[?].*/u, "");
    const often = ["--flush-interval", "1s", "--flush-records", "400", "--session-timeout", "2s"];
    return new CollectorProcess([
      "collect",
      "--follow",
      "--state",
      state,
      "--group",
      group,
      ...often,
      ...from,
      ...more,
    ]);
  }

  async function stopped(collector: CollectorProcess): Promise<void> {
    collector.kill("SIGTERM");
    expect((await collector.ended).code, collector.log()).toBe(0);
  }

  async function fill(topic: string, seed: number): Promise<void> {
    await produce(kafka, traffic(topic, seed), "zstd");
  }

  it("goes on when the broker restarts in the middle, by itself", async () => {
    const { topic, from } = await topicOf();
    const state = path.join(folder, "broker.db");
    const producer = new SteadyProducer(kafka.brokers, traffic(topic, 1), 1500);
    await producer.start();
    const collector = follow(state, from);
    for (let restart = 0; restart < 2; restart++) {
      const folds = collector.count("folded");
      await collector.until("folded", () => collector.count("folded") > folds);
      await (restart === 0 ? kafka.restart() : kafka.kill().then(kafka.restart));
      const after = collector.count("folded");
      await collector.until("folded", () => collector.count("folded") > after + 1);
    }
    await producer.stop();
    await stopped(collector);
    await admin.close();
    admin = kafkaAdmin(kafka);
    console.log(`broker restarts: 2, one of them by kill -9; written ${producer.written}`);
    expect(await exported(state, [...from, "--group", "broker.db"])).toBe(await wholeOf(folder, from));
  });

  it("goes on when PostgreSQL restarts or crashes in the middle, by itself", async () => {
    const { topic, from } = await topicOf();
    const state = await postgres.createDatabase("crashes");
    const producer = new SteadyProducer(kafka.brokers, traffic(topic, 2), 1500);
    await producer.start();
    const collector = follow(state, from);
    const restarts = 6;
    for (let restart = 0; restart < restarts; restart++) {
      const folds = collector.count("folded");
      await collector.until("folded", () => collector.count("folded") > folds);
      await sleep(100 * restart);
      if (restart % 2 === 0) await postgres.kill();
      await postgres.restart();
    }
    const folds = collector.count("folded");
    await collector.until("folded", () => collector.count("folded") > folds);
    await producer.stop();
    await stopped(collector);
    console.log(`PostgreSQL restarts: ${restarts}, half of them crashes; written ${producer.written}`);
    expect(await exported(state, [...from, "--group", "crashes"])).toBe(await wholeOf(folder, from));
  });

  it("waits for a database that is slow, without piling up, and under 300 MB", async () => {
    const { topic, from } = await topicOf();
    for (const seed of [3, 4, 5, 6]) await fill(topic, seed);
    const state = await postgres.createDatabase("slow");
    await collectAll(state, [...from, "--group", "nobody", "--start", "latest"]);
    const { topic: more, from: fromMore } = await topicOf();
    for (const seed of [3, 4, 5, 6]) await fill(more, seed);
    const lock = postgres.psql("BEGIN; LOCK TABLE netlearn.cells; SELECT pg_sleep(6); COMMIT", state);
    await sleep(300);
    const collector = follow(state, fromMore);
    await sleep(5000);
    expect(collector.count("folded")).toBe(0);
    const peakWhileWaiting = await peakMemory(collector);
    await lock;
    await collector.until("folded");
    await stopped(collector);
    expect(peakWhileWaiting).toBeLessThan(300);
  });

  it("stays under 300 MB however far it is behind, also where records unfold to many times their size", async () => {
    const { topic, from } = await topicOf(6);
    const some = [21, 22, 23, 24].flatMap((seed) => traffic(topic, seed));
    const many = Array.from({ length: 12 }, () => some).flat();
    await produce(kafka, many, "zstd");
    const collector = follow(path.join(folder, "behind.db"), from);
    await collector.until("assigned");
    await collector.until("folded", () => inputsOf(collector) >= many.length);
    const peak = await peakMemory(collector);
    await stopped(collector);
    console.log(`${many.length} records behind, packed with zstd: ${Math.round(peak)} MB at the most`);
    expect(peak).toBeLessThan(300);
  });

  it("ends with one sentence when the disk is full, changes nothing, and goes on when there is room", async () => {
    const { topic, from } = await topicOf();
    await fill(topic, 7);
    const disk = path.join(folder, "small");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", disk]);
    try {
      const state = path.join(disk, "full.db");
      const first = await collectAll(state, [...from, "--group", "full"]);
      expect(first.code, first.stderr).toBe(3);
      expect(first.stderr).toMatch(/full/u);
      execFileSync("mount", ["-o", "remount,size=200m", disk]);
      expect(await exported(state, [...from, "--group", "full"])).toBe(await wholeOf(folder, from));
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("reads a partition that is added while it runs, from its beginning", async () => {
    const { topic, from } = await topicOf(1);
    const state = path.join(folder, "added.db");
    const collector = follow(state, from, ["--start", "latest"]);
    await collector.until("assigned");
    await sleep(500);
    await admin.addPartitions(topic, 4);
    await fill(topic, 8);
    await collector.until("assigned", () => collector.count("assigned") > 1);
    await stopped(collector);
    expect(await exported(state, [...from, "--group", "added.db"])).toBe(await wholeOf(folder, from));
  });

  it("notices a topic that was deleted and made anew, says so in every later report, and reads it whole", async () => {
    const { topic, from } = await topicOf(1);
    await fill(topic, 9);
    const state = path.join(folder, "anew.db");
    await exported(state, from);
    await admin.deleteTopic(topic);
    await sleep(1000);
    await admin.createTopic(topic, 1);
    for (const seed of [10, 11]) await fill(topic, seed);
    const again = await collectAll(state, from);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/began anew|made anew/u);
    for (let report = 0; report < 2; report++) {
      const suggested = await netlearn(["suggest", "--state", state]);
      expect(suggested.stderr).toMatch(/offsets began anew/u);
    }
    const { observations } = JSON.parse(await exportOf(state));
    const whole = JSON.parse(await wholeOf(folder, from)).observations;
    const edges = (some: { edges: readonly unknown[] }): number => some.edges.length;
    expect(edges(observations)).toBeGreaterThanOrEqual(edges(whole));
  });

  it("records what retention removed before it was read, and says so in every later report", async () => {
    const { topic, from } = await topicOf(1);
    await fill(topic, 12);
    const state = path.join(folder, "expired.db");
    await exported(state, from);
    await fill(topic, 13);
    const { end } = await admin.offsets(topic, 0);
    await admin.deleteRecords(topic, 0, end - 10);
    await fill(topic, 14);
    const again = await collectAll(state, from);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/expired/u);
    const report = path.join(folder, "report.md");
    const suggested = await netlearn([
      "suggest",
      "--state",
      state,
      "--report",
      report,
      "--output",
      path.join(folder, "out"),
    ]);
    expect(suggested.stderr).toMatch(/had expired before netlearn could read them/u);
    expect(await readFile(report, "utf8")).toMatch(/had expired before netlearn could read them/u);
  });

  it("gives the same policies from a topic as from the file, with duplicates and poison on the way", async () => {
    const { topic, from } = await topicOf();
    const example = await readFile(path.join(import.meta.dirname, "../../../examples/shop/flows.jsonl"), "utf8");
    const lines = example.trimEnd().split("\n");
    const values = [...lines, ...lines.slice(0, 500), "poison", '{"flow":'];
    await produce(
      kafka,
      values.map((value) => ({ topic, value })),
      "lz4",
    );
    const state = path.join(folder, "shop.db");
    const collected = await collectAll(state, from);
    expect(collected.code, collected.stderr).toBe(0);
    const file = path.join(folder, "flows.jsonl");
    await writeFile(file, example);
    const [fromTopic, fromFile] = await Promise.all([
      netlearn(["suggest", "--state", state]),
      netlearn(["suggest", file]),
    ]);
    expect(fromTopic.stdout).toBe(fromFile.stdout);
    expect(fromTopic.stdout).toContain("kind: NetworkPolicy");
  });
});

/** How many records were folded in. */
function inputsOf(collector: CollectorProcess): number {
  const folds = collector.events.filter(({ event }) => event === "folded");
  return folds.reduce((sum, { inputs }) => sum + Number(inputs), 0);
}

/** The most memory that a process has had in use, in MB. */
async function peakMemory({ pid }: CollectorProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/u.exec(status)?.[1] ?? Number.NaN) / 1000;
}
