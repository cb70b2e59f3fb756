import type { CheckFinding } from "../../model/check-finding.ts";
import type { NetworkPolicyPort } from "../../model/manifest.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { isolates, namespaceOf, type ReviewRule, rulesOf } from "./policies.ts";
import type { Selection } from "./selectors.ts";
import { SubjectNames } from "./subject-names.ts";
import type { ReviewPolicy, ReviewWorld, Subject } from "./world.ts";

/** A Service's port that is another one at the pods behind it. */
interface Translated {
  readonly subject: Subject;
  readonly protocol: string;
  readonly podPort: number;
  /** `shop/cart:80 to 8080` */
  readonly text: string;
}

/** Egress rules that lead to Services whose port is not that of their pods, which the Amazon VPC CNI needs to be equal. */
export function servicePortFindings(world: ReviewWorld, selection: Selection): readonly CheckFinding[] {
  const translated = Map.groupBy(translatedPorts(world), ({ subject }) => subject);
  if (translated.size === 0) return [];
  return world.policies.flatMap((policy) => {
    if (!isolates(policy).has("egress")) return [];
    const rules = rulesOf(policy).filter(({ direction }) => direction === "egress");
    const reached = rules.flatMap((rule) => reachedBy(rule, translated, selection));
    return reached.length === 0 ? [] : [translatedFinding(policy, [...new Set(reached)].toSorted())];
  });
}

function translatedPorts({ promises, subjects }: ReviewWorld): readonly Translated[] {
  const names = new SubjectNames(subjects);
  return promises.services.flatMap(({ namespace, name, ports }) =>
    ports.flatMap(({ port, protocol, backends }) =>
      backends.flatMap((backend) => {
        if (backend.kind !== "workload" || backend.port === port) return [];
        const text = `${namespace}/${name}:${port} to ${backend.port}`;
        return names.of(backend.workload).map((subject) => ({ subject, protocol, podPort: backend.port, text }));
      }),
    ),
  );
}

function reachedBy(
  { peers, ports, policy }: ReviewRule,
  translated: ReadonlyMap<Subject, readonly Translated[]>,
  selection: Selection,
): readonly string[] {
  const matched =
    peers.length === 0
      ? [...translated.keys()]
      : peers.flatMap((peer) => selection.matchedBy(peer, namespaceOf(policy)) ?? []);
  return matched.flatMap((subject) =>
    (translated.get(subject) ?? []).flatMap((one) => (isNamed(one, ports) ? [one.text] : [])),
  );
}

/** A rule without ports lets the Service's own port through as well. */
function isNamed({ subject, protocol, podPort }: Translated, ports: readonly NetworkPolicyPort[]): boolean {
  return ports.some(({ port, endPort, protocol: named = "TCP" }) => {
    if (named !== protocol || port === undefined) return false;
    if (typeof port === "number") return port <= podPort && podPort <= (endPort ?? port);
    return (subject.manifest?.ports ?? []).some((one) => one.name === port && one.port === podPort);
  });
}

function translatedFinding(policy: ReviewPolicy, services: readonly string[]): CheckFinding {
  return findingOf({
    code: "plugin-limit",
    severity: "warning",
    about: policy.id,
    message: `NetworkPolicy ${policy.id} names ports of pods that Services call otherwise (${namesOf(services)}), and EKS needs a Service's port to be that of its pods`,
    choice: "Give the Services their pods' ports, or leave the ports out of the rule.",
    place: placeOf(policy.object, ["spec", "egress"]),
    details: services,
    detail: JSON.stringify(["service", services]),
  });
}
