import { by, byText } from "../../lib/sort.ts";
import type { Finding } from "../../model/finding.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import type { KnownBinding, KnownRole, RbacState } from "../../model/rbac.ts";
import { identityOf, inOrder } from "../directory/object-order.ts";
import { aggregate, type ReadRole } from "./aggregation.ts";
import { missingRoles, withDefaults } from "./missing-roles.ts";
import { isLive, type RbacKind, rbacKindOf, readObject } from "./read-object.ts";
import { wholeKinds } from "./whole-kinds.ts";

/** Objects, and where they were read. */
export interface AccessObjects {
  /** From files. */
  readonly given: readonly ManifestObject[];
  /** From the cluster itself. */
  readonly listed: readonly ManifestObject[];
  /** Kinds of RBAC that were listed to the end, in all of the cluster. */
  readonly listedWhole: ReadonlySet<RbacKind>;
}

/** The state in force; undefined where no object of RBAC was given. */
export interface ReadState {
  readonly state: RbacState | undefined;
  readonly findings: readonly Finding[];
}

/** What is in force, as far as objects tell, in any order the same. */
export function readState(objects: AccessObjects): ReadState {
  const listed = new Set(objects.listed);
  const known = [...objects.given, ...objects.listed].filter((object) => rbacKindOf(object) !== undefined);
  if (known.length === 0 && objects.listedWhole.size === 0) return { state: undefined, findings: [] };
  const roles: ReadRole[] = [];
  const bindings: KnownBinding[] = [];
  const findings: Finding[] = [];
  for (const group of groupsOf(inOrder(known))) {
    const object = group.at(-1);
    const kind = object && rbacKindOf(object);
    if (object === undefined || kind === undefined) continue;
    const place = listed.has(object)
      ? `${labelOf(object, kind)} in ${object.file}`
      : `${object.file}:${object.lineOf([])}`;
    const found = readObject(object, kind, { place, isWritten: group.some((one) => !isLive(one)) });
    if (found.kind === "role") roles.push(found.read);
    else if (found.kind === "binding") bindings.push(found.binding);
    else findings.push(...found.problems.map((problem) => refusedFinding(object, problem, listed.has(object))));
  }
  const whole = wholeKinds(known, objects.listedWhole);
  const state = withDefaults({ roles: sorted(aggregate(roles)), bindings: sorted(bindings) }, whole);
  const missing = missingRoles(state, whole);
  return { state: missing.state, findings: [...findings.toSorted(by(({ message }) => message)), ...missing.findings] };
}

/** Objects of one name together, the newest last; what has no name stands alone. */
function groupsOf(objects: readonly ManifestObject[]): readonly (readonly ManifestObject[])[] {
  const groups = new Map<string | number, ManifestObject[]>();
  for (const [at, object] of objects.entries()) {
    const key = object.name === undefined ? at : identityOf(object);
    groups.set(key, [...(groups.get(key) ?? []), object]);
  }
  return [...groups.values()];
}

function sorted<Known extends KnownRole | KnownBinding>(objects: readonly Known[]): readonly Known[] {
  return objects.toSorted(
    (a, b) =>
      byText(a.kind, b.kind) ||
      byText(a.metadata.namespace ?? "", b.metadata.namespace ?? "") ||
      byText(a.metadata.name, b.metadata.name),
  );
}

function labelOf({ namespace, name }: ManifestObject, kind: RbacKind): string {
  const isNamespaced = kind === "Role" || kind === "RoleBinding";
  return `${kind} ${isNamespaced ? `${namespace}/` : ""}${name ?? ""}`;
}

type Problem = Extract<ReturnType<typeof readObject>, { readonly kind: "refused" }>["problems"][number];

function refusedFinding(object: ManifestObject, { path, problem }: Problem, isListed: boolean): Finding {
  const kind = rbacKindOf(object) ?? "Role";
  const place = isListed ? object.file : `${object.file}:${object.lineOf(path)}`;
  return {
    code: "rbac-refused",
    severity: "warning",
    about: undefined,
    message: `${place}: ${labelOf(object, kind)}: ${problem}. The API server takes no such object, so it is left out.`,
    choice: "Mend or remove it.",
  };
}
