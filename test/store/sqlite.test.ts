import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StateStore } from "../../src/model/state.ts";
import { openState } from "../../src/store/open.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../../src/store/schema.ts";
import { APPLICATION_ID } from "../../src/store/sqlite/identity.ts";
import { expectWholeFolds, foldUntilKilled } from "./killed-writer.ts";
import { stateStoreSuite } from "./state-store-suite.ts";
import { cellsOf, mergeToys, toy } from "./toy-facts.ts";

const OPENING = path.join(import.meta.dirname, "opening-process.ts");
const isRoot = process.getuid?.() === 0;
/** Nobody's number on Debian and its kin; any that owns nothing will do. */
const NOBODY = 65_534;

let folder = "";
let file = "";
const opened: StateStore[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "netlearn-store-"));
  file = path.join(folder, "state.db");
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(folder, { recursive: true });
});

async function openAt(location: string, mode: "read" | "write" = "write"): Promise<StateStore> {
  const store = await openState(location, { mode, mergeCells: mergeToys });
  opened.push(store);
  return store;
}

describe("learned state in SQLite", () => {
  let count = 0;
  stateStoreSuite({ open: () => openAt(path.join(folder, `${count++}.db`)) });
});

describe("a state's file", () => {
  it("is there again for the next one who opens it", async () => {
    const first = await openAt(file);
    const [claim] = await first.claim(["s"], "me");
    await first.fold([toy("edge", "a", 1)], [{ ...claim!, from: undefined, next: 4, landmark: "w" }]);
    await first.close();
    expect((await readdir(folder)).toSorted()).toEqual(["state.db", "state.db-lock"]);
    const second = await openAt(file);
    expect(await cellsOf(second)).toEqual([toy("edge", "a", 1)]);
    expect(await second.positions()).toEqual([{ source: "s", next: 4, landmark: "w" }]);
  });

  it("can be read while somebody writes, and shows what was folded in by then", async () => {
    const writer = await openAt(file);
    await writer.fold([toy("edge", "a", 1)], []);
    const reader = await openAt(file, "read");
    expect(await cellsOf(reader)).toEqual([toy("edge", "a", 1)]);
    await writer.fold([toy("edge", "b", 1)], []);
    expect(await cellsOf(reader)).toHaveLength(2);
    expect((await reader.summary()).cells.edge).toBe(2);
  });

  it("has one writer: a second one is refused at once, by whatever name it calls the file", async () => {
    await openAt(file);
    await symlink(file, path.join(folder, "link.db"));
    for (const name of ["state.db", "link.db", "../" + path.basename(folder) + "/state.db"]) {
      await expect(openAt(path.join(folder, name))).rejects.toMatchObject({
        code: "NETLEARN_STATE_BUSY",
        exitCode: 3,
        message: `another process writes to the state ${file}`,
      });
    }
    expect(await opening(file, "write")).toMatchObject({ code: "NETLEARN_STATE_BUSY" });
    await openAt(path.join(folder, "other.db"));
  });

  it("is recovered when copying its WAL into it was cut off, by a full disk or a power cut", async () => {
    const writer = await openAt(file);
    const cells = Array.from({ length: 400 }, (_, nth) => toy("edge", `${nth}`, nth));
    await writer.fold(cells, []);
    const cut = path.join(folder, "cut.db");
    await copyFile(`${file}-wal`, `${cut}-wal`);
    await writer.close();
    // Only the first page came to the disk: it speaks of pages that are in the WAL alone.
    await copyFile(file, cut);
    await truncate(cut, 4096);
    expect(await cellsOf(await openAt(cut))).toHaveLength(cells.length);
  });

  it("is free again after its writer closed it", async () => {
    await (await openAt(file)).close();
    await openAt(file);
  });

  it("does not exist before somebody collects", async () => {
    await expect(openAt(file, "read")).rejects.toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: `there is no state at ${file} yet`,
      hint: expect.stringContaining("netlearn collect"),
    });
    expect(await readdir(folder)).toEqual([]);
    await writeFile(file, "");
    await expect(openAt(file, "read")).rejects.toMatchObject({ message: `there is no state at ${file} yet` });
  });

  it("is made where an empty file was put", async () => {
    await writeFile(file, "");
    expect(await cellsOf(await openAt(file))).toEqual([]);
  });
});

describe("a writer that is killed", () => {
  it("leaves each fold whole or undone, with the position that goes with it, and the file free", async () => {
    for (let kills = 0; kills < 6; kills++) {
      const said = await foldUntilKilled(file, 1 + kills * 4);
      const state = await openAt(file, kills % 2 === 0 ? "write" : "read");
      expect(await expectWholeFolds(state)).toBeGreaterThanOrEqual(said);
      await state.close();
    }
  });
});

describe("a state of an earlier version", () => {
  /** As the first netlearn made it, with a source that somebody holds. */
  function makeFirst(): void {
    const database = new DatabaseSync(file);
    for (const statement of MIGRATIONS[0]?.sqlite ?? []) database.exec(statement);
    database.exec(`INSERT INTO cells VALUES ('edge', 'i', '[1,2]');
      INSERT INTO positions VALUES ('kafka:a/flows/0', 7, 'x', 3, 'older');
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
    database.close();
  }

  it("is brought forward by the next writer, keeps what it knows, and refuses the folds of whoever wrote before", async () => {
    makeFirst();
    const store = await openAt(file);
    const { schemaVersion, positions } = await store.summary();
    expect(schemaVersion).toBe(SCHEMA_VERSION);
    expect(positions).toMatchObject([{ source: "kafka:a/flows/0", next: 7, landmark: "x", epoch: 4 }]);
    const advance = { source: "kafka:a/flows/0", from: 7, next: 9, landmark: "y" };
    const late = await store.fold([toy("edge", "i", 3)], [{ ...advance, epoch: 3 }]);
    expect(late).toEqual({ kind: "fenced", sources: ["kafka:a/flows/0"] });
    await store.fold([toy("access", "i", 4)], [{ ...advance, epoch: 4 }]);
    expect(await cellsOf(store)).toEqual([toy("access", "i", 4), toy("edge", "i", 1, 2)]);
  });

  it("is left alone by a reader, who says what brings it forward", async () => {
    makeFirst();
    await expect(openAt(file, "read")).rejects.toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: expect.stringContaining(`has version 1, and this netlearn reads version ${SCHEMA_VERSION}`),
      hint: expect.stringContaining("netlearn collect"),
    });
    const database = new DatabaseSync(file);
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
    database.close();
  });
});

describe("what is no state, or no longer one", () => {
  /** Opens in both ways, and expects the same bytes in the folder afterwards. */
  async function expectRefusal(message: RegExp, location = file): Promise<void> {
    const before = await contents();
    for (const mode of ["read", "write"] as const) {
      await expect(openAt(location, mode)).rejects.toMatchObject({
        code: "NETLEARN_STATE_UNUSABLE",
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/./),
        exitCode: 3,
      });
    }
    expect(await contents()).toEqual(before);
  }

  async function contents(): Promise<ReadonlyMap<string, string>> {
    const names = (await readdir(folder)).filter((name) => !name.endsWith("-lock"));
    const read = async (name: string): Promise<[string, string]> => {
      const place = path.join(folder, name);
      const isFile = (await stat(place)).isFile();
      return [
        name,
        isFile
          ? createHash("sha256")
              .update(await readFile(place))
              .digest("hex")
          : "folder",
      ];
    };
    return new Map(await Promise.all(names.map(read)));
  }

  async function writeState(cells: number): Promise<void> {
    const store = await openAt(file);
    await store.fold(
      Array.from({ length: cells }, (_, index) => toy("edge", `i${index}`, index, index + 1, index + 2)),
      [],
    );
    await store.close();
  }

  function alter(sql: string): void {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  }

  it("another file is refused and left alone", async () => {
    await writeFile(file, "apiVersion: v1\n".repeat(1000));
    await expectRefusal(/is no netlearn state: it is no SQLite database/);
  });

  it("another program's database is refused and left alone, down to its WAL", async () => {
    alter("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')");
    await expectRefusal(/is a SQLite database, but no netlearn state/);
    alter("PRAGMA journal_mode = WAL; INSERT INTO bookmarks VALUES ('y')");
    await expectRefusal(/is a SQLite database, but no netlearn state/);
    alter("DROP TABLE bookmarks; PRAGMA application_id = 7");
    await expectRefusal(/is a SQLite database, but no netlearn state/);
  });

  it("a state of a later version is refused and left alone", async () => {
    await writeState(1);
    alter("PRAGMA user_version = 99");
    await expectRefusal(/has version 99, and this netlearn knows versions up to 2$/);
  });

  it("a directory, and a file in a directory that does not exist", async () => {
    await mkdir(file);
    await expectRefusal(/is no netlearn state: it is no file/);
    await expect(openAt(path.join(folder, "no/state.db"))).rejects.toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: expect.stringMatching(/can't be made: .*\/no does not exist/),
    });
  });

  it("a damaged header is said", async () => {
    await writeState(100);
    await overwrite(0, 40);
    await expectRefusal(/is no netlearn state: it is no SQLite database, or its beginning is damaged/);
  });

  it("a state with a hole in it takes no more, and says so when it is read", async () => {
    await writeState(5000);
    const { size } = await stat(file);
    await overwrite(Math.floor(size / 2 / 4096) * 4096, 4096);
    await expect(openAt(file)).rejects.toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: expect.stringMatching(/is damaged/),
    });
    const reader = await openAt(file, "read");
    const looking = Promise.all([cellsOf(reader), reader.summary()]);
    await expect(looking).rejects.toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: expect.stringMatching(/is damaged/),
    });
  });

  it("a state that was cut off is said to be damaged", async () => {
    await writeState(5000);
    await truncate(file, 40_000);
    await expect(openAt(file)).rejects.toMatchObject({ message: expect.stringMatching(/is damaged/) });
    await truncate(file, 60);
    await expectRefusal(/is damaged/);
  });

  it("a cell of a kind that nobody knows is damage, and not passed over", async () => {
    await writeState(1);
    alter("INSERT INTO cells VALUES ('surprise', 'x', '[]')");
    const store = await openAt(file);
    await expect(cellsOf(store)).rejects.toMatchObject({ message: expect.stringMatching(/damaged: .*"surprise"/) });
    await expect(store.summary()).rejects.toMatchObject({ code: "NETLEARN_STATE_UNUSABLE" });
  });

  it("a database that another program is writing to is busy", async () => {
    await writeState(1);
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    await expect(openAt(file)).rejects.toMatchObject({ code: "NETLEARN_STATE_BUSY" });
    other.close();
    await openAt(file);
  });

  async function overwrite(at: number, length: number): Promise<void> {
    const handle = await open(file, "r+");
    await handle.write(Buffer.alloc(length, 0xa5), 0, length, at);
    await handle.close();
  }
});

describe("a place this user may not write to", () => {
  /** Root may do everything, so what root would do is nobody's to do. */
  const somebody: SpawnUser = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

  beforeEach(async () => {
    if (isRoot) await chown(folder, NOBODY, NOBODY);
    const store = await openAt(file);
    await store.fold([toy("edge", "a", 1)], []);
    await store.close();
    if (isRoot) for (const name of await readdir(folder)) await chown(path.join(folder, name), NOBODY, NOBODY);
  });
  afterEach(() => chmod(folder, 0o755));

  it("is said in a sentence: a read-only directory, a read-only file", async () => {
    await chmod(file, 0o444);
    expect(await opening(file, "write", somebody)).toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: `the state ${file} can't be written: ${file} is read-only for this user`,
    });
    await chmod(folder, 0o555);
    expect(await opening(path.join(folder, "new.db"), "write", somebody)).toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: expect.stringContaining(`${folder} is read-only for this user`),
    });
  });

  it("can be read all the same", async () => {
    await chmod(file, 0o444);
    await chmod(folder, 0o555);
    const before = await readdir(folder);
    expect(await opening(file, "read", somebody)).toEqual({ kind: "opened" });
    expect(await readdir(folder)).toEqual(before);
  });

  it("can't be read at all when the file is not for this user", async () => {
    await chmod(file, 0o000);
    expect(await opening(file, "read", somebody)).toMatchObject({
      code: "NETLEARN_STATE_UNUSABLE",
      message: expect.stringContaining("can't be opened"),
    });
  });
});

interface SpawnUser {
  readonly uid?: number;
  readonly gid?: number;
}

interface Opening {
  readonly kind: "opened" | "failed";
  readonly code?: string;
  readonly message?: string;
}

/** What comes of opening in a process of its own. */
async function opening(location: string, mode: "read" | "write", user: SpawnUser = {}): Promise<Opening> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [OPENING, location, mode], user);
  // Not a word of node's about SQLite being experimental.
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Opening;
}
