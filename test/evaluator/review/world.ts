import { promisesOf } from "../../../src/cli/check/sources.ts";
import { policyDifference } from "../../../src/evaluator/difference.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import { AddressBook } from "../../../src/evaluator/review/addresses.ts";
import { type Review, review } from "../../../src/evaluator/review/review.ts";
import { buildReviewWorld, type ReviewWorld } from "../../../src/evaluator/review/world.ts";
import { inventoryOf } from "../../../src/inventory/manifests/inventory.ts";
import { parseDocuments } from "../../../src/inventory/manifests/parse-documents.ts";
import type { Edge, Workload } from "../../../src/model/graph.ts";

export interface Seen {
  readonly edges: readonly Edge[];
  readonly workloads: readonly Workload[];
}

export interface Given {
  readonly graph?: Seen;
  readonly profile?: ProfileName;
}

/** The world of some YAML. */
export function worldOf(yaml: string, { graph, profile = "cilium" }: Given = {}): ReviewWorld {
  const { objects } = parseDocuments(yaml, { file: "shop.yaml", namespace: "shop", isInChart: false });
  const sources = { ...inventoryOf(objects), graph, promises: promisesOf(objects) };
  return buildReviewWorld(sources, profile, new AddressBook(graph?.edges ?? []));
}

/** The review of some YAML. */
export function reviewOf(yaml: string, given: Given = {}): Review {
  const { graph, profile = "cilium" } = given;
  return review({ head: worldOf(yaml, given), base: undefined, graph, profile });
}

/** The review of a change. */
export function reviewChange(base: string, head: string, given: Given = {}): Review {
  const { graph, profile = "cilium" } = given;
  const before = worldOf(base, given);
  const after = worldOf(head, given);
  const difference = policyDifference(before.network, after.network, profile, { listed: 200 });
  return review({ head: after, base: { world: before, difference }, graph, profile });
}

/** A Deployment whose pods have the label `app: <name>` and the port `http` 8080. */
export function deployment(name: string, labels: Readonly<Record<string, string>> = { app: name }): string {
  const pod = { metadata: { labels }, spec: { containers: [{ ports: [{ name: "http", containerPort: 8080 }] }] } };
  const object = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: { template: pod } };
  return `---\n${JSON.stringify(object)}\n`;
}

/** A NetworkPolicy with the given spec, as YAML flow text. */
export function policyText(name: string, spec: string): string {
  return `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}}
spec: ${spec}
`;
}

export const SHOP: string = ["frontend", "cart", "db"].map((name) => deployment(name)).join("");
