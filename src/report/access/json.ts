import { safeJson } from "../check/json.ts";
import type { AccessReport } from "./report.ts";
import type { AccessEntry } from "./view.ts";

/**
 * The report for machines, as docs/access.md describes it: one JSON object, in which every character that does not show is
 * escaped.
 *
 * @returns text that ends with a line break
 */
export function renderAccessJson({
  window,
  facts,
  entries,
  identities,
  groups,
  idle,
  blindSpots,
}: AccessReport): string {
  const shown = {
    format: "netlearn-access",
    version: 1,
    window: window === undefined ? null : { first: timeText(window.first), last: timeText(window.last) },
    events: facts.events,
    eventsWithDecision: facts.withDecision,
    origins: facts.origins,
    notLogged: blindSpots,
    access: entries.map(entryJson),
    identities: identities.map(({ granted, used, ...note }) => ({
      ...note,
      granted: granted ?? null,
      used: used ?? null,
    })),
    groups: groups.map(({ subject, members, granted, used }) => ({
      name: subject.name,
      members,
      granted: granted ?? null,
      used: granted === undefined ? null : used,
    })),
    idleBindings:
      idle?.map(({ binding: { kind, metadata, roleRef, subjects, place }, requests, lastUsed }) => ({
        kind,
        namespace: metadata.namespace ?? null,
        name: metadata.name,
        role: { kind: roleRef.kind, name: roleRef.name },
        subjects: subjects.map((subject) => ({
          kind: subject.kind,
          namespace: subject.namespace ?? null,
          name: subject.name,
        })),
        place,
        requests,
        lastUsed: timeText(lastUsed),
      })) ?? null,
  };
  return `${safeJson(shown, 2)}\n`;
}

function entryJson(entry: AccessEntry): unknown {
  const {
    namespace,
    username,
    impersonator,
    risk,
    outcome,
    what,
    requests,
    exact,
    firstSeen,
    lastSeen,
    days,
    ...rest
  } = entry;
  return {
    namespace: namespace === "" ? null : namespace,
    username,
    impersonatedBy: impersonator ?? null,
    risk,
    outcome,
    what,
    requests,
    exact,
    firstSeen: timeText(firstSeen),
    lastSeen: timeText(lastSeen),
    days,
    letThroughAs: rest.grants,
    otherAuthorizers: rest.otherReasons,
    breakGlass: rest.isBreakGlass,
    system: rest.isSystem,
    sourceIps: rest.sourceIps,
    userAgentsClaimed: rest.userAgents,
  };
}

function timeText(time: number | undefined): string | null {
  return time === undefined || Math.abs(time) > 8.64e15 ? null : new Date(time).toISOString();
}
