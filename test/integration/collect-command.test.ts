import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { netlearn, type Outcome, ROOT } from "../end-to-end/command.ts";
import { type KafkaAdmin, kafkaAdmin } from "../testbed/kafka-admin.ts";
import { produce } from "../testbed/kafka-records.ts";
import { type KafkaServer, startKafka } from "../testbed/kafka-server.ts";
import { type PostgresServer, startPostgres } from "../testbed/postgres.ts";

const kafkaPart = inject("kafka");
const postgresPart = inject("postgres");
const FLOWS = path.join(ROOT, "examples/shop/flows.jsonl");
const AUDIT = path.join(ROOT, "examples/shop/audit.jsonl");
const TOPIC = "hubble-flows";
const PASSWORD = "correct horse";

let directory = "";
let kafka: KafkaServer;
let admin: KafkaAdmin;
/** What `suggest` gives for the example's flows. */
let expected = "";

const here = async (...args: readonly string[]): Promise<Outcome> => await netlearn(args, { cwd: directory });

describe.skipIf(kafkaPart.state === "absent")("netlearn collect, from a real Kafka", () => {
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "netlearn-collect-command-"));
    const users = ["ann", "bob"].map((name) => ({ name, password: PASSWORD }));
    kafka = await startKafka(kafkaPart, { users, acls: true });
    const access = { classPath: kafka.classPath, brokers: kafka.brokers };
    admin = kafkaAdmin(access);
    await admin.createTopic(TOPIC, 3);
    await admin.allow({ user: "ann", type: "TOPIC", name: TOPIC, operation: "READ" });
    await admin.allow({ user: "ann", type: "TOPIC", name: TOPIC, operation: "DESCRIBE" });
    await admin.allow({ user: "ann", type: "GROUP", name: "netlearn", operation: "READ" });
    await admin.allow({ user: "bob", type: "TOPIC", name: TOPIC, operation: "DESCRIBE" });
    const lines = (await readFile(FLOWS, "utf8")).trimEnd().split("\n");
    await produce(
      access,
      lines.map((value, at) => ({ topic: TOPIC, partition: at % 3, value })),
      "zstd",
    );
    await writeFile(path.join(directory, "ca.pem"), kafka.ca);
    await writeFile(path.join(directory, "password"), `${PASSWORD}\n`);
    await writeFile(path.join(directory, "wrong"), "wrong\n");
    expected = (await netlearn(["suggest", FLOWS])).stdout;
    expect(expected).toContain("kind: NetworkPolicy");
  });

  afterAll(async () => {
    await admin?.close();
    await kafka?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const sasl = (user: string, file: string): readonly string[] => [
    "--sasl",
    "scram-sha-512",
    "--sasl-username",
    user,
    "--sasl-password-file",
    file,
  ];

  /** The ways in, each with rights enough. */
  const WAYS: readonly (readonly [name: string, args: () => readonly string[]])[] = [
    ["without encryption and login", () => ["--brokers", kafka.brokers]],
    ["in TLS", () => ["--brokers", kafka.tlsBrokers, "--tls-ca", "ca.pem"]],
    ["with a login and the least rights", () => ["--brokers", kafka.saslBrokers, ...sasl("ann", "password")]],
    ["with both", () => ["--brokers", kafka.saslTlsBrokers, "--tls-ca", "ca.pem", ...sasl("ann", "password")]],
  ];

  it.each(WAYS)("%s, what was read gives the policies that the file gives", async (name, args) => {
    const state = `${name.replaceAll(" ", "-")}.db`;
    const common = ["--topic", TOPIC, "--state", state];
    const collected = await here("collect", ...common, ...args());
    expect({ code: collected.code, stdout: collected.stdout }, collected.stderr).toEqual({ code: 0, stdout: "" });
    expect(collected.stderr).toContain("caught up with what was there");
    expect((await here("suggest", "--state", state)).stdout).toBe(expected);
    const again = await here("collect", ...common, ...args());
    expect(again.stderr).toContain("0 records of 3 partitions");
    expect((await here("suggest", "--state", state)).stdout).toBe(expected);
  });

  it("reads audit events from a topic of their own, beside flows, and gives the roles that the file gives", async () => {
    await admin.createTopic("audit", 2);
    const events = (await readFile(AUDIT, "utf8")).trimEnd().split("\n");
    const records = events.map((value, at) => ({ topic: "audit", partition: at % 2, value }));
    await produce({ classPath: kafka.classPath, brokers: kafka.brokers }, records, "gzip");
    const topics = ["--topic", TOPIC, "--topic", "audit"];
    const collected = await here("collect", "--brokers", kafka.brokers, ...topics, "--state", "both.db");
    expect(collected.code, collected.stderr).toBe(0);
    const rbac = ["--rbac", path.join(ROOT, "examples/shop/rbac")];
    const fromFiles = await netlearn(["suggest", FLOWS, "--audit", AUDIT, ...rbac]);
    expect(fromFiles.stdout).toContain("kind: RoleBinding");
    expect((await here("suggest", "--state", "both.db", ...rbac)).stdout).toBe(fromFiles.stdout);
  });

  it.each([
    ["earliest", 3],
    ["latest", 0],
    ["2000-01-01", 3],
  ] as const)("from %s", async (start, readPartitions) => {
    const state = `start-${start}.db`;
    const args = ["--brokers", kafka.brokers, "--topic", `/${TOPIC}/`, "--state", state, "--start", start];
    const { code, stderr } = await here("collect", ...args, "--log-format", "json");
    expect(code).toBe(0);
    const end = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .find(({ event }) => event === "caught-up");
    expect(end.inputs > 0).toBe(readPartitions > 0);
    expect(end.partitions).toHaveLength(3);
  });

  /** Each with what is said, and a word of what to do. */
  const REFUSED: readonly (readonly [name: string, args: () => readonly string[], said: RegExp, wayOut: RegExp])[] = [
    ["nobody there", () => ["--brokers", "127.0.0.1:1"], /can't be reached/u, /addresses/u],
    [
      "no such topic",
      () => ["--brokers", kafka.brokers, "--topic", "hubble-flow"],
      /no topic "hubble-flow"/u,
      /mend the name/u,
    ],
    ["a pattern of no topic", () => ["--brokers", kafka.brokers, "--topic", "/x.*/"], /matches \/x/u, /whole name/u],
    ["TLS where there is none", () => ["--brokers", kafka.brokers, "--tls"], /TLS/u, /TLS/u],
    ["no TLS where there is", () => ["--brokers", kafka.tlsBrokers], /TLS/u, /TLS/u],
    ["an authority nobody trusts", () => ["--brokers", kafka.tlsBrokers, "--tls"], /not trusted/u, /authority/u],
    ["a login that is missing", () => ["--brokers", kafka.saslBrokers], /without credentials/u, /SASL/u],
    [
      "a wrong password",
      () => ["--brokers", kafka.saslBrokers, ...sasl("ann", "wrong")],
      /credentials of user "ann"/u,
      /password/u,
    ],
    [
      "a password file that is missing",
      () => ["--brokers", kafka.saslBrokers, ...sasl("ann", "none")],
      /no such file/u,
      /secret/u,
    ],
    ["a state that is no state", () => ["--brokers", kafka.brokers, "--state", "ca.pem"], /ca\.pem/u, /./u],
    [
      "a database nobody serves",
      () => ["--brokers", kafka.brokers, "--state", "postgres://u:hunter2@127.0.0.1:1/x"],
      /can't be reached/u,
      /server/u,
    ],
  ];

  it.each(REFUSED)("%s: one sentence with a way out, exit 3, nothing changed", async (_name, args, said, wayOut) => {
    const before = await readdir(directory);
    const topic = args().includes("--topic") ? [] : ["--topic", TOPIC];
    const state = args().includes("--state") ? [] : ["--state", "refused.db"];
    const { code, stdout, stderr } = await here("collect", ...topic, ...state, ...args());
    const text = stderr.replaceAll(/\s+/gu, " ");
    expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: "" });
    expect(text).toMatch(said);
    expect(text).toMatch(wayOut);
    expect(text.match(/error\[NETLEARN_[A-Z_]+\]:/gu)).toHaveLength(1);
    expect(text).not.toMatch(/hunter2|correct horse/u);
    expect(await readdir(directory)).toEqual(before);
  });

  it("a group that may not be used: one sentence, exit 3, no state", async () => {
    const args = ["--brokers", kafka.saslBrokers, "--topic", TOPIC, "--state", "bob.db", ...sasl("bob", "password")];
    const { code, stderr } = await here("collect", ...args);
    expect(code).toBe(3);
    expect(stderr.replaceAll(/\s+/gu, " ")).toMatch(/doesn't let user "bob".*group "netlearn".*operation Read/u);
    const { stderr: shown } = await here("state", "show", "--state", "bob.db");
    expect(shown).toMatch(/there is no/u);
  });

  describe.skipIf(postgresPart.state === "absent")("into PostgreSQL", () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres(postgresPart);
    });
    afterAll(() => postgres?.stop());

    /** The URL for somebody else; the rights are for the test to give. */
    async function role(url: string, name: string): Promise<string> {
      await postgres.psql(`CREATE ROLE ${name} LOGIN PASSWORD 'secret'`, url);
      const own = new URL(url);
      own.username = name;
      own.password = "secret";
      return own.href;
    }

    it("gives the same policies, with the rights that docs/collecting.md names", async () => {
      const url = await postgres.createDatabase("rights");
      const database = decodeURIComponent(new URL(url).pathname.slice(1));
      const collector = await role(url, "collector");
      const reader = await role(url, "reader");
      await postgres.psql(`GRANT CONNECT, CREATE ON DATABASE "${database}" TO collector`, url);
      const args = ["--brokers", kafka.brokers, "--topic", TOPIC];
      const collected = await here("collect", ...args, "--state", collector);
      expect(collected.code, collected.stderr).toBe(0);
      expect(collected.stderr).not.toContain("secret");
      const granted = [
        "GRANT USAGE ON SCHEMA netlearn TO reader",
        "GRANT SELECT ON ALL TABLES IN SCHEMA netlearn TO reader",
      ];
      await postgres.psql(granted.join("; "), url);
      expect((await here("suggest", "--state", reader)).stdout).toBe(expected);
      const shown = await here("state", "show", "--state", reader);
      expect(shown.code, shown.stderr).toBe(0);
      expect(shown.stdout).not.toContain("secret");
      const written = await here("collect", ...args, "--state", reader);
      expect(written.code, written.stderr).toBe(3);
      expect(written.stderr).toContain("NETLEARN_STATE_UNUSABLE");
    });

    it("works in a schema that an administrator made", async () => {
      const url = await postgres.createDatabase("made");
      const owner = await role(url, "owner_of_schema");
      await postgres.psql("CREATE SCHEMA netlearn AUTHORIZATION owner_of_schema", url);
      const collected = await here("collect", "--brokers", kafka.brokers, "--topic", TOPIC, "--state", owner);
      expect(collected.code, collected.stderr).toBe(0);
      expect((await here("suggest", "--state", owner)).stdout).toBe(expected);
    });

    it("is refused without rights: one sentence, exit 3", async () => {
      const url = await postgres.createDatabase("none");
      const nobody = await role(url, "nobody");
      const { code, stderr } = await here("collect", "--brokers", kafka.brokers, "--topic", TOPIC, "--state", nobody);
      expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining("NETLEARN_STATE_UNUSABLE") });
      expect(await postgres.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'netlearn'", url)).toBe("0");
    });
  });
});
