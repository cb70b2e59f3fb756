import { hashTexts } from "../../lib/hash.ts";
import type { AccessAttributes } from "../../model/access.ts";
import { NAMES_KEPT, UseFamily } from "./use-family.ts";

/**
 * The families of what somebody used. They are looked up once a record, so by a hash of the attributes and not by a text,
 * which would have to be put together each time.
 */
export class Families {
  /** By hash; where that one is taken by another family, by the next number that is free. */
  readonly #families = new Map<number, UseFamily>();

  /** The family of these attributes, made when it is new. */
  of(attributes: AccessAttributes): UseFamily {
    for (let place = hashOf(attributes); ; place++) {
      const family = this.#families.get(place);
      if (family === undefined) {
        const added = new UseFamily(attributes, NAMES_KEPT);
        this.#families.set(place, added);
        return added;
      }
      if (isSameFamily(family.attributes, attributes)) return family;
    }
  }

  merge(others: Families): void {
    for (const family of others.list()) this.of(family.attributes).merge(family);
  }

  list(): Iterable<UseFamily> {
    return this.#families.values();
  }
}

function hashOf(attributes: AccessAttributes): number {
  if (attributes.kind === "non-resource") return hashTexts([attributes.verb]);
  const { verb, apiGroup, resource, subresource, namespace } = attributes;
  return hashTexts([namespace, resource, verb, apiGroup, subresource]);
}

function isSameFamily(a: AccessAttributes, b: AccessAttributes): boolean {
  if (a.kind === "non-resource") return b.kind === "non-resource" && a.verb === b.verb;
  return (
    b.kind === "resource" &&
    a.verb === b.verb &&
    a.resource === b.resource &&
    a.subresource === b.subresource &&
    a.apiGroup === b.apiGroup &&
    a.namespace === b.namespace
  );
}
