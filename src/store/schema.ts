/** What brings a database of one version to the next one, in each dialect. */
export interface Migration {
  readonly sqlite: readonly string[];
  readonly postgres: readonly string[];
}

const FENCE_ALL = "UPDATE positions SET epoch = epoch + 1";

/**
 * All steps forward; the version of a state is how many of them it went. A step that was released is never changed: what
 * is to be different gets a step of its own. A step that older programs can't write beside raises every epoch, which fences
 * those of them that still run.
 *
 * SQLite: a table with row ids, since bodies are too long for WITHOUT ROWID (a B-tree of such rows is seven levels deep;
 * folding takes a fifth longer, filling three times as long). PostgreSQL: "C" orders texts by bytes, as SQLite does.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    sqlite: [
      "CREATE TABLE cells (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT",
      `CREATE TABLE positions (
         source TEXT NOT NULL PRIMARY KEY, next INTEGER, landmark TEXT, epoch INTEGER NOT NULL, owner TEXT
       ) STRICT`,
    ],
    postgres: [
      `CREATE TABLE cells (
         kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, body text NOT NULL, PRIMARY KEY (kind, id)
       )`,
      `CREATE TABLE positions (
         source text COLLATE "C" NOT NULL PRIMARY KEY, next bigint, landmark text, epoch bigint NOT NULL, owner text
       )`,
    ],
  },
  // Cells of access: older programs know nothing of their kinds, and would pass over the audit events of a topic for good.
  { sqlite: [FENCE_ALL], postgres: [FENCE_ALL] },
];

/** The version this program writes and reads. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
