import type { Citation, Identity } from "../../../model/access.ts";
import { serviceAccountOf } from "../../../model/service-account.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { sortedTexts } from "../texts.ts";
import { TimeReader } from "../time.ts";
import { citationOf } from "./citation.ts";

/** How many usernames and reasons are remembered; a cluster has fewer of either that are at work. */
const LIMIT = 2048;
/** Longer texts are hostile, or rare. */
const LONGEST = 2048;
/** Groups of one username that are remembered: they change when somebody is given others. */
const MOST_VARIANTS = 4;

/** Somebody who asked before. */
export interface KnownIdentity {
  readonly identity: Identity;
  /** The ServiceAccount it is. */
  readonly account: ReturnType<typeof serviceAccountOf>;
  /** Its groups as they stand in events. */
  readonly groups: readonly string[];
  /** The reason it was allowed last, which is mostly the next one too, and what that means. */
  lastReason: string | undefined;
  lastCitation: Citation | undefined;
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
    const variants = this.#identities.get(username);
    const found = variants === undefined ? undefined : withGroups(variants, groups);
    if (found !== undefined) {
      return found;
    }
    const known: KnownIdentity = {
      identity: { username, groups: sortedTexts(groups) },
      account: serviceAccountOf(username),
      groups,
      lastReason: undefined,
      lastCitation: undefined,
    };
    if (username.length + groups.reduce((sum, group) => sum + group.length, 0) <= LONGEST) {
      this.#remember(variants, known);
    }
    return known;
  }

  /** See {@link citationOf}. */
  citation(reason: string, known: KnownIdentity): Citation {
    if (reason === known.lastReason && known.lastCitation !== undefined) {
      return known.lastCitation;
    }
    const remembered = this.#citations.get(reason);
    const citation = remembered ?? citationOf(reason);
    if (reason.length <= LONGEST) {
      if (remembered === undefined) {
        this.#citations.set(reason, citation);
      }
      known.lastReason = reason;
      known.lastCitation = citation;
    }
    return citation;
  }

  #remember(variants: KnownIdentity[] | undefined, known: KnownIdentity): void {
    if (variants === undefined) {
      this.#identities.set(known.identity.username, [known]);
    } else if (variants.length < MOST_VARIANTS) {
      variants.push(known);
    }
  }
}

function withGroups(identities: readonly KnownIdentity[], groups: readonly string[]): KnownIdentity | undefined {
  for (const known of identities) {
    if (areSame(known.groups, groups)) return known;
  }
  return undefined;
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  for (let at = 0; at < one.length; at++) {
    if (one[at] !== other[at]) return false;
  }
  return one.length === other.length;
}
