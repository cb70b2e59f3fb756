import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kafkaCollectOptions } from "../../src/config/collect-options.ts";
import { kafkaConnection } from "../../src/config/kafka-connection.ts";
import { optionTable } from "../../src/config/option-table.ts";
import { resolveSettings } from "../../src/config/resolve.ts";
import type { OptionName, Settings } from "../../src/config/settings.ts";

const NOW = Date.UTC(2026, 0, 10, 12);
const options = optionTable(["auto", "hubble"]);
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-collect-settings-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

type Flags = Partial<Record<OptionName, boolean | readonly string[]>>;

async function resolve(flags: Flags, environment: Readonly<Record<string, string>> = {}): Promise<Settings> {
  const given = new Map(Object.entries(flags) as [OptionName, boolean | readonly string[]][]);
  return await resolveSettings("collect", options, { flags: given, environment, cwd: directory, now: NOW });
}

describe("where records are read", () => {
  it("takes brokers one by one and in lists, each once, at port 9092 unless told", async () => {
    const { brokers } = await resolve({ brokers: ["kafka-0:9093,kafka-1", "[2001:db8::1]:9092", "kafka-0:9093"] });
    expect(brokers).toEqual(["kafka-0:9093", "kafka-1:9092", "[2001:db8::1]:9092"]);
  });

  it.each(["http://kafka:9092", "kafka:0", "kafka:99999", "kafka:", "2001:db8::1", "a b"])(
    "refuses %s as a broker, with the way to write one",
    async (text) => {
      await expect(resolve({ brokers: [text] })).rejects.toMatchObject({
        code: "NETLEARN_USAGE",
        message: expect.stringContaining(JSON.stringify(text)),
        hint: expect.stringContaining("HOST:PORT"),
      });
    },
  );

  it.each(["hubble-flows", "a.b_c-1", "/hubble-.*/", "/a{1,2}/"])("takes %s as a topic", async (text) => {
    expect((await resolve({ topic: [text] })).topic).toEqual([text]);
  });

  it.each(["", "hubble flows", "..", "/(/", "hubble-*"])("refuses %j as a topic", async (text) => {
    await expect(resolve({ topic: [text] })).rejects.toMatchObject({ code: "NETLEARN_USAGE" });
  });

  it.each([
    ["earliest", { kind: "earliest" }],
    ["latest", { kind: "latest" }],
    ["7d", { kind: "time", time: NOW - 7 * 86_400_000 }],
    ["2026-01-02T03:04:05Z", { kind: "time", time: Date.UTC(2026, 0, 2, 3, 4, 5) }],
  ])("starts at %s", async (text, expected) => {
    expect((await resolve({ start: [text] })).start).toEqual(expected);
  });

  it.each(["newest", "begin", "2026-02-31"])("refuses to start at %s", async (text) => {
    await expect(resolve({ start: [text] })).rejects.toMatchObject({ code: "NETLEARN_USAGE" });
  });
});

describe("how a run goes", () => {
  it("has defaults for everything but brokers and topics", async () => {
    expect(await resolve({})).toMatchObject({
      state: undefined,
      group: "netlearn",
      start: { kind: "earliest" },
      tls: false,
      sasl: undefined,
      flushInterval: 10_000,
      flushRecords: 100_000,
      shutdownTimeout: 25_000,
      metricsPort: undefined,
    });
  });

  it("takes everything from the environment, as a container has it", async () => {
    const environment = {
      NETLEARN_STATE: "postgres://db/netlearn",
      NETLEARN_BROKERS: "kafka-0:9092,kafka-1:9092",
      NETLEARN_TOPIC: "flows-a,flows-b",
      NETLEARN_FOLLOW: "true",
      NETLEARN_METRICS_PORT: "9090",
      NETLEARN_FLUSH_INTERVAL: "1m30s",
    };
    expect(await resolve({}, environment)).toMatchObject({
      state: "postgres://db/netlearn",
      brokers: ["kafka-0:9092", "kafka-1:9092"],
      topic: ["flows-a", "flows-b"],
      follow: true,
      metricsPort: 9090,
      flushInterval: 90_000,
    });
  });

  it("takes no port from what Kubernetes says about a Service named netlearn-metrics", async () => {
    const { metricsPort } = await resolve({}, { NETLEARN_METRICS_PORT: "tcp://10.96.0.7:9090" });
    expect(metricsPort).toBeUndefined();
  });

  it.each([
    ["flushInterval", "0s"],
    ["flushInterval", "10"],
    ["shutdownTimeout", "2026-01-01"],
    ["shutdownTimeout", "31d"],
    ["flushRecords", "0"],
    ["flushRecords", "1e9"],
    ["metricsPort", "70000"],
    ["metricsPort", "tcp://10.96.0.7:9090"],
    ["saslTokenUrl", "ftp://id/token"],
    ["sasl", "gssapi"],
  ] as const)("refuses %s %s", async (name, text) => {
    await expect(resolve({ [name]: [text] })).rejects.toMatchObject({ code: "NETLEARN_USAGE" });
  });

  it("does not repeat a URL that holds a password", async () => {
    const refused = resolve({ saslTokenUrl: ["https://me:hunter2@id/token"] });
    await expect(refused).rejects.toMatchObject({ message: expect.not.stringContaining("hunter2") });
  });

  it.each([
    [{ follow: true, untilCaughtUp: true }, "--until-caught-up and --follow"],
    [{ follow: true, fromFiles: true }, "--follow and --from-files"],
    [{ tlsCert: ["x"] }, "--tls-cert and --tls-key"],
    [{ tlsKey: ["x"] }, "--tls-cert and --tls-key"],
  ] as const)("refuses %j", async (flags, said) => {
    await expect(resolve(flags)).rejects.toMatchObject({
      code: "NETLEARN_USAGE",
      message: expect.stringContaining(said),
    });
  });

  it("reads until caught up unless it shall follow", async () => {
    const given = { brokers: ["kafka"], topic: ["flows"] };
    const modeOf = async (flags: Flags): Promise<string> => {
      const settings = await resolve({ ...given, ...flags });
      return (await kafkaCollectOptions(settings, { env: {}, cwd: directory })).mode;
    };
    expect(await modeOf({})).toBe("until-caught-up");
    expect(await modeOf({ follow: true })).toBe("follow");
  });
});

describe("how Kafka is reached", () => {
  const connect = async (flags: Flags, env: Readonly<Record<string, string>> = {}) =>
    await kafkaConnection(await resolve({ brokers: ["kafka"], ...flags }, {}), { env, cwd: directory });

  it("speaks TLS as soon as one of its options is given", async () => {
    await writeFile(path.join(directory, "ca.pem"), "authorities");
    expect((await connect({})).tls).toBeUndefined();
    expect((await connect({ tls: true })).tls).toMatchObject({ ca: undefined });
    expect((await connect({ tlsCa: ["ca.pem"] })).tls).toMatchObject({ ca: "authorities" });
    expect((await connect({ tlsServerName: ["kafka.example"] })).tls).toMatchObject({ serverName: "kafka.example" });
  });

  it("says which certificate can't be read", async () => {
    await expect(connect({ tlsCa: ["none.pem"] })).rejects.toMatchObject({
      code: "NETLEARN_KAFKA_UNAVAILABLE",
      message: expect.stringMatching(/--tls-ca.*none\.pem.*no such file/u),
    });
  });

  it("reads a password anew at each login, without its line break", async () => {
    await writeFile(path.join(directory, "password"), "first\n");
    const { sasl } = await connect({ sasl: ["plain"], saslUsername: ["ann"], saslPasswordFile: ["password"] });
    if (sasl?.mechanism !== "plain") throw new Error("there is no password");
    expect(await sasl.password()).toBe("first");
    await writeFile(path.join(directory, "password"), "second");
    expect(await sasl.password()).toBe("second");
  });

  it("takes a password from its variable, a file first", async () => {
    const flags = { sasl: ["scram-sha-512"], saslUsername: ["ann"] };
    const { sasl } = await connect(flags, { NETLEARN_SASL_PASSWORD: "from the variable" });
    if (sasl?.mechanism !== "scram-sha-512") throw new Error("there is no password");
    expect(await sasl.password()).toBe("from the variable");
  });

  it("reads a token from its file", async () => {
    await writeFile(path.join(directory, "token"), "abc.def.ghi\n");
    const { sasl } = await connect({ sasl: ["oauthbearer"], saslTokenFile: ["token"] });
    if (sasl?.mechanism !== "oauthbearer") throw new Error("there is no token");
    expect(await sasl.token()).toBe("abc.def.ghi");
  });

  it.each([
    ["a missing file", undefined, /no such file/u],
    ["an empty file", "\n", /is empty/u],
  ])("says that %s holds no password", async (_name, content, said) => {
    if (content !== undefined) await writeFile(path.join(directory, "password"), content);
    const { sasl } = await connect({ sasl: ["plain"], saslUsername: ["ann"], saslPasswordFile: ["password"] });
    if (sasl?.mechanism !== "plain") throw new Error("there is no password");
    await expect(sasl.password()).rejects.toMatchObject({
      code: "NETLEARN_KAFKA_UNAVAILABLE",
      message: expect.stringMatching(said),
    });
  });

  it.each([
    ["no user", { sasl: ["plain"] }, "--sasl plain needs a user"],
    ["no password", { sasl: ["scram-sha-256"], saslUsername: ["ann"] }, "needs a password"],
    ["no token", { sasl: ["oauthbearer"] }, "needs a token"],
    ["half of a client", { sasl: ["oauthbearer"], saslTokenUrl: ["https://id/token"] }, "needs a token"],
    ["two tokens", { sasl: ["oauthbearer"], saslTokenUrl: ["https://id/t"], saslTokenFile: ["t"] }, "contradict"],
    ["credentials nobody asks for", { saslUsername: ["ann"] }, "--sasl-username is of no use without --sasl"],
  ] as const)("refuses %s", async (_name, flags, said) => {
    await expect(connect(flags)).rejects.toMatchObject({
      code: "NETLEARN_USAGE",
      message: expect.stringContaining(said),
    });
  });
});
