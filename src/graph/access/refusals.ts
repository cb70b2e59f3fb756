import type { AccessAttributes } from "../../model/access.ts";
import { AccessLog } from "./access-log.ts";
import { Kept } from "./kept.ts";
import { DENIED_NAMES_KEPT, familyKey, UseFamily } from "./use-family.ts";

/** Families of denied uses that are kept for one identity. */
const FAMILIES_KEPT = 200;

/**
 * What was denied to one identity: a bounded number of uses, the same ones whatever the order, and one log of all others. So
 * whoever tries a million things costs no more than one who tries a few thousand, and takes no room from anybody else.
 */
export class Refusals {
  readonly families: Kept<UseFamily> = new Kept(FAMILIES_KEPT);
  further: AccessLog | undefined;

  /** Where what is seen of a family belongs: the family, or the log of all others. */
  placeOf(attributes: AccessAttributes): UseFamily | AccessLog {
    const key = familyKey(attributes);
    const known = this.families.get(key);
    if (known !== undefined) return known;
    if (!this.families.admits(key)) return this.furtherLog();
    const family = new UseFamily(attributes, DENIED_NAMES_KEPT);
    const gone = this.families.put(key, family);
    for (const log of gone?.logs() ?? []) this.furtherLog().merge(log);
    return family;
  }

  merge(other: Refusals): void {
    for (const family of other.families.values()) {
      const place = this.placeOf(family.attributes);
      if (place instanceof UseFamily) place.merge(family);
      else for (const log of family.logs()) place.merge(log);
    }
    if (other.further !== undefined) this.furtherLog().merge(other.further);
  }

  furtherLog(): AccessLog {
    return (this.further ??= new AccessLog());
  }
}
