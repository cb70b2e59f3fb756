import type { Labels } from "../../model/graph.ts";
import type { DeclaredPort } from "../../model/inventory.ts";
import { labelText, lastingLabels } from "../objects/object-labels.ts";
import { type PodSpec, portText } from "../objects/pod-spec.ts";

/** What pods of one template have in common, and all that is remembered of each. */
export interface PodShape {
  /** Without run-time labels, sorted by key. */
  readonly labels: Labels;
  readonly ports: readonly DeclaredPort[];
  readonly serviceAccount: string | undefined;
  readonly hostNetwork: boolean;
}

/** Equal shapes are one object: fifty thousand pods have a few thousand of them. */
export class PodShapes {
  readonly #shapes = new Map<string, PodShape>();

  of(spec: PodSpec, written: unknown): PodShape {
    const labels = lastingLabels(written);
    const { ports, serviceAccount, hostNetwork } = spec;
    const key = `${labelText(labels)}\0${ports.map(portText).join()}\0${serviceAccount ?? ""}\0${hostNetwork}`;
    let shape = this.#shapes.get(key);
    if (shape === undefined) this.#shapes.set(key, (shape = { labels, ports, serviceAccount, hostNetwork }));
    return shape;
  }
}
