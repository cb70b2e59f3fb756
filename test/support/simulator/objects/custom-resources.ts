import { type Moment, metaOf } from "./moment.ts";
import type { KubeObject } from "./object.ts";

const DEFINED = [
  { group: "cilium.io", version: "v2", kind: "CiliumNode", plural: "ciliumnodes", scope: "Cluster" },
  { group: "argoproj.io", version: "v1alpha1", kind: "Rollout", plural: "rollouts", scope: "Namespaced" },
  { group: "gateway.networking.k8s.io", version: "v1", kind: "Gateway", plural: "gateways", scope: "Namespaced" },
  { group: "gateway.networking.k8s.io", version: "v1", kind: "HTTPRoute", plural: "httproutes", scope: "Namespaced" },
  {
    group: "monitoring.coreos.com",
    version: "v1",
    kind: "ServiceMonitor",
    plural: "servicemonitors",
    scope: "Namespaced",
  },
] as const;

/** Since 1.16 the API server takes definitions of *.k8s.io groups with this annotation only. */
const APPROVED = { "api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/gateway-api" };

/** Definitions of the custom resources that are among the objects; their schemas take anything. */
export function definitionsFor(moment: Moment, objects: readonly KubeObject[]): KubeObject[] {
  const kinds = new Set(objects.map((one) => one.kind));
  return DEFINED.filter((one) => kinds.has(one.kind)).map(({ group, version, kind, plural, scope }) => {
    const singular = kind.toLowerCase();
    const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
    return {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: {
        ...metaOf(moment, "CustomResourceDefinition", { name: `${plural}.${group}` }),
        generation: 1,
        annotations: group.endsWith(".k8s.io") ? APPROVED : undefined,
      },
      spec: {
        group,
        names: { kind, listKind: `${kind}List`, plural, singular },
        scope,
        versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
      },
    };
  });
}
