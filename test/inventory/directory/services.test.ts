import { describe, expect, it } from "vitest";
import type { KnownServicePort } from "../../../src/model/directory.ts";
import {
  called,
  controller,
  deployment,
  directory,
  endpointSlice,
  owner,
  pod,
  replicaSet,
  service,
} from "./objects.ts";

/** `Deployment cart:8080`, `192.0.2.7:5432`. */
function backends(port: KnownServicePort | undefined): readonly string[] | undefined {
  return port?.backends.map((backend) =>
    backend.kind === "address" ? `${backend.address}:${backend.port}` : `${called(backend.workload)}:${backend.port}`,
  );
}

const http = (containerPort: number) => [{ name: "http", containerPort }];

describe("what is behind a Service's port", () => {
  it("a number, and the Service's own where none is given", () => {
    const found = directory(
      deployment("cart"),
      service("cart", {
        clusterIP: "10.96.0.7",
        clusterIPs: ["10.96.0.7", "fd00:96::7"],
        selector: { app: "cart" },
        ports: [
          { name: "web", port: 80, targetPort: 8080 },
          { name: "grpc", port: 9000 },
        ],
      }),
    );
    const [web, grpc] = found.serviceAt("10.96.0.7")?.ports ?? [];
    expect(backends(web)).toEqual(["Deployment cart:8080"]);
    expect(backends(grpc)).toEqual(["Deployment cart:9000"]);
    expect(found.serviceAt("fd00:96::7")?.name).toBe("cart");
    expect(found.serviceNamed("shop/cart")?.addresses).toEqual(["10.96.0.7", "fd00:96::7"]);
    expect(found.serviceNamed("shop/other")).toBeUndefined();
  });

  it("a name stands for the number that each template gives it, of the same protocol", () => {
    const found = directory(
      deployment("old", {
        labels: { app: "dns", v: "1" },
        ports: [
          { name: "dns", containerPort: 53, protocol: "UDP" },
          { name: "dns", containerPort: 54 },
        ],
      }),
      deployment("new", {
        labels: { app: "dns", v: "2" },
        ports: [{ name: "dns", containerPort: 5353, protocol: "UDP" }],
      }),
      service("dns", { selector: { app: "dns" }, ports: [{ port: 53, protocol: "UDP", targetPort: "dns" }] }),
    );
    expect(backends(found.services[0]?.ports[0])).toEqual(["Deployment new:5353", "Deployment old:53"]);
  });

  it("a name may stand for two numbers of one workload while it rolls out", () => {
    const hash = "5d69f8c7b4";
    const found = directory(
      deployment("cart", { ports: http(9090) }),
      pod(`cart-${hash}-x7k2p`, {
        owner: owner("apps/v1", "ReplicaSet", `cart-${hash}`),
        labels: { app: "cart", "pod-template-hash": hash },
        ports: http(8080),
      }),
      service("cart", { selector: { app: "cart" }, ports: [{ port: 80, targetPort: "http" }] }),
    );
    expect(backends(found.services[0]?.ports[0])).toEqual(["Deployment cart:8080", "Deployment cart:9090"]);
  });

  it("what ran out of an old template counts no more", () => {
    const found = directory(
      deployment("cart", { ports: http(9090) }),
      replicaSet("cart-5d69f8c7b4", {
        replicas: 0,
        owner: owner("apps/v1", "Deployment", "cart"),
        labels: { app: "cart" },
        ports: http(8080),
      }),
      service("cart", { selector: { app: "cart" }, ports: [{ port: 80, targetPort: "http" }] }),
    );
    expect(backends(found.services[0]?.ports[0])).toEqual(["Deployment cart:9090"]);
  });

  it("a workload that does not declare the name is named as such", () => {
    const found = directory(
      deployment("cart", { ports: http(8080) }),
      deployment("job", { labels: { app: "cart" } }),
      service("cart", { selector: { app: "cart" }, ports: [{ port: 80, targetPort: "http" }] }),
    );
    const [port] = found.services[0]?.ports ?? [];
    expect(backends(port)).toEqual(["Deployment cart:8080"]);
    expect(port?.unresolved.map(called)).toEqual(["Deployment job"]);
  });

  it("selects in its own namespace only", () => {
    const found = directory(
      deployment("cart", { namespace: "other" }),
      service("cart", { selector: { app: "cart" }, ports: [{ port: 80 }] }),
    );
    expect(backends(found.services[0]?.ports[0])).toEqual([]);
  });

  it("a selector that can't be read as a whole selects nothing", () => {
    const found = directory(
      deployment("cart"),
      service("cart", { selector: { app: "cart", v: 2 }, ports: [{ port: 80 }] }),
    );
    expect(backends(found.services[0]?.ports[0])).toEqual([]);
  });

  it("run-time labels in a selector leave the workload", () => {
    const db = controller("apps/v1", "StatefulSet", "db", {
      labels: { app: "db" },
      selector: { matchLabels: { app: "db" } },
    });
    const found = directory(
      db,
      deployment("cart"),
      service("canary", {
        selector: { app: "cart", "rollouts-pod-template-hash": "5d69f8c7b4" },
        ports: [{ port: 80 }],
      }),
      service("db-0", { selector: { "statefulset.kubernetes.io/pod-name": "db-0" }, ports: [{ port: 5432 }] }),
    );
    expect(found.services.map(({ ports }) => backends(ports[0]))).toEqual([
      ["Deployment cart:80"],
      ["StatefulSet db:5432"],
    ]);
  });

  it("without a selector, what its EndpointSlices say: pods, and addresses that nobody knows", () => {
    const found = directory(
      deployment("cart"),
      pod("cart-5d69f8c7b4-x7k2p", {
        owner: owner("apps/v1", "ReplicaSet", "cart-5d69f8c7b4"),
        labels: { app: "cart", "pod-template-hash": "5d69f8c7b4" },
        ips: ["10.0.0.1"],
      }),
      service("db", {
        ports: [
          { name: "sql", port: 5432 },
          { name: "other", port: 1 },
        ],
      }),
      endpointSlice("db", [{ name: "sql", port: 15_432 }], [{ ip: "192.0.2.7" }, { ip: "10.0.0.1" }]),
    );
    const [sql, other] = found.services[0]?.ports ?? [];
    expect(backends(sql)).toEqual(["Deployment cart:15432", "192.0.2.7:15432"]);
    expect(backends(other)).toEqual([]);
  });

  it("old Endpoints are read where there is no EndpointSlice", () => {
    const endpoints = (ip: string) => ({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "db", namespace: "shop" },
      subsets: [{ addresses: [{ ip }], ports: [{ port: 5432 }] }],
    });
    const db = service("db", { ports: [{ port: 5432 }] });
    expect(backends(directory(db, endpoints("192.0.2.7")).services[0]?.ports[0])).toEqual(["192.0.2.7:5432"]);
    const both = directory(db, endpoints("192.0.2.7"), endpointSlice("db", [{ port: 5432 }], [{ ip: "192.0.2.8" }]));
    expect(backends(both.services[0]?.ports[0])).toEqual(["192.0.2.8:5432"]);
  });

  it("a headless Service has backends and no address; an ExternalName neither", () => {
    const found = directory(
      deployment("cart"),
      service("bank", {
        type: "ExternalName",
        externalName: "bank.example",
        selector: { app: "cart" },
        ports: [{ port: 443 }],
      }),
      service("cart", { clusterIP: "None", selector: { app: "cart" }, ports: [{ port: 8080 }] }),
    );
    const [bank, cart] = found.services;
    expect(bank).toMatchObject({ type: "ExternalName", addresses: [], ports: [{ backends: [] }] });
    expect(cart?.addresses).toEqual([]);
    expect(backends(cart?.ports[0])).toEqual(["Deployment cart:8080"]);
  });
});

describe("where a Service answers", () => {
  const ports = [{ port: 80, nodePort: 30_080, targetPort: 8080 }];
  const found = directory(
    deployment("cart"),
    service(
      "cart",
      { type: "LoadBalancer", clusterIP: "10.96.0.7", externalIPs: ["198.51.100.7"], selector: { app: "cart" }, ports },
      {
        status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }, { hostname: "lb.example" }] } },
      },
    ),
  );

  it("on its cluster, external and load-balancer addresses", () => {
    expect(found.services[0]).toMatchObject({
      type: "LoadBalancer",
      addresses: ["10.96.0.7", "198.51.100.7", "203.0.113.7"],
    });
    expect(found.serviceAt("203.0.113.7")?.name).toBe("cart");
  });

  it("on its node port, of the same protocol", () => {
    expect(backends(found.nodePort("TCP", 30_080))).toEqual(["Deployment cart:8080"]);
    expect(found.nodePort("UDP", 30_080)).toBeUndefined();
  });

  it("Services that share an address are told apart by port", () => {
    const shared = (name: string, port: number) =>
      service(
        name,
        { selector: { app: name }, ports: [{ port }] },
        { status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } } },
      );
    const both = directory(deployment("a"), deployment("b"), shared("a", 80), shared("b", 443));
    expect(both.serviceAt("203.0.113.7")).toBeUndefined();
    expect(backends(both.servicePortAt("203.0.113.7", "TCP", 443))).toEqual(["Deployment b:443"]);
    expect(both.servicePortAt("203.0.113.7", "UDP", 443)).toBeUndefined();
  });
});

it("the API server listens where default/kubernetes leads", () => {
  const found = directory(
    service(
      "kubernetes",
      { clusterIP: "10.96.0.1", ports: [{ name: "https", port: 443, targetPort: 6443 }] },
      { namespace: "default" },
    ),
    endpointSlice("kubernetes", [{ name: "https", port: 6443 }], [{ ip: "192.0.2.11" }, { ip: "192.0.2.10" }], {
      namespace: "default",
    }),
  );
  expect(found.apiServers).toEqual([
    { address: "192.0.2.10", port: 6443 },
    { address: "192.0.2.11", port: 6443 },
  ]);
  expect(backends(found.serviceAt("10.96.0.1")?.ports[0])).toEqual(["192.0.2.10:6443", "192.0.2.11:6443"]);
});

it("a namespace has the label with its name", () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { team: "web" } } };
  expect(directory(namespace).namespaces).toEqual([
    { name: "shop", labels: { "kubernetes.io/metadata.name": "shop", team: "web" } },
  ]);
});
