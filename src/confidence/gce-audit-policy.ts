import type { AuditPolicy } from "../model/rbac.ts";

const CORE = "";

/**
 * The audit Policy that Kubernetes brings for Google's clouds, as far as it leaves requests out: GKE's logs are made with one like
 * it. Source: kubernetes, cluster/gce/gci/configure-helper.sh, create-master-audit-policy.
 */
export const GCE_AUDIT_POLICY: AuditPolicy = {
  rules: [
    {
      level: "None",
      users: ["system:kube-proxy"],
      verbs: ["watch"],
      resources: [{ group: CORE, resources: ["endpoints", "services", "services/status"] }],
    },
    {
      level: "None",
      users: ["system:unsecured"],
      namespaces: ["kube-system"],
      verbs: ["get"],
      resources: [{ group: CORE, resources: ["configmaps"] }],
    },
    {
      level: "None",
      users: ["kubelet"],
      verbs: ["get"],
      resources: [{ group: CORE, resources: ["nodes", "nodes/status"] }],
    },
    {
      level: "None",
      userGroups: ["system:nodes"],
      verbs: ["get"],
      resources: [{ group: CORE, resources: ["nodes", "nodes/status"] }],
    },
    {
      level: "None",
      users: [
        "system:kube-controller-manager",
        "system:cloud-controller-manager",
        "system:kube-scheduler",
        "system:serviceaccount:kube-system:endpoint-controller",
      ],
      verbs: ["get", "update"],
      namespaces: ["kube-system"],
      resources: [{ group: CORE, resources: ["endpoints"] }],
    },
    {
      level: "None",
      users: ["system:apiserver"],
      verbs: ["get"],
      resources: [{ group: CORE, resources: ["namespaces", "namespaces/status", "namespaces/finalize"] }],
    },
    {
      level: "None",
      users: ["cluster-autoscaler"],
      verbs: ["get", "update"],
      namespaces: ["kube-system"],
      resources: [{ group: CORE, resources: ["configmaps", "endpoints"] }],
    },
    {
      level: "None",
      users: ["system:kube-controller-manager", "system:cloud-controller-manager"],
      verbs: ["get", "list"],
      resources: [{ group: "metrics.k8s.io" }],
    },
    { level: "None", nonResourceURLs: ["/healthz*", "/version", "/swagger*"] },
    { level: "None", resources: [{ group: CORE, resources: ["events"] }] },
    { level: "Metadata" },
  ],
};
