import type { AccessCell } from "./access-cell.ts";
import { AccessLog } from "./access-log.ts";
import type { AccessObservations } from "./access-observations.ts";
import type { AccessLogText, AccessText, CallerText, DeniedText, FamilyText, UsesText } from "./access-schema.ts";
import { plainSign } from "./marks.ts";
import { type Principal, placeOf } from "./principals.ts";
import { UseFamily } from "./use-family.ts";

/** Adds what `accessText` was made of: commutative and associative, and idempotent but for counts. */
export function restoreAccess(observations: AccessObservations, text: AccessText): void {
  observations.addTime(text.first);
  observations.addTime(text.last);
  for (const [what, count] of Object.entries(text.counts)) observations.count(what, count);
  for (const origin of text.origins) observations.addOrigin(origin);
  for (const uses of text.uses) restoreUses(observations, uses);
  for (const denied of text.denied) restoreDenied(observations, denied);
  for (const caller of text.callers) restoreCaller(observations, caller);
}

/** Adds what one cell says. */
export function restoreAccessCell(observations: AccessObservations, read: AccessCell): void {
  switch (read.kind) {
    case "access":
      return restoreUses(observations, read.body);
    case "access-denial":
      return restoreDenied(observations, read.body);
    case "caller":
      return restoreCaller(observations, read.body);
  }
}

/** Adds what somebody used. More names than are kept are brought under that bound. */
export function restoreUses(observations: AccessObservations, { outcome, family, ...who }: UsesText): void {
  const place = placeOf(principalOf(observations, who), family.attributes, outcome);
  observations.grow(restoreFamily(place, family));
}

/** Adds what was denied to somebody, likewise. */
export function restoreDenied(observations: AccessObservations, { families, further, ...who }: DeniedText): void {
  const principal = principalOf(observations, who);
  for (const family of families) {
    observations.grow(restoreFamily(placeOf(principal, family.attributes, "denied"), family));
  }
  if (further !== undefined) principal.denied.furtherLog().merge(logOf(further));
}

/** Adds where somebody's requests came from. */
export function restoreCaller(observations: AccessObservations, caller: CallerText): void {
  const log = observations.principals.callerOf(caller.username);
  for (const pod of caller.pods) log.addPod(pod);
  log.hasMorePods ||= caller.hasMorePods;
  log.usesLegacyToken ||= caller.usesLegacyToken;
  log.usesStaleToken ||= caller.usesStaleToken;
}

function principalOf(
  observations: AccessObservations,
  { identity, impersonator }: Pick<UsesText, "identity" | "impersonator">,
): Principal {
  return observations.principals.of(identity, impersonator);
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
