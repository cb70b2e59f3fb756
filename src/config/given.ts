import { type ErrorCode, NetlearnError } from "../lib/errors.ts";

/** Where a value was given, for the error about it: `--since`, `NETLEARN_SINCE`, `netlearn.yaml:3:8: since`. */
export interface Origin {
  readonly label: string;
  readonly code: Extract<ErrorCode, "NETLEARN_CONFIG_INVALID" | "NETLEARN_USAGE">;
}

/** A value as given: a switch, or the texts of an option (one, unless it is repeatable). */
export interface Given {
  readonly value: boolean | readonly string[];
  readonly origin: Origin;
}

/** A list as one text: items between commas or line breaks. */
export function splitList(text: string): readonly string[] {
  return text
    .split(/[,\n]/u)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** The error for a value that can't be read, in the words of the place it came from. */
export function badValue(text: string, origin: Origin, problem: string, hint?: string): NetlearnError {
  return new NetlearnError(
    origin.code,
    `${origin.label}: ${JSON.stringify(text)} ${problem}`,
    hint === undefined ? {} : { hint },
  );
}
