import { describe, expect, it } from "vitest";
import { clusterNode, deployment, service, type Value } from "../directory/objects.ts";
import { lines, object, problems, served } from "./infer.ts";

function ingress(name: string, spec: Value, status: Value = {}, annotations: Value = {}): Value {
  return object("networking.k8s.io/v1", "Ingress", name, { metadata: { annotations }, spec, status });
}

function toService(name: string, port: Value = { number: 80 }): Value {
  return { service: { name, port } };
}

function paths(...backends: readonly Value[]): Value {
  return { rules: [{ http: { paths: backends.map((backend) => ({ path: "/", backend })) } }] };
}

const NGINX = { "app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/component": "controller" };

function controller(name: string, labels: Value, extra: Value = {}): Value {
  return deployment(name, { namespace: "infra", labels, selector: { matchLabels: labels }, ...extra });
}

function ingressClass(name: string, spec: Value, metadata: Value = {}): Value {
  return { apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name, ...metadata }, spec };
}

describe("the backends of an Ingress", () => {
  it("are called on their pods' ports: by number or name of the Service's port, the default one as well", () => {
    const web = ingress("web", {
      defaultBackend: toService("front"),
      ...paths(toService("cart", { name: "web" }), { resource: { kind: "StorageBucket", name: "x" } }),
    });
    expect(lines(...served("cart"), ...served("front"), web)).toEqual([
      "ingress: unknown -> shop/cart 8080/TCP by Ingress/shop/web",
      "ingress: unknown -> shop/front 8080/TCP by Ingress/shop/web",
    ]);
  });

  it("are read from older versions too", () => {
    const old = object("extensions/v1beta1", "Ingress", "old", {
      spec: {
        backend: { serviceName: "cart", servicePort: "80" },
        ...paths({ serviceName: "cart", servicePort: "web" }),
      },
    });
    expect(lines(...served("cart"), old)).toEqual(["ingress: unknown -> shop/cart 8080/TCP by Ingress/shop/old"]);
  });

  it("that lead nowhere are said", () => {
    expect(
      problems(...served("cart"), ingress("web", paths(toService("cart", { number: 81 }), toService("nobody")))),
    ).toEqual([
      "Ingress/shop/web: Service shop/cart has no port 81 over TCP",
      "Ingress/shop/web: no Service shop/nobody",
    ]);
  });
});

describe("who forwards for an Ingress", () => {
  const to = paths(toService("cart"));
  const clientOf = (...objects: readonly Value[]): readonly string[] =>
    lines(...served("cart"), ...objects)
      .filter((text) => text.startsWith("ingress"))
      .map((text) => text.split(" ")[1] ?? "");

  it("is what is behind the load balancer whose address the controller published", () => {
    const edge = controller("edge", { app: "edge" });
    const lb = (ingressOf: Value) =>
      service(
        "edge",
        { type: "LoadBalancer", selector: { app: "edge" }, ports: [{ port: 443, targetPort: 8443 }] },
        { namespace: "infra", status: { loadBalancer: { ingress: [ingressOf] } } },
      );
    const published = (ingressOf: Value) => ingress("web", to, { loadBalancer: { ingress: [ingressOf] } });
    expect(clientOf(edge, lb({ ip: "203.0.113.9" }), published({ ip: "203.0.113.9" }))).toEqual(["infra/edge"]);
    expect(clientOf(edge, lb({ hostname: "x.example" }), published({ hostname: "x.example" }))).toEqual(["infra/edge"]);
    expect(clientOf(clusterNode("n1", { InternalIP: "192.0.2.1" }), published({ ip: "192.0.2.1" }))).toEqual(["nodes"]);
  });

  it("is what the class was installed with: a chart gives both one name and instance", () => {
    const own = { "app.kubernetes.io/name": "proxy", "app.kubernetes.io/instance": "one" };
    const other = { ...own, "app.kubernetes.io/instance": "two" };
    const nginx = ingressClass("proxied", { controller: "example.com/proxy" }, { labels: own });
    expect(
      clientOf(
        controller("one", own),
        controller("two", other),
        nginx,
        ingress("web", { ingressClassName: "proxied", ...to }),
      ),
    ).toEqual(["infra/one"]);
  });

  it("is what the controller of the class is known by, the default class where none is named", () => {
    const byDefault = { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } };
    const nginx = ingressClass("any", { controller: "k8s.io/ingress-nginx" }, byDefault);
    expect(clientOf(controller("nginx", NGINX), nginx, ingress("web", to))).toEqual(["infra/nginx"]);
    const annotated = ingress("web", to, {}, { "kubernetes.io/ingress.class": "nginx" });
    expect(clientOf(controller("nginx", NGINX), annotated)).toEqual(["infra/nginx"]);
  });

  it("is a node for a controller in the host's network or in the datapath", () => {
    const host = controller("nginx", NGINX, { hostNetwork: true });
    const named = ingress("web", { ingressClassName: "nginx", ...to });
    expect(clientOf(host, named)).toEqual(["nodes"]);
    const cilium = ingressClass("c", { controller: "cilium.io/ingress-controller" });
    expect(clientOf(cilium, ingress("web", { ingressClassName: "c", ...to }))).toEqual(["nodes"]);
  });

  it("is outside for a cloud's load balancer, and unknown for what is not known", () => {
    const aws = ingressClass("alb", { controller: "ingress.k8s.aws/alb" });
    expect(clientOf(aws, ingress("web", { ingressClassName: "alb", ...to }))).toEqual(["outside-or-nodes"]);
    const odd = ingressClass("odd", { controller: "example.com/odd" });
    expect(clientOf(controller("nginx", NGINX), odd, ingress("web", { ingressClassName: "odd", ...to }))).toEqual([
      "unknown",
    ]);
  });

  it("may be any controller that is there where nothing tells of the class", () => {
    const named = ingress("web", { ingressClassName: "internal", ...to });
    expect(clientOf(controller("nginx", NGINX), named)).toEqual(["infra/nginx"]);
    expect(clientOf(controller("nginx", NGINX), ingress("web", to))).toEqual(["infra/nginx"]);
    expect(clientOf(named)).toEqual(["unknown"]);
  });

  it("is never a Job that has the labels", () => {
    const job = { ...controller("create-secret", NGINX), apiVersion: "batch/v1", kind: "Job" };
    expect(clientOf(job, controller("nginx", NGINX), ingress("web", { ingressClassName: "nginx", ...to }))).toEqual([
      "infra/nginx",
    ]);
  });
});

describe("OpenShift's Routes", () => {
  const route = object("route.openshift.io/v1", "Route", "web", {
    spec: {
      to: { kind: "Service", name: "cart" },
      alternateBackends: [{ name: "front" }],
      port: { targetPort: "web" },
    },
  });

  it("are forwarded to by the router", () => {
    const router = controller("router-default", {
      "ingresscontroller.operator.openshift.io/deployment-ingresscontroller": "default",
    });
    expect(lines(...served("cart"), ...served("front"), router, route)).toEqual([
      "ingress: infra/router-default -> shop/cart 8080/TCP by Route/shop/web",
      "ingress: infra/router-default -> shop/front 8080/TCP by Route/shop/web",
    ]);
  });
});

describe("the routes of the Gateway API", () => {
  const GROUP = "gateway.networking.k8s.io/v1";
  const gateway = (rest: Value = {}) => object(GROUP, "Gateway", "edge", { metadata: { namespace: "infra" }, ...rest });
  const parent = { name: "edge", namespace: "infra" };
  const route = (kind: string, spec: Value) => object(GROUP, kind, "r", { spec: { parentRefs: [parent], ...spec } });
  const backend = (name: string) => ({ name, port: 80 });

  it("lead to their backends, mirrored requests too", () => {
    const filters = [{ type: "RequestMirror", requestMirror: { backendRef: backend("copy") } }];
    const http = route("HTTPRoute", {
      rules: [{ backendRefs: [backend("cart"), { kind: "Other", name: "x" }], filters }],
    });
    const udp = route("TCPRoute", { rules: [{ backendRefs: [{ ...backend("front"), namespace: "shop" }] }] });
    expect(lines(...served("cart"), ...served("copy"), ...served("front"), gateway(), http, udp)).toEqual([
      "gateways: unknown -> shop/cart 8080/TCP by HTTPRoute/shop/r",
      "gateways: unknown -> shop/copy 8080/TCP by HTTPRoute/shop/r",
      "gateways: unknown -> shop/front 8080/TCP by TCPRoute/shop/r",
    ]);
  });

  it.for([
    [
      "the pods that carry the Gateway's name",
      controller("edge-istio", { "gateway.networking.k8s.io/gateway-name": "edge" }),
      {},
      "infra/edge-istio",
    ],
    [
      "the pods that Envoy Gateway made for it",
      controller("envoy", {
        "gateway.envoyproxy.io/owning-gateway-name": "edge",
        "gateway.envoyproxy.io/owning-gateway-namespace": "infra",
      }),
      {},
      "infra/envoy",
    ],
    [
      "nodes, where it is of Cilium's class",
      controller("any", { app: "any" }),
      { spec: { gatewayClassName: "cilium" } },
      "nodes",
    ],
  ] as const)("are forwarded to by %s", ([, pods, rest, client]) => {
    const http = route("HTTPRoute", { rules: [{ backendRefs: [backend("cart")] }] });
    expect(lines(...served("cart"), pods, gateway(rest), http)).toEqual([
      `gateways: ${client} -> shop/cart 8080/TCP by HTTPRoute/shop/r`,
    ]);
  });

  it("of a mesh's Services are left to what is seen", () => {
    const mesh = route("HTTPRoute", {
      parentRefs: [{ kind: "Service", group: "", name: "cart" }],
      rules: [{ backendRefs: [backend("cart")] }],
    });
    expect(lines(...served("cart"), mesh)).toEqual([]);
  });
});

describe("Services that are open to the outside", () => {
  it("let clients in as they are, or with a node in their place", () => {
    const lb = served("front", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    const np = served("cart", { type: "NodePort" });
    const external = served("mail", { externalIPs: ["203.0.113.4"] });
    expect(lines(...lb, ...np, ...external, ...served("inside"))).toEqual([
      "loadbalancers: outside -> shop/front 8080/TCP by Service/shop/front",
      "nodeports: outside-or-nodes -> shop/cart 8080/TCP by Service/shop/cart",
      "nodeports: outside-or-nodes -> shop/mail 8080/TCP by Service/shop/mail",
    ]);
  });
});
