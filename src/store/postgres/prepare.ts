import { NetlearnError } from "../../lib/errors.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../schema.ts";
import { noState, refuseNewer, refuseOlder } from "../versions.ts";
import type { Connection, Place } from "./connection.ts";
import { RIGHTS } from "./failures.ts";

const VERSION_KEY = "netlearn_schema_version";

/**
 * Makes the state's tables, or brings them to this program's version; within a transaction that is the only one to write.
 *
 * @throws NetlearnError when the schema is not ours, or of a later version
 */
export async function migrate(connection: Connection, place: Place): Promise<void> {
  const found = await findState(connection, place);
  if (found.kind === "none") await connection.query(`CREATE SCHEMA ${identifier(place.schema)}`);
  if (found.kind !== "state") {
    await connection.query("CREATE TABLE meta (key text NOT NULL PRIMARY KEY, value text NOT NULL)");
  }
  const version = found.kind === "state" ? found.version : 0;
  refuseNewer(version, place.location);
  if (found.kind === "state") await requireRights(connection, place, ["SELECT", "INSERT", "UPDATE", "DELETE"]);
  if (version === SCHEMA_VERSION) return;
  for (const { postgres } of MIGRATIONS.slice(version)) {
    for (const statement of postgres) await connection.query(statement);
  }
  await connection.query(
    "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [VERSION_KEY, String(SCHEMA_VERSION)],
  );
}

/** @throws NetlearnError when there is no state, or none of this program's version */
export async function checkReadable(connection: Connection, place: Place): Promise<void> {
  const found = await findState(connection, place);
  if (found.kind !== "state") {
    throw noState(place.location);
  }
  refuseNewer(found.version, place.location);
  refuseOlder(found.version, place.location);
  await requireRights(connection, place, ["SELECT"]);
}

type Found = { readonly kind: "none" | "empty" } | { readonly kind: "state"; readonly version: number };

async function findState(connection: Connection, place: Place): Promise<Found> {
  const [setting] = await connection.query("SELECT current_setting('server_encoding') AS encoding");
  if (setting?.["encoding"] !== "UTF8") {
    throw new NetlearnError("NETLEARN_STATE_UNUSABLE", `the database ${place.location} can't hold every text`, {
      hint: `its encoding is ${String(setting?.["encoding"])}: make one with UTF8 (createdb --encoding=UTF8 --template=template0)`,
    });
  }
  const rows = await connection.query(
    `SELECT c.relname AS name, has_schema_privilege(n.oid, 'USAGE') AS usable FROM pg_namespace n LEFT JOIN pg_class c
       ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f') WHERE n.nspname = $1`,
    [place.schema],
  );
  const names = rows.map((row) => row["name"]).filter((name) => name !== null);
  if (rows.length === 0) return { kind: "none" };
  if (rows.some((row) => row["usable"] !== true)) throw mayNot(place, "USAGE on its schema");
  if (names.length === 0) return { kind: "empty" };
  const version = names.includes("meta") && names.includes("cells") ? await readVersion(connection) : undefined;
  if (version !== undefined) return { kind: "state", version };
  throw new NetlearnError(
    "NETLEARN_STATE_UNUSABLE",
    `the schema ${JSON.stringify(place.schema)} of ${place.location} has tables, but no netlearn state`,
    { hint: "name another database: this schema belongs to another program and was left alone" },
  );
}

async function readVersion(connection: Connection): Promise<number | undefined> {
  // As JSON, so that a table of other columns is no error.
  const rows = await connection.query("SELECT to_json(m)::text AS entry FROM meta m LIMIT 1000");
  for (const row of rows) {
    const entry: unknown = JSON.parse(String(row["entry"]));
    if (typeof entry !== "object" || entry === null || !("key" in entry) || !("value" in entry)) continue;
    const version = entry.key === VERSION_KEY ? Number(entry.value) : 0;
    if (Number.isSafeInteger(version) && version > 0) return version;
  }
  return undefined;
}

/** At once, rather than at the first fold. */
async function requireRights(connection: Connection, place: Place, rights: readonly string[]): Promise<void> {
  const rows = await connection.queryGiven(
    { columns: ["privilege"], rows: rights.map((privilege) => [privilege]) },
    `SELECT t.name || ': ' || g.privilege AS lacking FROM given g CROSS JOIN (VALUES ('cells'), ('positions')) AS t (name)
       WHERE NOT has_table_privilege(t.name, g.privilege) ORDER BY 1`,
  );
  if (rows.length > 0) throw mayNot(place, rows.map((row) => String(row["lacking"])).join(", "));
}

function mayNot(place: Place, lacking: string): NetlearnError {
  return new NetlearnError(
    "NETLEARN_STATE_UNUSABLE",
    `the user may not use the state in ${place.location}: what is missing is ${lacking}`,
    { hint: RIGHTS },
  );
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
