import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CliIo, Interruption } from "../../src/cli/io.ts";
import { Learner } from "../../src/graph/learner.ts";
import { NetlearnError } from "../../src/lib/errors.ts";
import { learnFromState } from "../../src/state.ts";
import { ROOT } from "../end-to-end/command.ts";
import { RunningKafka } from "../ingest/running-kafka.ts";
import { type Run, run, Sink } from "./world.ts";

let directory = "";
let lines: readonly string[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-collect-"));
  lines = (await readFile(path.join(ROOT, "examples/shop/flows.jsonl"), "utf8")).split("\n").slice(0, 600);
});

afterEach(() => rm(directory, { recursive: true }));

const state = (): string => path.join(directory, "netlearn.db");

/** A topic with the example's first flows. */
function topic(partitions = 3): RunningKafka {
  const kafka = new RunningKafka(partitions);
  for (const [at, line] of lines.entries()) kafka.append(at % partitions, Buffer.from(line));
  return kafka;
}

/** Runs `netlearn collect` on a topic that is delivered from memory into a real state. */
async function collect(kafka: RunningKafka, args: readonly string[] = [], io: Partial<CliIo> = {}): Promise<Run> {
  const where = ["--brokers", "kafka:9092", "--topic", "flows", "--state", state()];
  return await run(["collect", ...where, ...args], {
    io: { connectKafka: async () => kafka, now: () => Date.now(), cwd: directory, ...io },
  });
}

/** An audit event as an API server writes it. */
function auditEvent(decision: "allow" | "forbid" | undefined): string {
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    auditID: crypto.randomUUID(),
    stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces/shop/configmaps/settings",
    verb: "get",
    user: { username: "jane", groups: ["ops"] },
    objectRef: { resource: "configmaps", namespace: "shop", name: "settings", apiVersion: "v1" },
    responseStatus: { code: decision === "forbid" ? 403 : 200 },
    requestReceivedTimestamp: "2026-01-05T08:00:00.000000Z",
    annotations: decision === undefined ? {} : { "authorization.k8s.io/decision": decision },
  });
}

/** Records that became part of the state. */
async function remembered(): Promise<number> {
  const learner = new Learner();
  await learnFromState(state(), learner);
  return learner.observations.counts.get("records") ?? 0;
}

/** JSON records of a log, by event. */
function events(text: string): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const records = text
    .trimEnd()
    .split("\n")
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
  return new Map(records.map((record) => [String(record["event"]), record]));
}

describe("netlearn collect", () => {
  it("reads what is there, once, and says so to people", async () => {
    const kafka = topic();
    const first = await collect(kafka);
    expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 0, stdout: "" });
    expect(first.stderr).toContain("3 partitions to read, 600 records behind.");
    expect(first.stderr).toContain("600 records of 3 partitions of flows");
    expect(first.stderr).toContain("caught up with what was there when the run began");
    const after = await remembered();
    expect(after).toBeGreaterThan(500);
    const second = await collect(kafka);
    expect(second.stderr).toContain("0 records of 3 partitions of flows");
    expect(await remembered()).toBe(after);
  });

  it("and to machines", async () => {
    const { stderr } = await collect(topic(), ["--log-format", "json", "--verbose"]);
    const heard = events(stderr);
    expect(heard.get("started")).toMatchObject({
      level: "info",
      state: state(),
      brokers: ["kafka:9092"],
      topics: ["flows"],
      group: "netlearn",
      mode: "until-caught-up",
    });
    expect(heard.get("assigned")).toMatchObject({
      lag: 600,
      partitions: [{ partition: 0, next: 0, end: 200 }, {}, {}],
    });
    expect(heard.get("folded")).toMatchObject({ level: "debug", inputs: 600 });
    expect(heard.get("caught-up")).toMatchObject({ level: "info", inputs: 600, partitions: [{ next: 200 }, {}, {}] });
  });

  it("names each kind of value that is no flow once, with its place", async () => {
    const kafka = topic();
    for (const value of ["hello", "world"]) kafka.append(0, Buffer.from(value));
    const { code, stderr } = await collect(kafka, ["--log-format", "json"]);
    const rejected = stderr.split("\n").filter((line) => line.includes('"event":"rejected"'));
    expect(code).toBe(0);
    expect(rejected.map((line): unknown => JSON.parse(line))).toMatchObject([
      { level: "warning", reason: "not-a-flow", source: "flows/0@200", count: 2 },
    ]);
    expect(events(stderr).get("caught-up")).toMatchObject({ rejected: { "not-a-flow": 2 } });
  });

  it("reads audit events beside flows, and says what became of them", async () => {
    const kafka = topic(1);
    for (const one of [auditEvent("allow"), auditEvent("allow"), auditEvent("forbid"), auditEvent(undefined)]) {
      kafka.append(0, Buffer.from(one));
    }
    const file = path.join(directory, "netlearn.prom");
    const { code, stderr } = await collect(kafka, ["--metrics-file", file]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Audit +3 of 4 audit events$/mu);
    expect(stderr).toMatch(/^Set aside +1 audit event\n +1 +undecided$/mu);
    const metrics = await readFile(file, "utf8");
    expect(metrics).toContain('netlearn_audit_events_total{outcome="allowed"} 2\n');
    expect(metrics).toContain('netlearn_audit_events_total{outcome="denied"} 1\n');
    expect(metrics).toContain('netlearn_audit_events_total{outcome="undecided"} 1\n');
    expect(metrics).toContain('netlearn_state_cells{kind="access"} 1\n');
  });

  it("ends well when a topic holds audit events alone", async () => {
    const kafka = new RunningKafka(1);
    for (const one of ["hello", auditEvent("allow")]) kafka.append(0, Buffer.from(one));
    const { code, stderr } = await collect(kafka, ["--log-format", "json"]);
    expect(code).toBe(0);
    expect(events(stderr).get("caught-up")).toMatchObject({ records: 0, auditEvents: { allowed: 1 } });
  });

  it("ends with 1 when nothing in the topic is a flow", async () => {
    const kafka = new RunningKafka(1);
    kafka.append(0, Buffer.from("hello"));
    const { code, stderr } = await collect(kafka);
    expect(code).toBe(1);
    expect(stderr).toContain("error[NETLEARN_INPUT_EMPTY]: 1 record read, and neither a flow nor an audit");
  });

  it("warns of records that were gone before they could be read", async () => {
    const kafka = topic(1);
    await collect(kafka);
    for (const line of lines) kafka.append(0, Buffer.from(line));
    kafka.expire(0, 700);
    const { code, stderr } = await collect(kafka, ["--log-format", "json"]);
    expect(code).toBe(0);
    expect(events(stderr).get("gap")).toMatchObject({
      level: "warning",
      partition: 0,
      from: 600,
      to: 700,
      why: "expired",
    });
  });

  it("makes no state when Kafka can't be reached", async () => {
    const failure = new NetlearnError("NETLEARN_KAFKA_UNAVAILABLE", "no broker answers", { hint: "look" });
    const connectKafka = async (): Promise<never> => {
      throw failure;
    };
    const { code, stderr } = await collect(topic(), [], { connectKafka });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: "error[NETLEARN_KAFKA_UNAVAILABLE]: no broker answers\n  look\n",
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it("makes no state when there is no such topic", async () => {
    const { code, stderr } = await run(["collect", "--brokers", "kafka", "--topic", "flow", "--state", state()], {
      io: { connectKafka: async () => topic() },
    });
    expect(code).toBe(3);
    expect(stderr).toContain('there is "flows"');
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    ["nothing", [], "there is no broker to ask"],
    ["no topic", ["--brokers", "kafka"], "there is no topic to read"],
    ["a file", ["flows.jsonl"], '"flows.jsonl" is no option'],
    ["no file", ["--from-files"], "there is no file to read"],
  ])("given %s is a usage error that says what to give", async (_name, args, said) => {
    const { code, stderr } = await run(["collect", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe("a run that is asked to end", () => {
  /** Runs until so many records are on their way, and then sends the signal. */
  async function interrupted(signal: "SIGINT" | "SIGTERM", args: readonly string[]): Promise<Run> {
    const kafka = topic();
    const interruption = new AbortController();
    let deliveries = 0;
    kafka.beforeDelivery = async () => {
      deliveries++;
      if (deliveries === 2) interruption.abort(new Interruption(signal));
    };
    return await collect(kafka, args, { signal: interruption.signal });
  }

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s before it has caught up keeps what it read, and ends with %i", async (signal, expected) => {
    const { code, stderr } = await interrupted(signal, []);
    expect(code).toBe(expected);
    expect(stderr).toContain("interrupted, ");
    const count = await remembered();
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(500);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("by %s while it follows ends with 0", async (signal) => {
    const { code, stderr } = await interrupted(signal, ["--follow"]);
    expect(code).toBe(0);
    expect(stderr).toContain("asked to end, ");
    expect(await remembered()).toBeGreaterThan(0);
  });

  it("is given up when Kafka hangs for longer than --shutdown-timeout", async () => {
    const interruption = new AbortController();
    const kafka = topic();
    let release: () => void = () => {};
    kafka.beforeDelivery = async () => {
      interruption.abort(new Interruption("SIGTERM"));
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const args = ["--follow", "--shutdown-timeout", "1s"];
    const { code, stderr } = await collect(kafka, args, { signal: interruption.signal });
    release();
    expect(code).toBe(3);
    expect(stderr).toContain("did not within --shutdown-timeout (1 s)");
  });
});

describe("metrics", () => {
  it("are in the file at the end, without those of the process", async () => {
    const file = path.join(directory, "netlearn.prom");
    const { code } = await collect(topic(), ["--metrics-file", file]);
    expect(code).toBe(0);
    const text = await readFile(file, "utf8");
    expect(text).toContain("netlearn_inputs_total 600\n");
    expect(text).toContain('netlearn_kafka_lag_records{topic="flows",partition="2"} 0\n');
    expect(text).toMatch(/^netlearn_state_cells\{kind="edge"\} [1-9]/mu);
    expect(text).not.toContain("process_");
  });

  it("are served, with probes, while a run follows", async () => {
    const interruption = new AbortController();
    const kafka = topic();
    const stderr = new Sink();
    const args = ["--follow", "--flush-interval", "1s", "--metrics-port", "0", "--log-format", "json"];
    const running = collect(kafka, args, { signal: interruption.signal, stderr });
    const port = await eventually(() => events(stderr.text).get("metrics")?.["port"]);
    const get = async (place: string): Promise<Response> => await fetch(`http://127.0.0.1:${String(port)}${place}`);
    await eventually(async () => (await (await get("/metrics")).text()).includes("netlearn_inputs_total 600\n"));
    const scraped = await (await get("/metrics")).text();
    expect(scraped).toContain('netlearn_folds_total{outcome="folded"}');
    expect(scraped).toContain("process_cpu_seconds_total");
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/readyz")).status).toBe(200);
    expect((await get("/")).status).toBe(404);
    interruption.abort(new Interruption("SIGTERM"));
    expect((await running).code).toBe(0);
    await expect(get("/healthz")).rejects.toThrow();
  });

  it("on a port that is taken are an error before anything is read", async () => {
    const interruption = new AbortController();
    const stderr = new Sink();
    const args = ["--follow", "--metrics-port", "0", "--log-format", "json"];
    const running = collect(topic(), args, { signal: interruption.signal, stderr });
    const port = await eventually(() => events(stderr.text).get("metrics")?.["port"]);
    const second = await run(
      [
        "collect",
        "--brokers",
        "kafka",
        "--topic",
        "flows",
        "--state",
        path.join(directory, "other.db"),
        "--metrics-port",
        String(port),
      ],
      { io: { connectKafka: async () => topic() } },
    );
    expect(second.code).toBe(3);
    expect(second.stderr).toContain("another process listens there");
    expect(await readdir(directory)).not.toContain("other.db");
    interruption.abort(new Interruption("SIGTERM"));
    await running;
  });
});

describe("on a terminal", () => {
  it("draws how far it is behind, and leaves the line clean", async () => {
    const stderr = new Sink({ columns: 80 });
    let time = 0;
    await collect(topic(), [], { stderr, now: () => (time += 60) });
    expect(stderr.text).toMatch(/ *\d+ % {2}[\d,]+ behind/u);
    const last = stderr.text.split("\r\u001b[K").at(-1) ?? "";
    expect(last).not.toContain("behind");
  });

  it.each([40, 60])("fits %i columns", async (columns) => {
    const stderr = new Sink({ columns });
    await collect(topic(), [], { stderr });
    for (const line of stripVTControlCharacters(stderr.text).split(/[\r\n]/u)) {
      // A path is one word, and stands whole so that it can be copied.
      if (!line.includes(directory)) expect(Array.from(line).length, line).toBeLessThanOrEqual(columns);
    }
  });
});

/** Asks until there is an answer that says something. */
async function eventually<Answer>(ask: () => Answer | Promise<Answer>): Promise<Answer> {
  for (let left = 1000; left > 0; left--) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
    await sleep(10);
  }
  throw new Error("it never came");
}
