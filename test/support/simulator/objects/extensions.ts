import type { Extensions, ServiceReference } from "../world.ts";
import { type Moment, metaOf } from "./moment.ts";
import type { KubeObject } from "./object.ts";
import { portName } from "./service-objects.ts";

const NONE: Extensions = { webhooks: [], apiServices: [], ingresses: [], routes: [], monitors: [] };

function webhook(moment: Moment, { kind, service }: Extensions["webhooks"][number]): KubeObject {
  const { namespace, name, port } = service;
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: `${kind}WebhookConfiguration`,
    metadata: { ...metaOf(moment, `${kind}WebhookConfiguration`, { name: `${namespace}-${name}` }), generation: 1 },
    webhooks: [
      {
        name: `${name}.${namespace}.example`,
        admissionReviewVersions: ["v1"],
        clientConfig: { service: { namespace, name, path: "/admit", port } },
        failurePolicy: "Ignore",
        matchPolicy: "Equivalent",
        // Nothing the cluster has: a webhook that answers nobody holds nothing up.
        rules: [
          { apiGroups: [`${namespace}.example`], apiVersions: ["*"], operations: ["CREATE"], resources: ["orders"] },
        ],
        sideEffects: "None",
        timeoutSeconds: 5,
      },
    ],
  };
}

/** Groups the API server answers for by itself. */
function localApiServices(moment: Moment): KubeObject[] {
  return ["", "apps"].map((group) => ({
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: metaOf(moment, "APIService", {
      name: `v1.${group}`,
      labels: { "kube-aggregator.kubernetes.io/automanaged": "onstart" },
    }),
    spec: { group, groupPriorityMinimum: 17_000, version: "v1", versionPriority: 1 },
    status: { conditions: [{ type: "Available", status: "True", reason: "Local" }] },
  }));
}

function apiService(moment: Moment, { group, version, service }: Extensions["apiServices"][number]): KubeObject {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: metaOf(moment, "APIService", { name: `${version}.${group}` }),
    spec: {
      group,
      version,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service,
    },
    status: { conditions: [{ type: "Available", status: "True", reason: "Passed" }] },
  };
}

function ingress(moment: Moment, { host, className, service }: Extensions["ingresses"][number]): KubeObject {
  const { namespace, name, port } = service;
  const backend = { service: { name, port: { number: port } } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { ...metaOf(moment, "Ingress", { namespace, name: `${name}-${port}` }), generation: 1 },
    spec: {
      ingressClassName: className,
      rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
    status: { loadBalancer: {} },
  };
}

function ingressClass(moment: Moment, className: string): KubeObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { ...metaOf(moment, "IngressClass", { name: className }), generation: 1 },
    spec: { controller: className === "cilium" ? "cilium.io/ingress-controller" : `k8s.io/ingress-${className}` },
  };
}

function route(moment: Moment, { host, service }: Extensions["routes"][number]): KubeObject[] {
  const { namespace, name, port } = service;
  return [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { ...metaOf(moment, "Gateway", { namespace, name }), generation: 1 },
      spec: { gatewayClassName: "cilium", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
    },
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { ...metaOf(moment, "HTTPRoute", { namespace, name }), generation: 1 },
      spec: {
        hostnames: [host],
        parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name }],
        rules: [{ backendRefs: [{ group: "", kind: "Service", name, port, weight: 1 }] }],
      },
    },
  ];
}

/** The name of a Service's port, which a ServiceMonitor points to; without one the number behind it. */
function endpointOf(moment: Moment, reference: ServiceReference, path: string): object {
  const { namespace, name } = reference;
  const service = moment.world.services.find((one) => one.namespace === namespace && one.name === name);
  const port = service?.ports.find((one) => one.port === reference.port);
  if (service === undefined || port === undefined)
    throw new RangeError(`no port ${reference.port} of ${namespace}/${name}`);
  const named = portName(service, port);
  return { interval: "30s", path, ...(named === undefined ? { targetPort: port.targetPort } : { port: named }) };
}

function monitor(moment: Moment, { service, path }: Extensions["monitors"][number]): KubeObject {
  const { namespace, name } = service;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { ...metaOf(moment, "ServiceMonitor", { namespace, name }), generation: 1 },
    spec: {
      endpoints: [endpointOf(moment, service, path)],
      namespaceSelector: { matchNames: [namespace] },
      selector: { matchLabels: { "app.kubernetes.io/name": name } },
    },
  };
}

/** Webhook configurations, APIServices, Ingresses, routes and monitors: who will be called without having been seen. */
export function extensionObjects(moment: Moment): KubeObject[] {
  const { webhooks, apiServices, ingresses, routes, monitors } = moment.world.extensions ?? NONE;
  const classes = [...new Set(ingresses.map((one) => one.className))].toSorted();
  return [
    ...webhooks.map((one) => webhook(moment, one)),
    ...localApiServices(moment),
    ...apiServices.map((one) => apiService(moment, one)),
    ...classes.map((one) => ingressClass(moment, one)),
    ...ingresses.map((one) => ingress(moment, one)),
    ...routes.flatMap((one) => route(moment, one)),
    ...monitors.map((one) => monitor(moment, one)),
  ];
}
