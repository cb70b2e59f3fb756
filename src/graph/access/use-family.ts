import type { AccessAttributes, AccessRecord } from "../../model/access.ts";
import { nameOf, withName } from "../../model/access-attributes.ts";
import { AccessLog } from "./access-log.ts";
import { Kept } from "./kept.ts";

/** Names (or paths) of one family that are kept: the others are one use of any name. */
export const NAMES_KEPT = 64;
/** Of what was denied, where names may be made up. */
export const DENIED_NAMES_KEPT = 16;

/**
 * Uses that differ in the name (or path) alone. Those with the smallest hashes are kept, each with what is remembered of it;
 * `many` is all the others in one. No name is a name of its own, which is always kept.
 */
export class UseFamily {
  /** Without the name (or path). */
  readonly attributes: AccessAttributes;
  readonly names: Kept<AccessLog>;
  many: AccessLog | undefined;

  constructor(attributes: AccessAttributes, namesKept: number) {
    this.attributes = withName(attributes, "");
    this.names = new Kept(namesKept);
  }

  /** Logs held. */
  get size(): number {
    return this.names.size + (this.many === undefined ? 0 : 1);
  }

  add(record: AccessRecord): void {
    this.logOf(nameOf(record.attributes)).add(record);
  }

  /** Where what is seen of a name belongs. */
  logOf(name: string): AccessLog {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    if (!this.names.admits(name)) return this.manyLog();
    const log = new AccessLog();
    const gone = this.names.put(name, log);
    if (gone !== undefined) this.manyLog().merge(gone);
    return log;
  }

  manyLog(): AccessLog {
    return (this.many ??= new AccessLog());
  }

  /** Adds what another one of the same attributes remembers. */
  merge(other: UseFamily): void {
    for (const [name, log] of other.names.entries()) this.logOf(name).merge(log);
    if (other.many !== undefined) this.manyLog().merge(other.many);
  }

  /** Everything remembered, of all names. */
  logs(): readonly AccessLog[] {
    return this.many === undefined ? this.names.values() : [...this.names.values(), this.many];
  }
}

/** A text that is equal exactly for attributes of one family. Lengths tell where a field ends, whatever is in it. */
export function familyKey(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return `/${attributes.verb}`;
  const { verb, apiGroup, resource, subresource, namespace } = attributes;
  return `${verb.length},${apiGroup.length},${resource.length},${subresource.length} ${verb}${apiGroup}${resource}${subresource}${namespace}`;
}
