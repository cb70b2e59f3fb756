import { describe, expect, it } from "vitest";
import { prunedValue } from "../../src/inventory/prune.ts";

const METADATA = { name: "x", namespace: "shop", uid: "u", labels: { app: "x" } };

/** What pruning leaves of an object of this type. */
function left(apiVersion: string, kind: string, rest: object): unknown {
  return prunedValue({ apiVersion, kind, metadata: METADATA, ...rest });
}

/** Expects that nothing of an object is lost. */
function expectKept(apiVersion: string, kind: string, rest: object): void {
  expect(left(apiVersion, kind, rest)).toEqual({ apiVersion, kind, metadata: METADATA, ...rest });
}

const PROBE = { httpGet: { path: "/healthz", port: "http", scheme: "HTTP" } };

const POD_SPEC = {
  containers: [
    {
      name: "main",
      ports: [{ name: "http", containerPort: 8080 }],
      livenessProbe: PROBE,
      readinessProbe: { tcpSocket: { port: 8080 } },
      startupProbe: { grpc: { port: 9000 } },
      lifecycle: { preStop: { httpGet: { port: 8080 } }, postStart: { tcpSocket: { port: 1 } } },
    },
  ],
  initContainers: [{ name: "proxy", restartPolicy: "Always", ports: [{ containerPort: 15_001 }] }],
  hostNetwork: true,
  nodeName: "n1",
  serviceAccountName: "robot",
};

const TEMPLATE = { metadata: { labels: { app: "x" }, annotations: { "prometheus.io/port": "9090" } }, spec: POD_SPEC };

describe("pruning keeps", () => {
  it("a pod's network, owners and life", () => {
    expectKept("v1", "Pod", {
      metadata: {
        ...METADATA,
        annotations: { "kubernetes.io/config.mirror": "1", "prometheus.io/scrape": "true" },
        ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "x", uid: "r", controller: true }],
        creationTimestamp: "2026-01-05T00:00:00Z",
        deletionTimestamp: "2026-01-05T01:00:00Z",
      },
      spec: POD_SPEC,
      status: {
        phase: "Running",
        hostIP: "192.0.2.1",
        hostIPs: [{ ip: "192.0.2.1" }],
        podIP: "10.0.0.1",
        podIPs: [{ ip: "10.0.0.1" }],
        startTime: "2026-01-05T00:00:00Z",
        containerStatuses: [{ name: "main", state: { terminated: { finishedAt: "2026-01-05T00:30:00Z" } } }],
      },
    });
  });

  it.each([
    ["apps/v1", "Deployment"],
    ["apps/v1", "StatefulSet"],
    ["argoproj.io/v1alpha1", "Rollout"],
    ["example.com/v1", "Unheard"],
    ["extensions/v1beta1", "Deployment"],
  ])("selector and template of %s %s", (apiVersion, kind) => {
    expectKept(apiVersion, kind, {
      spec: { selector: { matchLabels: { app: "x" } }, replicas: 2, template: TEMPLATE },
    });
  });

  it("a CronJob's template and schedule", () => {
    expectKept("batch/v1", "CronJob", {
      spec: {
        schedule: "0 3 * * *",
        suspend: true,
        jobTemplate: { spec: { completionMode: "Indexed", template: TEMPLATE } },
      },
      status: { lastScheduleTime: "2026-01-05T03:00:00Z" },
    });
  });

  const SERVICE = { name: "hook", namespace: "shop", path: "/", port: 443 };

  it.each([
    [
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      { webhooks: [{ name: "a.b.c", clientConfig: { service: SERVICE } }] },
    ],
    [
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      { webhooks: [{ name: "a.b.c", clientConfig: { url: "https://x" } }] },
    ],
    [
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      { spec: { conversion: { webhook: { clientConfig: { service: SERVICE } } } } },
    ],
    ["apiregistration.k8s.io/v1", "APIService", { spec: { service: SERVICE, group: "metrics.k8s.io", version: "v1" } }],
    ["cilium.io/v2", "CiliumNetworkPolicy", { spec: { endpointSelector: {}, ingress: [{}] } }],
    [
      "gateway.networking.k8s.io/v1",
      "HTTPRoute",
      { spec: { parentRefs: [{ name: "g" }], rules: [{ backendRefs: [{ name: "x", port: 80 }] }] } },
    ],
    ["monitoring.coreos.com/v1", "Probe", { spec: { prober: { url: "x:9115" } } }],
    ["monitoring.coreos.com/v1", "Prometheus", { spec: { serviceMonitorSelector: {}, containers: [{ name: "x" }] } }],
    [
      "monitoring.coreos.com/v1",
      "ServiceMonitor",
      { spec: { selector: { matchLabels: {} }, endpoints: [{ port: "http" }] } },
    ],
    [
      "networking.k8s.io/v1",
      "Ingress",
      { spec: { rules: [{ http: { paths: [{ backend: { service: SERVICE } }] } }] } },
    ],
    ["networking.k8s.io/v1", "IngressClass", { spec: { controller: "example.com/x" } }],
    [
      "networking.k8s.io/v1",
      "NetworkPolicy",
      { spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] } },
    ],
    ["v1", "Endpoints", { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] }],
    [
      "v1",
      "Service",
      { spec: { selector: { app: "x" }, ports: [{ port: 80 }] }, status: { loadBalancer: { ingress: [] } } },
    ],
  ])("what %s %s says", (apiVersion, kind, rest) => {
    expectKept(apiVersion, kind, rest);
  });
});

describe("pruning drops", () => {
  it("what nobody reads of a pod: who wrote which field, environment, volumes, images", () => {
    const pod = left("v1", "Pod", {
      metadata: {
        ...METADATA,
        managedFields: [{}],
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
      spec: { containers: [{ name: "main", image: "x", env: [{ name: "PASSWORD", value: "secret" }] }], volumes: [{}] },
      status: { conditions: [{}], phase: "Running" },
    });
    expect(pod).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: METADATA,
      spec: { containers: [{ name: "main" }] },
      status: { phase: "Running" },
    });
  });

  it("what a Secret holds", () => {
    expect(JSON.stringify(left("v1", "Secret", { data: { password: "c2VjcmV0" } }))).not.toContain("c2VjcmV0");
  });

  it("nothing of what is no object of Kubernetes", () => {
    expect(prunedValue({ replicas: 3 })).toEqual({ replicas: 3 });
  });
});
