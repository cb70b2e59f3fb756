import { NetlearnError } from "../../lib/errors.ts";

/** What went wrong, as SQLite names it: https://sqlite.org/rescode.html, the low byte of what node gives as `errcode`. */
type Failure = "busy" | "damaged" | "denied" | "foreign" | "full" | "missing" | "disk" | "other";

const FAILURES: Readonly<Record<number, Failure>> = {
  3: "denied",
  5: "busy",
  6: "busy",
  8: "denied",
  10: "disk",
  11: "damaged",
  13: "full",
  14: "missing",
  23: "denied",
  26: "foreign",
};

const LEARN_ANEW = "restore it from a backup, or move it away together with its -wal file and learn anew";

/** What each failure is called and what to do. */
const SENTENCES: Readonly<Record<Failure, { readonly text: (location: string) => string; readonly hint: string }>> = {
  busy: {
    text: (location) => `another program holds the state ${location}`,
    hint: "end it, or name another file; several collectors share a state in PostgreSQL",
  },
  damaged: { text: (location) => `the state ${location} is damaged`, hint: LEARN_ANEW },
  denied: {
    text: (location) => `the state ${location} can't be written: it, its directory or the whole disk is read-only`,
    hint: "make both writable for this user, or name another file",
  },
  foreign: {
    text: (location) => `${location} is no netlearn state: it is no SQLite database, or its beginning is damaged`,
    hint: `name another file; if this was a state, ${LEARN_ANEW}`,
  },
  full: {
    text: (location) => `there is no room left for the state ${location}`,
    hint: "make room on its disk and run again: the state is as it was before",
  },
  missing: {
    text: (location) => `the state ${location} can't be opened`,
    hint: "it has to be a file (or none yet) in a directory that exists and that this user may write to",
  },
  disk: {
    text: (location) => `the disk fails to read or write the state ${location}`,
    hint: "look at the disk and at the system's log; the state is as it was before",
  },
  other: {
    text: (location) => `the state ${location} can't be used`,
    hint: "run again; if it stays, move the state away and learn anew",
  },
};

/** What SQLite threw, as one sentence; what it did not throw stays as it is. */
export function sqliteFailure(error: unknown, location: string): unknown {
  const code = errorCode(error);
  if (!(error instanceof Error) || code === undefined) return error;
  const failure = FAILURES[code & 0xff] ?? "other";
  const { text, hint } = SENTENCES[failure];
  return new NetlearnError(
    failure === "busy" ? "NETLEARN_STATE_BUSY" : "NETLEARN_STATE_UNUSABLE",
    `${text(location)} (${error.message})`,
    { hint, cause: error },
  );
}

/** Whether a failure that {@link sqliteFailure} made means that the database is damaged. */
export function isDamage(failure: unknown): boolean {
  const code = failure instanceof NetlearnError ? errorCode(failure.cause) : undefined;
  return code !== undefined && FAILURES[code & 0xff] === "damaged";
}

function errorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}
