import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";

/**
 * Where the files of a state are. Nothing here opens them: closing a file that SQLite has open in this process would let go
 * of the locks it holds on it (https://sqlite.org/howtocorrupt.html, "Posix advisory locks canceled").
 */

/**
 * One place for one state, however many links lead to it: its lock lies beside it.
 *
 * @throws NetlearnError when there can't be a file
 */
export function realPlace(file: string): string {
  const location = path.resolve(file);
  const kind = statSync(location, { throwIfNoEntry: false });
  if (kind !== undefined) {
    if (kind.isFile()) return realpathSync(location);
    throw unusable(`${location} is no netlearn state: it is no file`, "name a file");
  }
  const directory = path.dirname(location);
  if (!existsSync(directory)) {
    throw unusable(
      `the state ${location} can't be made: ${directory} does not exist`,
      "make the directory, or name another file",
    );
  }
  return path.join(realpathSync(directory), path.basename(location));
}

/** @throws NetlearnError when this user, or nobody, may write there: SQLite would open it for reading only */
export function requireWritable(location: string): void {
  const needed = [path.dirname(location), ...(existsSync(location) ? [location] : [])];
  const refused = needed.find((place) => !isWritable(place));
  if (refused === undefined) return;
  throw unusable(
    `the state ${location} can't be written: ${refused} is read-only for this user`,
    "make the file and its directory writable for this user, or name another file",
  );
}

/**
 * Whether nobody can be writing to a state in a directory that this user may not write to either, so that SQLite could not
 * make the files it shares with a writer.
 */
export function isFrozen(location: string): boolean {
  return !isWritable(path.dirname(location)) && !existsSync(`${location}-wal`);
}

/** Whether a part of the state may lie beside it, in a WAL. */
export function hasWal(location: string): boolean {
  return (statSync(`${location}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Differs when a file was written to in the meantime. */
export function stampOf(location: string): string {
  const { mtimeNs, size } = statSync(location, { bigint: true });
  return `${mtimeNs} ${size} ${existsSync(`${location}-wal`)}`;
}

/** What the state takes on disk, in bytes. */
export function sizeOf(location: string): number {
  return ["", "-wal"].reduce((sum, suffix) => {
    return sum + (statSync(`${location}${suffix}`, { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

function isWritable(place: string): boolean {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function unusable(message: string, hint: string): NetlearnError {
  return new NetlearnError("NETLEARN_STATE_UNUSABLE", message, { hint });
}
