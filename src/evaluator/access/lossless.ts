import type { AccessAttributes } from "../../model/access.ts";
import type { AccessProof, SuggestedRole } from "../../model/access-policy.ts";
import type { RbacManifest, RoleManifest } from "../../model/rbac.ts";
import { lineAllows } from "./lines.ts";
import { RuleIndex } from "./rule-index.ts";
import { atomsOf } from "./rules.ts";
import { keyOf, labelOf, rolesIn } from "./states.ts";

/** Where the written roles do not allow exactly what the lines of the suggested ones say: what is too much, or missing. */
export function lossyRoles(
  suggested: readonly SuggestedRole[],
  manifests: readonly RbacManifest[],
): AccessProof["lossy"] {
  const written = new Map(rolesIn(manifests).map((role) => [keyOf(role), role]));
  const wanted = new Map(suggested.map((role) => [keyOf(manifestOf(role)), role]));
  return [...new Set([...wanted.keys(), ...written.keys()])].flatMap((key) => {
    const [role, lines] = [written.get(key), wanted.get(key)];
    const named = role ?? (lines && manifestOf(lines));
    if (named === undefined) return [];
    return differences(role, lines).map((attributes) => ({ role: labelOf(named), attributes }));
  });
}

function manifestOf({ kind, namespace, name }: SuggestedRole): Pick<RoleManifest, "kind" | "metadata"> {
  return { kind, metadata: { name, namespace } };
}

function differences(
  role: RoleManifest | undefined,
  suggested: SuggestedRole | undefined,
): readonly AccessAttributes[] {
  const index = new RuleIndex(role === undefined ? [] : [role]);
  const lines = suggested?.lines ?? [];
  const missing = lines.filter((line) => isElsewhere(line.attributes, suggested) || !index.covers(line.attributes));
  const atoms = (role?.rules ?? []).flatMap((rule) => atomsOf(rule, role?.metadata.namespace ?? ""));
  const added = atoms.filter((atom) => !lines.some((line) => lineAllows(line, atom)));
  return [...missing.map(({ attributes }) => attributes), ...added];
}

/** A line of a Role about something outside its namespace, which it can't grant. */
function isElsewhere(attributes: AccessAttributes, role: SuggestedRole | undefined): boolean {
  if (role?.kind !== "Role") return false;
  return attributes.kind === "non-resource" || attributes.namespace !== role.namespace;
}
