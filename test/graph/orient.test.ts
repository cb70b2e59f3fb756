import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPolicyDrop, type Orientation, orient, provesPassage } from "../../src/graph/orient.ts";
import { type FlowRecord, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "../../src/model/flow.ts";
import {
  answer,
  asideOf,
  CART,
  edgesOf,
  FRONTEND,
  PAYMENTS,
  PAYMENTS_IP,
  quarantineOf,
  record,
  reserved,
  SYN_ACK,
} from "../support/flow-record.ts";

const REQUEST: Orientation = { kind: "request", opening: false };
const OPENING: Orientation = { kind: "request", opening: true };
const REPLY: Orientation = { kind: "reply" };
const DENIED: Orientation = { kind: "denied" };
const UNDIRECTED: Orientation = { kind: "undirected", says: undefined };
const aside = (reason: string): Orientation => ({ kind: "aside", reason }) as Orientation;

type Row = readonly [name: string, over: Partial<FlowRecord>, orientation: Orientation];

const masked = { isReply: undefined, tcpFlags: undefined } as const;
const udp = { protocol: "UDP", tcpFlags: undefined, destinationPort: 53 } as const;
const icmp = (icmpType: number, protocol: "ICMPv4" | "ICMPv6" = "ICMPv4"): Partial<FlowRecord> => ({
  protocol,
  icmpType,
  tcpFlags: undefined,
  sourcePort: undefined,
  destinationPort: undefined,
});
const drop = { event: "drop", verdict: "DROPPED", isReply: undefined, dropReason: "POLICY_DENIED" } as const;

describe("who opened the connection", () => {
  it.each<Row>([
    ["a SYN opens", { tcpFlags: TCP_SYN }, OPENING],
    ["a SYN with ECN bits opens", { tcpFlags: TCP_SYN | 64 | 128 }, OPENING],
    ["a SYN opens whatever is_reply says", { tcpFlags: TCP_SYN, isReply: true }, OPENING],
    ["a SYN+ACK answers", { tcpFlags: SYN_ACK, isReply: true }, REPLY],
    ["a SYN+ACK answers although is_reply is false (Retina)", { tcpFlags: SYN_ACK, isReply: false }, REPLY],
    ["a SYN+ACK answers without is_reply (TO_OVERLAY)", { tcpFlags: SYN_ACK, isReply: undefined }, REPLY],
    ["a SYN+ACK in a verdict event answers", { tcpFlags: SYN_ACK, event: "policy-verdict" }, REPLY],
    ["is_reply false asks", { isReply: false }, REQUEST],
    ["is_reply true answers", answer(record()), REPLY],
    ["is_reply wins over the trace reason", { isReply: false, traceReason: "reply" }, REQUEST],
    ["without is_reply, trace reason NEW asks", { isReply: undefined, traceReason: "new" }, REQUEST],
    ["without is_reply, trace reason ESTABLISHED asks", { isReply: undefined, traceReason: "established" }, REQUEST],
    [
      "without is_reply, trace reason REPLY answers",
      { isReply: undefined, traceReason: "reply", sourcePort: 7070, destinationPort: 41_234 },
      REPLY,
    ],
    ["an unknown trace reason tells nothing", { ...masked, traceReason: "unknown" }, UNDIRECTED],
    ["nothing tells nothing, whichever port is lower", masked, UNDIRECTED],
    [
      "nothing tells nothing, with ports exchanged",
      { ...masked, sourcePort: 7070, destinationPort: 41_234 },
      UNDIRECTED,
    ],
    ["a RST alone tells nothing", { isReply: undefined, tcpFlags: TCP_RST }, UNDIRECTED],
    ["data alone tells nothing", { isReply: undefined, tcpFlags: TCP_PSH | TCP_ACK }, UNDIRECTED],
    ["a FIN with is_reply false asks", { tcpFlags: TCP_FIN | TCP_ACK }, REQUEST],
    ["UDP goes by is_reply", udp, REQUEST],
    ["UDP without is_reply tells nothing", { ...udp, isReply: undefined }, UNDIRECTED],
    ["SCTP goes by is_reply", { protocol: "SCTP", tcpFlags: undefined }, REQUEST],
    ["REDIRECTED is let through", { verdict: "REDIRECTED" }, REQUEST],
    ["AUDIT is let through", { verdict: "AUDIT", event: "policy-verdict" }, OPENING],
    ["a forwarded verdict event opens", { event: "policy-verdict" }, OPENING],
    ["a verdict event marked as reply answers", { event: "policy-verdict", isReply: true }, REPLY],
    [
      "a layer 7 request opens",
      { event: "l7", layer7: { type: "request", dns: undefined }, observationPoint: undefined },
      OPENING,
    ],
    [
      "a layer 7 response answers",
      { event: "l7", isReply: true, layer7: { type: "response", dns: undefined }, observationPoint: undefined },
      REPLY,
    ],
    ["an echo request asks", icmp(8), OPENING],
    ["an ICMPv6 echo request asks", icmp(128, "ICMPv6"), OPENING],
    ["an echo reply answers, whatever is_reply says", icmp(0), REPLY],
    ["an ICMPv6 echo reply answers", icmp(129, "ICMPv6"), REPLY],
    ["other ICMP tells nothing", icmp(13), UNDIRECTED],
    [
      "a claim of an ephemeral server port needs a second witness",
      { destinationPort: 41_000 },
      { kind: "undirected", says: "request" },
    ],
    [
      "so does the claim that an ephemeral port answers",
      { isReply: true, sourcePort: 50_051, destinationPort: 41_000 },
      { kind: "undirected", says: "reply" },
    ],
    ["a SYN needs no witness for an ephemeral server port", { tcpFlags: TCP_SYN, destinationPort: 50_051 }, OPENING],
    ["a verdict event needs no witness either", { event: "policy-verdict", destinationPort: 50_051 }, OPENING],
  ])("%s", (_, over, orientation) => {
    expect(orient(record(over))).toEqual(orientation);
  });

  it.each<Row>([
    ["a refused SYN is the client's attempt", { ...drop, tcpFlags: TCP_SYN }, DENIED],
    ["so is a refused verdict", { ...drop, event: "policy-verdict", tcpFlags: TCP_SYN }, DENIED],
    ["so is a refused UDP query", { ...drop, ...udp }, DENIED],
    [
      "so is a refused HTTP request",
      { ...drop, event: "l7", layer7: { type: "request", dns: undefined }, tcpFlags: undefined },
      DENIED,
    ],
    ["so is a refused ping", { ...drop, ...icmp(8) }, DENIED],
    ["ERROR is refused as well", { ...drop, verdict: "ERROR", tcpFlags: TCP_SYN }, DENIED],
    ["a drop event without a verdict is refused", { ...drop, verdict: "UNKNOWN", tcpFlags: TCP_SYN }, DENIED],
    ["a refused answer is nobody's attempt", { ...drop, isReply: true }, aside("dropped-mid-connection")],
    ["a refused SYN+ACK is none", { ...drop, tcpFlags: SYN_ACK }, aside("dropped-mid-connection")],
    ["a refused packet in mid-connection is none", { ...drop, tcpFlags: TCP_ACK }, aside("dropped-mid-connection")],
    ["a refused RST is none", { ...drop, tcpFlags: TCP_RST }, aside("dropped-mid-connection")],
    [
      "a refused DNS answer is none",
      { ...drop, ...udp, sourcePort: 53, destinationPort: 41_234 },
      aside("dropped-mid-connection"),
    ],
    [
      "a refused HTTP response is none",
      { ...drop, event: "l7", layer7: { type: "response", dns: undefined } },
      aside("dropped-mid-connection"),
    ],
  ])("%s", (_, over, orientation) => {
    expect(orient(record({ isReply: undefined, ...over }))).toEqual(orientation);
  });

  it.each<Row>([
    ["SOCK records", { event: "socket", verdict: "TRACED" }, aside("socket-trace")],
    ["translated SOCK records", { verdict: "TRANSLATED" }, aside("socket-trace")],
    ["debug captures", { event: "debug-capture" }, aside("debug-capture")],
    ["FROM_ENDPOINT", { observationPoint: "FROM_ENDPOINT" }, aside("from-observation-point")],
    ["FROM_NETWORK", { observationPoint: "FROM_NETWORK" }, aside("from-observation-point")],
    [
      "FROM_OVERLAY with a SYN+ACK",
      { observationPoint: "FROM_OVERLAY", tcpFlags: SYN_ACK },
      aside("from-observation-point"),
    ],
    ["layer 7 samples", { event: "l7", layer7: { type: "sample", dns: undefined } }, aside("l7-sample")],
    ["related packets", { traceReason: "related" }, aside("related")],
    ["records without a verdict", { verdict: "UNKNOWN" }, aside("verdict-unknown")],
    ["protocols that no policy knows", { protocol: "other" }, aside("no-transport")],
    ...[3, 4, 5, 11, 12].map((type): Row => [`ICMP error ${type}`, icmp(type), aside("icmp-error")]),
    ...[1, 2, 3, 4].map((type): Row => [`ICMPv6 error ${type}`, icmp(type, "ICMPv6"), aside("icmp-error")]),
    ...[133, 134, 135, 136, 137].map(
      (type): Row => [`neighbour discovery ${type}`, icmp(type, "ICMPv6"), aside("neighbour-discovery")],
    ),
  ])("%s tell nothing", (_, over, orientation) => {
    expect(orient(record(over))).toEqual(orientation);
  });

  it("takes a SYN at FROM_ENDPOINT and in a debug capture all the same", () => {
    expect(orient(record({ observationPoint: "FROM_ENDPOINT", tcpFlags: TCP_SYN }))).toEqual(OPENING);
    expect(orient(record({ event: "debug-capture", tcpFlags: TCP_SYN }))).toEqual(OPENING);
  });

  it("never depends on traffic_direction", () => {
    const flags = fc.constantFrom(undefined, 0, TCP_SYN, TCP_ACK, SYN_ACK, TCP_RST);
    const event = fc.constantFrom("trace", "drop", "policy-verdict", "l7", "unknown" as const);
    const reply = fc.constantFrom(undefined, true, false);
    fc.assert(
      fc.property(flags, event, reply, fc.boolean(), (tcpFlags, kind, isReply, refused) => {
        const verdict = refused ? "DROPPED" : "FORWARDED";
        const one = record({ tcpFlags, event: kind as FlowRecord["event"], isReply, verdict });
        const all = (["ingress", "egress", undefined] as const).map((direction) => orient({ ...one, direction }));
        expect(new Set(all.map((found) => JSON.stringify(found))).size).toBe(1);
      }),
    );
  });

  it("never follows from the ports alone", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(port, port, fc.constantFrom("TCP", "UDP", "SCTP"), (sourcePort, destinationPort, protocol) => {
        const bare = record({ ...masked, protocol, sourcePort, destinationPort });
        expect(orient(bare)).toEqual(UNDIRECTED);
      }),
    );
  });
});

describe("traffic_direction at TO_ENDPOINT", () => {
  it.each(["ingress", "egress", undefined] as const)(
    "makes the same edge when it says %s (AKS and EKS say egress)",
    (direction) => {
      const seen = record({ observationPoint: "TO_ENDPOINT", tcpFlags: TCP_SYN, direction });
      expect(edgesOf([seen])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
      expect(edgesOf([answer(seen, { tcpFlags: SYN_ACK })])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
    },
  );
});

describe("an undirected record", () => {
  const undirected = record({ ...masked, observationPoint: "TO_OVERLAY" });

  it("makes no edge and is quarantined", () => {
    expect(edgesOf([undirected])).toEqual([]);
    expect(quarantineOf([undirected])).toEqual(["undirected: 1"]);
  });

  it("joins the edge of another record with the same server, in either direction", () => {
    const oriented = record({ sourcePort: 40_000 });
    for (const one of [undirected, answer(undirected, { isReply: undefined })]) {
      expect(edgesOf([one, oriented])).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
      expect(quarantineOf([one, oriented])).toEqual([]);
    }
  });

  it("gives a new client to a server that another client made known", () => {
    const other = record({ source: reserved("world"), sourceIp: "203.0.113.9" });
    expect(edgesOf([undirected, other])).toEqual([
      "203.0.113.9 -> shop/cart 7070/TCP",
      "shop/frontend -> shop/cart 7070/TCP",
    ]);
  });

  it("stays undecided where both ends serve the port they used", () => {
    const both = { ...masked, sourcePort: 7070, destinationPort: 7070 };
    const peers = [
      record({ tcpFlags: TCP_SYN }),
      record({
        tcpFlags: TCP_SYN,
        source: CART,
        destination: FRONTEND,
        sourceIp: "10.0.2.9",
        destinationIp: "10.0.1.5",
      }),
    ];
    expect(quarantineOf([...peers, record(both)])).toEqual(["undirected: 1"]);
    expect(edgesOf([...peers, record(both)])).toEqual(edgesOf(peers));
  });

  it("with a node's identity on the overlay makes no edge although the server is known", () => {
    const lost = record({
      ...masked,
      ...udp,
      isReply: undefined,
      source: reserved("remote-node"),
      sourceIp: "10.0.9.1",
      observationPoint: "TO_OVERLAY",
    });
    const known = record({ ...udp });
    expect(edgesOf([lost, known])).toEqual(["shop/frontend -> shop/cart 53/UDP"]);
    expect(quarantineOf([lost, known])).toEqual(["node-identity-on-overlay: 1"]);
  });

  it("is no witness for another one", () => {
    const chain = [
      undirected,
      record({
        ...masked,
        source: CART,
        sourceIp: "10.0.2.9",
        sourcePort: 7070,
        destination: reserved("world"),
        destinationIp: "203.0.113.7",
        destinationPort: 443,
      }),
    ];
    expect(edgesOf(chain)).toEqual([]);
  });
});

describe("is_reply that lies", () => {
  /** Retina says false on everything. */
  const lying = (ports: number): FlowRecord[] =>
    Array.from({ length: ports }, (_, index) => {
      const ask = record({ sourcePort: 41_000 + index, tcpFlags: TCP_ACK });
      return [ask, answer(ask, { isReply: false })];
    }).flat();

  it("makes no server of a client's ephemeral port", () => {
    expect(edgesOf(lying(1))).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
    expect(edgesOf(lying(40))).toEqual(["shop/frontend -> shop/cart 7070/TCP"]);
  });

  it("makes no edge at all when only the lie was seen", () => {
    const lies = lying(5).filter(({ sourcePort }) => sourcePort === 7070);
    expect(edgesOf(lies)).toEqual([]);
    expect(quarantineOf(lies)).toEqual(["unconfirmed-server-port: 5"]);
  });

  it("does not hide a true server on an ephemeral port that many client ports met", () => {
    const calls = Array.from({ length: 4 }, (_, index) =>
      record({ sourcePort: 41_000 + index, destinationPort: 50_051 }),
    );
    const lies = calls.map((call) => answer(call, { isReply: false }));
    expect(edgesOf([...calls, ...lies])).toEqual(["shop/frontend -> shop/cart 50051/TCP"]);
  });

  it("contested by a single connection is not believed", () => {
    const call = record({ sourcePort: 41_000, destinationPort: 50_051 });
    expect(edgesOf([call, answer(call, { isReply: false })])).toEqual([]);
  });

  it("is not believed of a source that never calls anything a reply, unless many client ports speak for it", () => {
    const between = (port: number): FlowRecord => record({ sourcePort: 41_000 + port, destinationPort: 50_051 });
    expect(edgesOf([between(0)])).toEqual([]);
    expect(quarantineOf([between(0)])).toEqual(["unconfirmed-server-port: 1"]);
    expect(edgesOf([0, 1, 2].map(between))).toEqual(["shop/frontend -> shop/cart 50051/TCP"]);
    const told = answer(record({ destination: PAYMENTS, destinationIp: PAYMENTS_IP }));
    expect(edgesOf([told, between(0)])).toContain("shop/frontend -> shop/cart 50051/TCP");
  });

  it("about one of several known ephemeral servers adds no false quarantine", () => {
    const opened = [50_051, 50_052].map((destinationPort) => record({ destinationPort, tcpFlags: TCP_SYN }));
    const later = [50_051, 50_052].map((destinationPort) => record({ destinationPort }));
    expect(quarantineOf([...later, ...opened])).toEqual([]);
    expect(edgesOf([...later, ...opened])).toEqual([
      "shop/frontend -> shop/cart 50051/TCP",
      "shop/frontend -> shop/cart 50052/TCP",
    ]);
  });
});

describe("traffic no policy is for", () => {
  it.each<readonly [string, Partial<FlowRecord>, string]>([
    [
      "Cilium's health checks",
      { destination: reserved("health"), destinationIp: "10.0.3.3", destinationPort: 4240 },
      "health-check",
    ],
    ["loopback", { sourceIp: "127.0.0.1", destinationIp: "127.0.0.1" }, "loopback"],
    ["multicast", { destinationIp: "224.0.0.251", destination: reserved("world") }, "multicast-or-broadcast"],
    ["IPv6 multicast", { destinationIp: "ff02::1", destination: reserved("world") }, "multicast-or-broadcast"],
    ["broadcast", { destinationIp: "255.255.255.255", destination: reserved("world") }, "multicast-or-broadcast"],
    ["IPv6 link-local addresses", { destinationIp: "fe80::1", destination: reserved("world") }, "link-local"],
    ["a pod and itself", { destination: FRONTEND, destinationIp: "10.0.1.5" }, "same-pod"],
    ["a pod and itself at another address", { destination: FRONTEND, destinationIp: "fd00::5" }, "same-pod"],
    ["node and node", { source: reserved("host"), destination: reserved("remote-node") }, "no-pod"],
  ])("is left out and counted: %s", (_, over, reason) => {
    expect(edgesOf([record(over)])).toEqual([]);
    expect(asideOf([record(over)])).toEqual([reason]);
  });

  it("is not the node-local DNS cache, although its address is link-local", () => {
    const query = record({ ...udp, destination: reserved("host"), destinationIp: "169.254.20.10" });
    expect(edgesOf([query])).toEqual(["shop/frontend -> host(169.254.20.10) 53/UDP"]);
  });

  it("is not a replica talking to another replica", () => {
    const peers = record({
      destination: { ...FRONTEND, podName: "frontend-5d69f8c7b4-q2w4z" },
      destinationIp: "10.0.1.6",
    });
    expect(edgesOf([peers])).toEqual(["shop/frontend -> shop/frontend 7070/TCP"]);
  });
});

describe("proof of passage", () => {
  it.each<readonly [string, Partial<FlowRecord>, boolean]>([
    ["its arrival at the endpoint", { observationPoint: "TO_ENDPOINT" }, true],
    ["an established record", { observationPoint: "TO_STACK", traceReason: "established" }, true],
    ["an answer", { isReply: true, sourcePort: 7070, destinationPort: 41_234, observationPoint: "TO_STACK" }, true],
    ["the server side's verdict", { event: "policy-verdict", direction: "ingress" }, true],
    ["the client side's verdict is none", { event: "policy-verdict", direction: "egress" }, false],
    ["leaving the client is none", { observationPoint: "TO_STACK" }, false],
    ["going onto the overlay is none", { observationPoint: "TO_OVERLAY" }, false],
    ["a refusal is none", { event: "drop", verdict: "DROPPED", tcpFlags: TCP_SYN }, false],
  ])("%s", (_, over, proves) => {
    expect(provesPassage(record(over), orient(record(over)))).toBe(proves);
  });
});

describe("a drop is a policy's", () => {
  it.each<readonly [string, Partial<FlowRecord>, boolean]>([
    ["when no policy allowed it", { ...drop }, true],
    ["when a policy denies it", { ...drop, dropReason: "POLICY_DENY" }, true],
    ["when authentication is missing", { ...drop, dropReason: "AUTH_REQUIRED" }, true],
    ["when the proxy refused the request", { event: "l7", verdict: "DROPPED" }, true],
    ["not when the proxy failed", { event: "l7", verdict: "ERROR" }, false],
    ["not when the datapath was in trouble", { ...drop, dropReason: "STALE_OR_UNROUTABLE_IP" }, false],
    ["not when nobody knows", { ...drop, dropReason: undefined }, false],
  ])("%s", (_, over, byPolicy) => {
    expect(isPolicyDrop(record(over))).toBe(byPolicy);
  });
});
