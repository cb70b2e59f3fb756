import type { KnownWorkloads } from "../../model/directory.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import type { RulePeer } from "../../model/policy-set.ts";
import type { Direction } from "./needs.ts";
import { clientPeers } from "./promise-peers.ts";
import type { Promised } from "./promised.ts";
import type { Selection } from "./selectors.ts";
import type { Target } from "./targets.ts";
import { selectorText } from "./unseen.ts";

/** Finds for a workload, seen or not, how rules name it and which policy is its own. */
export class TargetBook {
  readonly #peers = new Map<WorkloadKey, RulePeer>();
  readonly #targets = new Map<WorkloadKey, Target>();

  constructor(sources: {
    readonly graph: Pick<CommunicationGraph, "workloads">;
    readonly known: KnownWorkloads;
    readonly selections: ReadonlyMap<WorkloadKey, Selection>;
    readonly targets: readonly Target[];
  }) {
    const { graph, known, selections, targets } = sources;
    const namespaces = new Map(graph.workloads.map(({ key, namespace }) => [key, namespace]));
    const bySelector = new Map(targets.map((target) => [selectorText(target), target]));
    for (const [key, { labels }] of selections) {
      const namespace = namespaces.get(key) ?? known.get(key)?.namespace;
      if (namespace === undefined) continue;
      this.#peers.set(key, { kind: "pods", namespace, labels });
      const target = bySelector.get(selectorText({ namespace, selector: labels }));
      if (target !== undefined) this.#targets.set(key, target);
    }
  }

  /** The target that selects by the workload's own labels; undefined out of scope and where no label names it. */
  targetOf(workload: WorkloadKey): Target | undefined {
    return this.#targets.get(workload);
  }

  /** Whom a rule has to name for promised traffic; nobody when no rule can. */
  peersOf(promised: Promised, direction: Direction): readonly RulePeer[] {
    if (direction === "ingress") return clientPeers(promised, (key) => this.#peers.get(key));
    const server = this.#peers.get(promised.server);
    return server === undefined ? [] : [server];
  }
}
