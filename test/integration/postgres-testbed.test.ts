import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../testbed/postgres.ts";
import { databasesOf } from "../testbed/postgres-databases.ts";
import { postgresPlace } from "../testbed/postgres-place.ts";

const part = inject("postgres");
const PATIENCE = { timeout: 20_000, interval: 100 };
const psqlOf = (): string => (part.state === "ready" ? path.join(part.bin, "psql") : "psql");

/** The same address with something of it changed. */
function changed(url: string, change: (url: URL) => void): string {
  const other = new URL(url);
  change(other);
  return other.href;
}

describe.skipIf(part.state === "absent")("the PostgreSQL of the testbed", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(part);
  });
  afterAll(() => server?.stop());

  it("makes empty databases of names that nobody else has", async () => {
    const [one, other] = [await server.createDatabase('it\'s "one"'), await server.createDatabase('it\'s "one"')];
    await server.psql("CREATE TABLE t (x text)", one);
    expect(await server.psql("SELECT count(*) FROM pg_tables WHERE tablename = 't'", one)).toBe("1");
    expect(await server.psql("SELECT count(*) FROM pg_tables WHERE tablename = 't'", other)).toBe("0");
    expect(await server.psql("SELECT current_database()", one)).toMatch(/^it's "one"_[0-9a-f]{8}$/u);
  });

  it("says what is wrong with a statement, and does none of those beside it", async () => {
    const url = await server.createDatabase("wrong");
    await expect(server.psql("CREATE TABLE t (x int); SELECT nothing", url)).rejects.toThrow('column "nothing"');
    await expect(server.psql("SELECT * FROM t", url)).rejects.toThrow('relation "t"');
  });

  it("lets in only who knows the password, with TLS and without", async () => {
    const stranger = changed(server.url, (url) => {
      url.password = "guess";
    });
    await expect(server.psql("SELECT 1", stranger)).rejects.toThrow("password authentication failed");
    const encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    for (const [mode, answer] of [
      ["require", "t"],
      ["disable", "f"],
    ] as const) {
      const url = changed(server.url, ({ searchParams }) => searchParams.set("sslmode", mode));
      expect(await server.psql(encrypted, url)).toBe(answer);
    }
    const ca = path.join(import.meta.dirname, "../support/tls/ca.crt");
    const verified = changed(server.url, ({ searchParams }) => {
      searchParams.set("sslmode", "verify-full");
      searchParams.set("sslrootcert", ca);
    });
    expect(await server.psql(encrypted, verified)).toBe("t");
  });

  it("keeps what is committed over a restart, a kill, and the kill of its first process alone", async () => {
    const url = await server.createDatabase("kept");
    await server.psql("CREATE TABLE t (x int)", url);
    const ends: readonly (() => Promise<void>)[] = [
      async () => {},
      server.kill,
      async () => {
        process.kill(server.pid(), "SIGKILL");
      },
    ];
    for (const [at, end] of ends.entries()) {
      await server.psql(`INSERT INTO t VALUES (${at})`, url);
      const before = server.pid();
      await end();
      await server.restart();
      expect(server.pid()).not.toBe(before);
      expect(await server.psql("SELECT count(*) FROM t", url)).toBe(String(at + 1));
    }
    expect(await server.psql("SHOW fsync")).toBe("on");
  });

  it("forgets what was not committed when it is killed", async () => {
    const url = await server.createDatabase("open");
    await server.psql("CREATE TABLE t (x int)", url);
    const slow = server.psql("INSERT INTO t VALUES (1); SELECT pg_sleep(60)", url);
    slow.catch(() => {});
    const active = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    await vi.waitFor(async () => expect(await server.psql(active)).toBe("1"), PATIENCE);
    await server.kill();
    await expect(slow).rejects.toThrow(/connection|terminat/u);
    await server.restart();
    expect(await server.psql("SELECT count(*) FROM t", url)).toBe("0");
  });

  it("is another's where DATABASE_URL names one, which keeps none of the databases made there", async () => {
    const place = await postgresPlace(part, { DATABASE_URL: server.url });
    const url = await place.createDatabase("elsewhere");
    const made = "SELECT count(*) FROM pg_database WHERE datname LIKE 'elsewhere%'";
    expect(await place.psql("SELECT 1", url)).toBe("1");
    expect(await server.psql(made)).toBe("1");
    await place.stop();
    expect(await server.psql(made)).toBe("0");
  });

  it("leaves neither process nor files when it is stopped, nor when whoever started it is killed", async () => {
    const stopped = await startPostgres(part);
    await stopped.stop();
    expect(existsSync(path.dirname(stopped.log))).toBe(false);
    await expect(stopped.psql("SELECT 1")).rejects.toThrow("refused");

    const script = path.join(import.meta.dirname, "../testbed/start.ts");
    const starter = spawn(process.execPath, [script, "postgres"], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: starter.stdout }), "line");
    const started: { url: string; log: string } = JSON.parse(String(line));
    const { psql } = databasesOf(psqlOf(), started.url);
    expect(await psql("SELECT 1")).toBe("1");
    starter.kill("SIGKILL");
    await vi.waitFor(async () => {
      await expect(psql("SELECT 1")).rejects.toThrow("refused");
      expect(existsSync(path.dirname(started.log))).toBe(false);
    }, PATIENCE);
  });
});
