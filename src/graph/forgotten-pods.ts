import type { CellBodies } from "./cell-bodies.ts";
import { isEntity, overlaps, type Seen } from "./identify.ts";
import type { Sighting } from "./sighting.ts";

/** Which ends are pods of namespaces that are to be forgotten: by name, or by the address they held at that time. */
export class ForgottenPods {
  readonly #namespaces: ReadonlySet<string>;
  readonly #sightings = new Set<string>();
  /** Address sightings that stand for a node or another entity, whoever held the address. */
  readonly #entities = new Set<string>();
  readonly #tenancies = new Map<string, CellBodies["tenancy"][]>();

  constructor(namespaces: readonly string[]) {
    this.#namespaces = new Set(namespaces);
  }

  /** False when no namespace is to be forgotten. */
  get mayHold(): boolean {
    return this.#namespaces.size > 0;
  }

  addSighting(id: string, sighting: Sighting): void {
    if (!this.mayHold) return;
    const service = sighting.kind === "address" ? sighting.service?.split("/")[0] : undefined;
    const namespace = sighting.kind === "address" ? service : sighting.namespace;
    if (namespace !== undefined && this.#namespaces.has(namespace)) this.#sightings.add(id);
    if (sighting.kind === "address" && isEntity(sighting)) this.#entities.add(id);
  }

  addTenancy(tenancy: CellBodies["tenancy"]): void {
    if (!this.mayHold) return;
    const known = this.#tenancies.get(tenancy.address);
    if (known === undefined) this.#tenancies.set(tenancy.address, [tenancy]);
    else known.push(tenancy);
  }

  /** True for a sighting of a forgotten pod, or of a Service of a forgotten namespace. */
  has(sighting: string): boolean {
    return this.#sightings.has(sighting);
  }

  /**
   * True when a forgotten pod is among those that may have been behind a bare address, as `Identifier` would find it: who
   * held it at that time, else whoever held it ever.
   */
  held(address: string | undefined, sighting: string, seen: Partial<Seen>): boolean {
    if (address === undefined || this.#entities.has(sighting)) return false;
    const tenancies = this.#tenancies.get(address) ?? [];
    const { firstSeen, lastSeen } = seen;
    const then = tenancies.filter((tenancy) => overlaps(tenancy, { firstSeen, lastSeen }));
    return (then.length > 0 ? then : tenancies).some(({ pod }) => this.has(pod));
  }
}
