import { NetlearnError } from "../../lib/errors.ts";
import { Interruption } from "../interruption.ts";

/** What went wrong, and what to do. */
interface Sentence {
  readonly text: (location: string) => string;
  readonly hint: string;
}

/** What a user has to be granted. */
export const RIGHTS =
  "grant CREATE on the database to the first collector, USAGE on the schema and SELECT, INSERT, UPDATE and DELETE on its tables to others, USAGE and SELECT to readers";

const UNREACHABLE: Sentence = {
  text: (location) => `the database ${location} can't be reached`,
  hint: "see whether the server runs and takes connections from here, and whether host and port are right",
};

const UNTRUSTED: Sentence = {
  text: (location) => `the connection to the database ${location} is not safe`,
  hint: "add sslmode=verify-full&sslrootcert=FILE to the URL with the certificate that signed the server's, sslmode=no-verify to trust any, or sslmode=disable to go without TLS",
};

const BUSY: Sentence = {
  text: (location) => `others hold the state in ${location} for too long`,
  hint: "see in pg_stat_activity who it is, and run again",
};

const OTHER: Sentence = {
  text: (location) => `the state in ${location} can't be used`,
  hint: "nothing was changed; what PostgreSQL says is in brackets",
};

/** By SQLSTATE or the beginning of one: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SENTENCES: readonly (readonly [string, Sentence])[] = [
  ["08", UNREACHABLE],
  [
    "28",
    {
      text: (location) => `the database ${location} refuses the user or the password`,
      hint: "set them in the URL, in PGUSER and PGPASSWORD or in ~/.pgpass; pg_hba.conf says who may come from where",
    },
  ],
  [
    "3D000",
    {
      text: (location) => `there is no database ${location}`,
      hint: "make it with `createdb`, or name another one",
    },
  ],
  [
    "42501",
    {
      text: (location) => `the user may not do to the state in ${location} what is needed`,
      hint: RIGHTS,
    },
  ],
  [
    "53100",
    {
      text: (location) => `the server has no room left for the state in ${location}`,
      hint: "make room on its disk and run again: the state is as it was before",
    },
  ],
  ["55P03", BUSY],
  [
    "XX00",
    {
      text: (location) => `the state in ${location} is damaged, or its server is`,
      hint: "look at the server's log; restore the database from a backup",
    },
  ],
];

/** What passes: connections (08), rollbacks to try again (40), too many clients, a server that goes down or comes up. */
const PASSING = /^(?:08|40|53300|55P03|57014|57P0|25P03|25006)/;

/** The server says so itself before it takes anybody in: it is coming up, or full. */
const COMING_UP = /^(?:57P03|53300)/;

/**
 * What PostgreSQL, its client or the network failed with: an `Interruption` when trying again may help, else a
 * NetlearnError. What is neither (a fault of this program, or ours already) stays as it is.
 *
 * @param moment `open`: only what the server promises to pass is waited for; `commit`: the answer may be lost
 */
export function postgresFailure(error: unknown, location: string, moment: "open" | "use" | "commit"): unknown {
  if (!(error instanceof Error) || error instanceof NetlearnError || error instanceof Interruption) return error;
  const state = sqlState(error);
  const failure = named(error, isAboutTls(error) ? UNTRUSTED : sentenceFor(state), location);
  // A network's failure has no SQLSTATE.
  const canPass = moment === "open" ? COMING_UP.test(state ?? "") : state === undefined || PASSING.test(state);
  return canPass ? new Interruption(failure, moment === "commit" && isConnectionLost(error)) : failure;
}

function sentenceFor(state: string | undefined): Sentence {
  if (state === undefined || state.startsWith("57P0")) return UNREACHABLE;
  const [, sentence] = SENTENCES.find(([start]) => state.startsWith(start)) ?? [];
  return sentence ?? OTHER;
}

/** Whether the connection is of no more use. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof Interruption) return isConnectionLost(error.failure.cause);
  return error instanceof Error && (sqlState(error) === undefined || isFatal(error));
}

/** Node's codes of certificates that don't convince, and what pg says of servers without TLS. */
function isAboutTls(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return /CERT|ERR_TLS|ERR_SSL|UNABLE_TO_/.test(code) || error.message.includes("does not support SSL");
}

function named(error: Error, { text, hint }: Sentence, location: string): NetlearnError {
  const code = sqlState(error) === "55P03" ? "NETLEARN_STATE_BUSY" : "NETLEARN_STATE_UNUSABLE";
  return new NetlearnError(code, `${text(location)} (${reasonOf(error)})`, { hint, cause: error });
}

/** Of several addresses that were tried, each has its own reason, and the whole has none. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) {
    return error.errors.map((inner) => (inner instanceof Error ? inner.message : String(inner))).join(", ");
  }
  return error.message;
}

function sqlState(error: Error): string | undefined {
  const isFromServer = "severity" in error && "code" in error;
  return isFromServer && typeof error.code === "string" ? error.code : undefined;
}

function isFatal(error: Error): boolean {
  return "severity" in error && (error.severity === "FATAL" || error.severity === "PANIC");
}
