import type { AccessLog } from "./access-log.ts";
import { type Principal, Principals } from "./principals.ts";
import { UseFamily } from "./use-family.ts";

/** What of all these is meant, as if no source had named a cluster: what was seen of somebody in several is one. */
export function mergePrincipals(
  principals: Principals,
  isMeant: (of: Pick<Principal, "cluster">) => boolean,
): Principals {
  const merged = new Principals();
  for (const principal of principals.list()) {
    if (!isMeant(principal)) continue;
    const { identity, impersonator, allowed, undecided, denied } = principal;
    const whole = merged.of({ identity, impersonator });
    for (const family of allowed.list()) addFamily(whole.allowed.of(family.attributes), family);
    for (const family of undecided.list()) addFamily(whole.undecided.of(family.attributes), family);
    for (const family of denied.families.values()) addFamily(whole.denied.placeOf(family.attributes), family);
    if (denied.further !== undefined) whole.denied.furtherLog().merge(denied.further);
  }
  for (const { username, cluster, log } of principals.callers.values()) {
    if (isMeant({ cluster })) merged.callerOf(username, undefined).merge(log);
  }
  return merged;
}

function addFamily(place: UseFamily | AccessLog, { names, many }: UseFamily): void {
  for (const [name, log] of names.entries()) (place instanceof UseFamily ? place.logOf(name) : place).merge(log);
  if (many !== undefined) (place instanceof UseFamily ? place.manyLog() : place).merge(many);
}
