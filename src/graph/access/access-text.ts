import { byText, sortedBy } from "../../lib/sort.ts";
import type { AccessLog } from "./access-log.ts";
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
import { identityText, type Principal } from "./principals.ts";
import { familyKey, type UseFamily } from "./use-family.ts";

/** Everything remembered as plain data: equal observations give equal texts when printed as JSON. */
export function accessText(observations: AccessObservations): AccessText {
  const named = observations.list().flatMap(([cluster, access]) => {
    return cluster === undefined ? [] : [{ cluster, ...clusterText(access) }];
  });
  const { unnamed, further } = observations;
  return {
    ...clusterText(unnamed),
    ...(named.length === 0 ? {} : { clusters: named }),
    ...(further.size === 0 ? {} : { further: countsText(further) }),
  };
}

function clusterText(access: ClusterAccess): ClusterAccessText {
  const { first, last, counts, origins } = access;
  return {
    first,
    last,
    counts: countsText(counts),
    origins: origins.toSorted(byText),
    uses: sortedBy(usesTexts(access), usesAbout),
    denied: sortedBy(deniedTexts(access), principalText),
    callers: sortedBy(callerTexts(access), ({ username }) => username),
  };
}

function countsText(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => byText(a, b)));
}

/** What was used, one text a family. What would never count any more is left out. */
export function* usesTexts({ principals, isPresuming }: ClusterAccess): Generator<UsesText> {
  for (const principal of principals.list()) {
    for (const family of principal.allowed.list()) yield usesText(principal, "allowed", family);
    if (!isPresuming) continue;
    for (const family of principal.undecided.list()) yield usesText(principal, "undecided", family);
  }
}

/** What was denied, one text a principal. */
export function* deniedTexts({ principals }: ClusterAccess): Generator<DeniedText> {
  for (const principal of principals.list()) {
    const { denied } = principal;
    if (denied.families.size === 0 && denied.further === undefined) continue;
    yield {
      ...who(principal),
      families: denied.families.values().map(familyText),
      further: denied.further && logText(denied.further),
    };
  }
}

export function* callerTexts({ principals }: ClusterAccess): Generator<CallerText> {
  for (const [username, log] of principals.callers) {
    const { pods, hasMorePods, usesLegacyToken, usesStaleToken } = log.caller(username);
    yield { username, pods: [...pods], hasMorePods, usesLegacyToken, usesStaleToken };
  }
}

/** Equal exactly for texts about the same principal. */
export function principalText({ identity, impersonator }: Pick<UsesText, "identity" | "impersonator">): string {
  return JSON.stringify([identityText(identity), impersonator === undefined ? "" : identityText(impersonator)]);
}

/** Equal exactly for texts about the same principal, outcome and family. */
export function usesAbout(text: UsesText): string {
  return JSON.stringify([principalText(text), text.outcome, familyKey(text.family.attributes)]);
}

function usesText(principal: Principal, outcome: UsesText["outcome"], family: UseFamily): UsesText {
  return { ...who(principal), outcome, family: familyText(family) };
}

function who({ identity, impersonator }: Principal): Pick<UsesText, "identity" | "impersonator"> {
  const plain = ({ username, groups }: Principal["identity"]) => ({ username, groups: [...groups] });
  return { identity: plain(identity), impersonator: impersonator && plain(impersonator) };
}

function familyText({ attributes, names, many }: UseFamily): FamilyText {
  return {
    attributes,
    names: names.entries().map(([name, log]) => ({ name, log: logText(log) })),
    many: many && logText(many),
  };
}

function logText(log: AccessLog): AccessLogText {
  const { firstSeen, lastSeen, hours, codes, userAgents, sourceIps } = log.evidence();
  return {
    requests: [...log.requests.values()],
    firstSeen,
    lastSeen,
    hours: [...hours],
    codes: [...codes],
    userAgents: [...userAgents],
    sourceIps: [...sourceIps],
    citations: [...log.sortedCitations()],
    signs: [...log.sortedSigns()],
  };
}
