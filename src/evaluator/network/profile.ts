import type { Answer } from "./answer.ts";

/** Network plugins whose reading of the open points of the specification is known. */
export type ProfileName = "upstream" | "cilium" | "calico" | "ovn-kubernetes" | "eks";

/** The questions NetworkPolicy's specification leaves to the network plugin, as one plugin answers them. */
export interface Profile {
  /** May an ipBlock match the address of a pod in the pod network? */
  readonly blocksMatchPods: Answer;
  /** May an ipBlock match the address of a node (and so of a hostNetwork pod)? */
  readonly blocksMatchNodes: Answer;
  /** Does a policy's podSelector select (isolate) hostNetwork pods? */
  readonly isolatesHostNetwork: Answer;
  /** Do selectors of a peer match hostNetwork pods? Some plugins do so only if the peer has a podSelector. */
  readonly selectorsMatchHostNetwork: Answer | "with-pod-selector";
  /** Is traffic from a pod's own node to the pod exempt from policies? */
  readonly exemptFromOwnNode: Answer;
  /** Is traffic from a pod to its own node exempt? */
  readonly exemptToOwnNode: Answer;
}

/**
 * | question                   | upstream | cilium  | calico  | ovn-kubernetes    | eks     |
 * | -------------------------- | -------- | ------- | ------- | ----------------- | ------- |
 * | blocksMatchPods            | yes      | no      | yes     | unknown           | unknown |
 * | blocksMatchNodes           | yes      | no      | yes     | unknown           | unknown |
 * | isolatesHostNetwork        | unknown  | no      | no      | unknown           | unknown |
 * | selectorsMatchHostNetwork  | unknown  | no      | no      | with-pod-selector | unknown |
 * | exemptFromOwnNode          | yes      | yes     | yes     | yes               | unknown |
 * | exemptToOwnNode            | yes      | unknown | unknown | unknown           | unknown |
 *
 * Sources: upstream: kubernetes.io "Network Policies" and the e2e tests (test/e2e/network/netpol), which let blocks
 * match pods and leave hostNetwork pods undefined. Cilium: CIDR rules match neither managed pods nor, by default,
 * nodes (Documentation/security/policy/layer3.rst; `--policy-cidr-match-mode` changes it and is not modelled).
 * Calico: blocks become plain nets (libcalico-go/lib/backend/k8s/conversion). OVN-Kubernetes: OpenShift's
 * documentation on hostNetwork peers. `unknown` means that no source was found; a verdict that hangs on it is
 * `undefined`.
 */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  upstream: {
    blocksMatchPods: "yes",
    blocksMatchNodes: "yes",
    isolatesHostNetwork: "unknown",
    selectorsMatchHostNetwork: "unknown",
    exemptFromOwnNode: "yes",
    exemptToOwnNode: "yes",
  },
  cilium: {
    blocksMatchPods: "no",
    blocksMatchNodes: "no",
    isolatesHostNetwork: "no",
    selectorsMatchHostNetwork: "no",
    exemptFromOwnNode: "yes",
    exemptToOwnNode: "unknown",
  },
  calico: {
    blocksMatchPods: "yes",
    blocksMatchNodes: "yes",
    isolatesHostNetwork: "no",
    selectorsMatchHostNetwork: "no",
    exemptFromOwnNode: "yes",
    exemptToOwnNode: "unknown",
  },
  "ovn-kubernetes": {
    blocksMatchPods: "unknown",
    blocksMatchNodes: "unknown",
    isolatesHostNetwork: "unknown",
    selectorsMatchHostNetwork: "with-pod-selector",
    exemptFromOwnNode: "yes",
    exemptToOwnNode: "unknown",
  },
  eks: {
    blocksMatchPods: "unknown",
    blocksMatchNodes: "unknown",
    isolatesHostNetwork: "unknown",
    selectorsMatchHostNetwork: "unknown",
    exemptFromOwnNode: "unknown",
    exemptToOwnNode: "unknown",
  },
};
