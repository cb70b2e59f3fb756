import { describe, expect, it } from "vitest";
import { Learner } from "../../src/graph/learner.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { NetlearnError } from "../../src/lib/errors.ts";
import { type Endpoint, type FlowRecord, TCP_SYN } from "../../src/model/flow.ts";
import {
  answer,
  CART,
  COREDNS,
  COREDNS_IP,
  edgesOf,
  edgeText,
  FRONTEND,
  FRONTEND_IP,
  graphOf,
  HOUR,
  labelled,
  learn,
  MINUTE,
  MONDAY,
  NOBODY,
  pod,
  quarantineOf,
  record,
  reserved,
} from "../support/flow-record.ts";

function from(source: Endpoint, over: Partial<FlowRecord> = {}): FlowRecord {
  return record({ source, ...over });
}

function workloadsOf(records: readonly FlowRecord[]): string[] {
  return graphOf(records).workloads.map(({ key, kind }) => `${key} ${kind ?? "?"}`);
}

describe("reserved labels", () => {
  it("lie about a named pod: its name beats world", () => {
    const wrong = { ...CART, labels: ["reserved:world"] };
    expect(edgesOf([record({ destination: wrong })])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
    expect(edgesOf([record({ destination: wrong }), record()])).toHaveLength(1);
  });

  it.each(["unmanaged", "ingress", "init", "unknown", "world-ipv4"])(
    "lie about a named pod: its name beats %s",
    (name) => {
      const wrong = { ...CART, labels: [`reserved:${name}`] };
      expect(edgesOf([record({ destination: wrong })])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
    },
  );

  it.each(["host", "remote-node"] as const)(
    "of a node stand even beside a pod's name: a host-network pod has no policy (%s)",
    (name) => {
      const exporter = { ...pod("monitoring/node-exporter-x7k2p"), labels: [`reserved:${name}`] };
      const [edge] = edgesOf([record({ destination: exporter, destinationIp: "192.168.0.4", destinationPort: 9100 })]);
      expect(edge).toBe(`shop/frontend -> ${name}(192.168.0.4) 9100/TCP`);
    },
  );

  it.each<readonly [string, readonly string[], string]>([
    ["the outside", ["world"], "203.0.113.7"],
    ["the outside by family", ["world-ipv4"], "203.0.113.7"],
    ["the API server from outside", ["kube-apiserver", "world"], "kube-apiserver(203.0.113.7)"],
    ["Cilium's ingress", ["ingress"], "ingress(203.0.113.7)"],
    ["a pod Cilium does not manage", ["unmanaged"], "unmanaged(203.0.113.7)"],
    ["nobody at all", [], "203.0.113.7"],
  ])("name %s", (_, names, peer) => {
    const seen = record({ destination: reserved(...names), destinationIp: "203.0.113.7", destinationPort: 443 });
    expect(edgesOf([seen])).toEqual([`shop/frontend -> ${peer} 443/TCP`]);
  });

  it("host and kube-apiserver on one node: a probe comes from the host, a connection goes to the API server", () => {
    const node = { endpoint: reserved("host", "kube-apiserver"), ip: "192.168.0.2" };
    expect(edgesOf([from(node.endpoint, { sourceIp: node.ip })])).toEqual(["host(192.168.0.2) -> shop/cart 7070/TCP"]);
    expect(edgesOf([record({ destination: node.endpoint, destinationIp: node.ip, destinationPort: 6443 })])).toEqual([
      "shop/frontend -> kube-apiserver(192.168.0.2) 6443/TCP",
    ]);
  });

  it("that call the sending node host mean another node to the pod it sends to", () => {
    const leaving = from(reserved("host"), {
      sourceIp: "192.168.0.2",
      observationPoint: "TO_NETWORK",
      tcpFlags: TCP_SYN,
    });
    expect(edgesOf([leaving])).toEqual(["remote-node(192.168.0.2) -> shop/cart 7070/TCP"]);
  });

  it.each(["init", "unknown", "overlay-to-encrypt"])(
    "that say nothing yet make nobody an outside address (%s)",
    (name) => {
      const seen = record({ destination: reserved(name), destinationIp: "10.0.3.3" });
      expect(edgesOf([seen])).toEqual([]);
      expect(quarantineOf([seen])).toEqual(["no-identity: 1"]);
    },
  );
});

describe("a pod without a name", () => {
  it("goes by its labels to the workload that shows the same ones", () => {
    const nameless = labelled("shop", { app: "cart" });
    expect(edgesOf([record({ destination: nameless, destinationIp: "10.0.2.77" }), record()])).toEqual([
      "shop/frontend -> shop/cart 7070/TCP",
    ]);
  });

  it("that shows more labels than the workload's own still is one of it", () => {
    const nameless = labelled("shop", { app: "cart", tier: "back" });
    expect(workloadsOf([record({ destination: nameless, destinationIp: "10.0.2.77" }), record()])).toEqual([
      "shop/cart Deployment",
      "shop/frontend Deployment",
    ]);
  });

  it("is a workload of its own when no other shows its labels, named by what says most", () => {
    const nameless = labelled("shop", { "app.kubernetes.io/name": "redis", team: "blue" });
    expect(edgesOf([record({ destination: nameless, destinationIp: "10.0.2.77" })])).toEqual([
      "shop/frontend -> shop/redis 7070/TCP",
    ]);
  });

  it("is ambiguous where its labels fit two workloads", () => {
    const a = pod("shop/a-0", { labels: ["k8s:app=store"] });
    const b = pod("shop/b-0", { labels: ["k8s:tier=back"] });
    const either = labelled("shop", { app: "store", tier: "back" });
    const seen = [from(a), from(b, { sourceIp: "10.0.1.6" }), from(either, { sourceIp: "10.0.1.7" })];
    expect(quarantineOf(seen)).toEqual(["ambiguous-workload: 1"]);
  });

  it("goes by its address to the pod that held it then", () => {
    const bare = record({ destination: NOBODY, time: MONDAY + 9 * HOUR + MINUTE });
    expect(edgesOf([bare, record()])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
    expect(edgesOf([{ ...bare, destination: reserved("world") }, record()])).toHaveLength(1);
  });

  it("goes by its address also when no record has a time", () => {
    const untimed = [record({ destination: NOBODY, time: undefined }), record({ time: undefined })];
    expect(edgesOf(untimed)).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
  });

  it.each<readonly [string, Endpoint]>([
    ["its namespace", { ...NOBODY, namespace: "shop" }],
    ["a label", { ...NOBODY, labels: ["k8s:app=cart"] }],
    ["its service account", { ...NOBODY, labels: ["k8s:io.cilium.k8s.policy.serviceaccount=cart"] }],
    ["its name", { ...NOBODY, podName: "cart-7c9d8b6f5d-q2w4z" }],
  ])("of which only %s is left is nobody, and never an address outside", (_, forgotten) => {
    const seen = record({ destination: forgotten, destinationIp: "10.0.2.77" });
    expect(edgesOf([seen])).toEqual([]);
    expect(quarantineOf([seen])).toEqual(["no-identity: 1"]);
  });

  it("with nothing but run-time labels is not told apart by them", () => {
    const job = labelled("shop", { "job-name": "import-29123456", "controller-uid": "1" });
    expect(workloadsOf([record({ destination: job, destinationIp: "10.0.2.77" })])).toEqual([
      "shop/frontend Deployment",
    ]);
  });
});

describe("an address used by one pod after another", () => {
  const shared = "10.0.5.5";
  const first = record({ destination: CART, destinationIp: shared, time: MONDAY + 9 * HOUR });
  const second = record({
    destination: pod("shop/mail-5d69f8c7b4-x7k2p"),
    destinationIp: shared,
    destinationPort: 25,
    time: MONDAY + 11 * HOUR,
  });
  const unnamed = (time: number): FlowRecord =>
    record({ destination: NOBODY, destinationIp: shared, destinationPort: 8080, time });

  it("belongs to the one that held it when the connection was seen", () => {
    expect(edgesOf([first, second, unnamed(MONDAY + 9 * HOUR)])).toContain("shop/frontend -> shop/cart 8080/TCP");
    expect(edgesOf([first, second, unnamed(MONDAY + 11 * HOUR)])).toContain("shop/frontend -> shop/mail 8080/TCP");
  });

  it("is ambiguous at a time when neither or both held it", () => {
    for (const records of [
      [first, second, unnamed(MONDAY + 10 * HOUR)],
      [first, { ...second, time: MONDAY + 9 * HOUR + MINUTE }, unnamed(MONDAY + 9 * HOUR)],
      [first, second, unnamed(MONDAY + 9 * HOUR), unnamed(MONDAY + 11 * HOUR)],
    ]) {
      expect(quarantineOf(records).map((text) => text.split(":")[0])).toEqual(["ambiguous-address"]);
      expect(edgesOf(records)).toHaveLength(2);
    }
  });

  it("is not ambiguous between two pods of one workload", () => {
    const replica = { ...first, destination: pod("shop/cart-7c9d8b6f5d-mmx5t"), time: MONDAY + 15 * HOUR };
    expect(edgesOf([first, replica, unnamed(MONDAY + 12 * HOUR)])).toContain("shop/frontend -> shop/cart 8080/TCP");
  });
});

describe("the address of a Service", () => {
  const vip = { destination: NOBODY, destinationIp: "10.96.0.7", destinationPort: 80, destinationService: "shop/cart" };

  it("is nobody's: the rule needs the pod's own port", () => {
    expect(edgesOf([record(vip)])).toEqual([]);
    expect(quarantineOf([record(vip)])).toEqual(["service-address: 1"]);
  });

  it("on a pod that is named does no harm", () => {
    expect(edgesOf([record({ destinationService: "shop/cart" })])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
  });
});

describe("a pod's name", () => {
  const named = (name: string, over: Partial<Endpoint> = {}): FlowRecord =>
    from(pod(`shop/${name}`, { labels: ["k8s:app=one"], ...over }), {
      destination: COREDNS,
      destinationIp: COREDNS_IP,
    });

  it.each<readonly [string, readonly string[], string]>([
    ["of two rollouts of a Deployment", ["cart-5d69f8c7b4-x7k2p", "cart-7c9d8b6f5d-q2w4z"], "shop/cart Deployment"],
    ["of the ticks of a CronJob", ["import-29123456-x7k2p", "import-29123516-q2w4z"], "shop/import CronJob"],
    ["of the ordinals of a StatefulSet", ["redis-0", "redis-1", "redis-12"], "shop/redis StatefulSet"],
    ["of the pods of a DaemonSet", ["agent-x7k2p", "agent-q2w4z"], "shop/agent ?"],
    ["of a pod by itself", ["debug"], "shop/debug ?"],
    ["that has dashes", ["my-big-cart-5d69f8c7b4-x7k2p"], "shop/my-big-cart Deployment"],
  ])("gives the workload away (%s)", (_, names, workload) => {
    expect(workloadsOf(names.map((name) => named(name)))).toContain(workload);
    expect(workloadsOf(names.map((name) => named(name)))).toHaveLength(2);
  });

  it.each<readonly [string, Endpoint["workload"], string]>([
    ["a ReplicaSet's Deployment", { kind: "ReplicaSet", name: "cart-5d69f8c7b4" }, "shop/cart Deployment"],
    ["a Job's CronJob", { kind: "Job", name: "import-29123456" }, "shop/import CronJob"],
    ["a Job of no CronJob", { kind: "Job", name: "migrate" }, "shop/migrate Job"],
    ["an Argo Rollout", { kind: "Rollout", name: "cart" }, "shop/cart Rollout"],
    ["a pod that is its own controller", { kind: "Pod", name: "cart-7c9d8b6f5d-q2w4z" }, "shop/cart Deployment"],
  ])("counts for less than the controller a source names: %s", (_, workload, expected) => {
    expect(workloadsOf([named("cart-7c9d8b6f5d-q2w4z", { workload })])).toContain(expected);
  });

  it("with the controller known from one record counts for every record", () => {
    const known = named("agent-x7k2p", { workload: { kind: "DaemonSet", name: "agent" } });
    expect(workloadsOf([named("agent-q2w4z"), known])).toContain("shop/agent DaemonSet");
  });

  it("of two kinds gives two workloads with distinct keys, each with its own pods", () => {
    const records = [
      named("cart-5d69f8c7b4-x7k2p", { labels: ["k8s:app=web"] }),
      from(pod("shop/cart-0", { labels: ["k8s:app=store"] }), { sourceIp: "10.0.1.6", destinationPort: 9090 }),
    ];
    expect(edgesOf(records.map((one) => ({ ...one, destination: COREDNS, destinationIp: COREDNS_IP })))).toEqual([
      "shop/Deployment/cart -> kube-system/coredns 7070/TCP",
      "shop/StatefulSet/cart -> kube-system/coredns 9090/TCP",
    ]);
  });

  it("in two namespaces is two workloads", () => {
    expect(
      workloadsOf([
        named("cart-0"),
        from(pod("test/cart-0"), { sourceIp: "10.0.1.6", destination: COREDNS, destinationIp: COREDNS_IP }),
      ]),
    ).toEqual(expect.arrayContaining(["shop/cart StatefulSet", "test/cart StatefulSet"]));
  });
});

describe("labels", () => {
  it("that change with a rollout, a pod or a node are none of the workload's", () => {
    const labels = [
      "k8s:app=cart",
      "k8s:apps.kubernetes.io/pod-index=0",
      "k8s:controller-revision-hash=cart-6bb",
      "k8s:pod-template-hash=5d69f8c7b4",
      "k8s:statefulset.kubernetes.io/pod-name=cart-0",
      "k8s:topology.kubernetes.io/zone=a",
      "k8s:io.cilium.k8s.policy.serviceaccount=cart",
      "k8s:io.cilium.k8s.namespace.labels.team=blue",
    ];
    const [cart] = graphOf([record({ destination: { ...CART, labels } })]).workloads;
    expect(cart?.labels).toEqual({ app: "cart" });
    expect(cart?.serviceAccount).toBe("cart");
  });

  it("are those that all records with labels agree on", () => {
    const seen = [
      record({ destination: { ...CART, labels: ["k8s:app=cart", "k8s:role=leader", "k8s:team=blue"] } }),
      record({ destination: { ...CART, labels: ["k8s:app=cart", "k8s:role=follower"] } }),
      record({ destination: { ...CART, labels: [] } }),
    ];
    expect(graphOf(seen).workloads[0]?.labels).toEqual({ app: "cart" });
  });

  it("with hostile keys and values are data", () => {
    const labels = ["k8s:__proto__=polluted", "k8s:app=x=y", "k8s:constructor=c", "k8s:empty="];
    const [cart] = graphOf([record({ destination: { ...CART, labels } })]).workloads;
    expect(Object.entries(cart?.labels ?? {})).toEqual([
      ["app", "x=y"],
      ["constructor", "c"],
      ["empty", ""],
    ]);
    expect(Object.getPrototypeOf(cart?.labels)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });

  it("of other sources than Kubernetes are not the pod's", () => {
    const labels = ["cidr:10.0.0.0/8", "fqdn:*.example", "gen:subnet=a", "k8s:app=cart"];
    expect(graphOf([record({ destination: { ...CART, labels } })]).workloads[0]?.labels).toEqual({ app: "cart" });
  });

  it("name namespaces as hostile as `__proto__` without harm", () => {
    const odd = pod("__proto__/cart-0", { labels: ["k8s:app=cart"] });
    expect(edgesOf([record({ destination: odd })])).toEqual(["shop/frontend -> __proto__/cart 7070/TCP"]);
  });
});

describe("clusters", () => {
  const here = { ...FRONTEND, cluster: "here", local: true };
  const there = { ...CART, cluster: "there" };

  it("of the agents that report are home; a peer elsewhere can't be selected", () => {
    const graph = graphOf([record({ source: here, destination: there })]);
    expect(graph.edges.map(edgeText)).toEqual(["shop/frontend -> other-cluster 7070/TCP"]);
    expect(graph.workloads.map(({ key }) => key)).toEqual(["shop/frontend"]);
    expect(graph.facts.clusters).toEqual(["here", "there"]);
  });

  it("that both report have to be told apart by name", () => {
    const mixed = [record({ source: here }), record({ source: { ...FRONTEND, cluster: "there", local: true } })];
    expect(() => graphOf(mixed)).toThrow(NetlearnError);
    expect(() => graphOf(mixed)).toThrow(/here, there/);
    expect(graphOf(mixed, "here").edges).not.toEqual([]);
  });

  it("without a name are the home cluster", () => {
    expect(edgesOf([record({ source: here }), record({ source: FRONTEND })])).toEqual([
      "shop/frontend -> shop/cart 7070/TCP",
    ]);
  });
});

describe("a connection that was forwarded and then refused", () => {
  const drop = {
    event: "drop",
    verdict: "DROPPED",
    dropReason: "POLICY_DENIED",
    isReply: undefined,
    node: "node-b",
  } as const;
  const sent = record({ tcpFlags: TCP_SYN, observationPoint: "TO_OVERLAY" });
  const refused = record({ ...drop, tcpFlags: TCP_SYN, observationPoint: undefined });

  it("makes no edge, in whatever order its records come", () => {
    for (const records of [
      [sent, refused],
      [refused, sent],
      [refused, sent, refused, sent],
    ]) {
      expect(edgesOf(records)).toEqual([]);
      expect(quarantineOf(records)).toEqual(["forwarded-then-dropped: 1"]);
      expect(graphOf(records).denied.map((one) => `${edgeText(one)} ${one.connections}`)).toEqual([
        "shop/frontend -> shop/cart 7070/TCP 1",
      ]);
    }
  });

  it("makes no edge when a field mask took the reason of the drop away", () => {
    const masked = { ...refused, event: "unknown", dropReason: undefined } as const;
    expect(edgesOf([sent, masked])).toEqual([]);
  });

  it.each<readonly [string, Endpoint]>([
    ["the client an address", NOBODY],
    ["the client a node", reserved("remote-node")],
    ["the client nobody", reserved("unknown")],
  ])("makes no edge when the refusing node called %s", (_, source) => {
    expect(edgesOf([sent, { ...refused, source, sourceIp: FRONTEND_IP }])).toEqual([]);
  });

  it("is an edge as soon as one connection got through", () => {
    const other = { ...sent, sourcePort: 41_999 };
    expect(edgesOf([sent, refused, other])).toHaveLength(1);
    expect(edgesOf([sent, refused, answer(sent)])).toHaveLength(1);
    expect(edgesOf([sent, refused, { ...sent, observationPoint: "TO_ENDPOINT" }])).toHaveLength(1);
  });

  it("is still an edge when the datapath was in trouble and nobody refused it", () => {
    const trouble = { ...refused, dropReason: "CT_MAP_INSERTION_FAILED" };
    expect(edgesOf([sent, trouble])).toHaveLength(1);
    expect(graphOf([sent, trouble]).denied[0]).toMatchObject({ byPolicy: false, reason: "CT_MAP_INSERTION_FAILED" });
  });

  it("counts its twins and repetitions as one attempt", () => {
    const twins = [
      refused,
      { ...refused, event: "policy-verdict" } as const,
      refused,
      { ...refused, time: MONDAY + 9 * HOUR + 3 },
    ];
    expect(graphOf(twins).denied.map(({ connections }) => connections)).toEqual([1]);
    expect(graphOf([...twins, { ...refused, sourcePort: 41_999 }]).denied[0]?.connections).toBe(2);
  });

  it("in mid-connection takes no edge away", () => {
    const later = record({ ...drop, tcpFlags: 16 });
    expect(edgesOf([record(), later])).toHaveLength(1);
    expect(graphOf([record(), later]).denied).toEqual([]);
  });
});

describe("a node that speaks for its pods", () => {
  const udp = {
    protocol: "UDP",
    tcpFlags: undefined,
    destination: COREDNS,
    destinationIp: COREDNS_IP,
    destinationPort: 53,
  } as const;
  const asked = record({ ...udp, observationPoint: "TO_STACK" });
  const relayed = record({ ...udp, source: reserved("remote-node"), sourceIp: FRONTEND_IP });

  it("is no client when each of its connections is also a pod's", () => {
    expect(edgesOf([asked, relayed])).toEqual(["shop/frontend -> kube-system/coredns 53/UDP"]);
    expect(quarantineOf([asked, relayed])).toEqual(["node-identity-on-overlay: 1"]);
  });

  it("is a client when it has a connection of its own", () => {
    const own = { ...relayed, sourcePort: 41_999, sourceIp: "192.168.0.2" };
    expect(edgesOf([asked, own])).toEqual([
      "remote-node(192.168.0.2) -> kube-system/coredns 53/UDP",
      "shop/frontend -> kube-system/coredns 53/UDP",
    ]);
  });
});

describe("a node that stands for a pod on it", () => {
  const shown = record();
  const hidden = record({ destination: reserved("remote-node"), observationPoint: undefined, event: "unknown" });

  it("is no server when each of the connections to it is also one to a pod", () => {
    expect(edgesOf([hidden, shown])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
    expect(edgesOf([shown, hidden])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
    expect(quarantineOf([shown, hidden])).toEqual(["node-identity-on-overlay: 1"]);
  });

  it("is a server when somebody has a connection to it alone", () => {
    const own = { ...hidden, sourcePort: 41_999, destinationIp: "192.168.0.2" };
    expect(edgesOf([shown, own])).toEqual([
      "shop/frontend -> remote-node(192.168.0.2) 7070/TCP",
      "shop/frontend -> shop/cart 7070/TCP",
    ]);
  });
});

describe("names of outside addresses", () => {
  const outside = { destination: reserved("world"), destinationIp: "203.0.113.7", destinationPort: 443 };

  it("come from the records and from DNS answers, without the root's dot, in any order", () => {
    const dns = record({
      event: "l7",
      isReply: true,
      layer7: { type: "response", dns: { query: "API.example.", ips: ["203.0.113.7", "203.0.113.8"] } },
    });
    const named = record({ ...outside, destinationNames: ["cdn.example"] });
    const names = { "203.0.113.7": ["api.example", "cdn.example"] };
    expect(graphOf([dns, named]).names).toEqual(names);
    expect(graphOf([named, dns]).names).toEqual(names);
  });

  it("are few, the same ones in any order", () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      record({ ...outside, destinationNames: [`h${index}.example`] }),
    );
    expect(graphOf(many).names).toEqual(graphOf(many.toReversed()).names);
    expect(graphOf(many).names["203.0.113.7"]).toHaveLength(8);
  });
});

describe("what is remembered", () => {
  it("does not grow with the records of one connection", () => {
    const { observations } = learn(Array.from({ length: 2000 }, () => record()));
    expect(observations.sightings).toHaveLength(2);
    expect([...observations.edges()]).toHaveLength(1);
    expect([...observations.edges()][0]?.log.connections.size).toBe(1);
  });

  it("grows with neither rollouts nor restarts", () => {
    const rollouts = Array.from({ length: 100 }, (_, index) => {
      const letters = "bcdfghjklm";
      const hash = `5d69f8c7${letters[index % 10] ?? "b"}${letters[Math.floor(index / 10)] ?? "b"}`;
      return record({ destination: pod(`shop/cart-${hash}-x7k2p`), destinationIp: `10.0.7.${index}` });
    });
    expect(learn(rollouts).observations.sightings).toHaveLength(2);
    expect(edgesOf(rollouts)).toHaveLength(1);
  });

  it("is left out before `since` and from `until` on", () => {
    const learner = new Learner({ since: MONDAY + HOUR, until: MONDAY + 2 * HOUR });
    const times = [MONDAY, MONDAY + HOUR, MONDAY + 2 * HOUR, undefined];
    for (const [index, time] of times.entries()) learner.flow(record({ time, destinationPort: 8080 + index }));
    const { graph } = resolve(learner.observations);
    expect(graph.edges.map(edgeText)).toEqual(["shop/frontend -> shop/cart 8081/TCP"]);
    expect(graph.window).toEqual({ first: MONDAY + HOUR, last: MONDAY + HOUR });
    expect(graph.facts.records).toBe(1);
  });
});
