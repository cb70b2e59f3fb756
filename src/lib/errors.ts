/** What went wrong, as a stable name: README.md lists each with its exit code. */
export type ErrorCode =
  | "NETLEARN_CONFIG_INVALID"
  | "NETLEARN_EDITED_FILE"
  | "NETLEARN_HOST_UNAVAILABLE"
  | "NETLEARN_INPUT_EMPTY"
  | "NETLEARN_INPUT_MISSING"
  | "NETLEARN_INPUT_UNREADABLE"
  | "NETLEARN_KAFKA_UNAVAILABLE"
  | "NETLEARN_OUTPUT_UNWRITABLE"
  | "NETLEARN_PROOF_BROKEN"
  | "NETLEARN_SNAPSHOT_INVALID"
  | "NETLEARN_STATE_BUSY"
  | "NETLEARN_STATE_UNUSABLE"
  | "NETLEARN_USAGE";

/** 1 findings, 2 usage, 3 environment; 0 is no error. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The exit code of each error; README.md says the same. */
export const EXIT_CODES: Readonly<Record<ErrorCode, ExitCode>> = {
  NETLEARN_CONFIG_INVALID: 2,
  NETLEARN_EDITED_FILE: 1,
  NETLEARN_HOST_UNAVAILABLE: 3,
  NETLEARN_INPUT_EMPTY: 1,
  NETLEARN_INPUT_MISSING: 3,
  NETLEARN_INPUT_UNREADABLE: 3,
  NETLEARN_KAFKA_UNAVAILABLE: 3,
  NETLEARN_OUTPUT_UNWRITABLE: 3,
  NETLEARN_PROOF_BROKEN: 1,
  NETLEARN_SNAPSHOT_INVALID: 3,
  NETLEARN_STATE_BUSY: 3,
  NETLEARN_STATE_UNUSABLE: 3,
  NETLEARN_USAGE: 2,
};

/** The one error netlearn throws on purpose: the message says what happened with which value, the hint what to do. */
export class NetlearnError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "NetlearnError";
    this.code = code;
    this.hint = options.hint;
  }

  get exitCode(): ExitCode {
    return EXIT_CODES[this.code];
  }
}
