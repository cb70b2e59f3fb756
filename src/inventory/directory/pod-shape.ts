import type { Labels } from "../../model/graph.ts";
import type { DeclaredPort } from "../../model/inventory.ts";
import { labelText, lastingLabels } from "../objects/object-labels.ts";
import { type PodSpec, portText } from "../objects/pod-spec.ts";

/** What pods of one template have in common, and all that is remembered of each. */
export interface PodShape {
  /** Without run-time labels and those that name an owner that comes anew, sorted by key. */
  readonly labels: Labels;
  /** With the latter: what selectors and sources see of such pods. */
  readonly shown: Labels;
  readonly ports: readonly DeclaredPort[];
  readonly serviceAccount: string | undefined;
  readonly hostNetwork: boolean;
}

/** Equal shapes are one object: fifty thousand pods have a few thousand of them. */
export class PodShapes {
  readonly #shapes = new Map<string, PodShape>();

  /**
   * @param written a pod's labels
   * @param lasting those that are left without the ones that name an owner that comes anew
   */
  of(spec: PodSpec, written: unknown, lasting: unknown): PodShape {
    const labels = lastingLabels(lasting);
    const shown = written === lasting ? labels : lastingLabels(written);
    const { ports, serviceAccount, hostNetwork } = spec;
    const own = written === lasting ? "" : labelText(labels);
    const key = `${labelText(shown)}\0${own}\0${ports.map(portText).join()}\0${serviceAccount ?? ""}\0${hostNetwork}`;
    let shape = this.#shapes.get(key);
    if (shape === undefined) this.#shapes.set(key, (shape = { labels, shown, ports, serviceAccount, hostNetwork }));
    return shape;
  }
}
