import type { AccessAttributes, AccessGraph } from "../../model/access.ts";
import type { AccessLine, AccessPolicySet, AccessProof } from "../../model/access-policy.ts";
import type { BindingManifest, RbacManifest, RbacSubject, RoleManifest } from "../../model/rbac.ts";
import { partsOf, withOwnName } from "./attributes.ts";
import { Authorizer } from "./authorizer.ts";
import { identityOfSubject, identityOfUse } from "./identities.ts";
import { lineAllows } from "./lines.ts";
import { isAllowedByRbac } from "./needs.ts";
import { atomsOf } from "./rules.ts";
import { bindingsIn, keyOf, roleKeyOf, rolesIn } from "./states.ts";

/** What the proposed state is compared with. */
export interface PowerClaim {
  readonly graph: AccessGraph;
  readonly policies: AccessPolicySet;
  readonly manifests: readonly RbacManifest[];
  readonly proposed: readonly RbacManifest[];
  readonly inForce: readonly RbacManifest[];
  /** True where `inForce` is all there is. */
  readonly isWhole: boolean;
}

/** Who got what, and whether the operator said so. */
export type Power = Pick<AccessProof, "newPower" | "granted">;

/** Something that a binding gives somebody. */
interface Given {
  readonly subject: RbacSubject;
  readonly attributes: AccessAttributes;
  readonly lines: readonly AccessLine[];
}

/**
 * What the proposed state gives somebody who does not have it now. Where not all of what is in force is known, what was seen being
 * allowed counts as held too, and so does what a line says that rests on more than one use (inferred, idiom, widened).
 */
export function newPowerIn(claim: PowerClaim): Power {
  const before = new Authorizer(claim.inForce);
  const seen = claim.isWhole ? undefined : seenUses(claim.graph);
  const newPower: AccessProof["newPower"][number][] = [];
  const granted: AccessProof["granted"][number][] = [];
  for (const { binding, role } of changed(claim)) {
    const namespace = binding.kind === "ClusterRoleBinding" ? "" : (binding.metadata.namespace ?? "");
    const lines = linesOf(claim.policies, role);
    for (const subject of binding.subjects) {
      const identity = identityOfSubject(subject, namespace);
      for (const attributes of givenBy(role, binding.kind, namespace)) {
        if (before.holds(identity, attributes)) continue;
        const given = { subject, attributes, lines };
        if (isGranted(given)) granted.push({ subject, attributes });
        else if (seen === undefined || !isBacked(given, seen(subject, namespace)))
          newPower.push({ subject, attributes });
      }
    }
  }
  return { newPower, granted };
}

/** Bindings to look at: new ones, and all those of new roles. */
function changed({ manifests, proposed }: PowerClaim): readonly { binding: BindingManifest; role: RoleManifest }[] {
  const roles = new Map(rolesIn(proposed).map((role) => [keyOf(role), role]));
  const own = new Set(manifests.map(keyOf));
  return bindingsIn(proposed).flatMap((binding) => {
    const key = roleKeyOf(binding);
    const role = roles.get(key);
    return role !== undefined && (own.has(keyOf(binding)) || own.has(key)) ? [{ binding, role }] : [];
  });
}

/** A RoleBinding gives what is in its namespace, and no paths. */
function givenBy(role: RoleManifest, kind: BindingManifest["kind"], namespace: string): readonly AccessAttributes[] {
  const atoms = role.rules.flatMap((rule) => atomsOf(rule, namespace)).map(withOwnName);
  return kind === "ClusterRoleBinding" ? atoms : atoms.filter((atom) => atom.kind === "resource");
}

function linesOf({ roles }: AccessPolicySet, { kind, metadata }: RoleManifest): readonly AccessLine[] {
  const role = roles.find(
    (one) => one.kind === kind && one.name === metadata.name && one.namespace === (metadata.namespace ?? ""),
  );
  return role?.lines ?? [];
}

function isGranted({ attributes, lines }: Given): boolean {
  return lines.some((line) => line.origin.kind === "granted" && lineAllows(line, attributes));
}

/** What was seen allowed to a subject, as a test of attributes. */
type Seen = (attributes: AccessAttributes) => boolean;

function isBacked({ attributes, lines }: Given, isSeen: Seen): boolean {
  return (
    isSeen(attributes) ||
    lines.some(
      (line) => (line.origin.kind !== "observed" || line.widenedFrom !== undefined) && lineAllows(line, attributes),
    )
  );
}

function seenUses({ uses }: AccessGraph): (subject: RbacSubject, namespace: string) => Seen {
  const byUser = new Map<string, Set<string>>();
  const byGroup = new Map<string, Set<string>>();
  for (const use of uses.filter(isAllowedByRbac)) {
    const { username, groups } = identityOfUse(use);
    const key = JSON.stringify(partsOf(use.attributes));
    for (const [map, name] of [[byUser, username] as const, ...groups.map((group) => [byGroup, group] as const)]) {
      const seen = map.get(name);
      if (seen === undefined) map.set(name, new Set([key]));
      else seen.add(key);
    }
  }
  return (subject, namespace) => {
    const seen =
      subject.kind === "Group" ? byGroup.get(subject.name) : byUser.get(identityOfSubject(subject, namespace).username);
    return (attributes) => seen?.has(JSON.stringify(partsOf(attributes))) === true;
  };
}
