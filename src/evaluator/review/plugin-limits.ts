import type { CheckFinding } from "../../model/check-finding.ts";
import { parseBlock } from "../network/address.ts";
import type { ProfileName } from "../network/profile.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { isolates, type ReviewRule, rulesOf } from "./policies.ts";
import { portLimitFindings } from "./port-limit.ts";
import type { Selection } from "./selectors.ts";
import { servicePortFindings } from "./service-ports.ts";
import type { ReviewPolicy, ReviewWorld, Subject } from "./world.ts";

/**
 * What a network plugin does not do although a policy says it. Known are the limits of the Amazon VPC CNI
 * (docs.aws.amazon.com, EKS user guide, "Limit Pod traffic with Kubernetes network policies": rule 29); under other
 * profiles there is nothing to say.
 */
export function pluginLimitFindings(
  world: ReviewWorld,
  selection: Selection,
  profile: ProfileName,
): readonly CheckFinding[] {
  if (profile !== "eks") return [];
  return [
    ...portLimitFindings(world, selection),
    ...servicePortFindings(world, selection),
    ...unownedFindings(world, selection),
    ...familyFindings(world.policies),
  ];
}

/** Pods that nobody owns are of no Deployment or the like, and those alone are enforced. */
function unownedFindings({ policies }: ReviewWorld, selection: Selection): readonly CheckFinding[] {
  const pairs = policies.flatMap((policy) =>
    selection.selectedBy(policy).flatMap((subject) => (isUnowned(subject) ? [{ subject, policy }] : [])),
  );
  const groups = Map.groupBy(pairs, ({ subject }) => subject);
  return [...groups].flatMap(([{ manifest }, group]) => {
    if (manifest === undefined) return [];
    const name = `${manifest.namespace}/${manifest.name}`;
    return [
      findingOf({
        code: "plugin-limit",
        severity: "warning",
        about: name,
        message: `Pod ${name} has no owner, and EKS enforces policies only on pods that have one: ${namesOf(group.map(({ policy }) => policy.id))} will not protect it`,
        choice: "Let a Deployment or another controller make the pod.",
        place: placeOf(manifest.object, ["metadata"]),
        detail: "owner",
      }),
    ];
  });
}

function isUnowned({ manifest, hostNetwork }: Subject): boolean {
  if (manifest?.kind !== "Pod" || hostNetwork) return false;
  const metadata = manifest.object.value["metadata"];
  const owners = typeof metadata === "object" && metadata !== null && "ownerReferences" in metadata;
  return !owners || !Array.isArray(metadata.ownerReferences) || metadata.ownerReferences.length === 0;
}

/** A cluster has addresses of one family, and rules of the other are ignored there. */
function familyFindings(policies: readonly ReviewPolicy[]): readonly CheckFinding[] {
  const rules = policies.flatMap((policy) =>
    rulesOf(policy).filter(({ direction }) => isolates(policy).has(direction)),
  );
  const blocks = rules.filter((rule) => !saysAnyAddress(rule)).flatMap(blocksOf);
  const [v4, v6] = [4, 6].map((family) => [
    ...new Set(blocks.filter((one) => one.family === family).map(({ rule }) => rule.policy)),
  ]);
  const [first] = v6 ?? [];
  if (first === undefined || v4?.[0] === undefined || v6 === undefined) return [];
  return [
    findingOf({
      code: "plugin-limit",
      severity: "info",
      about: first.id,
      message: `There are IPv4 blocks (${namesOf(v4.map(({ id }) => id))}) and IPv6 blocks (${namesOf(v6.map(({ id }) => id))}), and EKS heeds only those of the family that the cluster has`,
      choice: "Keep in mind that the others open nothing there.",
      place: placeOf(first.object, ["spec"]),
      detail: "family",
    }),
  ];
}

function blocksOf(rule: ReviewRule): readonly { readonly rule: ReviewRule; readonly family: number }[] {
  return rule.peers.flatMap(({ ipBlock }) => {
    const block = ipBlock === undefined ? undefined : parseBlock(ipBlock.cidr);
    return block === undefined ? [] : [{ rule, family: block.family }];
  });
}

/** Both families together are how a rule says "any address", whatever the cluster has. */
function saysAnyAddress({ peers }: ReviewRule): boolean {
  const blocks = peers.map(({ ipBlock }) => ipBlock?.cidr);
  return blocks.includes("0.0.0.0/0") && blocks.includes("::/0");
}
