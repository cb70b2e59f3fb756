import type { AccessCell } from "./access-cell.ts";
import { AccessLog } from "./access-log.ts";
import type { AccessObservations } from "./access-observations.ts";
import type {
  AccessLogText,
  AccessText,
  CallerText,
  ClusterAccessText,
  DeniedText,
  FamilyText,
  UsesText,
} from "./access-schema.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { plainSign } from "./marks.ts";
import { type Principal, placeOf } from "./principals.ts";
import { UseFamily } from "./use-family.ts";

/** Adds what `accessText` was made of: commutative and associative, and idempotent but for counts. */
export function restoreAccess(
  observations: AccessObservations,
  { clusters = [], further = {}, ...text }: AccessText,
): void {
  restoreCluster(observations.unnamed, text);
  for (const { cluster, ...named } of clusters) {
    const access = observations.of(cluster);
    if (access !== undefined) restoreCluster(access, named);
    else for (const [what, count] of Object.entries(named.counts)) observations.countFurther(what, count);
  }
  for (const [what, count] of Object.entries(further)) observations.countFurther(what, count);
}

function restoreCluster(access: ClusterAccess, text: ClusterAccessText): void {
  access.addTime(text.first);
  access.addTime(text.last);
  for (const [what, count] of Object.entries(text.counts)) access.count(what, count);
  for (const origin of text.origins) access.addOrigin(origin);
  for (const uses of text.uses) restoreUses(access, uses);
  for (const denied of text.denied) restoreDenied(access, denied);
  for (const caller of text.callers) restoreCaller(access, caller);
}

/** Adds what one cell says, unless its cluster is one too many. */
export function restoreAccessCell(observations: AccessObservations, read: AccessCell): void {
  const access = observations.of(read.body.cluster);
  if (access === undefined) return;
  switch (read.kind) {
    case "access":
      return restoreUses(access, read.body);
    case "access-denial":
      return restoreDenied(access, read.body);
    case "caller":
      return restoreCaller(access, read.body);
  }
}

/** Adds what somebody used. More names than are kept are brought under that bound. */
export function restoreUses(access: ClusterAccess, { outcome, family, ...who }: UsesText): void {
  const place = placeOf(principalOf(access, who), family.attributes, outcome);
  access.grow(restoreFamily(place, family));
}

/** Adds what was denied to somebody, likewise. */
export function restoreDenied(access: ClusterAccess, { families, further, ...who }: DeniedText): void {
  const principal = principalOf(access, who);
  for (const family of families) {
    access.grow(restoreFamily(placeOf(principal, family.attributes, "denied"), family));
  }
  if (further !== undefined) principal.denied.furtherLog().merge(logOf(further));
}

/** Adds where somebody's requests came from. */
export function restoreCaller(access: ClusterAccess, caller: CallerText): void {
  access.principals.callerOf(caller.username).merge(caller);
}

function principalOf(
  access: ClusterAccess,
  { identity, impersonator }: Pick<UsesText, "identity" | "impersonator">,
): Principal {
  return access.principals.of(identity, impersonator);
}

/** @returns how many logs came */
function restoreFamily(place: UseFamily | AccessLog, { names, many }: FamilyText): number {
  for (const { name, log } of names) {
    (place instanceof UseFamily ? place.logOf(name) : place).merge(logOf(log));
  }
  if (many !== undefined) (place instanceof UseFamily ? place.manyLog() : place).merge(logOf(many));
  return names.length + (many === undefined ? 0 : 1);
}

function logOf(text: AccessLogText): AccessLog {
  const log = new AccessLog();
  log.requests.restore(text.requests);
  log.addTime(text.firstSeen);
  log.addTime(text.lastSeen);
  for (const hour of text.hours) log.hours.add(hour);
  for (const code of text.codes) log.addCode(code);
  log.addClients(text.userAgents, text.sourceIps);
  for (const citation of text.citations) log.addCitation(citation);
  for (const sign of text.signs) log.addSign(plainSign(sign));
  return log;
}
