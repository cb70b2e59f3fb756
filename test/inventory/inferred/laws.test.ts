import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prunedValue } from "../../../src/inventory/prune.ts";
import { cronJob, deployment, service, type Value } from "../directory/objects.ts";
import { infer, object, served } from "./infer.ts";

const MONITORING = "monitoring.coreos.com/v1";
const GATEWAYS = "gateway.networking.k8s.io/v1";
const toCart = { service: { name: "cart", port: { number: 80 } } };

/** One of everything that promises something. */
const CLUSTER: readonly Value[] = [
  ...served("cart", { type: "LoadBalancer", externalTrafficPolicy: "Local" }, { team: "a" }),
  ...served("front", { type: "NodePort" }, { team: "a" }),
  deployment("prometheus", { namespace: "monitoring", labels: { "app.kubernetes.io/name": "prometheus" } }),
  deployment("nginx", {
    namespace: "infra",
    labels: { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller" },
  }),
  service(
    "annotated",
    { selector: { app: "cart" }, ports: [{ port: 1 }] },
    { annotations: { "prometheus.io/scrape": "true" } },
  ),
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "v" },
    webhooks: [{ name: "a", clientConfig: { service: { namespace: "shop", name: "cart", port: 80 } } }],
  },
  object("apiregistration.k8s.io/v1", "APIService", "v1.x", {
    spec: { service: { namespace: "shop", name: "front", port: 80 } },
  }),
  object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "c", {
    spec: { conversion: { webhook: { clientConfig: { url: "https://cart.shop.svc:80/" } } } },
  }),
  object("networking.k8s.io/v1", "IngressClass", "c", {
    metadata: { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
    spec: { controller: "k8s.io/ingress-nginx" },
  }),
  object("networking.k8s.io/v1", "Ingress", "a", { spec: { defaultBackend: toCart } }),
  object("networking.k8s.io/v1", "Ingress", "b", {
    metadata: { annotations: { "kubernetes.io/ingress.class": "alb" } },
    spec: { rules: [{ http: { paths: [{ backend: toCart }] } }] },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } },
  }),
  object("route.openshift.io/v1", "Route", "r", {
    spec: { to: { kind: "Service", name: "front" }, port: { targetPort: "web" } },
  }),
  object(GATEWAYS, "Gateway", "g", { spec: { gatewayClassName: "cilium" } }),
  object(GATEWAYS, "HTTPRoute", "r", {
    spec: { parentRefs: [{ name: "g" }], rules: [{ backendRefs: [{ name: "cart", port: 80 }] }] },
  }),
  object(MONITORING, "Prometheus", "k", { spec: { serviceMonitorSelector: {}, podMonitorSelector: {} } }),
  object(MONITORING, "ServiceMonitor", "s", {
    spec: { selector: { matchLabels: { team: "a" } }, endpoints: [{ port: "web" }] },
  }),
  object(MONITORING, "PodMonitor", "p", { spec: { selector: {}, podMetricsEndpoints: [{ port: "http" }] } }),
  { ...cronJob("report", { labels: { app: "report" } }), status: { lastScheduleTime: "2026-01-05T03:00:00Z" } },
];

const someObjects = fc.shuffledSubarray([...CLUSTER], { minLength: 8 });
const shuffled = someObjects.chain((objects) =>
  fc.tuple(fc.constant(objects), fc.shuffledSubarray(objects, { minLength: objects.length })),
);

describe("what objects promise", () => {
  it("is of every kind, to begin with", () => {
    const { traffic, schedules } = infer(...CLUSTER);
    expect(new Set(traffic.map(({ kind }) => kind)).size).toBe(7);
    expect(schedules).toHaveLength(1);
  });

  it("does not depend on the order of the objects, nor on how often one is given", () => {
    fc.assert(
      fc.property(shuffled, ([objects, others]) => {
        expect(infer(...others)).toEqual(infer(...objects));
        expect(infer(...objects, ...others)).toEqual(infer(...objects));
      }),
    );
  });

  it("is told by what pruning leaves", () => {
    fc.assert(
      fc.property(someObjects, (objects) => {
        expect(infer(...objects.map((value) => prunedValue({ ...value, managed: "x" })))).toEqual(infer(...objects));
      }),
    );
  });

  it("is read from hostile and partial objects without a fault, and what is whole still counts", () => {
    const junk = fc.anything({ maxDepth: 2, withNullPrototype: true, withBigInt: false });
    const spoilt = fc.tuple(fc.constantFrom(...CLUSTER), fc.nat(), junk).map(([value, at, by]) => spoil(value, at, by));
    const whole = infer(...CLUSTER).traffic.filter(({ kind }) => kind === "apiservices");
    expect(whole).toHaveLength(1);
    fc.assert(
      fc.property(fc.array(spoilt, { maxLength: 6 }), (objects) => {
        const renamed = objects.map((value) => ({
          ...value,
          metadata: { ...Object(value["metadata"]), name: "spoilt" },
        }));
        expect(infer(...CLUSTER, ...renamed).traffic).toEqual(expect.arrayContaining([...whole]));
      }),
      { numRuns: 500 },
    );
  });
});

/** The value with junk in place of one of its parts. */
function spoil(value: Value, at: number, by: unknown): Value {
  const paths = pathsIn(value).filter((path) => !["apiVersion", "kind"].includes(String(path[0])));
  const path = paths[at % paths.length] ?? [];
  return { ...value, ...Object(replaced(value, path, by)) };
}

type Path = readonly (string | number)[];

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return entries.flatMap(([key, part]) => [[...path, key], ...pathsIn(part, [...path, key])]);
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const part: unknown = Object(value)[key];
  if (Array.isArray(value))
    return value.map((item: unknown, at) => (String(at) === String(key) ? replaced(part, rest, by) : item));
  return { ...Object(value), [key]: replaced(part, rest, by) };
}
