import type { ManifestObject } from "../../model/manifest-object.ts";
import { groupOf } from "../objects/fields.ts";

/** Kinds that say something about traffic besides pods and what makes them, by API group. */
const KINDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["", ["Service"]],
  ["admissionregistration.k8s.io", ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]],
  ["apiextensions.k8s.io", ["CustomResourceDefinition"]],
  ["apiregistration.k8s.io", ["APIService"]],
  ["extensions", ["Ingress"]],
  [
    "gateway.networking.k8s.io",
    ["Gateway", "GatewayClass", "GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"],
  ],
  ["monitoring.coreos.com", ["PodMonitor", "Probe", "Prometheus", "PrometheusAgent", "ServiceMonitor"]],
  ["networking.k8s.io", ["Ingress", "IngressClass"]],
  ["route.openshift.io", ["Route"]],
]);

/** True for an object that `inferTraffic` reads for its kind. */
export function tellsOfTraffic({ apiVersion, kind }: ManifestObject): boolean {
  return KINDS.get(groupOf(apiVersion))?.includes(kind) === true;
}
