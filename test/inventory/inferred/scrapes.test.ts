import { describe, expect, it } from "vitest";
import { deployment, owner, pod, replicaSet, service, type Value } from "../directory/objects.ts";
import { lines, object, problems, served } from "./infer.ts";

const SCRAPE = { "prometheus.io/scrape": "true" };

/** A Deployment whose pods have these annotations. */
function annotated(name: string, annotations: Value, ports: readonly Value[] = []): Value {
  const made = deployment(name, { ports }) as { spec: { template: { metadata: Value } } };
  const template = { ...made.spec.template, metadata: { ...made.spec.template.metadata, annotations } };
  return { ...made, spec: { ...made.spec, template } };
}

const PROMETHEUS = deployment("prometheus", {
  namespace: "monitoring",
  labels: { "app.kubernetes.io/name": "prometheus" },
});

describe("scrape annotations", () => {
  it("on pods name the port, or mean every declared one that is TCP", () => {
    const ports = [{ containerPort: 8080 }, { containerPort: 9090 }, { containerPort: 53, protocol: "UDP" }];
    expect(
      lines(
        PROMETHEUS,
        annotated("cart", { ...SCRAPE, "prometheus.io/port": "9102" }),
        annotated("front", SCRAPE, ports),
      ),
    ).toEqual([
      "scrapes: monitoring/prometheus -> shop/cart 9102/TCP by Deployment/shop/cart",
      "scrapes: monitoring/prometheus -> shop/front 8080/TCP by Deployment/shop/front",
      "scrapes: monitoring/prometheus -> shop/front 9090/TCP by Deployment/shop/front",
    ]);
  });

  it("on Services mean what is behind them", () => {
    const annotations = { ...SCRAPE, "prometheus.io/port": "9102" };
    const cart = [
      deployment("cart"),
      service("cart", { selector: { app: "cart" }, ports: [{ port: 80, targetPort: 8080 }] }, { annotations }),
    ];
    const front = [
      deployment("front"),
      service(
        "front",
        { selector: { app: "front" }, ports: [{ port: 80, targetPort: 8080 }] },
        { annotations: SCRAPE },
      ),
    ];
    expect(lines(PROMETHEUS, ...cart, ...front)).toEqual([
      "scrapes: monitoring/prometheus -> shop/cart 9102/TCP by Service/shop/cart",
      "scrapes: monitoring/prometheus -> shop/front 8080/TCP by Service/shop/front",
    ]);
  });

  it("of many pods are the promise of one workload, of an operator's pods as well", () => {
    const of = (name: string) =>
      pod(name, {
        owner: owner("core.strimzi.io/v1", "StrimziPodSet", "kafka"),
        annotations: { ...SCRAPE, "prometheus.io/port": "9404" },
        labels: { app: "kafka" },
      });
    expect(lines(PROMETHEUS, of("kafka-0"), of("kafka-1"))).toEqual([
      "scrapes: monitoring/prometheus -> shop/kafka 9404/TCP by StrimziPodSet/shop/kafka",
    ]);
  });

  it("of a ReplicaSet that a Deployment has left behind count for nothing", () => {
    const old = { ...annotated("cart", SCRAPE, [{ containerPort: 1 }]) } as { spec: { template: Value } };
    const set = replicaSet("cart-5d69f8c7b4", { owner: owner("apps/v1", "Deployment", "cart"), replicas: 0 });
    const left = { ...set, spec: { ...(set["spec"] as Value), template: old.spec.template } };
    expect(lines(PROMETHEUS, deployment("cart"), left)).toEqual([]);
  });

  it("that say no port, or none that is one, are said", () => {
    expect(
      problems(PROMETHEUS, annotated("cart", SCRAPE), annotated("front", { ...SCRAPE, "prometheus.io/port": "http" })),
    ).toEqual([
      "Deployment/shop/cart: neither prometheus.io/port nor a declared port",
      "Deployment/shop/front: prometheus.io/port is no port number",
    ]);
  });

  it("come from somebody unknown where no Prometheus is known", () => {
    expect(lines(annotated("cart", { ...SCRAPE, "prometheus.io/port": "9102" }))).toEqual([
      "scrapes: unknown -> shop/cart 9102/TCP by Deployment/shop/cart",
    ]);
  });

  it("that say anything but true ask for nothing", () => {
    expect(lines(PROMETHEUS, annotated("cart", { "prometheus.io/scrape": "false" }, [{ containerPort: 1 }]))).toEqual(
      [],
    );
  });
});

const MONITORING = "monitoring.coreos.com/v1";

function monitor(kind: string, name: string, spec: Value, metadata: Value = {}): Value {
  return object(MONITORING, kind, name, { metadata, spec });
}

function prometheus(spec: Value, name = "k8s"): readonly Value[] {
  return [
    object(MONITORING, "Prometheus", name, { metadata: { namespace: "monitoring" }, spec }),
    {
      ...deployment(`prometheus-${name}`, { namespace: "monitoring", labels: { "operator.prometheus.io/name": name } }),
      kind: "StatefulSet",
    },
  ];
}

const EVERYTHING = {
  serviceMonitorSelector: {},
  serviceMonitorNamespaceSelector: {},
  podMonitorSelector: {},
  podMonitorNamespaceSelector: {},
};

describe("a ServiceMonitor", () => {
  const cart = served("cart", {}, { team: "a" });
  const byTeam = { selector: { matchLabels: { team: "a" } } };

  it("names ports of Services by name, of containers by name or number", () => {
    const toName = monitor("ServiceMonitor", "a", { ...byTeam, endpoints: [{ port: "web" }] });
    const toTarget = monitor("ServiceMonitor", "b", {
      ...byTeam,
      endpoints: [{ targetPort: "http" }, { targetPort: 8080 }],
    });
    const toNothing = monitor("ServiceMonitor", "c", {
      ...byTeam,
      endpoints: [{ port: "metrics" }, { targetPort: 1 }],
    });
    expect(lines(...prometheus(EVERYTHING), ...cart, toName, toTarget, toNothing)).toEqual([
      "scrapes: monitoring/prometheus-k8s -> shop/cart 8080/TCP by ServiceMonitor/shop/a",
      "scrapes: monitoring/prometheus-k8s -> shop/cart 8080/TCP by ServiceMonitor/shop/b",
    ]);
  });

  it("looks in its own namespace, in those it names, or in any", () => {
    const endpoints = [{ port: "web" }];
    const from = (name: string, spec: Value) =>
      monitor("ServiceMonitor", name, { ...byTeam, endpoints, ...spec }, { namespace: "other" });
    const own = from("own", {});
    const named = from("named", { namespaceSelector: { matchNames: ["shop"] } });
    const any = from("any", { namespaceSelector: { any: true } });
    expect(lines(...prometheus(EVERYTHING), ...cart, own, named, any).map((text) => text.split(" by ")[1])).toEqual([
      "ServiceMonitor/other/any",
      "ServiceMonitor/other/named",
    ]);
    expect(problems(...prometheus(EVERYTHING), ...cart, own)).toEqual([
      "ServiceMonitor/other/own: no known Service that it selects",
    ]);
  });

  it("is of the Prometheus that selects it: nothing without a selector, its own namespace without one for those", () => {
    const endpoints = [{ port: "web" }];
    const here = monitor("ServiceMonitor", "here", { ...byTeam, endpoints }, { labels: { release: "one" } });
    const there = monitor(
      "ServiceMonitor",
      "there",
      { ...byTeam, endpoints, namespaceSelector: { any: true } },
      { namespace: "monitoring", labels: { release: "one" } },
    );
    const found = (spec: Value) =>
      lines(...prometheus(spec), ...cart, here, there).map((text) => text.split(" by ")[1]);
    expect(found(EVERYTHING)).toEqual(["ServiceMonitor/monitoring/there", "ServiceMonitor/shop/here"]);
    expect(found({ serviceMonitorSelector: { matchLabels: { release: "one" } } })).toEqual([
      "ServiceMonitor/monitoring/there",
    ]);
    expect(found({ ...EVERYTHING, serviceMonitorSelector: { matchLabels: { release: "two" } } })).toEqual([]);
    expect(found({})).toEqual([]);
    expect(problems(...prometheus({}), ...cart, here)).toEqual([
      "ServiceMonitor/shop/here: no Prometheus that was read selects it",
    ]);
  });

  it("is of every known Prometheus where no Prometheus object is known, and of each shard", () => {
    const toName = monitor("ServiceMonitor", "a", { ...byTeam, endpoints: [{ port: "web" }] });
    expect(lines(PROMETHEUS, ...cart, toName)).toEqual([
      "scrapes: monitoring/prometheus -> shop/cart 8080/TCP by ServiceMonitor/shop/a",
    ]);
    const shard = { ...deployment("prometheus-k8s-shard-1", { namespace: "monitoring" }), kind: "StatefulSet" };
    expect(lines(...prometheus(EVERYTHING), shard, ...cart, toName).map((text) => text.split(" ")[1])).toEqual([
      "monitoring/prometheus-k8s",
      "monitoring/prometheus-k8s-shard-1",
    ]);
  });
});

describe("a PodMonitor", () => {
  it("names ports of containers by name or number", () => {
    const cart = deployment("cart", {
      ports: [
        { name: "http", containerPort: 8080 },
        { name: "metrics", containerPort: 9090 },
      ],
    });
    const spec = {
      selector: { matchLabels: { app: "cart" } },
      podMetricsEndpoints: [{ port: "metrics" }, { portNumber: 8080 }],
    };
    expect(lines(...prometheus(EVERYTHING), cart, monitor("PodMonitor", "m", spec))).toEqual([
      "scrapes: monitoring/prometheus-k8s -> shop/cart 8080/TCP by PodMonitor/shop/m",
      "scrapes: monitoring/prometheus-k8s -> shop/cart 9090/TCP by PodMonitor/shop/m",
    ]);
  });

  it("with an empty selector selects all, without one nothing", () => {
    const cart = deployment("cart", { ports: [{ name: "http", containerPort: 8080 }] });
    const of = (spec: Value) =>
      lines(
        ...prometheus(EVERYTHING),
        cart,
        monitor("PodMonitor", "m", { podMetricsEndpoints: [{ port: "http" }], ...spec }),
      );
    expect(of({ selector: {} })).toHaveLength(1);
    expect(of({})).toEqual([]);
  });
});

it("a Probe is asked of its prober", () => {
  const probe = monitor("Probe", "p", { prober: { url: "cart.shop.svc:80" } });
  expect(lines(PROMETHEUS, ...served("cart"), probe)).toEqual([
    "scrapes: monitoring/prometheus -> shop/cart 8080/TCP by Probe/shop/p",
  ]);
});
