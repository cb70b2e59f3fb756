import { byText, sortedBy } from "../../lib/sort.ts";
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
import type { ManifestObject, Place } from "../../model/manifest-object.ts";

/** An object that promises traffic of some kind. */
export interface Promising {
  readonly kind: InferredKind;
  /** `Ingress/shop/web` */
  readonly object: string;
  readonly place: Place;
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

/** What an object promises is told by its name and place. */
export function promising(kind: InferredKind, object: ManifestObject): Promising {
  const name = object.name ?? "(without a name)";
  const text = CLUSTER_KINDS.has(object.kind) ? `${object.kind}/${name}` : `${object.kind}/${object.namespace}/${name}`;
  return { kind, object: text, place: { file: object.file, line: object.lineOf([]) } };
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
      for (const client of clients) this.#keep(this.#traffic, { ...by, client, server, protocol, port });
    }
    for (const problem of problems) this.#keep(this.#unresolved, { ...by, problem });
  }

  finish(): Pick<Inferred, "traffic" | "unresolved"> {
    return {
      traffic: sortedBy(this.#traffic, ([key]) => key).map(([, traffic]) => traffic),
      unresolved: sortedBy(this.#unresolved, ([key]) => key).map(([, promise]) => promise),
    };
  }

  /** Of one promise that stands in several places, the first place counts. */
  #keep<Kept extends Promising>(kept: Map<string, Kept>, one: Kept): void {
    const { place, ...rest } = one;
    const key = keyOf(rest);
    const known = kept.get(key);
    if (known === undefined || byText(placeText(place), placeText(known.place)) < 0) kept.set(key, one);
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

type Keyed = Partial<Omit<InferredTraffic, "place">> & Partial<Omit<UnresolvedPromise, "place">>;

function keyOf({ kind, object, client, server, protocol, port, problem }: Keyed): string {
  const end = server && [server.namespace, server.name, server.kind];
  return JSON.stringify([kind, end, protocol, String(port ?? 0).padStart(5, "0"), client, object, problem]);
}

function placeText({ file, line }: Place): string {
  return JSON.stringify([file, String(line).padStart(9, "0")]);
}
