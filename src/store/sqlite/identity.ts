import { NetlearnError } from "../../lib/errors.ts";
import { refuseNewer } from "../versions.ts";
import { Connection } from "./connection.ts";
import { isDamage } from "./failures.ts";
import { hasWal } from "./place.ts";

/** Marks a SQLite file as ours (https://sqlite.org/pragma.html#pragma_application_id): "netl". */
export const APPLICATION_ID = 0x6e65746c;

/**
 * Refuses what is no state of ours, before anything is written, be it a lock beside it.
 *
 * The file is opened as one that never changes: SQLite then makes no files of its own beside another program's database.
 * What is not yet in the file itself but in its WAL is not seen. A file that makes no sense without its WAL, since a disk
 * was full or power failed while that was copied into it, is for SQLite itself to recover: whose it is shows after that.
 *
 * @throws NetlearnError when it is no SQLite database, or another program's
 */
export function refuseForeign(location: string): void {
  const connection = new Connection(location, { access: "immutable" });
  try {
    const id = connection.number("PRAGMA application_id");
    if (id === APPLICATION_ID) return;
    if (id !== 0 || connection.number("SELECT count(*) FROM sqlite_schema") > 0) throw foreign(location);
  } catch (error) {
    if (!isDamage(error) || !hasWal(location)) throw error;
  } finally {
    connection.close();
  }
}

/**
 * The version of the state in a file; 0 when the database is empty.
 *
 * @throws NetlearnError when it is another program's, or of a version this program doesn't know
 */
export function stateVersion(connection: Connection, location: string): number {
  const id = connection.number("PRAGMA application_id");
  const version = connection.number("PRAGMA user_version");
  const isEmpty = connection.number("SELECT count(*) FROM sqlite_schema") === 0;
  if (isEmpty && id === 0 && version === 0) return 0;
  if (id !== APPLICATION_ID || isEmpty || version < 1) throw foreign(location);
  refuseNewer(version, location);
  return version;
}

function foreign(location: string): NetlearnError {
  return new NetlearnError("NETLEARN_STATE_UNUSABLE", `${location} is a SQLite database, but no netlearn state`, {
    hint: "name another file: this one belongs to another program and was left alone",
  });
}
