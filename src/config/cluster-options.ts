import type { OptionDraft } from "./option-spec.ts";

/** The commands that learn what to show or suggest. */
export const READERS = ["suggest", "propose", "graph", "explain"] as const;

/** The commands that may ask the cluster itself. */
export const CLUSTER_READERS = [...READERS, "access"] as const;

/** Where the cluster's own objects are. */
export const CLUSTER_INPUT: readonly OptionDraft[] = [
  {
    name: "manifests",
    syntax: "path",
    placeholder: "PATH",
    repeatable: true,
    commands: [...CLUSTER_READERS, "can"],
    description:
      "files or directories with what exists in the cluster, as manifests or `kubectl get -o yaml|json` dumps: workloads, pods, Services, nodes, NetworkPolicies",
  },
  {
    name: "cluster",
    syntax: "switch",
    commands: CLUSTER_READERS,
    description: "read what exists from the cluster itself: that of the current context, or of the pod this runs in",
  },
  {
    name: "kubeconfig",
    syntax: "path",
    placeholder: "FILE",
    commands: CLUSTER_READERS,
    description: "the kubeconfig to find the cluster with (default: $KUBECONFIG, then ~/.kube/config); means --cluster",
  },
  {
    name: "context",
    syntax: "text",
    placeholder: "NAME",
    commands: CLUSTER_READERS,
    description: "the kubeconfig's context to use; means --cluster",
  },
];
