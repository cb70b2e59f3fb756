import type { Span } from "../../model/directory.ts";

/** The time somebody held an address; open ends are infinite. */
export interface Tenancy<Tenant> {
  readonly tenant: Tenant;
  readonly start: number;
  end: number;
}

/** How far apart two nodes' clocks, or a record and its pod, may be. */
const SLACK_MS = 5 * 60_000;

/** Who held which address when. Most addresses have one tenant, so that no list is made for them. */
export class Tenancies<Tenant> {
  readonly #byAddress = new Map<string, Tenancy<Tenant> | Tenancy<Tenant>[]>();

  add(address: string, tenancy: Tenancy<Tenant>): void {
    const held = this.#byAddress.get(address);
    if (held === undefined) this.#byAddress.set(address, tenancy);
    else if (Array.isArray(held)) held.push(tenancy);
    else this.#byAddress.set(address, [held, tenancy]);
  }

  has(address: string): boolean {
    return this.#byAddress.has(address);
  }

  /**
   * Ends each tenancy where the next one begins. One whose beginning is not known is not said to have been before or
   * after another.
   */
  close(): void {
    for (const held of this.#byAddress.values()) {
      if (!Array.isArray(held)) continue;
      let start = Number.POSITIVE_INFINITY;
      let next = start;
      for (const tenancy of held.toSorted((a, b) => b.start - a.start)) {
        if (tenancy.start === Number.NEGATIVE_INFINITY) break;
        if (tenancy.start < start) [next, start] = [start, tenancy.start];
        tenancy.end = Math.min(tenancy.end, next);
      }
    }
  }

  /** Whoever held an address at that time, each once; undefined when it was nobody's ever. */
  at(address: string, seen: Span): readonly Tenant[] | undefined {
    const held = this.#byAddress.get(address);
    if (held === undefined) return undefined;
    if (!Array.isArray(held)) return overlaps(held, seen) ? [held.tenant] : [];
    const then = held.filter((tenancy) => overlaps(tenancy, seen)).map(({ tenant }) => tenant);
    return then.length > 1 ? [...new Set(then)] : then;
  }
}

function overlaps({ start, end }: Tenancy<unknown>, { first, last }: Span): boolean {
  const from = first ?? last;
  const to = last ?? first;
  return from === undefined || to === undefined || (start - SLACK_MS <= to && from <= end + SLACK_MS);
}
