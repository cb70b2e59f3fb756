import { NetlearnError } from "../../lib/errors.ts";
import type { Snapshot } from "../database.ts";
import { Connection } from "./connection.ts";
import { isFrozen, stampOf } from "./place.ts";

/** A connection that sees a state at one moment. Writers go on beside it. */
export class Reader extends Connection implements Snapshot {
  readonly #place: string;
  /** What the file was like when it was opened as one that nobody writes to. */
  readonly #stamp: string | undefined;

  constructor(location: string) {
    const frozen = isFrozen(location);
    super(location, { access: frozen ? "immutable" : "read" });
    this.#place = location;
    this.#stamp = frozen ? stampOf(location) : undefined;
    try {
      // The moment is that of the first statement.
      this.execute("BEGIN; SELECT count(*) FROM sqlite_schema");
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async end(): Promise<void> {
    this.close();
    if (this.#stamp === undefined || this.#stamp === stampOf(this.#place)) return;
    throw new NetlearnError(
      "NETLEARN_STATE_BUSY",
      `another process began to write to the state ${this.#place} while it was read`,
      {
        hint: "read it again, or give this user write access to its directory, where SQLite keeps writers and readers apart",
      },
    );
  }
}
