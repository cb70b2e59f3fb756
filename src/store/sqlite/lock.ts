import { NetlearnError } from "../../lib/errors.ts";
import { Connection } from "./connection.ts";

/**
 * Makes this process the only one that writes to a state, until the lock is closed or the process ends, however it ends.
 *
 * The lock is a second SQLite database beside the state, in an exclusive transaction that is never committed: the system
 * lets go of it with the process, SQLite knows how to lock on every system, and the state itself stays open for readers.
 * The empty file stays: whoever removed it might remove the one that another process has just locked.
 *
 * @throws NetlearnError `NETLEARN_STATE_BUSY` at once when another process has it
 */
export function lockState(location: string): Connection {
  const lock = new Connection(`${location}-lock`, { access: "write", waitMs: 0 });
  try {
    // No journal file: nothing is ever written.
    lock.execute("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof NetlearnError) || error.code !== "NETLEARN_STATE_BUSY") throw error;
    throw new NetlearnError("NETLEARN_STATE_BUSY", `another process writes to the state ${location}`, {
      hint: "end the other collector, or name another file; many collectors can share a state in PostgreSQL",
      cause: error,
    });
  }
}
