import type { AccessRecord } from "../../model/access.ts";

/**
 * What an event comes to, as far as it alone can tell:
 *
 * - `allowed`, `denied`: the authorizer said so, whatever the HTTP code. 403 after "allow" is a check within the handler: the
 *   request itself was allowed.
 * - `request-received`: nobody was asked yet, and who is impersonated is not known yet either.
 * - `unauthenticated`: nobody knows who it was.
 * - `forbidden`: refused, and the authorizer was not asked: an impersonation that was not allowed. In a log that tells no
 *   decisions at all, any refusal looks like that.
 * - `throttled`, `undecided`: neither refused nor known to be allowed.
 *
 * Order of the handlers: authentication, audit, impersonation, priority and fairness, authorization (k8s.io/apiserver,
 * pkg/server/config.go).
 */
export type Fate =
  | "allowed"
  | "denied"
  | "request-received"
  | "unauthenticated"
  | "forbidden"
  | "throttled"
  | "undecided";

/** Without a decision. */
const BY_CODE: ReadonlyMap<number, Fate> = new Map([
  [401, "unauthenticated"],
  [403, "forbidden"],
  [429, "throttled"],
]);

/** Says what an event comes to by its stage, the authorizer's decision, and without one by its HTTP code. */
export function fateOf({ stage, decision, code, identity }: AccessRecord): Fate {
  if (stage === "RequestReceived") return "request-received";
  if (identity.username === "") return "unauthenticated";
  if (decision !== undefined) return decision === "allow" ? "allowed" : "denied";
  return (code === undefined ? undefined : BY_CODE.get(code)) ?? "undecided";
}
