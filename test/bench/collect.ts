import { mkdirSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { Kafka, logLevel } from "kafkajs";
import { kafkaPrograms } from "../testbed/kafka-jars.ts";
import { startKafka } from "../testbed/kafka-server.ts";
import { startPostgres } from "../testbed/postgres.ts";
import { postgresPrograms } from "../testbed/postgres-programs.ts";
import { type Measured, measured, median, ROOT } from "./measured-process.ts";

/**
 * Measures `netlearn collect` from a real broker on this machine to persisted state, beside the same records read from a
 * file and a bare kafkajs consumer that only counts bytes, in turns; prints the ratios of the medians.
 */
const { values } = parseArgs({
  options: { bytes: { type: "string", default: "400MB" }, rounds: { type: "string", default: "3" } },
});
const surroundings = { say: (line: string) => console.error(line), environment: process.env };
const kafka = await startKafka(await kafkaPrograms(surroundings));
const postgres = await startPostgres(await postgresPrograms(surroundings));
const folder = path.join(ROOT, ".cache/bench");
mkdirSync(folder, { recursive: true });
const file = path.join(folder, "collect.jsonl");
const TOPIC = "bench";
try {
  await measured([path.join(ROOT, "test/bench/generate.ts"), "--bytes", values.bytes, "--out", file]);
  const records = await fill();
  console.log(
    `${records} records, ${Math.round(statSync(file).size / 1e6)} MB, medians of ${values.rounds} runs in turns`,
  );
  const ways = waysOf(records);
  const runs = new Map<string, Measured[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { name, args } of ways) runs.get(name)?.push(await measured(await args(round)));
  }
  print(runs, records);
} finally {
  await Promise.all([kafka.stop(), postgres.stop()]);
  rmSync(file, { force: true });
}

interface Way {
  readonly name: string;
  readonly args: (round: number) => Promise<readonly string[]>;
}

function waysOf(records: number): readonly Way[] {
  const netlearn = path.join(ROOT, "bin/netlearn.js");
  const collect = [netlearn, "collect", "--quiet"];
  const from = (group: string): string[] => ["--brokers", kafka.brokers, "--topic", TOPIC, "--group", group];
  const fresh = (name: string): string => {
    const state = path.join(folder, name);
    for (const end of ["", "-wal", "-shm", "-lock"]) rmSync(`${state}${end}`, { force: true });
    return state;
  };
  return [
    {
      name: "bare kafkajs consumer",
      args: async () => [path.join(ROOT, "test/bench/bare-consumer.ts"), kafka.brokers, TOPIC, String(records)],
    },
    {
      name: "collect, Kafka to SQLite",
      args: async (round) => [...collect, "--state", fresh("kafka.db"), ...from(`sqlite-${round}`)],
    },
    {
      name: "collect, Kafka to PostgreSQL",
      args: async (round) => [
        ...collect,
        "--state",
        await postgres.createDatabase(`bench_${round}`),
        ...from(`pg-${round}`),
      ],
    },
    {
      name: "collect, file to SQLite",
      args: async () => [...collect, "--from-files", "--state", fresh("file.db"), file],
    },
    { name: "suggest, file", args: async () => [netlearn, "suggest", "--quiet", file] },
  ];
}

function print(runs: ReadonlyMap<string, readonly Measured[]>, records: number): void {
  const bare = median((runs.get("bare kafkajs consumer") ?? []).map(({ cpuSeconds }) => cpuSeconds));
  for (const [name, some] of runs) {
    const seconds = median(some.map((one) => one.seconds));
    const cpu = median(some.map((one) => one.cpuSeconds));
    const peak = Math.max(...some.map((one) => one.peakMib));
    const columns = [
      `${seconds.toFixed(1)} s`,
      `${Math.round(records / seconds / 1000)} thousand records/s`,
      `${((cpu / records) * 1e6).toFixed(1)} us of processor a record`,
      `${(cpu / bare).toFixed(2)} x the bare consumer's`,
      `${Math.round(peak)} MiB at the most`,
    ];
    console.log(`${name.padEnd(30)}${columns.map((text) => text.padStart(32)).join("")}`);
  }
}

/** Writes each line of the file as a record; returns how many. */
async function fill(): Promise<number> {
  const client = new Kafka({ clientId: "bench", brokers: [kafka.brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 4 }] });
  await admin.disconnect();
  const producer = client.producer();
  await producer.connect();
  let records = 0;
  let batch: { value: string; partition: number }[] = [];
  const send = async (): Promise<void> => {
    await producer.send({ topic: TOPIC, messages: batch });
    records += batch.length;
    batch = [];
  };
  const handle = await open(file);
  for await (const line of handle.readLines()) {
    batch.push({ value: line, partition: Math.floor((records + batch.length) / 400) % 4 });
    if (batch.length === 400) await send();
  }
  if (batch.length > 0) await send();
  await producer.disconnect();
  return records;
}
