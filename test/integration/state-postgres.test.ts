import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import type { Claim, StateStore } from "../../src/model/state.ts";
import { openState } from "../../src/store/open.ts";
import { expectWholeFolds, foldUntilKilled } from "../store/killed-writer.ts";
import { stateStoreSuite } from "../store/state-store-suite.ts";
import { cellsOf, mergeToys, toy } from "../store/toy-facts.ts";
import { type PostgresServer, startPostgres } from "../testbed/postgres.ts";
import { type CuttingProxy, startCuttingProxy } from "./cutting-proxy.ts";

const OPENING = path.join(import.meta.dirname, "../store/opening-process.ts");
const part = inject("postgres");

/** The message, and not the isolation level. */
const COMMIT = "COMMIT\0";

let server: PostgresServer;
const opened: StateStore[] = [];
const proxies: CuttingProxy[] = [];

interface Place {
  readonly url?: string;
  readonly schema?: string;
  readonly patienceMs?: number;
  readonly mode?: "read" | "write";
}

let count = 0;
/** A schema that no other test uses. */
const newSchema = (): string => `s${count++}`;

async function openAt({
  url = server.url,
  mode = "write",
  patienceMs = 20_000,
  schema = "netlearn",
}: Place): Promise<StateStore> {
  const store = await openState(url, { mode, mergeCells: mergeToys, patienceMs, schema });
  opened.push(store);
  return store;
}

/** The server's URL for another user. */
function urlFor(user: string, password: string, database = server.url): string {
  const url = new URL(database);
  url.username = user;
  url.password = password;
  return url.href;
}

async function claimOne(store: StateStore, source: string): Promise<Claim> {
  const [claim] = await store.claim([source], "test");
  return claim!;
}

/** Folds so often, each time moving the source by one and adding one to the counter `sum`. */
async function foldTimes(store: StateStore, claim: Claim, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const from = done === 0 ? claim.next : (claim.next ?? 0) + done;
    const next = (claim.next ?? 0) + done + 1;
    const outcome = await store.fold(
      [toy("counter", "sum", 1), toy("edge", `${claim.source}${next}`, next)],
      [{ source: claim.source, epoch: claim.epoch, from, next, landmark: `w${next}` }],
    );
    expect(outcome).toEqual({ kind: "folded", changed: 2 });
  }
}

async function sumOf(store: StateStore): Promise<string | undefined> {
  return (await cellsOf(store)).find(({ kind }) => kind === "counter")?.body;
}

describe.skipIf(part.state === "absent")("learned state in PostgreSQL", () => {
  beforeAll(async () => {
    server = await startPostgres(part);
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  });

  stateStoreSuite({ open: () => openAt({ schema: newSchema() }) });

  describe("shared by many collectors", () => {
    it("adds up exactly, while one of them rewrites", async () => {
      const schema = newSchema();
      // All of them find nothing and make it.
      const stores = await Promise.all(Array.from({ length: 5 }, () => openAt({ schema })));
      const [first, ...others] = stores;
      const working = others.map(async (store, index) => foldTimes(store, await claimOne(store, `s${index}`), 30));
      for (let times = 0; times < 5; times++) {
        await first!.rewrite({ survey: () => {}, decide: ({ body }) => body });
        await sleep(20);
      }
      await Promise.all(working);
      expect(await sumOf(first!)).toBe("[120]");
      expect((await first!.positions()).map(({ next }) => next)).toEqual([30, 30, 30, 30]);
    });

    it("moves a source's position once, whoever of them folds it in", async () => {
      const schema = newSchema();
      const stores = await Promise.all(Array.from({ length: 4 }, () => openAt({ schema })));
      const claim = await claimOne(stores[0]!, "s");
      const outcomes = await Promise.all(
        stores.map((store) =>
          store.fold([toy("counter", "sum", 1)], [{ ...claim, from: undefined, next: 1, landmark: undefined }]),
        ),
      );
      expect(outcomes.filter(({ kind }) => kind === "folded")).toHaveLength(1);
      expect(await sumOf(stores[0]!)).toBe("[1]");
    });

    it("takes over from a collector that stands still in the middle of a fold", async () => {
      const schema = newSchema();
      const store = await openAt({ schema });
      const zombie = await claimOne(store, "s");
      const holding = server.psql(
        `SELECT pg_advisory_xact_lock(hashtext('netlearn'), hashtext('${schema}')); SELECT pg_sleep(1)`,
      );
      await sleep(300);
      const heir = await claimOne(await openAt({ schema }), "s");
      await holding;
      expect(heir.epoch).toBe(zombie.epoch + 1);
      expect(await store.fold([], [{ ...zombie, from: undefined, next: 1, landmark: undefined }])).toEqual({
        kind: "fenced",
        sources: ["s"],
      });
    });

    it("says who is in the way when others hold it for too long", async () => {
      const schema = newSchema();
      const store = await openAt({ schema, patienceMs: 500 });
      const holding = server.psql(
        `SELECT pg_advisory_xact_lock(hashtext('netlearn'), hashtext('${schema}')); SELECT pg_sleep(3)`,
      );
      await sleep(300);
      await expect(store.fold([toy("edge", "a", 1)], [])).rejects.toMatchObject({
        code: "NETLEARN_STATE_BUSY",
        exitCode: 3,
      });
      await holding;
      expect(await store.fold([toy("edge", "a", 1)], [])).toMatchObject({ changed: 1 });
    });

    it("can be read while they write, by a user who may do no more", async () => {
      const schema = newSchema();
      const writer = await openAt({ schema });
      await writer.fold([toy("edge", "a", 1)], []);
      await server.psql(`CREATE ROLE "reader ${schema}" LOGIN PASSWORD 'p:@/ ü'; GRANT USAGE ON SCHEMA "${schema}" TO "reader ${schema}";
        GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO "reader ${schema}"`);
      const url = urlFor(encodeURIComponent(`reader ${schema}`), encodeURIComponent("p:@/ ü"));
      const reader = await openAt({ url, schema, mode: "read" });
      expect(await cellsOf(reader)).toEqual([toy("edge", "a", 1)]);
      expect((await reader.summary()).location).not.toContain("p%3A");
      await expect(openAt({ url, schema })).rejects.toMatchObject({
        code: "NETLEARN_STATE_UNUSABLE",
        message: expect.stringMatching(
          /may not use .* missing is cells: DELETE, cells: INSERT, cells: UPDATE, positions/,
        ),
      });
    });
  });

  describe("connections that are cut", () => {
    async function throughProxy(
      schema: string,
      patienceMs = 20_000,
    ): Promise<{ store: StateStore; proxy: CuttingProxy }> {
      const proxy = await startCuttingProxy(server.url);
      proxies.push(proxy);
      return { proxy, store: await openAt({ url: proxy.url, schema, patienceMs }) };
    }

    it.each(["message", "answer", "late"] as const)(
      "lose nothing and double nothing: COMMIT whose %s is lost or late",
      async (how) => {
        const schema = newSchema();
        const { store, proxy } = await throughProxy(schema);
        const claim = await claimOne(store, "s");
        for (let times = 0; times < 3; times++) {
          proxy.cut(how, 1, COMMIT);
          await foldTimes(store, { ...claim, next: times === 0 ? undefined : times }, 1);
          expect(proxy.hasCut()).toBe(true);
        }
        expect(await sumOf(store)).toBe("[3]");
        expect(await store.positions()).toEqual([{ source: "s", next: 3, landmark: "w3" }]);
      },
    );

    it.each(["message", "answer", "late"] as const)("lose nothing and double nothing: any %s at all", async (how) => {
      const { store, proxy } = await throughProxy(newSchema());
      const claim = await claimOne(store, "s");
      let folds = 0;
      for (let nth = 1; nth <= 12; nth++) {
        proxy.cut(how, nth);
        await foldTimes(store, { ...claim, next: folds === 0 ? undefined : folds }, 3);
        folds += 3;
      }
      expect(await sumOf(store)).toBe(`[${folds}]`);
    });

    it("tell a fold that was made from one that somebody else has overtaken", async () => {
      const schema = newSchema();
      const { store, proxy } = await throughProxy(schema);
      const other = await openAt({ schema });
      const claim = await claimOne(store, "s");
      proxy.cut("late", 1, COMMIT);
      const folding = store.fold(
        [toy("counter", "sum", 1)],
        [{ ...claim, from: undefined, next: 1, landmark: undefined }],
      );
      await sleep(100);
      const heir = await claimOne(other, "s");
      const outcome = await folding;
      // The heir waits for the late COMMIT, and goes on behind it; whether the first one hears of it in time is chance.
      expect(heir.next).toBe(1);
      expect(["folded", "fenced"]).toContain(outcome.kind);
      expect(await sumOf(other)).toBe("[1]");
    });

    it("do not repeat what nothing tells the outcome of", async () => {
      const { store, proxy } = await throughProxy(newSchema());
      proxy.cut("answer", 1, COMMIT);
      await expect(store.fold([toy("counter", "sum", 1)], [])).rejects.toMatchObject({
        code: "NETLEARN_STATE_UNUSABLE",
        message: expect.stringMatching(/it is not known whether it was folded in/),
      });
      expect(await sumOf(store)).toBe("[1]");
      proxy.cut("message", 2);
      expect(await store.fold([toy("counter", "sum", 1)].values(), [])).toMatchObject({ kind: "folded" });
      expect(await sumOf(store)).toBe("[2]");
    });

    it("end a rewrite, which is not begun twice", async () => {
      const { store, proxy } = await throughProxy(newSchema());
      await store.fold([toy("edge", "a", 1)], []);
      let surveyed = 0;
      const pass = { survey: () => surveyed++, decide: () => "[2]" };
      proxy.cut("message", 5);
      await expect(store.rewrite(pass)).rejects.toMatchObject({ code: "NETLEARN_STATE_UNUSABLE" });
      expect(surveyed).toBeLessThanOrEqual(1);
      expect(await cellsOf(store)).toEqual([toy("edge", "a", 1)]);
      proxy.cut("answer", 1, COMMIT);
      await expect(store.rewrite(pass)).rejects.toMatchObject({
        message: expect.stringMatching(/it is not known whether the state was rewritten/),
      });
    });

    it("end a reading with a sentence", async () => {
      const { store, proxy } = await throughProxy(newSchema());
      await store.fold(
        Array.from({ length: 20_000 }, (_, index) => toy("edge", `i${index}`, 1)),
        [],
      );
      const reading = (async () => {
        for await (const _ of store.cells()) proxy.cut("message", 1);
      })();
      await expect(reading).rejects.toMatchObject({
        code: "NETLEARN_STATE_UNUSABLE",
        message: expect.stringMatching(/can't be reached/),
      });
    });
  });

  describe("a server that goes away", () => {
    it("and comes back in the middle loses nothing and doubles nothing", async () => {
      const schema = newSchema();
      const store = await openAt({ schema, patienceMs: 60_000 });
      const claims = await store.claim(["a", "b"], "test");
      const working = Promise.all(claims.map((claim) => foldTimes(store, claim, 400)));
      for (let times = 0; times < 3; times++) {
        await sleep(150);
        if (times === 1) await server.kill();
        await server.restart();
      }
      await working;
      expect(await sumOf(store)).toBe("[800]");
    });

    it("for good is said after a while, and the state is as it was", async () => {
      const schema = newSchema();
      const store = await openAt({ schema, patienceMs: 700 });
      const claim = await claimOne(store, "s");
      await foldTimes(store, claim, 1);
      await server.kill();
      await expect(foldTimes(store, { ...claim, next: 1 }, 1)).rejects.toMatchObject({
        code: "NETLEARN_STATE_UNUSABLE",
        exitCode: 3,
        message: expect.stringMatching(/can't be reached \(.*ECONNREFUSED/),
      });
      await expect(store.positions()).rejects.toMatchObject({ code: "NETLEARN_STATE_UNUSABLE" });
      await expect(openAt({ schema })).rejects.toMatchObject({ message: expect.stringMatching(/can't be reached/) });
      await server.restart();
      expect(await store.positions()).toEqual([{ source: "s", next: 1, landmark: "w1" }]);
      await foldTimes(store, { ...claim, next: 1 }, 1);
      expect(await sumOf(store)).toBe("[2]");
    });
  });

  it("holds each fold whole or not at all when a collector is killed", async () => {
    const url = await server.createDatabase("killed");
    for (let kills = 0; kills < 12; kills++) {
      const said = await foldUntilKilled(url, 1 + kills * 3);
      const state = await openAt({ url });
      expect(await expectWholeFolds(state)).toBeGreaterThanOrEqual(said);
    }
  });

  describe("what can't be used", () => {
    async function expectRefusal(place: Place, message: RegExp): Promise<void> {
      const failure: unknown = await openAt(place).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "NETLEARN_STATE_UNUSABLE", exitCode: 3, hint: expect.stringMatching(/./) });
      expect(String(failure)).toMatch(message);
      const password = URL.parse(place.url ?? server.url)?.password ?? "";
      if (password !== "") expect(JSON.stringify(failure) + String(failure)).not.toContain(password);
    }

    it("a wrong password, a user and a database that are not there", async () => {
      await expectRefusal({ url: urlFor("netlearn", "wrong-secret") }, /refuses the user or the password/);
      await expectRefusal({ url: urlFor("nobody-at-all", "wrong-secret") }, /refuses the user or the password/);
      const url = new URL(server.url);
      url.pathname = "/nowhere";
      await expectRefusal({ url: url.href }, /there is no database .*nowhere/);
    });

    it("a port where nobody listens, and what is no URL", async () => {
      const url = new URL(server.url);
      url.port = "1";
      await expectRefusal({ url: url.href }, /can't be reached/);
      await expectRefusal({ url: "postgres://u:sec#ret@host:port/x" }, /the state's URL can't be read$/);
    });

    it("a server whose certificate nobody vouches for", async () => {
      await expectRefusal({ url: `${server.url}?sslmode=require` }, /is not safe \(.*certificate/);
      await expect(openAt({ url: `${server.url}?sslmode=no-verify`, schema: newSchema() })).resolves.toBeDefined();
    });

    it("a database in which this user may make nothing", async () => {
      const database = await server.createDatabase("no_rights");
      await server.psql(`CREATE ROLE guest LOGIN PASSWORD 'guest-secret'`);
      const url = urlFor("guest", "guest-secret", database);
      await expectRefusal({ url }, /may not .*permission denied for database/);
      await expectRefusal({ url, mode: "read" }, /there is no state at postgres/);
      await openAt({ url: database });
      await expectRefusal({ url }, /may not use .* missing is USAGE/);
      await expectRefusal({ url, mode: "read" }, /may not use .* missing is USAGE/);
    });

    it("a schema that is there and empty is taken", async () => {
      const schema = newSchema();
      await server.psql(`CREATE SCHEMA ${schema}`);
      await expectRefusal({ schema, mode: "read" }, /there is no state/);
      expect(await cellsOf(await openAt({ schema }))).toEqual([]);
    });

    it("another program's schema is refused and left alone", async () => {
      const schema = newSchema();
      await server.psql(
        `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.meta (x int); CREATE TABLE ${schema}.cells (y int)`,
      );
      const dump = (): Promise<string> =>
        server.psql(`SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '${schema}'`);
      const before = await dump();
      for (const mode of ["read", "write"] as const)
        await expectRefusal({ schema, mode }, /has tables, but no netlearn state/);
      expect(await dump()).toBe(before);
    });

    it("a state of an earlier version is brought forward, and whoever wrote before is fenced", async () => {
      const schema = newSchema();
      const [claim] = await (await openAt({ schema })).claim(["s"], "older");
      await server.psql(`UPDATE ${schema}.meta SET value = '1'`);
      await expectRefusal({ schema, mode: "read" }, /has version 1, and this netlearn reads version 2/);
      const store = await openAt({ schema });
      const epoch = claim?.epoch ?? 0;
      const advance = { source: "s", from: undefined, next: 1, landmark: undefined };
      expect(await store.fold([], [{ ...advance, epoch }])).toEqual({ kind: "fenced", sources: ["s"] });
      expect(await store.fold([], [{ ...advance, epoch: epoch + 1 }])).toMatchObject({ kind: "folded" });
    });

    it("a state of a later version is refused and left alone", async () => {
      const schema = newSchema();
      await openAt({ schema });
      await server.psql(`UPDATE ${schema}.meta SET value = '99'`);
      for (const mode of ["read", "write"] as const) {
        await expectRefusal({ schema, mode }, /has version 99, and this netlearn knows versions up to 2/);
      }
      expect(await server.psql(`SELECT value FROM ${schema}.meta`)).toBe("99");
    });

    it("a database that can't hold every text", async () => {
      await server.psql("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
      const url = new URL(server.url);
      url.pathname = "/latin";
      await expectRefusal({ url: url.href }, /can't hold every text/);
    });

    it("a cell of a kind that nobody knows is damage", async () => {
      const schema = newSchema();
      const store = await openAt({ schema });
      await server.psql(`INSERT INTO ${schema}.cells VALUES ('surprise', 'x', '[]')`);
      await expect(cellsOf(store)).rejects.toMatchObject({ message: expect.stringMatching(/damaged: .*"surprise"/) });
    });
  });

  it("finds its password in ~/.pgpass and in PGPASSWORD, without a word of warning", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "netlearn-pgpass-"));
    const { username, password, port } = new URL(server.url);
    const file = path.join(folder, "pgpass");
    await writeFile(file, `127.0.0.1:${port}:*:${username}:${password}\n`, { mode: 0o600 });
    const url = urlFor(username, "");
    const { PGPASSWORD: _, ...environment } = process.env;
    for (const variable of [{ PGPASSFILE: file }, { PGPASSWORD: password }]) {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [OPENING, url, "write"], {
        env: { ...environment, ...variable },
      });
      expect({ stdout, stderr }).toEqual({ stdout: '{"kind":"opened"}', stderr: "" });
    }
    await rm(folder, { recursive: true });
  });
});
