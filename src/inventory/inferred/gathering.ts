import { sortedBy } from "../../lib/sort.ts";
import type { KnownWorkload } from "../../model/directory.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type {
  Inferred,
  InferredClient,
  InferredKind,
  InferredTraffic,
  UnresolvedPromise,
  WorkloadName,
} from "../../model/inferred.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";

/** An object that promises traffic of some kind. */
export interface Promising {
  readonly kind: InferredKind;
  /** `Ingress/shop/web` */
  readonly object: string;
}

/** Who serves what is promised, and what is missing for knowing all of it. */
export interface Servers {
  readonly ends: readonly {
    readonly workload: KnownWorkload;
    readonly protocol: PolicyProtocol;
    readonly port: number;
  }[];
  readonly problems: readonly string[];
}

/** Kinds of objects that are of no namespace, whatever a reader assumed for them. */
const CLUSTER_KINDS: ReadonlySet<string> = new Set([
  "APIService",
  "CustomResourceDefinition",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
]);

/** An object as promises name it: `Ingress/shop/web`, `APIService/v1beta1.metrics.k8s.io`. */
export function objectText({ kind, namespace, name = "(without a name)" }: ManifestObject): string {
  return CLUSTER_KINDS.has(kind) ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/** An object and the kind of traffic that it promises. */
export function promising(kind: InferredKind, object: ManifestObject): Promising {
  return { kind, object: objectText(object) };
}

/** Collects what objects promise: each once, in an order that does not depend on that of the objects. */
export class Gathering {
  readonly #traffic = new Map<string, InferredTraffic>();
  readonly #unresolved = new Map<string, UnresolvedPromise>();

  /** Notes that each of these clients calls each of these servers. Pods in the host's network are left out. */
  promise(by: Promising, clients: readonly InferredClient[], { ends, problems }: Servers): void {
    for (const { workload, protocol, port } of ends) {
      if (workload.hostNetwork) continue;
      const server = nameOf(workload);
      for (const client of clients) {
        const one = { ...by, client, server, protocol, port };
        this.#traffic.set(keyOf(one), one);
      }
    }
    for (const problem of problems) this.#unresolved.set(keyOf({ ...by, problem }), { ...by, problem });
  }

  finish(): Pick<Inferred, "traffic" | "unresolved"> {
    return {
      traffic: sortedBy(this.#traffic, ([key]) => key).map(([, traffic]) => traffic),
      unresolved: sortedBy(this.#unresolved, ([key]) => key).map(([, promise]) => promise),
    };
  }
}

/** A workload's own name. */
export function nameOf({ namespace, kind, name }: KnownWorkload): WorkloadName {
  return { namespace, kind, name };
}

/** A client that is a known workload: of one in the host's network only the nodes are seen. */
export function clientOf(workload: KnownWorkload): InferredClient {
  return workload.hostNetwork ? { kind: "nodes" } : { kind: "workload", workload: nameOf(workload) };
}

function keyOf({
  kind,
  object,
  client,
  server,
  protocol,
  port,
  problem,
}: Partial<InferredTraffic> & Partial<UnresolvedPromise>): string {
  const end = server && [server.namespace, server.name, server.kind];
  return JSON.stringify([kind, end, protocol, String(port ?? 0).padStart(5, "0"), client, object, problem]);
}
