import type { Citation, Identity } from "../../../model/access.ts";
import { BoundedCache } from "../bounded-cache.ts";
import { sortedTexts } from "../texts.ts";
import { citationOf } from "./citation.ts";

/** How many identities and reasons are remembered; a cluster has fewer of either that are at work. */
const LIMIT = 4096;
/** Longer ones are hostile, or rare. */
const LONGEST_KEY = 4096;

/**
 * What many audit events have in common: who asked and which binding allowed it are few and come again and again, so equal
 * ones are one object, and are read once.
 */
export class AuditMemory {
  readonly #identities = new BoundedCache<Identity>(LIMIT);
  readonly #citations = new BoundedCache<Citation>(LIMIT);

  /** @param groups as they stand in the event */
  identity(username: string, groups: readonly string[]): Identity {
    const key = identityKey(username, groups);
    const known = this.#identities.get(key);
    if (known !== undefined) {
      return known;
    }
    const identity = { username, groups: sortedTexts(groups) };
    if (key.length <= LONGEST_KEY) {
      this.#identities.set(key, identity);
    }
    return identity;
  }

  /** See {@link citationOf}. */
  citation(reason: string): Citation {
    const known = this.#citations.get(reason);
    if (known !== undefined) {
      return known;
    }
    const citation = citationOf(reason);
    if (reason.length <= LONGEST_KEY) {
      this.#citations.set(reason, citation);
    }
    return citation;
  }
}

/** Texts of any characters, so each length stands before its text. */
function identityKey(username: string, groups: readonly string[]): string {
  let key = `${username.length}:${username}`;
  for (const group of groups) {
    key += `${group.length}:${group}`;
  }
  return key;
}
