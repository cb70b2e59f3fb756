import { NetlearnError } from "../../lib/errors.ts";
import { some } from "../../lib/some.ts";

/** An error for people, and whether trying again may help. */
export interface Failure {
  readonly passing: boolean;
  readonly error: NetlearnError;
}

/** @param hint what to do about it */
export function unavailable(message: string, hint: string): NetlearnError {
  return new NetlearnError("NETLEARN_KAFKA_UNAVAILABLE", message.replaceAll(/\s+/gu, " "), { hint });
}

/** Names for a sentence. */
export function named(names: readonly string[]): string {
  return some(names, 10);
}
