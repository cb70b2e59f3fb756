import type { ManifestPath } from "../../model/manifest-object.ts";
import type { RbacSubject, RoleRef } from "../../model/rbac.ts";
import type { FieldReader } from "./field-reader.ts";

const GROUP = "rbac.authorization.k8s.io";
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u;
const LONGEST_SUBDOMAIN = 253;

/** What of a name the API server refuses, if anything: RBAC's objects may be called whatever fits in a path. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "is missing";
  if (name === "." || name === "..") return `${JSON.stringify(name)} is no name`;
  return /[/%]/u.test(name) ? `${JSON.stringify(name)} must not contain "/" or "%"` : undefined;
}

/** The role that a binding is of (ValidateRoleBinding in kubernetes, pkg/apis/rbac/validation/validation.go). */
export function readRoleRef(fields: FieldReader, isNamespaced: boolean): RoleRef {
  const group = fields.text(["roleRef", "apiGroup"]);
  const kind = fields.text(["roleRef", "kind"]);
  const name = fields.text(["roleRef", "name"]);
  if (group !== "" && group !== GROUP) {
    fields.refuse(["roleRef", "apiGroup"], `${JSON.stringify(group)} must be ${GROUP}`);
  }
  const isRole = kind === "Role" && isNamespaced;
  if (!isRole && kind !== "ClusterRole") {
    const wanted = isNamespaced ? "Role or ClusterRole" : "ClusterRole, for a binding of no namespace";
    fields.refuse(["roleRef", "kind"], `${JSON.stringify(kind)} must be ${wanted}`);
  }
  const problem = nameProblem(name);
  if (problem !== undefined) fields.refuse(["roleRef", "name"], problem);
  return { apiGroup: GROUP, kind: isRole ? "Role" : "ClusterRole", name };
}

/** Who a binding is for (ValidateRoleBindingSubject). */
export function readSubjects(fields: FieldReader, isNamespaced: boolean): readonly RbacSubject[] {
  return fields.mappings(["subjects"]).flatMap((path) => {
    const name = fields.text([...path, "name"]);
    if (name === "") fields.refuse([...path, "name"], "is missing");
    const kind = fields.text([...path, "kind"]);
    switch (kind) {
      case "User":
      case "Group":
        refuseGroup(fields, path, GROUP);
        return [{ kind, apiGroup: GROUP, name } as const];
      case "ServiceAccount":
        return [readServiceAccount(fields, path, { name, isNamespaced })];
      default:
        fields.refuse([...path, "kind"], `${JSON.stringify(kind)} must be ServiceAccount, User or Group`);
        return [];
    }
  });
}

function readServiceAccount(
  fields: FieldReader,
  path: ManifestPath,
  { name, isNamespaced }: { readonly name: string; readonly isNamespaced: boolean },
): RbacSubject {
  refuseGroup(fields, path, "");
  const namespace = fields.text([...path, "namespace"]);
  if (name !== "" && (!SUBDOMAIN.test(name) || name.length > LONGEST_SUBDOMAIN)) {
    fields.refuse([...path, "name"], `${JSON.stringify(name)} can't be the name of a ServiceAccount`);
  }
  if (namespace === "" && !isNamespaced) fields.refuse([...path, "namespace"], "is missing");
  return { kind: "ServiceAccount", name, ...(namespace === "" ? {} : { namespace }) };
}

/** Absent, it is filled in by the API server. */
function refuseGroup(fields: FieldReader, path: ManifestPath, wanted: string): void {
  const group = fields.text([...path, "apiGroup"]);
  if (group === "" || group === wanted) return;
  const right = wanted === "" ? "must be left out" : `must be ${wanted}`;
  fields.refuse([...path, "apiGroup"], `${JSON.stringify(group)} ${right}`);
}
