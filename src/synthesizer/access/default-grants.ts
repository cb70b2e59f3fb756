import type { AccessUse } from "../../model/access.ts";
import { DEFAULT_BINDINGS, DEFAULT_ROLES } from "../../model/default-rbac.ts";
import { askerOf } from "./askers.ts";
import { InForce } from "./in-force.ts";

/** For where the state in force is not known: administrators do change what everybody gets. */
const DEFAULTS = new InForce({ roles: DEFAULT_ROLES, bindings: DEFAULT_BINDINGS });

const EVERYBODY = ["system:authenticated", "system:serviceaccounts", "system:unauthenticated"];

/** True for what Kubernetes' own bindings give to everybody: no role needs to hold it (rule 10). */
export function isGivenToAll({ identity, attributes, citations }: AccessUse, inForce: InForce): boolean {
  if (inForce.isKnown) return inForce.givesEverybody(askerOf(identity), attributes);
  const isCited = citations.some(
    (one) => one.kind === "rbac" && EVERYBODY.includes(one.subject.name) && one.binding.name.startsWith("system:"),
  );
  return isCited || DEFAULTS.givesEverybody(askerOf(identity), attributes);
}
