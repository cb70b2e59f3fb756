import type * as Sqlite from "node:sqlite";
import { NetlearnError } from "../../lib/errors.ts";
import { muteWarning } from "../warnings.ts";

/** Node's SQLite, without the warning that it is experimental. */
export function loadSqlite(): typeof Sqlite {
  const unmute = muteWarning({ type: "ExperimentalWarning", start: "SQLite is an experimental feature" });
  try {
    // Loaded at once, unlike import(): nothing else can warn meanwhile.
    const sqlite = process.getBuiltinModule("node:sqlite");
    if (sqlite === undefined) {
      throw new NetlearnError("NETLEARN_STATE_UNUSABLE", `this node (${process.version}) comes without SQLite`, {
        hint: "use node 22.19 or newer from https://nodejs.org, without --no-experimental-sqlite, or a state in PostgreSQL",
      });
    }
    return sqlite;
  } finally {
    unmute();
  }
}
