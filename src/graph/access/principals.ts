import type { AccessAttributes, Identity } from "../../model/access.ts";
import { nameOf } from "../../model/access-attributes.ts";
import type { AccessLog } from "./access-log.ts";
import { CallerLog } from "./caller-log.ts";
import { Families } from "./families.ts";
import { Refusals } from "./refusals.ts";
import { UseFamily } from "./use-family.ts";

/** Whose rights counted, on whose behalf, and what became of it. */
export interface Principal {
  readonly identity: Identity;
  readonly impersonator: Identity | undefined;
  readonly allowed: Families;
  /** What no event tells a decision of: counts only where none ever does. */
  readonly undecided: Families;
  readonly denied: Refusals;
  /** Of who really asked. */
  readonly caller: CallerLog;
}

export type UseOutcome = "allowed" | "denied" | "undecided";

/** Everybody who was seen. */
export class Principals {
  readonly callers: Map<string, CallerLog> = new Map();
  /** By identity, then by impersonator. */
  readonly #principals = new Map<string, Map<string, Principal>>();
  /** Decoders share the objects of identities: their texts are made once, and who acts for himself is found at once. */
  readonly #keys = new WeakMap<Identity, string>();
  readonly #alone = new WeakMap<Identity, Principal>();

  of(identity: Identity, impersonator: Identity | undefined): Principal {
    const known = impersonator === undefined ? this.#alone.get(identity) : undefined;
    if (known !== undefined) return known;
    const principal = this.#find(identity, impersonator);
    if (impersonator === undefined) this.#alone.set(identity, principal);
    return principal;
  }

  #find(identity: Identity, impersonator: Identity | undefined): Principal {
    const key = this.#keyOf(identity);
    let ofIdentity = this.#principals.get(key);
    if (ofIdentity === undefined) this.#principals.set(key, (ofIdentity = new Map()));
    const by = impersonator === undefined ? "" : this.#keyOf(impersonator);
    let principal = ofIdentity.get(by);
    if (principal === undefined) {
      const caller = this.callerOf((impersonator ?? identity).username);
      const who = { identity: plainIdentity(identity), impersonator: impersonator && plainIdentity(impersonator) };
      ofIdentity.set(by, (principal = { ...who, ...nothingYet(), caller }));
    }
    return principal;
  }

  callerOf(username: string): CallerLog {
    let caller = this.callers.get(username);
    if (caller === undefined) this.callers.set(username, (caller = new CallerLog()));
    return caller;
  }

  /** Adds everybody that others are, with what they did. */
  merge(others: Principals): void {
    for (const { identity, impersonator, allowed, undecided, denied } of others.list()) {
      const principal = this.of(identity, impersonator);
      principal.allowed.merge(allowed);
      principal.undecided.merge(undecided);
      principal.denied.merge(denied);
    }
    for (const [username, caller] of others.callers) this.callerOf(username).merge(caller.caller(username));
  }

  *list(): Generator<Principal> {
    for (const principals of this.#principals.values()) yield* principals.values();
  }

  #keyOf(identity: Identity): string {
    let key = this.#keys.get(identity);
    if (key === undefined) this.#keys.set(identity, (key = identityText(identity)));
    return key;
  }
}

/** Equal exactly for equal identities. */
export function identityText({ username, groups }: Identity): string {
  return JSON.stringify([username, ...groups]);
}

function plainIdentity({ username, groups }: Identity): Identity {
  return { username, groups: [...groups] };
}

function nothingYet(): Pick<Principal, "allowed" | "denied" | "undecided"> {
  return { allowed: new Families(), undecided: new Families(), denied: new Refusals() };
}

/** Where what is seen of a principal's use is remembered. */
export function placeOf(
  principal: Principal,
  attributes: AccessAttributes,
  outcome: UseOutcome,
): UseFamily | AccessLog {
  return outcome === "denied" ? principal.denied.placeOf(attributes) : principal[outcome].of(attributes);
}

/** The log that one use belongs to. */
export function logOf(place: UseFamily | AccessLog, attributes: AccessAttributes): AccessLog {
  return place instanceof UseFamily ? place.logOf(nameOf(attributes)) : place;
}
