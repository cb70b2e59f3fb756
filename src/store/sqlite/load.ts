import type * as Sqlite from "node:sqlite";
import { NetlearnError } from "../../lib/errors.ts";

/**
 * Node's SQLite, without the warning that it is experimental, which nobody at a terminal can do anything about. All other
 * warnings are printed as ever.
 */
export function loadSqlite(): typeof Sqlite {
  const asEver = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = (...all: readonly unknown[]): void => {
    if (!isAboutSqlite(all)) asEver?.value(...all);
  };
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
    if (asEver !== undefined) Object.defineProperty(process, "emitWarning", asEver);
  }
}

function isAboutSqlite([warning, type]: readonly unknown[]): boolean {
  return type === "ExperimentalWarning" && String(warning).startsWith("SQLite is an experimental feature");
}
