import type { ManifestObject } from "../../model/manifest-object.ts";
import { identityOf, inOrder } from "../directory/object-order.ts";
import { groupOf } from "../objects/fields.ts";

/** Objects by API group and kind; of those with one name the newest. */
export class ObjectsByType {
  readonly #objects: ReadonlyMap<string, readonly ManifestObject[]>;
  readonly #newest = new Map<string, readonly ManifestObject[]>();

  constructor(objects: readonly ManifestObject[]) {
    this.#objects = Map.groupBy(objects, ({ apiVersion, kind }) => `${groupOf(apiVersion)}/${kind}`);
  }

  /** In an order that does not depend on the one they were read in. @param group empty for the core group */
  of(group: string, kind: string): readonly ManifestObject[] {
    return this.#ofType(`${group}/${kind}`);
  }

  /** Everything but pods, which are many: those in any order, and all there are of each. */
  all(): readonly ManifestObject[] {
    return [...this.#objects].flatMap(([type, some]) => (type === "/Pod" ? some : this.#ofType(type)));
  }

  #ofType(type: string): readonly ManifestObject[] {
    const known = this.#newest.get(type);
    if (known !== undefined) return known;
    const ordered = inOrder(this.#objects.get(type) ?? []);
    const newest = [...new Map(ordered.map((object) => [identityOf(object), object])).values()];
    this.#newest.set(type, newest);
    return newest;
  }
}
