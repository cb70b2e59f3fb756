import { describe, expect, it } from "vitest";
import { prunedValue } from "../../../src/inventory/prune.ts";
import {
  clusterNode,
  controller,
  deployment,
  directory,
  EVER,
  endpointSlice,
  holder,
  moment,
  owner,
  pod,
  replicaSet,
  seen,
  service,
} from "./objects.ts";

const cart = deployment("cart");
const shop = deployment("front");

function podOf(name: string, options: Parameters<typeof pod>[1] = {}) {
  const [deploymentName = ""] = name.split("-");
  return pod(name, {
    owner: owner("apps/v1", "ReplicaSet", `${deploymentName}-5d69f8c7b4`),
    labels: { app: deploymentName, "pod-template-hash": "5d69f8c7b4" },
    ...options,
  });
}

const A = "cart-5d69f8c7b4-x7k2p";
const B = "front-5d69f8c7b4-q2w4z";

describe("who held an address", () => {
  it("a pod, by each of its addresses, whatever way they are written", () => {
    const found = directory(cart, podOf(A, { ips: ["10.0.0.1", "2001:DB8:0::0001"], node: "n1" }));
    expect(found.holderOf("10.0.0.1", EVER)).toMatchObject({
      kind: "workload",
      node: "n1",
      workload: { name: "cart" },
    });
    expect(holder(found.holderOf("2001:db8::1", EVER))).toBe("Deployment cart");
    expect(found.holderOf("10.0.0.2", EVER)).toBeUndefined();
  });

  it("nobody known, before the pod began", () => {
    const found = directory(cart, podOf(A, { ips: ["10.0.0.1"], started: moment("09:00") }));
    expect(holder(found.holderOf("10.0.0.1", seen(moment("09:30"))))).toBe("Deployment cart");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("08:56"))))).toBe("Deployment cart");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("08:54"))))).toBe("unknown-pod ?");
  });

  it("the time of creation stands in for that of the start", () => {
    const found = directory(cart, podOf(A, { ips: ["10.0.0.1"], created: moment("09:00") }));
    expect(holder(found.holderOf("10.0.0.1", seen(moment("08:54"))))).toBe("unknown-pod ?");
  });

  it("a pod that finished held it until its last container ended", () => {
    const job = podOf(A, {
      ips: ["10.0.0.1"],
      started: moment("03:00"),
      phase: "Succeeded",
      finished: moment("03:20"),
    });
    const found = directory(cart, job);
    expect(holder(found.holderOf("10.0.0.1", seen(moment("03:10"))))).toBe("Deployment cart");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("03:24"))))).toBe("Deployment cart");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("03:26"))))).toBe("unknown-pod ?");
  });

  it("a pod that is being deleted holds it until it is to be gone", () => {
    const found = directory(cart, podOf(A, { ips: ["10.0.0.1"], started: moment("03:00"), deleted: moment("04:00") }));
    expect(holder(found.holderOf("10.0.0.1", seen(moment("04:10"))))).toBe("unknown-pod ?");
  });

  it("a pod held it until the next one that holds it began", () => {
    const found = directory(
      cart,
      shop,
      podOf(A, { ips: ["10.0.0.1"], started: moment("03:00") }),
      podOf(B, { ips: ["10.0.0.1"], started: moment("09:00") }),
    );
    expect(holder(found.holderOf("10.0.0.1", seen(moment("08:00"))))).toBe("Deployment cart");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("09:10"))))).toBe("Deployment front");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("09:02"))))).toBe("ambiguous");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("08:00"), moment("10:00"))))).toBe("ambiguous");
    expect(holder(found.holderOf("10.0.0.1", EVER))).toBe("ambiguous");
  });

  it("two pods of one workload that had it in turn are one answer, without a node if they ran on two", () => {
    const found = directory(
      cart,
      podOf(A, { ips: ["10.0.0.1"], started: moment("03:00"), node: "n1" }),
      podOf("cart-5d69f8c7b4-q2w4z", { ips: ["10.0.0.1"], started: moment("09:00"), node: "n2" }),
    );
    expect(found.holderOf("10.0.0.1", EVER)).toMatchObject({ kind: "workload", node: undefined });
    expect(found.holderOf("10.0.0.1", seen(moment("04:00")))).toMatchObject({ kind: "workload", node: "n1" });
  });

  it("two pods that began at the same time both ended when the third began", () => {
    const found = directory(
      cart,
      shop,
      podOf(A, { ips: ["10.0.0.1"], started: moment("03:00") }),
      podOf("cart-5d69f8c7b4-q2w4z", { ips: ["10.0.0.1"], started: moment("03:00") }),
      podOf(B, { ips: ["10.0.0.1"], started: moment("09:00") }),
    );
    expect(holder(found.holderOf("10.0.0.1", seen(moment("10:00"))))).toBe("Deployment front");
  });

  it("the same pod in dumps of two days is one: by uid, else by name", () => {
    for (const uid of [{ uid: "u1" }, {}]) {
      const found = directory(
        cart,
        shop,
        podOf(A, { ...uid, ips: ["10.0.0.1"], started: moment("03:00") }),
        podOf(A, { ...uid, ips: ["10.0.0.1", "fd00::1"], started: moment("03:00"), deleted: moment("12:00") }),
      );
      expect(holder(found.holderOf("10.0.0.1", seen(moment("11:00"))))).toBe("Deployment cart");
      expect(holder(found.holderOf("fd00::1", seen(moment("11:00"))))).toBe("Deployment cart");
      expect(holder(found.holderOf("10.0.0.1", seen(moment("13:00"))))).toBe("unknown-pod ?");
    }
  });

  it("a pod without a uid is the one of its name that has one", () => {
    const found = directory(
      cart,
      podOf(A, { ips: ["10.0.0.1"], started: moment("03:00") }),
      podOf(A, { uid: "u1", ips: ["10.0.0.1"], started: moment("03:00"), deleted: moment("12:00") }),
    );
    expect(holder(found.holderOf("10.0.0.1", seen(moment("11:00"))))).toBe("Deployment cart");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("13:00"))))).toBe("unknown-pod ?");
  });

  it("a pod of several containers until the last of them ended", () => {
    const ended = (finishedAt: string) => ({ state: { terminated: { finishedAt } } });
    const job = podOf(A, { ips: ["10.0.0.1"], started: moment("03:00"), phase: "Failed" });
    const status = {
      ...(job["status"] as object),
      containerStatuses: [ended(moment("03:20")), ended(moment("04:00"))],
    };
    const found = directory(cart, { ...job, status });
    expect(holder(found.holderOf("10.0.0.1", seen(moment("03:50"))))).toBe("Deployment cart");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("04:10"))))).toBe("unknown-pod ?");
  });

  it("of two pods with one name the first ended before the second began", () => {
    const of = (uid: string, ip: string, started: string) =>
      pod("db-0", { uid, ips: [ip], started, owner: owner("apps/v1", "StatefulSet", "db") });
    const found = directory(of("u1", "10.0.0.1", moment("03:00")), of("u2", "10.0.0.2", moment("09:00")));
    expect(holder(found.holderOf("10.0.0.1", seen(moment("08:00"))))).toBe("StatefulSet db");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("10:00"))))).toBe("unknown-pod ?");
    expect(holder(found.holderOf("10.0.0.2", seen(moment("10:00"))))).toBe("StatefulSet db");
  });

  it("pods behind a Service that are not listed, by what the EndpointSlice says of them", () => {
    const found = directory(
      cart,
      service("cart", { selector: { app: "cart" }, ports: [{ port: 80 }] }),
      endpointSlice("cart", [{ port: 8080 }], [{ ip: "10.0.0.9", pod: "cart-5d69f8c7b4-z9z9z", node: "n3" }]),
    );
    expect(found.holderOf("10.0.0.9", seen(moment("03:00")))).toMatchObject({
      kind: "workload",
      node: "n3",
      workload: { name: "cart" },
    });
  });

  it("a pod behind a Service of which nothing is known is somebody's pod all the same", () => {
    const found = directory(
      endpointSlice("cart", [{ port: 8080 }], [{ ip: "10.0.0.9", pod: "cart-5d69f8c7b4-z9z9z" }]),
    );
    expect(holder(found.holderOf("10.0.0.9", EVER))).toBe("unknown-pod ?");
  });

  it("it can't be said which of a listed pod and an endpoint of unknown age came first", () => {
    const found = directory(
      cart,
      shop,
      podOf(A, { ips: ["10.0.0.1"], started: moment("03:00") }),
      endpointSlice("front", [{ port: 8080 }], [{ ip: "10.0.0.1", pod: B }]),
    );
    expect(holder(found.holderOf("10.0.0.1", seen(moment("04:00"))))).toBe("ambiguous");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("01:00"))))).toBe("Deployment front");
  });
});

describe("nodes", () => {
  it("hold their internal and external addresses, and those their network plugin gave them", () => {
    const found = directory(
      clusterNode(
        "n1",
        { InternalIP: "192.0.2.1", ExternalIP: "198.51.100.1", Hostname: "n1" },
        { annotations: { "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.1.0" } },
      ),
      {
        apiVersion: "cilium.io/v2",
        kind: "CiliumNode",
        metadata: { name: "n1" },
        spec: { addresses: [{ type: "CiliumInternalIP", ip: "10.0.1.200" }] },
      },
    );
    for (const address of ["192.0.2.1", "198.51.100.1", "10.244.1.0", "10.0.1.200"]) {
      expect(holder(found.holderOf(address, EVER))).toBe("node n1");
    }
  });

  it("are known from the pods that run on them, and hold the addresses of pods in the host's network", () => {
    const found = directory(
      podOf(A, { ips: ["10.0.0.1"], hostIP: "192.0.2.1", node: "n1" }),
      pod("kube-proxy-x7k2p", {
        ips: ["192.0.2.2"],
        hostNetwork: true,
        node: "n2",
        owner: owner("apps/v1", "DaemonSet", "kube-proxy"),
      }),
    );
    expect(holder(found.holderOf("192.0.2.1", EVER))).toBe("node n1");
    expect(holder(found.holderOf("192.0.2.2", EVER))).toBe("node n2");
    expect(found.workloads.map(({ name, hostNetwork }) => [name, hostNetwork])).toEqual([
      ["cart", false],
      ["kube-proxy", true],
    ]);
  });

  it("an endpoint in the host's network is its node", () => {
    const found = directory(
      clusterNode("n1", { InternalIP: "192.0.2.1" }),
      endpointSlice("exporter", [{ port: 9100 }], [{ ip: "192.0.2.1", pod: "exporter-x7k2p" }]),
    );
    expect(holder(found.holderOf("192.0.2.1", EVER))).toBe("node n1");
  });

  it("an endpoint of a workload in the host's network tells the address of its node", () => {
    const exporter = controller("apps/v1", "DaemonSet", "exporter", { hostNetwork: true, labels: { app: "exporter" } });
    const slice = endpointSlice("exporter", [{ port: 9100 }], [{ ip: "192.0.2.1", pod: "exporter-x7k2p", node: "n1" }]);
    expect(holder(directory(exporter, slice).holderOf("192.0.2.1", EVER))).toBe("node n1");
  });

  it("two that had an address in turn are told apart by time, as far as it is known", () => {
    const found = directory(
      clusterNode("n1", { InternalIP: "192.0.2.1" }, { created: moment("01:00") }),
      clusterNode("n2", { InternalIP: "192.0.2.1" }, { created: moment("09:00") }),
      podOf(A, { hostIP: "192.0.2.1", node: "n1" }),
      podOf(B, { hostIP: "192.0.2.1", node: "n2" }),
    );
    expect(holder(found.holderOf("192.0.2.1", seen(moment("08:00"))))).toBe("node n1");
    expect(holder(found.holderOf("192.0.2.1", seen(moment("10:00"))))).toBe("node n2");
    expect(holder(found.holderOf("192.0.2.1", EVER))).toBe("node ?");
  });

  it("all answer on the addresses of a node-local DNS cache", () => {
    const cache = (args: readonly string[]) => ({
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name: "node-local-dns", namespace: "kube-system" },
      spec: { template: { spec: { hostNetwork: true, containers: [{ name: "node-cache", args }] } } },
    });
    const dns = service("kube-dns", { clusterIP: "10.96.0.10", ports: [{ port: 53, protocol: "UDP" }] });
    for (const args of [["-localip", "169.254.20.10,10.96.0.10"], ["--localip=169.254.20.10, 10.96.0.10"]]) {
      const found = directory(prunedValue(cache([...args, "-conf", "/etc/Corefile"])), dns);
      expect(found.nodeLocalAddresses).toEqual(["10.96.0.10", "169.254.20.10"]);
      expect(holder(found.holderOf("169.254.20.10", EVER))).toBe("node-local");
      expect(found.serviceAt("10.96.0.10")?.name).toBe("kube-dns");
    }
    expect(directory(cache(["-localip"])).nodeLocalAddresses).toEqual([]);
  });

  it("give their pods a range, from which an address is a pod's even if it is not known whose", () => {
    const found = directory(
      clusterNode("n1", { InternalIP: "192.0.2.1" }, { podCIDRs: ["10.244.1.0/24", "fd00:1::/64"] }),
      clusterNode("n2", { InternalIP: "192.0.2.2" }, { podCIDRs: ["10.244.2.0/24"] }),
    );
    expect(holder(found.holderOf("10.244.1.77", EVER))).toBe("unknown-pod n1");
    expect(holder(found.holderOf("10.244.2.1", EVER))).toBe("unknown-pod n2");
    expect(holder(found.holderOf("fd00:1::7", EVER))).toBe("unknown-pod n1");
    expect(found.holderOf("10.244.3.1", EVER)).toBeUndefined();
    expect(found.holderOf("fd00:2::7", EVER)).toBeUndefined();
  });

  it("an address that a node and a pod had at one time is nobody's for sure", () => {
    const found = directory(
      cart,
      clusterNode("n1", { InternalIP: "10.0.0.1" }),
      podOf(A, { ips: ["10.0.0.1"], started: moment("03:00") }),
    );
    expect(holder(found.holderOf("10.0.0.1", seen(moment("04:00"))))).toBe("ambiguous");
    expect(holder(found.holderOf("10.0.0.1", seen(moment("01:00"))))).toBe("node n1");
  });
});

it("an old ReplicaSet without pods makes no workload of its own", () => {
  const old = replicaSet("cart-5d69f8c7b4", {
    replicas: 0,
    owner: owner("apps/v1", "Deployment", "cart"),
    labels: { app: "cart", track: "old" },
  });
  expect(directory(cart, old).workloads).toMatchObject([{ name: "cart", variants: [] }]);
});
