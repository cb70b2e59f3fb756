import { by } from "../../lib/sort.ts";
import { attributesText } from "../../model/access-attributes.ts";
import type { SuggestedRole } from "../../model/access-policy.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "../../model/manifest.ts";
import type { ProposedManifest } from "../../model/placement.ts";
import { type Effect, type Risk, undecidedCuts } from "../../model/proposal.ts";

const RANK = { high: 0, medium: 1, low: 2 } as const;

/**
 * Reasons to look closer at a proposal, gravest first: rights that give more than they say, openings to everybody, traffic
 * between namespaces that becomes allowed, and what is isolated for the first time.
 *
 * @param roles those of the proposal's files
 */
export function risksOf(
  manifests: readonly ProposedManifest[],
  roles: readonly SuggestedRole[],
  { cut, isolated }: Pick<Effect, "cut" | "isolated">,
): readonly Risk[] {
  const policies = manifests.filter((manifest): manifest is NetworkPolicy => manifest.kind === "NetworkPolicy");
  const found = [
    ...cutRisk(undecidedCuts({ cut }).length),
    ...roles.flatMap(roleRisks),
    ...policies.flatMap(openings),
    ...isolationRisk(new Set(isolated.map(({ workload }) => workload)).size),
  ];
  const distinct = new Map(found.map((risk) => [JSON.stringify(risk), risk]));
  return [...distinct.values()].toSorted(by(({ level, rule, message }) => `${RANK[level]} ${rule} ${message}`));
}

function cutRisk(count: number): readonly Risk[] {
  return count === 0
    ? []
    : [
        {
          rule: "cuts-observed",
          level: "high",
          message: `${count === 1 ? "One connection that was" : `${count} connections that were`} seen would be cut.`,
        },
      ];
}

function isolationRisk(count: number): readonly Risk[] {
  if (count === 0) return [];
  const message = `${count === 1 ? "One workload is" : `${count} workloads are`} isolated for the first time: what nobody was seen doing is refused from then on.`;
  return [{ rule: "first-isolation", level: "medium", message }];
}

function roleRisks({ subjectName, lines }: SuggestedRole): readonly Risk[] {
  return lines.flatMap(({ attributes, risk }): Risk[] =>
    risk === undefined
      ? []
      : [{ rule: risk, level: "high", message: `${subjectName} may ${attributesText(attributes)}.` }],
  );
}

function openings({ metadata: { namespace = "", name }, spec }: NetworkPolicy): readonly Risk[] {
  const rules = [
    ...(spec.ingress ?? []).map(({ from = [] }) => ({ direction: "ingress", peers: from })),
    ...(spec.egress ?? []).map(({ to = [] }) => ({ direction: "egress", peers: to })),
  ];
  return rules.flatMap(({ direction, peers }): Risk[] => {
    const place = `${namespace}/${name}`;
    if (peers.length === 0 || peers.some(isAnywhere)) {
      return [
        {
          rule: `${direction}-anywhere`,
          level: "high",
          message: `${place} lets ${direction} with everybody through on some ports.`,
        },
      ];
    }
    return peers.some(({ ipBlock }) => ipBlock !== undefined)
      ? [
          {
            rule: `${direction}-outside`,
            level: "medium",
            message: `${place} lets ${direction} with addresses outside the cluster through.`,
          },
        ]
      : [];
  });
}

function isAnywhere({ ipBlock }: NetworkPolicyPeer): boolean {
  return ipBlock?.cidr.endsWith("/0") === true;
}
