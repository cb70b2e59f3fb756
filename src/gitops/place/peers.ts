import { by } from "../../lib/sort.ts";
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicySpec } from "../../model/manifest.ts";
import type { ProposedManifest } from "../../model/placement.ts";

/**
 * A policy whose peers are chosen by expressions, with the same meaning: kustomize writes selector labels into the
 * `matchLabels` of peers as well, which are others' pods (kustomize issue 5912), and leaves expressions alone.
 */
export function withPeerExpressions(manifest: ProposedManifest): ProposedManifest {
  if (manifest.kind !== "NetworkPolicy") return manifest;
  const { ingress, egress, ...rest } = manifest.spec;
  const spec: NetworkPolicySpec = {
    ...rest,
    ...(ingress === undefined
      ? {}
      : { ingress: ingress.map((rule) => (rule.from ? { ...rule, from: rule.from.map(peerByExpressions) } : rule)) }),
    ...(egress === undefined
      ? {}
      : { egress: egress.map((rule) => (rule.to ? { ...rule, to: rule.to.map(peerByExpressions) } : rule)) }),
  };
  return { ...manifest, spec };
}

/** A peer whose pods are chosen by expressions, with the same meaning. */
export function peerByExpressions(peer: NetworkPolicyPeer): NetworkPolicyPeer {
  return peer.podSelector === undefined ? peer : { ...peer, podSelector: byExpressions(peer.podSelector) };
}

function byExpressions({ matchLabels = {}, matchExpressions = [] }: LabelSelector): LabelSelector {
  const labels = Object.entries(matchLabels).toSorted(by(([key]) => key));
  const expressions = labels.map(([key, value]) => ({ key, operator: "In" as const, values: [value] }));
  const all = [...expressions, ...matchExpressions];
  return all.length === 0 ? {} : { matchExpressions: all };
}
