import { by } from "../../lib/sort.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import { notMetBy } from "./compact.ts";
import type { Direction, Need, NeedsIndex } from "./needs.ts";
import type { SynthesisOptions } from "./options.ts";
import type { Target } from "./targets.ts";

/** What one policy does about one direction: close it but for these needs, or leave it open for a reason. */
export type Decision =
  | { readonly mode: "isolated"; readonly needs: readonly Need[] }
  | { readonly mode: "open"; readonly reason: "unobserved" | "inexpressible" | "covered" };

/** A decision for each target. */
export type Decisions = ReadonlyMap<Target, Decision>;

/**
 * Decides one direction of every target. A workload that several policies select is isolated by each of them and
 * allowed what any of them allows, so the decisions depend on each other: nothing may close a direction that has to stay
 * open, and what a wider policy already allows is not said again.
 */
export function decide(
  targets: readonly Target[],
  direction: Direction,
  needs: NeedsIndex,
  options: SynthesisOptions,
): Decisions {
  const open = keptOpen(targets, direction, needs);
  const decisions = new Map<Target, Decision>();
  for (const target of targets.toSorted(by(breadth))) {
    const own = target.workloads.flatMap((workload) => needs.get(workload)?.[direction]?.needs ?? []);
    const wider = [...decisions].filter(([other]) =>
      target.workloads.every((workload) => other.matched.includes(workload)),
    );
    decisions.set(target, decideOne(target, { direction, needs, options, open, own, wider }));
  }
  return decisions;
}

interface Circumstances {
  readonly direction: Direction;
  readonly needs: NeedsIndex;
  readonly options: SynthesisOptions;
  readonly open: ReadonlySet<Target>;
  readonly own: readonly Need[];
  /** Decided targets whose selector matches all of this one's workloads as well. */
  readonly wider: readonly (readonly [Target, Decision])[];
}

function decideOne(target: Target, { direction, needs, options, open, own, wider }: Circumstances): Decision {
  if (open.has(target)) return { mode: "open", reason: "inexpressible" };
  const observed = target.workloads.some((workload) => needs.get(workload)?.[direction] !== undefined);
  if (!observed && options.unobserved === "open") return { mode: "open", reason: "unobserved" };
  const isolating = wider.filter(([, decision]) => decision.mode === "isolated");
  const met = isolating.flatMap(([, decision]) => (decision.mode === "isolated" ? decision.needs : []));
  const rest = notMetBy(own, met);
  if (rest.length === 0 && isolating.length > 0) return { mode: "open", reason: "covered" };
  return { mode: "isolated", needs: rest };
}

/**
 * Wide before narrow: one whose selector matches another's workloads has fewer labels than those, so it matches whatever
 * that other matches, and itself besides.
 */
function breadth({ matched, selector }: Target): string {
  const rank = Number.MAX_SAFE_INTEGER - matched.length;
  return `${rank} ${JSON.stringify(Object.entries(selector))}`;
}

/**
 * Targets that must not close this direction: a workload they select has traffic no rule can say. Such a target writes
 * no rules for its own workloads, so whatever else selects those must stay open too.
 */
function keptOpen(targets: readonly Target[], direction: Direction, needs: NeedsIndex): ReadonlySet<Target> {
  const workloads = new Set<WorkloadKey>();
  for (const [workload, directions] of needs) {
    if (directions[direction]?.unsayable.some(({ outcome }) => outcome === "open")) workloads.add(workload);
  }
  const open = new Set<Target>();
  for (let before = -1; before !== open.size; ) {
    before = open.size;
    for (const target of targets) {
      if (!target.matched.some((workload) => workloads.has(workload))) continue;
      open.add(target);
      for (const workload of target.workloads) workloads.add(workload);
    }
  }
  return open;
}
