import { some } from "../../lib/some.ts";
import type { AccessAttributes, Identity } from "../../model/access.ts";
import { resourceTypeText } from "../../model/access-attributes.ts";
import type { AccessProof, ReplacedBinding } from "../../model/access-policy.ts";
import type {
  BindingManifest,
  KnownBinding,
  KnownRole,
  PolicyRule,
  RbacManifest,
  RbacState,
  RoleManifest,
} from "../../model/rbac.ts";
import { Authorizer } from "./authorizer.ts";
import { uncovered } from "./rules.ts";
import { keyOf, labelOf, objectsInForce, replacedKey, roleKeyOf, rolesIn } from "./states.ts";

const RBAC = "rbac.authorization.k8s.io";
const PLURALS = {
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  Role: "roles",
  RoleBinding: "rolebindings",
} as const;

type Unappliable = AccessProof["unappliable"][number];

/** What nobody can apply, or not so that it lasts: another role for a binding that is there, and what somebody else keeps. */
export function unlastingIn(
  manifests: readonly RbacManifest[],
  replaced: readonly ReplacedBinding[],
  inForce: RbacState | undefined,
): readonly Unappliable[] {
  const known = new Map<string, KnownRole | KnownBinding>();
  for (const object of [...(inForce?.roles ?? []), ...(inForce?.bindings ?? [])]) known.set(keyOf(object), object);
  const removed = replaced.filter(({ keep }) => keep === undefined);
  const touched = new Set([...manifests.map(keyOf), ...removed.map(replacedKey)]);
  return [
    ...[...touched].flatMap((key) => {
      const object = known.get(key);
      return object?.keeper === undefined
        ? []
        : [{ object: labelOf(object), missing: `leave to change it: ${object.keeper}` }];
    }),
    ...manifests.flatMap((object) => {
      const before = known.get(keyOf(object));
      if (before === undefined || !("roleRef" in object) || !("roleRef" in before)) return [];
      return roleKeyOf(object) === roleKeyOf(before)
        ? []
        : [
            {
              object: labelOf(object),
              missing: `a name of its own: ${labelOf(before)} is of another role, and that can't be changed`,
            },
          ];
    }),
  ];
}

/**
 * What whoever applies the manifests may not do: write the object at all, or grant what it lacks itself (kubernetes,
 * pkg/registry/rbac/escalation_check.go). `system:masters` may everything.
 */
export function unappliableBy(
  applier: Identity,
  manifests: readonly RbacManifest[],
  inForce: RbacState | undefined,
): readonly Unappliable[] {
  if (applier.groups.includes("system:masters")) return [];
  const objects = objectsInForce(inForce);
  const check: Check = {
    applier,
    authorizer: new Authorizer(objects),
    known: new Set(objects.map(keyOf)),
    // Roles are applied before the bindings to them.
    roles: new Map([...rolesIn(objects), ...rolesIn(manifests)].map((role) => [keyOf(role), role])),
  };
  return manifests.flatMap((object) => {
    const lacking = [...writeLacking(object, check), ...grantLacking(object, check)];
    return lacking.map((missing) => ({ object: labelOf(object), missing }));
  });
}

interface Check {
  readonly applier: Identity;
  readonly authorizer: Authorizer;
  readonly known: ReadonlySet<string>;
  readonly roles: ReadonlyMap<string, RoleManifest>;
}

function writeLacking(object: RbacManifest, { applier, authorizer, known }: Check): readonly string[] {
  const verbs = known.has(keyOf(object)) ? ["patch", "update"] : ["create"];
  const asked = verbs.map((verb) => aboutObject(object, verb, verb === "create" ? "" : object.metadata.name));
  if (asked.some((attributes) => authorizer.allows(applier, attributes))) return [];
  return [`${verbs.join(" or ")} ${PLURALS[object.kind]}.${RBAC}`];
}

function aboutObject({ kind, metadata }: RbacManifest, verb: string, name: string): AccessAttributes {
  const namespace = metadata.namespace ?? "";
  return { kind: "resource", verb, apiGroup: RBAC, resource: PLURALS[kind], subresource: "", namespace, name };
}

function grantLacking(object: RbacManifest, check: Check): readonly string[] {
  return "rules" in object ? escalationLacking(object, check) : bindLacking(object, check);
}

/** A new object has no name yet when the API server asks for `escalate`. */
function escalationLacking(role: RoleManifest, { applier, authorizer, known }: Check): readonly string[] {
  const name = known.has(keyOf(role)) ? role.metadata.name : "";
  if (authorizer.allows(applier, aboutObject(role, "escalate", name))) return [];
  return rulesLacking(authorizer.rulesFor(applier, role.metadata.namespace ?? ""), role.rules);
}

function bindLacking(binding: BindingManifest, { applier, authorizer, roles }: Check): readonly string[] {
  const { kind, name } = binding.roleRef;
  const namespace = binding.metadata.namespace ?? "";
  const resource = PLURALS[kind];
  const bind = { kind: "resource", verb: "bind", apiGroup: RBAC, resource, subresource: "", namespace, name } as const;
  if (authorizer.allows(applier, bind)) return [];
  const role = roles.get(roleKeyOf(binding));
  if (role === undefined) return [`bind on ${kind} ${name}, whose rules are not known`];
  return rulesLacking(authorizer.rulesFor(applier, namespace), role.rules);
}

function rulesLacking(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly string[] {
  const lacking = uncovered(held, wanted);
  return lacking.length === 0 ? [] : [some(lacking.map(lackingText))];
}

function lackingText(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return `${attributes.verb} ${attributes.path}`;
  const { verb, name } = attributes;
  return `${verb} ${resourceTypeText(attributes)}${name === "" ? "" : ` ${JSON.stringify(name)}`}`;
}
