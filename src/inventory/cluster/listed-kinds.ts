/** A kind of object that a cluster is asked for. */
export interface ListedKind {
  /** API groups that may have it, the first that does counts; empty for the core group. */
  readonly groups: readonly [string, ...string[]];
  /** Assumed where a server does not tell. */
  readonly version: string;
  /** Plural, as RBAC has it. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Every cluster has it; others come with what is installed. */
  readonly builtIn: boolean;
  /** What is lost when it can't be read: half a sentence. */
  readonly lost: string;
}

type Row = readonly [resource: string, kind: string, lost: string];

const UNNAMED = "they can't be selected by their own selectors, and nothing is known of their pods to come";
const ENGINE = "what they allow or deny beside NetworkPolicies is not known";
const ROUTES = "what is reached through them from outside the cluster can't be foreseen";
const SCRAPES = "which pods Prometheus scrapes can't be foreseen";

const UNSELECTED = "Services without a selector, and the addresses of the API server, can't be resolved";
const ADMISSION = "calls to admission webhooks can't be foreseen";

const BUILT_IN = { namespaced: true, builtIn: true } as const;
const BUILT_IN_CLUSTER_WIDE = { namespaced: false, builtIn: true } as const;
const INSTALLED = { namespaced: true, builtIn: false } as const;
const INSTALLED_CLUSTER_WIDE = { namespaced: false, builtIn: false } as const;

// Calico's API server shows the objects that are stored in the other group: both would be one object twice.
const CALICO = ["projectcalico.org", "crd.projectcalico.org"] as const;

/** All of them; docs/cluster-rights.md has the rights they need. */
export const LISTED_KINDS: readonly ListedKind[] = [
  ...listed([""], "v1", BUILT_IN, [
    ["pods", "Pod", "addresses can't be resolved to pods, and selectors not checked against all of them"],
    ["services", "Service", "flows to Service addresses can't be resolved to pods"],
    ["replicationcontrollers", "ReplicationController", UNNAMED],
  ]),
  ...listed([""], "v1", BUILT_IN_CLUSTER_WIDE, [
    ["nodes", "Node", "addresses of nodes can't be told from others"],
    ["namespaces", "Namespace", "labels of namespaces are not known, and selectors by them not checked"],
  ]),
  ...listed(["apps"], "v1", BUILT_IN, [
    ["deployments", "Deployment", UNNAMED],
    ["replicasets", "ReplicaSet", "pods of Deployments are recognised by their names alone"],
    ["statefulsets", "StatefulSet", UNNAMED],
    ["daemonsets", "DaemonSet", UNNAMED],
  ]),
  ...listed(["batch"], "v1", BUILT_IN, [
    ["jobs", "Job", "pods of CronJobs are recognised by their names alone"],
    ["cronjobs", "CronJob", "jobs that did not run while flows were recorded are not known of"],
  ]),
  ...listed(["discovery.k8s.io"], "v1", BUILT_IN, [["endpointslices", "EndpointSlice", UNSELECTED]]),
  ...listed(["networking.k8s.io"], "v1", BUILT_IN, [
    ["networkpolicies", "NetworkPolicy", "what is protected already is not known, and the proof runs without it"],
    ["ingresses", "Ingress", ROUTES],
  ]),
  ...listed(["networking.k8s.io"], "v1", BUILT_IN_CLUSTER_WIDE, [["ingressclasses", "IngressClass", ROUTES]]),
  ...listed(["admissionregistration.k8s.io"], "v1", BUILT_IN_CLUSTER_WIDE, [
    ["validatingwebhookconfigurations", "ValidatingWebhookConfiguration", ADMISSION],
    ["mutatingwebhookconfigurations", "MutatingWebhookConfiguration", ADMISSION],
  ]),
  ...listed(["apiregistration.k8s.io"], "v1", BUILT_IN_CLUSTER_WIDE, [
    ["apiservices", "APIService", "calls to aggregated API servers can't be foreseen"],
  ]),
  ...listed(["apiextensions.k8s.io"], "v1", BUILT_IN_CLUSTER_WIDE, [
    ["customresourcedefinitions", "CustomResourceDefinition", "calls to conversion webhooks can't be foreseen"],
  ]),
  ...listed(["gateway.networking.k8s.io"], "v1", INSTALLED, [
    ["gateways", "Gateway", ROUTES],
    ["httproutes", "HTTPRoute", ROUTES],
    ["grpcroutes", "GRPCRoute", ROUTES],
  ]),
  ...listed(["gateway.networking.k8s.io"], "v1alpha2", INSTALLED, [
    ["tcproutes", "TCPRoute", ROUTES],
    ["tlsroutes", "TLSRoute", ROUTES],
    ["udproutes", "UDPRoute", ROUTES],
  ]),
  ...listed(["argoproj.io"], "v1alpha1", INSTALLED, [["rollouts", "Rollout", UNNAMED]]),
  ...listed(["monitoring.coreos.com"], "v1", INSTALLED, [
    ["prometheuses", "Prometheus", SCRAPES],
    ["servicemonitors", "ServiceMonitor", SCRAPES],
    ["podmonitors", "PodMonitor", SCRAPES],
    ["probes", "Probe", SCRAPES],
  ]),
  ...listed(["cilium.io"], "v2", INSTALLED, [["ciliumnetworkpolicies", "CiliumNetworkPolicy", ENGINE]]),
  ...listed(["cilium.io"], "v2", INSTALLED_CLUSTER_WIDE, [
    ["ciliumnodes", "CiliumNode", "addresses that Cilium has on nodes can't be told from others"],
    ["ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy", ENGINE],
  ]),
  ...listed(CALICO, "v3", INSTALLED, [["networkpolicies", "NetworkPolicy", ENGINE]]),
  ...listed(CALICO, "v3", INSTALLED_CLUSTER_WIDE, [["globalnetworkpolicies", "GlobalNetworkPolicy", ENGINE]]),
  ...listed(["policy.networking.k8s.io"], "v1alpha2", INSTALLED_CLUSTER_WIDE, [
    ["clusternetworkpolicies", "ClusterNetworkPolicy", ENGINE],
  ]),
  ...listed(["policy.networking.k8s.io"], "v1alpha1", INSTALLED_CLUSTER_WIDE, [
    ["adminnetworkpolicies", "AdminNetworkPolicy", ENGINE],
    ["baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy", ENGINE],
  ]),
  ...listed(["security.istio.io"], "v1", INSTALLED, [["authorizationpolicies", "AuthorizationPolicy", ENGINE]]),
];

const ACCESS = "what is in force is not known, so nothing can be tightened";

/** Kinds that are listed only for whoever asks about access to the API. */
export const ACCESS_KINDS: readonly ListedKind[] = [
  ...listed(["rbac.authorization.k8s.io"], "v1", BUILT_IN, [
    ["roles", "Role", ACCESS],
    ["rolebindings", "RoleBinding", ACCESS],
  ]),
  ...listed(["rbac.authorization.k8s.io"], "v1", BUILT_IN_CLUSTER_WIDE, [
    ["clusterroles", "ClusterRole", ACCESS],
    ["clusterrolebindings", "ClusterRoleBinding", ACCESS],
  ]),
];

function listed(
  groups: ListedKind["groups"],
  version: string,
  shared: Pick<ListedKind, "namespaced" | "builtIn">,
  rows: readonly Row[],
): readonly ListedKind[] {
  return rows.map(([resource, kind, lost]) => ({ groups, version, resource, kind, ...shared, lost }));
}

/** `services`, `rollouts.argoproj.io`: how people and kubectl name it. */
export function resourceName(group: string, resource: string): string {
  return group === "" ? resource : `${resource}.${group}`;
}
