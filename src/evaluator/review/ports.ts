import type { CheckFinding } from "../../model/check-finding.ts";
import type { NetworkPolicyPort } from "../../model/manifest.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { isolates, namespaceOf, type ReviewRule } from "./policies.ts";
import type { Selection } from "./selectors.ts";
import type { Subject } from "./world.ts";

/** Named ports that no pod they could mean has: such an entry opens nothing (rule 9). */
export function namedPortFindings(rule: ReviewRule, selection: Selection): readonly CheckFinding[] {
  if (!isolates(rule.policy).has(rule.direction)) return [];
  const servers = serversOf(rule, selection);
  // Flows do not tell how ports are called: a single server known only from them may have the name.
  if (servers.length === 0 || servers.some(({ manifest }) => manifest === undefined)) return [];
  return rule.ports.flatMap((entry, at) => {
    const { port } = entry;
    if (typeof port !== "string" || servers.some((server) => declares(server, port, entry))) return [];
    return [unknownPort(rule, at, servers)];
  });
}

function serversOf({ policy, direction, peers }: ReviewRule, selection: Selection): readonly Subject[] {
  if (direction === "ingress") return selection.selectedBy(policy);
  const matched = peers.map((peer) => selection.matchedBy(peer, namespaceOf(policy)));
  return matched.includes(undefined) ? [] : [...new Set(matched.flatMap((found) => found ?? []))];
}

function declares({ manifest }: Subject, name: string, { protocol = "TCP" }: NetworkPolicyPort): boolean {
  return (manifest?.ports ?? []).some((port) => port.name === name && port.protocol === protocol);
}

function unknownPort(rule: ReviewRule, at: number, servers: readonly Subject[]): CheckFinding {
  const { policy, direction, index } = rule;
  const { port, protocol = "TCP" } = rule.ports[at] ?? {};
  const declared = servers.flatMap(({ manifest }) =>
    (manifest?.ports ?? []).flatMap((known) =>
      known.name === undefined ? [] : [`${known.name} (${known.port}/${known.protocol})`],
    ),
  );
  const names =
    declared.length === 0 ? "they name no ports" : `they name ${namesOf([...new Set(declared)].toSorted(), 5)}`;
  return findingOf({
    code: "named-port-unknown",
    severity: "warning",
    about: policy.id,
    message: `NetworkPolicy ${policy.id}, ${direction} rule ${index + 1}: no pod of ${namesOf(servers.map(({ key }) => key))} has a port called ${String(port)} over ${protocol}, so this entry opens nothing; ${names}`,
    choice: "Correct the name (names and protocol must both fit), or write the number.",
    place: placeOf(policy.object, [...rule.path, "ports", at, "port"]),
    detail: JSON.stringify([direction, port, protocol]),
  });
}
