import { findPlacement } from "../../../src/gitops/layout/find-placement.ts";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import type { Origin } from "../../../src/gitops/layout/origin.ts";
import type { Mapping, Placement, Tracking, Unplaced } from "../../../src/model/placement.ts";
import { repositoryOf } from "../../support/repository.ts";

export type Files = Readonly<Record<string, string>>;

export interface Asked {
  readonly cluster?: string;
  readonly namespace?: string;
  /** Of a Deployment; undefined: the namespace is asked for. */
  readonly workload?: string | undefined;
  readonly mappings?: readonly Mapping[];
  readonly tracking?: Tracking;
  readonly links?: readonly string[];
  readonly origin?: Origin;
}

/** The place of the Deployment `cart` in `shop`, unless something else is asked for. */
export function find(files: Files, asked: Asked = {}): Placement | Unplaced {
  const name = "workload" in asked ? asked.workload : "cart";
  const workload = name === undefined ? undefined : { kind: "Deployment", name };
  const target = { cluster: asked.cluster ?? "", namespace: asked.namespace ?? "shop", workload };
  const index = indexRepository(repositoryOf(files, asked.links), asked.origin);
  return findPlacement(index, target, asked.mappings ?? [], asked.tracking);
}
