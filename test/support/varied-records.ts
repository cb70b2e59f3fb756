import { type FlowRecord, TCP_SYN } from "../../src/model/flow.ts";
import { HOSTILE } from "./fixtures.ts";
import {
  answer,
  CART,
  COREDNS,
  COREDNS_IP,
  HOUR,
  labelled,
  MONDAY,
  NOBODY,
  PAYMENTS,
  PAYMENTS_IP,
  pod,
  record,
  reserved,
} from "./flow-record.ts";

/** Something of everything that is remembered. */
export const VARIED: readonly FlowRecord[] = [
  record(),
  answer(record({ sourcePort: 41_300, time: MONDAY + 20 * HOUR })),
  record({ destination: PAYMENTS, destinationIp: PAYMENTS_IP, destinationPort: 50_051 }),
  record({
    protocol: "UDP",
    tcpFlags: undefined,
    destination: COREDNS,
    destinationIp: COREDNS_IP,
    destinationPort: 53,
    isReply: undefined,
  }),
  record({
    destination: reserved("world"),
    destinationIp: "2001:db8::7",
    destinationPort: 443,
    destinationNames: ["api.example"],
  }),
  record({ destination: labelled("shop", { app: "mail" }), destinationIp: "10.0.6.6", destinationPort: 25 }),
  record({ destination: NOBODY, destinationPort: 8080 }),
  record({ destination: NOBODY, destinationIp: "10.96.0.7", destinationService: "shop/cart" }),
  record({ tcpFlags: TCP_SYN, observationPoint: "TO_OVERLAY", destinationPort: 9999 }),
  record({
    tcpFlags: TCP_SYN,
    event: "drop",
    verdict: "DROPPED",
    dropReason: "POLICY_DENIED",
    isReply: undefined,
    destinationPort: 9999,
  }),
  record({
    source: pod("shop/tick-29123456-x7k2p", {
      workload: { kind: "Job", name: "tick-29123456" },
      cluster: "here",
      local: true,
    }),
  }),
  record({ isReply: undefined, tcpFlags: undefined, destinationPort: undefined }),
  record({
    destination: { ...CART, labels: [`k8s:app=${HOSTILE}`, "k8s:1=2", "k8s:constructor=x"] },
    node: HOSTILE,
    time: undefined,
  }),
  record({ protocol: "ICMPv4", icmpType: 8, tcpFlags: undefined, sourcePort: undefined, destinationPort: undefined }),
  record({ verdict: "AUDIT", event: "policy-verdict", destinationPort: 6000 }),
];
