import { daysOf, MS_PER_DAY } from "../../lib/days.ts";
import type { AccessAttributes, AccessGraph, Observability, ResourceAttributes } from "../../model/access.ts";
import { attributesText } from "../../model/access-attributes.ts";
import type { AccessLine } from "../../model/access-policy.ts";
import type { KnownBinding, KnownRole, PolicyRule, RbacState } from "../../model/rbac.ts";
import { usernameOf } from "./askers.ts";
import { attributesKey } from "./attributes.ts";
import { splitRule } from "./granted.ts";
import type { BookedSubject } from "./ledger.ts";
import type { AccessOptions } from "./options.ts";
import { isUrlMatched } from "./rule-matching.ts";
import { subjectText } from "./subjects.ts";
import { counted } from "./words.ts";

/** Fewer say little about what somebody does (rule 49). */
const MIN_ACTIVE_DAYS = 5;
const MIN_REQUESTS = 20;

/** What is known of the time in which nothing else was used. */
export interface WaitingContext {
  readonly graph: AccessGraph;
  readonly state: RbacState;
  readonly options: AccessOptions;
  /** What is suggested for a subject, by its text. */
  readonly linesBySubject: ReadonlyMap<string, readonly AccessLine[]>;
}

/** Makes the judge of whether a binding may go already: why not yet, or undefined. */
export function waiting(context: WaitingContext) {
  return (binding: KnownBinding, subjects: readonly BookedSubject[]): string | undefined => {
    const role = roleOf(binding, context.state);
    if (role === undefined) return "nobody gave the role it is for, so what it allows is not known";
    return unseenOf(role, { binding, subjects, context }) ?? tooEarly({ binding, role, subjects }, context);
  };
}

function roleOf({ metadata, roleRef }: KnownBinding, { roles }: RbacState): KnownRole | undefined {
  return roles.find(
    (role) =>
      role.kind === roleRef.kind &&
      role.metadata.name === roleRef.name &&
      (role.kind === "ClusterRole" || role.metadata.namespace === metadata.namespace),
  );
}

interface Candidate {
  readonly binding: KnownBinding;
  readonly role: KnownRole;
  readonly subjects: readonly BookedSubject[];
}

/** What was not used is unused only if it could have been used all the time (rules 43 and 49). */
function tooEarly(candidate: Candidate, { graph, options }: WaitingContext): string | undefined {
  const { minDays, now } = options;
  if (minDays === 0) return undefined;
  const { window } = graph;
  if ((graph.facts.gaps?.length ?? 0) > 0) return "records of the log were gone before they were read";
  if (window === undefined) return "no event tells its time, so nobody knows how long the log is";
  const days = Math.floor((window.last - window.first) / MS_PER_DAY);
  if (days < minDays) return `the log is of ${counted(days, "day")} only, of ${minDays} needed`;
  if (now !== undefined && now - window.last > minDays * MS_PER_DAY) {
    return `the log ended ${counted(Math.floor((now - window.last) / MS_PER_DAY), "day")} ago`;
  }
  return tooYoung(candidate, window.first) ?? tooQuiet(candidate.subjects, minDays);
}

function tooYoung({ binding, role }: Candidate, start: number): string | undefined {
  if ((binding.createdAt ?? start) > start) return "the binding is younger than the log";
  return (role.createdAt ?? start) > start ? "its role is younger than the log" : undefined;
}

function tooQuiet(subjects: readonly BookedSubject[], minDays: number): string | undefined {
  const needed = Math.min(MIN_ACTIVE_DAYS, minDays);
  for (const { subject, hours, requests } of subjects) {
    const days = daysOf(hours);
    if (days < needed) return `${subjectText(subject)} was seen on ${counted(days, "day")} only, of ${needed} needed`;
    if (requests < MIN_REQUESTS) {
      return `${subjectText(subject)} made ${counted(requests, "request")} only, of ${MIN_REQUESTS} needed`;
    }
  }
  return undefined;
}

interface Unseen {
  readonly binding: KnownBinding;
  readonly subjects: readonly BookedSubject[];
  readonly context: WaitingContext;
}

/** Something that it gives, that the suggested roles do not, and that the log would not show (rule 50). */
function unseenOf(role: KnownRole, { binding, subjects, context }: Unseen): string | undefined {
  const { isObservable } = context.options;
  if (isObservable === undefined) return undefined;
  const scope = binding.kind === "RoleBinding" ? (binding.metadata.namespace ?? "") : "";
  for (const booked of subjects) {
    const lines = context.linesBySubject.get(subjectText(booked.subject)) ?? [];
    const unseen = role.rules
      .flatMap(splitRule)
      .flatMap((rule) => samplesOf(rule, scope, lines))
      .filter((attributes) => !isCovered(attributes, lines))
      .map((attributes) => ({ attributes, answer: answerFor(booked, attributes, isObservable) }))
      .find(({ answer }) => answer !== true);
    if (unseen !== undefined)
      return `whether ${attributesText(unseen.attributes)} is used can't be seen: ${unseen.answer}`;
  }
  return undefined;
}

function answerFor(
  { subject, members }: BookedSubject,
  attributes: AccessAttributes,
  ask: Observability,
): true | string {
  const groups = subject.kind === "Group" ? [subject.name, "system:authenticated"] : [];
  const usernames = subject.kind === "Group" ? [...members].toSorted() : [usernameOf(subject)];
  for (const username of usernames) {
    const answer = ask({ username, groups }, attributes);
    if (answer !== true) return answer;
  }
  return true;
}

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** What a rule of one of each gives; for wildcards, on what the subject used and on events, which some logs leave out. */
function samplesOf(rule: PolicyRule, scope: string, lines: readonly AccessLine[]): AccessAttributes[] {
  const verbs = rule.verbs.includes("*") ? VERBS : rule.verbs;
  const [url] = rule.nonResourceURLs ?? [];
  if (url !== undefined) return verbs.map((verb) => ({ kind: "non-resource", verb, path: url }));
  const [name = ""] = rule.resourceNames ?? [];
  return thingsOf(rule, lines).flatMap((thing) =>
    verbs.map((verb) => ({ kind: "resource", verb, ...thing, namespace: scope, name }) as const),
  );
}

type Thing = Pick<ResourceAttributes, "apiGroup" | "resource" | "subresource">;

function thingsOf({ apiGroups, resources }: PolicyRule, lines: readonly AccessLine[]): Thing[] {
  const [apiGroup = ""] = apiGroups ?? [];
  const [resource = "", subresource = ""] = (resources?.[0] ?? "").split("/");
  return apiGroup === "*" || resource === "*" ? usedThings(lines) : [{ apiGroup, resource, subresource }];
}

function usedThings(lines: readonly AccessLine[]): Thing[] {
  const used = lines.flatMap(({ attributes }) =>
    attributes.kind === "resource"
      ? [{ apiGroup: attributes.apiGroup, resource: attributes.resource, subresource: attributes.subresource }]
      : [],
  );
  const all = [...used, { apiGroup: "", resource: "events", subresource: "" }];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function isCovered(attributes: AccessAttributes, lines: readonly AccessLine[]): boolean {
  return lines.some(({ attributes: held }) => {
    if (held.kind === "non-resource" || attributes.kind === "non-resource") {
      if (held.kind !== attributes.kind || held.verb !== attributes.verb) return false;
      return isUrlMatched(pathOf(held), pathOf(attributes));
    }
    const isWide = held.namespace === "" || held.namespace === attributes.namespace;
    const isAnyName = held.name === "" || held.name === attributes.name;
    return isWide && isAnyName && plainKey(held) === plainKey(attributes);
  });
}

/** Equal for what differs in its namespace or name alone. */
function plainKey(attributes: ResourceAttributes): string {
  return attributesKey({ ...attributes, namespace: "", name: "" });
}

function pathOf(attributes: AccessAttributes): string {
  return attributes.kind === "non-resource" ? attributes.path : "";
}
