import type { WorkloadKey } from "../../model/peer.ts";
import type { Decisions } from "./decide.ts";
import type { Direction, Need } from "./needs.ts";
import type { Target } from "./targets.ts";

/** Everything that was decided about who is isolated. */
export interface Isolation {
  readonly targets: readonly Target[];
  readonly ingress: Decisions;
  readonly egress: Decisions;
  /** Namespaces that get a default-deny. */
  readonly denied: ReadonlySet<string>;
}

/** Answers what the policies together do to one workload, whoever they are written for. */
export class Closures {
  readonly #isolation: Isolation;
  readonly #selecting: ReadonlyMap<WorkloadKey, readonly Target[]>;

  constructor(isolation: Isolation) {
    this.#isolation = isolation;
    const pairs = isolation.targets.flatMap((target) => target.matched.map((workload) => ({ workload, target })));
    const groups = Map.groupBy(pairs, ({ workload }) => workload);
    this.#selecting = new Map([...groups].map(([key, group]) => [key, group.map(({ target }) => target)]));
  }

  /** True when the policies let through only what they name; also for a workload that nobody has seen. */
  isClosed(workload: WorkloadKey, namespace: string, direction: Direction): boolean {
    const selecting = this.#selecting.get(workload) ?? [];
    if (selecting.some((target) => this.#isolates(target, direction))) return true;
    // A direction kept open under a default-deny has a rule that lets everything through.
    const isKeptOpen = selecting.some((target) => {
      const decision = this.#isolation[direction].get(target);
      return decision?.mode === "open" && decision.reason === "inexpressible";
    });
    return this.#isolation.denied.has(namespace) && !isKeptOpen;
  }

  /** Everything that the policies which isolate a workload let through. */
  needsOf(workload: WorkloadKey, direction: Direction): readonly Need[] {
    return (this.#selecting.get(workload) ?? []).flatMap((target) => {
      const decision = this.#isolation[direction].get(target);
      return decision?.mode === "isolated" ? decision.needs : [];
    });
  }

  #isolates(target: Target, direction: Direction): boolean {
    return this.#isolation[direction].get(target)?.mode === "isolated";
  }
}
