import { daysOf } from "../../lib/days.ts";
import { by, byText, earlier, later } from "../../lib/sort.ts";
import type { AccessGraph, AccessUse, Citation } from "../../model/access.ts";
import { resourceTypeText } from "../../model/access-attributes.ts";
import type { AccessReview } from "../../model/access-review.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import { type AccessClass, CLASS_ORDER, classOf, formatCitation } from "./wording.ts";

/** What of the graph is shown. */
export interface AccessFilter {
  /** Namespaces, and what reaches all of them; undefined: all. */
  readonly namespaces: ReadonlySet<string> | undefined;
  /** Only what was last used before this time, milliseconds since the epoch; undefined: everything. */
  readonly usedBefore: number | undefined;
}

/** What somebody did in one place, of one class and with one outcome. */
export interface AccessEntry {
  /** Empty: all namespaces, or what belongs to none. */
  readonly namespace: string;
  /** Whose rights counted. */
  readonly username: string;
  /** Who really asked; undefined where nobody was impersonated. */
  readonly impersonator: string | undefined;
  readonly risk: AccessClass;
  /** `presumed`: the log tells no decisions, and the request was not refused. */
  readonly outcome: AccessUse["outcome"];
  /** What was asked for: verbs by resource or path, sorted. */
  readonly what: readonly {
    readonly verbs: readonly string[];
    readonly target: string;
    readonly names: readonly string[];
  }[];
  readonly requests: number;
  readonly exact: boolean;
  readonly firstSeen: number | undefined;
  readonly lastSeen: number | undefined;
  readonly days: number;
  /** Which subject, binding and role let it pass, as the API server said. */
  readonly grants: readonly string[];
  /** What another authorizer than RBAC gave as its reason; may be empty text. */
  readonly otherReasons: readonly string[];
  /** By membership in system:masters, which no role limits. */
  readonly isBreakGlass: boolean;
  readonly sourceIps: readonly string[];
  /** What clients call themselves: anything. */
  readonly userAgents: readonly string[];
  /** One of the cluster's own parts: a node, a controller, a ServiceAccount of kube-system. */
  readonly isSystem: boolean;
  /** Let through by nothing but what Kubernetes gives its own parts: bindings named `system:`, and the node authorizer. */
  readonly isBuiltIn: boolean;
}

/** Everything done, gravest first within each namespace; namespaces sorted, what reaches all of them last. */
export function accessEntries(
  { uses }: AccessGraph,
  { riskOf }: Pick<AccessReview, "riskOf">,
  { namespaces, usedBefore }: AccessFilter,
): readonly AccessEntry[] {
  const shown = uses.filter(({ attributes, evidence: { lastSeen } }) => {
    const namespace = placeOf({ attributes });
    if (namespaces !== undefined && namespace !== "" && !namespaces.has(namespace)) return false;
    return usedBefore === undefined || (lastSeen !== undefined && lastSeen < usedBefore);
  });
  const classified = shown.map((use) => ({ ...use, risk: classOf(use.attributes, riskOf(use.attributes)) }));
  const groups = Map.groupBy(classified, (use) =>
    JSON.stringify([
      placeOf(use) === "" ? 1 : 0,
      placeOf(use),
      use.outcome === "denied" ? 1 : 0,
      String(CLASS_ORDER.indexOf(use.risk)).padStart(2, "0"),
      use.identity.username,
      use.impersonator?.username ?? null,
      use.outcome,
    ]),
  );
  return [...groups].toSorted(by(([key]) => key)).flatMap(([, group]) => entryOf(group));
}

function placeOf({ attributes }: Pick<AccessUse, "attributes">): string {
  return attributes.kind === "resource" ? attributes.namespace : "";
}

type ClassifiedUse = AccessUse & { readonly risk: AccessClass };

function entryOf(uses: readonly ClassifiedUse[]): readonly AccessEntry[] {
  const [first] = uses;
  if (first === undefined) return [];
  const { identity, impersonator, outcome, risk } = first;
  const citations = uses.flatMap((use) => use.citations);
  const evidence = uses.map((use) => use.evidence);
  return [
    {
      namespace: placeOf(first),
      username: identity.username,
      impersonator: impersonator?.username,
      risk,
      outcome,
      what: whatOf(uses),
      requests: evidence.reduce((sum, { requests }) => sum + requests, 0),
      exact: evidence.every(({ exact }) => exact),
      firstSeen: evidence.reduce<number | undefined>((time, { firstSeen }) => earlier(time, firstSeen), undefined),
      lastSeen: evidence.reduce<number | undefined>((time, { lastSeen }) => later(time, lastSeen), undefined),
      days: daysOf(evidence.flatMap(({ hours }) => hours)),
      grants: distinct(citations.flatMap((one) => (one.kind === "rbac" ? [formatCitation(one)] : []))),
      otherReasons: distinct(citations.flatMap((one) => (one.kind === "other" ? [one.reason] : []))),
      isBreakGlass: uses.some(isBreakGlass),
      sourceIps: distinct(evidence.flatMap(({ sourceIps }) => sourceIps)),
      userAgents: distinct(evidence.flatMap(({ userAgents }) => userAgents)),
      isSystem: isSystem((impersonator ?? identity).username),
      isBuiltIn: citations.length > 0 && citations.every((one) => isBuiltIn(one, identity.username)),
    },
  ];
}

function isBreakGlass({ identity, citations, outcome }: AccessUse): boolean {
  if (outcome === "denied") return false;
  return identity.groups.includes("system:masters") || citations.some(isOfMasters);
}

function isOfMasters(citation: Citation): boolean {
  return citation.kind === "rbac" && citation.subject.kind === "Group" && citation.subject.name === "system:masters";
}

function isBuiltIn(citation: Citation, username: string): boolean {
  if (citation.kind === "rbac") return citation.binding.name.startsWith("system:");
  return citation.reason === "" && username.startsWith("system:node:");
}

/** Parts of the cluster, as they name themselves; whoever is not authenticated is none. */
const PARTS = /^system:(?:apiserver$|node:|kube-)/u;

/** True for a node, a controller, a ServiceAccount of kube-system. */
export function isSystem(username: string): boolean {
  return PARTS.test(username) || serviceAccountOf(username)?.namespace === "kube-system";
}

/** Verbs that were used on the same things with the same names stand together. */
function whatOf(uses: readonly AccessUse[]): AccessEntry["what"] {
  const byTarget = Map.groupBy(uses, ({ attributes }) =>
    attributes.kind === "resource" ? resourceTypeText(attributes) : attributes.path,
  );
  const rows = [...byTarget].flatMap(([target, group]) => {
    const namesByVerb = Map.groupBy(group, ({ attributes }) => attributes.verb);
    const verbs = [...namesByVerb].map(([verb, those]) => ({ verb, names: distinct(those.flatMap(namesOf)) }));
    const byNames = Map.groupBy(verbs, ({ names }) => JSON.stringify(names));
    return [...byNames.values()].map((same) => ({
      verbs: same.map(({ verb }) => verb).toSorted(byText),
      target,
      names: same[0]?.names ?? [],
    }));
  });
  return rows.toSorted(by(({ target, verbs }) => JSON.stringify([target, verbs])));
}

function namesOf({ attributes, isMany }: AccessUse): readonly string[] {
  if (attributes.kind !== "resource") return [];
  return isMany ? ["*"] : attributes.name === "" ? [] : [attributes.name];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted(byText);
}
