import type { Citation, Identity } from "../../../model/access.ts";
import { serviceAccountOf } from "../../../model/service-account.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { sortedTexts } from "../texts.ts";
import { TimeReader } from "../time.ts";
import { citationOf } from "./citation.ts";

/** How many usernames and reasons are remembered; a cluster has fewer of either that are at work. */
const LIMIT = 4096;
/** Longer texts are hostile, or rare. */
const LONGEST = 4096;
/** Groups of one username that are remembered: they change when somebody is given others. */
const MOST_VARIANTS = 8;

/** An identity, its groups as they stand in events, and the ServiceAccount it is. */
export interface KnownIdentity {
  readonly groups: readonly string[];
  readonly identity: Identity;
  readonly account: ReturnType<typeof serviceAccountOf>;
}

/**
 * What many audit events have in common: who asked and which binding allowed it are few and come again and again, so equal
 * ones are one object, and are read once.
 */
export class AuditMemory {
  readonly times = new TimeReader();
  readonly #identities = new BoundedCache<KnownIdentity[]>(LIMIT);
  readonly #citations = new BoundedCache<Citation>(LIMIT);

  /** @param groups as they stand in the event */
  identity(username: string, groups: readonly string[]): KnownIdentity {
    const known = this.#identities.get(username);
    const found = known?.find((one) => areSame(one.groups, groups));
    if (found !== undefined) {
      return found;
    }
    const one = { groups, identity: { username, groups: sortedTexts(groups) }, account: serviceAccountOf(username) };
    if (username.length + groups.reduce((sum, group) => sum + group.length, 0) <= LONGEST) {
      this.#remember(known, one);
    }
    return one;
  }

  /** See {@link citationOf}. */
  citation(reason: string): Citation {
    const known = this.#citations.get(reason);
    if (known !== undefined) {
      return known;
    }
    const citation = citationOf(reason);
    if (reason.length <= LONGEST) {
      this.#citations.set(reason, citation);
    }
    return citation;
  }

  #remember(known: KnownIdentity[] | undefined, one: KnownIdentity): void {
    if (known === undefined) {
      this.#identities.set(one.identity.username, [one]);
    } else if (known.length < MOST_VARIANTS) {
      known.push(one);
    }
  }
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  for (let at = 0; at < one.length; at++) {
    if (one[at] !== other[at]) return false;
  }
  return one.length === other.length;
}
