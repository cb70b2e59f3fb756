import { canonicalText } from "../../lib/canonical.ts";
import type {
  NetworkPolicy,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../model/manifest.ts";
import { peerByExpressions } from "../place/peers.ts";
import type { ObjectGrowth } from "./object-growth.ts";

/** A rule of either direction. */
interface DirectedRule {
  readonly peers: readonly NetworkPolicyPeer[];
  readonly ports: readonly NetworkPolicyPort[];
}

/** What a policy does about one direction; undefined: it leaves it as it is. */
type Isolation = readonly DirectedRule[] | undefined;

/**
 * How a policy changes. What is compared is who may use which port: selectors by expressions and by labels are the same.
 * Blocks of addresses are compared by their text, so that a wider one counts as another.
 */
export function policyGrowth(current: NetworkPolicy, desired: NetworkPolicy): ObjectGrowth {
  const stays = { isWider: false, isNarrower: true, widened: current };
  if (subjectOf(current) !== subjectOf(desired)) return stays;
  const ingress = directionGrowth(isolation(current, "Ingress"), isolation(desired, "Ingress"));
  const egress = directionGrowth(isolation(current, "Egress"), isolation(desired, "Egress"));
  const isWider = ingress.isWider || egress.isWider;
  const isNarrower = ingress.isNarrower || egress.isNarrower;
  if (!isNarrower) return { isWider, isNarrower, widened: isWider ? desired : current };
  // A policy of no direction is one that isolates ingress.
  if (ingress.widened === undefined && egress.widened === undefined) return stays;
  return { isWider, isNarrower, widened: written(desired, ingress.widened, egress.widened) };
}

function subjectOf({ spec }: NetworkPolicy): string {
  return peerText({ podSelector: spec.podSelector ?? {} });
}

function isolation({ spec }: NetworkPolicy, direction: "Ingress" | "Egress"): Isolation {
  const { policyTypes = [], egress = [] } = spec;
  // As the API server fills it in (networking.k8s.io/v1, NetworkPolicySpec.policyTypes).
  const types = policyTypes.length > 0 ? policyTypes : egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  if (!types.includes(direction)) return undefined;
  return direction === "Ingress"
    ? (spec.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }))
    : (spec.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
}

interface DirectionGrowth {
  readonly isWider: boolean;
  readonly isNarrower: boolean;
  readonly widened: Isolation;
}

function directionGrowth(current: Isolation, desired: Isolation): DirectionGrowth {
  if (current === undefined || desired === undefined) {
    const isWider = current !== undefined;
    return { isWider, isNarrower: desired !== undefined, widened: undefined };
  }
  const added = desired.filter((rule) => !isCovered(rule, current));
  const isNarrower = current.some((rule) => !isCovered(rule, desired));
  if (added.length === 0) return { isWider: false, isNarrower, widened: current };
  return { isWider: true, isNarrower, widened: isNarrower ? [...current, ...added] : desired };
}

const ANY = "*";

/** Whether every peer of a rule may use every port of it by other rules. */
function isCovered(rule: DirectedRule, by: readonly DirectedRule[]): boolean {
  const covering = by.map((other) => ({ peers: new Set(peerTexts(other)), ports: new Set(portTexts(other)) }));
  return peerTexts(rule).every((peer) =>
    portTexts(rule).every((port) =>
      covering.some(({ peers, ports }) => (peers.has(peer) || peers.has(ANY)) && (ports.has(port) || ports.has(ANY))),
    ),
  );
}

function peerTexts({ peers }: DirectedRule): readonly string[] {
  return peers.length === 0 ? [ANY] : peers.map(peerText);
}

function portTexts({ ports }: DirectedRule): readonly string[] {
  return ports.length === 0 ? [ANY] : ports.map((port) => canonicalText({ ...port, protocol: port.protocol ?? "TCP" }));
}

function peerText(peer: NetworkPolicyPeer): string {
  return canonicalText(peerByExpressions(peer));
}

function written(desired: NetworkPolicy, ingress: Isolation, egress: Isolation): NetworkPolicy {
  const { ingress: _in, egress: _out, ...rest } = desired.spec;
  const spec: NetworkPolicySpec = {
    ...rest,
    policyTypes: [
      ...(ingress === undefined ? [] : ["Ingress" as const]),
      ...(egress === undefined ? [] : ["Egress" as const]),
    ],
    ...(ingress === undefined || ingress.length === 0
      ? {}
      : {
          ingress: ingress.map((rule) => ({
            ...(rule.peers.length === 0 ? {} : { from: rule.peers }),
            ...portsOf(rule),
          })),
        }),
    ...(egress === undefined || egress.length === 0
      ? {}
      : {
          egress: egress.map((rule) => ({ ...(rule.peers.length === 0 ? {} : { to: rule.peers }), ...portsOf(rule) })),
        }),
  };
  return { ...desired, spec };
}

function portsOf({ ports }: DirectedRule): Pick<NetworkPolicyIngressRule, "ports"> {
  return ports.length === 0 ? {} : { ports };
}
