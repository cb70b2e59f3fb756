import type { KnownWorkload, KnownWorkloads } from "../../src/model/directory.ts";
import type { CommunicationGraph, Labels } from "../../src/model/graph.ts";
import {
  type Inferred,
  type InferredClient,
  type InferredKind,
  type InferredTraffic,
  NOTHING_INFERRED,
  type WorkloadName,
} from "../../src/model/inferred.ts";
import type { PolicySet } from "../../src/model/policy-set.ts";
import { DEFAULT_SYNTHESIS, type SynthesisOptions } from "../../src/synthesizer/network/options.ts";
import { synthesize } from "../../src/synthesizer/network/synthesize.ts";

/** A Deployment by its key, `shop/cart`. */
export function named(key: string): WorkloadName {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, kind: "Deployment", name };
}

/** A workload as objects describe it: a Deployment with the label `app`, its name. */
export function known(key: string, labels: Labels = { app: named(key).name }): readonly [string, KnownWorkload] {
  const rest = { selector: undefined, variants: [], ports: [], serviceAccount: undefined, hostNetwork: false };
  return [key, { ...named(key), labels, ...rest }];
}

/** Everything in a graph, and further workloads that nobody saw. */
export function knownOf(
  graph: CommunicationGraph,
  ...unseen: readonly (readonly [string, KnownWorkload])[]
): KnownWorkloads {
  return new Map([...graph.workloads.map(({ key, labels }) => known(key, labels)), ...unseen]);
}

const CLIENTS = ["api-server", "outside", "outside-or-nodes", "nodes", "unknown"] as const;

/** `promised("webhooks", "api-server -> shop/hook 8443/TCP")`; a client with a slash is a workload. */
export function promised(kind: InferredKind, text: string, object = `Object/${kind}`): InferredTraffic {
  const [from = "", , server = "", what = ""] = text.split(" ");
  const [port, protocol] = what.split("/");
  const plain = CLIENTS.find((one) => one === from);
  const client: InferredClient = plain === undefined ? { kind: "workload", workload: named(from) } : { kind: plain };
  return {
    kind,
    client,
    server: named(server),
    protocol: protocol === "UDP" ? "UDP" : "TCP",
    port: Number(port),
    object,
  };
}

export interface Given {
  readonly inferred?: Partial<Inferred>;
  readonly allow?: readonly InferredKind[];
  readonly inForce?: ReadonlyMap<InferredTraffic, readonly ("ingress" | "egress")[]>;
  readonly known?: KnownWorkloads;
  readonly options?: Partial<SynthesisOptions>;
}

export function policiesWith(graph: CommunicationGraph, given: Given = {}): PolicySet {
  const { inferred, allow = [], inForce = new Map(), known: all = knownOf(graph), options } = given;
  const promises = { inferred: { ...NOTHING_INFERRED, ...inferred }, allow, inForce };
  return synthesize(graph, { ...DEFAULT_SYNTHESIS, ...options }, all, promises);
}

/** `cut ingress`, `allowed egress+ingress`, `seen`, `open`: what becomes of each promise. */
export function outcomesOf({ inferred }: PolicySet): readonly string[] {
  return inferred.map(({ outcome, directions }) => [outcome, directions.toSorted().join("+")].join(" ").trim());
}
