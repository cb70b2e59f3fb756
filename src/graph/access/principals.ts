import type { AccessAttributes, Identity } from "../../model/access.ts";
import { nameOf } from "../../model/access-attributes.ts";
import type { AccessLog } from "./access-log.ts";
import { CallerLog } from "./caller-log.ts";
import { Families } from "./families.ts";
import { Refusals } from "./refusals.ts";
import { UseFamily } from "./use-family.ts";

/** Whose rights counted, on whose behalf, and what became of it. */
export interface Principal {
  /** Undefined where the source names none. */
  readonly cluster: string | undefined;
  readonly identity: Identity;
  readonly impersonator: Identity | undefined;
  readonly allowed: Families;
  /** What no event tells a decision of: counts only where none ever does. */
  readonly undecided: Families;
  readonly denied: Refusals;
  /** Of who really asked. */
  readonly caller: CallerLog;
}

/** Somebody who asked. */
interface SeenCaller {
  readonly username: string;
  readonly cluster: string | undefined;
  readonly log: CallerLog;
}

type Actor = Pick<Principal, "identity"> & {
  readonly impersonator?: Identity | undefined;
  readonly cluster?: string | undefined;
};

export type UseOutcome = "allowed" | "denied" | "undecided";

/** Everybody who was seen: somebody of the same name in another cluster is somebody else. */
export class Principals {
  /** By cluster and username. */
  readonly callers: Map<string, SeenCaller> = new Map();
  /** By identity, then by impersonator and cluster. */
  readonly #principals = new Map<string, Map<string, Principal>>();
  /** Decoders share the objects of identities: their texts are made once, and who acts for himself is found at once. */
  readonly #keys = new WeakMap<Identity, string>();
  readonly #alone = new WeakMap<Identity, Principal>();

  of({ identity, impersonator, cluster }: Actor): Principal {
    const known = impersonator === undefined ? this.#alone.get(identity) : undefined;
    if (known !== undefined && known.cluster === cluster) return known;
    const principal = this.#find(identity, impersonator, cluster);
    if (impersonator === undefined) this.#alone.set(identity, principal);
    return principal;
  }

  #find(identity: Identity, impersonator: Identity | undefined, cluster: string | undefined): Principal {
    const key = this.#keyOf(identity);
    let ofIdentity = this.#principals.get(key);
    if (ofIdentity === undefined) this.#principals.set(key, (ofIdentity = new Map()));
    const by = clusterKey(impersonator === undefined ? "" : this.#keyOf(impersonator), cluster);
    let principal = ofIdentity.get(by);
    if (principal === undefined) {
      const caller = this.callerOf((impersonator ?? identity).username, cluster);
      const who = { identity: plainIdentity(identity), impersonator: impersonator && plainIdentity(impersonator) };
      ofIdentity.set(by, (principal = { cluster, ...who, ...nothingYet(), caller }));
    }
    return principal;
  }

  callerOf(username: string, cluster: string | undefined): CallerLog {
    const key = clusterKey(username, cluster);
    let caller = this.callers.get(key);
    if (caller === undefined) this.callers.set(key, (caller = { username, cluster, log: new CallerLog() }));
    return caller.log;
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

/** The same text as before clusters were told apart where none is named; a zero stands in no JSON text and in no username. */
export function clusterKey(text: string, cluster: string | undefined): string {
  return cluster === undefined ? text : `${text}\0${cluster}`;
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
