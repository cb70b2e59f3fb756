import { attributesText } from "../../model/access-attributes.ts";
import type { AccessLine, AccessPolicySet, LeftOutReason, SuggestedRole } from "../../model/access-policy.ts";
import type { AccessSuggestion, Suggestion } from "../../pipeline.ts";
import { markdownCode, markdownText } from "../escape.ts";
import { table } from "../markdown-table.ts";
import {
  completenessSentence,
  counted,
  daysActive,
  formatDay,
  formatTime,
  formatWindow,
  thousands,
} from "../wording.ts";
import { blindSpotSection } from "./markdown-blind-spots.ts";
import { ACCESS_WORDS } from "./summary.ts";
import { isSystem } from "./view.ts";
import { formatOrigin, formatRequests, formatSubject, LEFT_OUT_WORDS, RISK_WORDS } from "./wording.ts";

/** Headings and texts about roles, for the report beside them; nothing where no use of the API was seen. */
export function rolesSections(suggestion: Suggestion): readonly (readonly string[])[] {
  const { accessSuggestion: roles } = suggestion;
  if (roles === undefined) return [];
  return [
    ["## How much of the use of the API was seen", observation(suggestion, roles)],
    ["## Roles: observed and granted", grants(roles)],
    ...riskSection(roles.policies),
    ...replacedSection(roles.policies),
    ["## Refused requests", refused(suggestion)],
    ...leftOutSection(roles.policies),
    ...otherSection(suggestion),
    blindSpotSection(roles.blindSpots),
    ...asideSection(suggestion),
    ["## How to read the roles", LEGEND],
  ];
}

/** The verdict on roles, as items of a list. */
export function rolesVerdict({ accessSuggestion: roles }: Suggestion): readonly string[] {
  if (roles === undefined) return [];
  const { policies, proof, known } = roles;
  const { judged, cut, newPower, notJudged, unappliable } = proof;
  const rules = policies.roles.reduce((sum, role) => sum + role.rules.length, 0);
  const suggested = `${counted(policies.roles.length, "role")} with ${counted(rules, "rule")} and ${counted(policies.bindings.length, "binding")}`;
  const lost = cut.length === 0 ? "none would be refused" : `**${thousands(cut.length)} of them would be refused**`;
  const gained =
    newPower.length === 0
      ? `nothing is granted that ${known.rbac === undefined ? "was not seen" : "is not granted now"}`
      : `**${counted(newPower.length, "right")} would be new**`;
  return [
    `- ${suggested}, for ${counted(policies.subjects.length, "subject")}.`,
    `- ${counted(judged, "need")} judged: ${lost}, and ${gained}.`,
    ...notJudged.map(({ check, because }) => `- Not judged (${check}): ${markdownText(because)}.`),
    ...unappliable
      .slice(0, MOST_UNAPPLIABLE)
      .map(({ object, missing }) => `- **Can't be applied**: ${markdownCode(object)} lacks ${markdownText(missing)}.`),
  ];
}

const MOST_UNAPPLIABLE = 10;

function observation({ access }: Suggestion, { completeness, known }: AccessSuggestion): string {
  const { facts, window, uses } = access;
  const denied = uses.filter(({ outcome }) => outcome === "denied").length;
  const people = new Set(uses.map(({ identity }) => identity.username)).size;
  return [
    completenessSentence(completeness, ACCESS_WORDS),
    "",
    `- ${counted(facts.events, "audit event")}, ${thousands(facts.withDecision)} of them with a decision. Window: ${formatWindow(window)}.`,
    `- ${counted(people, "identity", "identities")}, ${counted(uses.length - denied, "use")}, ${counted(denied, "refused one")}.`,
    `- What is granted now: ${known.rbac === undefined ? "not known" : `${counted(known.rbac.roles.length, "role")}, ${counted(known.rbac.bindings.length, "binding")}`}.`,
    `- The audit Policy: ${known.auditPolicy === undefined ? "not known, so what it leaves out is not known either" : counted(known.auditPolicy.rules.length, "rule")}.`,
    ...(facts.origins.length === 0
      ? []
      : [`- The log comes from ${facts.origins.map(markdownCode).join(", ")}, which may leave out reads.`]),
  ].join("\n");
}

function grants({ policies: { subjects, roles }, reasons }: AccessSuggestion): string {
  const bySubject = Map.groupBy(roles, ({ subjectName }) => subjectName);
  const blocks = [...bySubject].map(([name, own]) => {
    const decision = subjects.find(({ subject, members }) => members.includes(name) || subject.name === name);
    const granted =
      decision?.granted === undefined
        ? []
        : [
            `Used ${thousands(decision.used)} of ${counted(decision.granted, "grant")} in force (a \`*\` counts as one).`,
          ];
    const members =
      decision?.subject.kind === "Group" ? [`Members seen: ${decision.members.map(markdownCode).join(", ")}.`] : [];
    const title = decision === undefined ? name : formatSubject(decision.subject);
    return [`### ${markdownCode(title)}`, ...granted, ...members, ...own.map((role) => roleTable(role, reasons))].join(
      "\n\n",
    );
  });
  return blocks.join("\n\n") || "None.";
}

type Reasons = AccessSuggestion["reasons"];

function roleTable(role: SuggestedRole, reasons: Reasons): string {
  const place = role.namespace === "" ? role.name : `${role.namespace}/${role.name}`;
  return `${role.kind} ${markdownCode(place)}\n\n${table(
    LINE_HEADER,
    role.lines.map((line) => lineCells(line, reasons)),
  )}`;
}

const LINE_HEADER = ["Observed", "Granted", "Requests", "First seen", "Last seen", "Days", "Note"];

function lineCells(line: AccessLine, reasons: Reasons): readonly string[] {
  const { attributes, evidence, origin, widenedFrom, risk } = line;
  const granted = markdownCode(attributesText(attributes));
  const observed =
    evidence === undefined ? "not seen" : widenedFrom === undefined ? "the same" : counted(widenedFrom, "name");
  const notes = [
    ...(risk === undefined ? [] : [`**${risk}**`]),
    ...(origin.kind === "observed" ? [] : [markdownText(formatOrigin(origin, reasons))]),
    ...(widenedFrom === undefined ? [] : [`any name, ${thousands(widenedFrom)} seen`]),
  ];
  return [
    observed,
    granted,
    evidence === undefined ? "" : formatRequests(evidence),
    evidence === undefined ? "" : formatDay(evidence.firstSeen),
    evidence === undefined ? "" : formatDay(evidence.lastSeen),
    evidence === undefined ? "" : String(daysActive(evidence)),
    notes.join("; "),
  ];
}

function riskSection({ roles }: AccessPolicySet): readonly (readonly string[])[] {
  const rows = roles.flatMap(({ lines, subjectName }) =>
    lines.flatMap((line) =>
      line.risk === undefined
        ? []
        : [
            [
              `**${line.risk}**`,
              markdownCode(subjectName),
              markdownCode(attributesText(line.attributes)),
              RISK_WORDS[line.risk],
            ],
          ],
    ),
  );
  return rows.length === 0 ? [] : [["## Risks", table(["Risk", "Who", "Right", "What it allows"], rows)]];
}

function replacedSection({ replaced }: AccessPolicySet): readonly (readonly string[])[] {
  if (replaced.length === 0) return [];
  const rows = replaced.map(({ kind, namespace, name, role, subjects, keptSubjects, keep }) => [
    markdownCode(`${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`),
    markdownCode(`${role.kind} ${role.name}`),
    subjects.map((subject) => markdownCode(formatSubject(subject))).join("<br>"),
    keptSubjects.map((subject) => markdownCode(formatSubject(subject))).join("<br>"),
    keep === undefined ? "may be removed" : `stays: ${markdownText(keep)}`,
  ]);
  return [
    ["## Replaced bindings", table(["Binding in force", "Role", "Replaced for", "Kept for", "What to do"], rows)],
  ];
}

function refused({ access }: Suggestion): string {
  const rows = access.uses
    .filter(({ outcome }) => outcome === "denied")
    .map(({ identity, attributes, evidence }) => [
      markdownCode(identity.username),
      markdownCode(attributesText(attributes)),
      formatRequests(evidence),
      formatTime(evidence.firstSeen),
      formatTime(evidence.lastSeen),
    ]);
  if (rows.length === 0) return "None were recorded.";
  const [first] = access.uses.filter(({ outcome }) => outcome === "denied");
  const example = first === undefined ? "" : `${first.identity.username}: ${attributesText(first.attributes)}`;
  return [
    `What was refused is not what is wanted: none of it is granted, unless \`--grant\` names it, as in --grant ${markdownCode(`'${example}'`)}.`,
    "",
    table(["Who", "Request", "Requests", "First seen (UTC)", "Last seen (UTC)"], rows),
  ].join("\n");
}

/** Said elsewhere, or of no interest. */
const NOT_LISTED: readonly LeftOutReason[] = ["default-grant", "other-authorizer", "out-of-scope"];

/** Uses that no role holds, but for those that everybody has anyway, and for the cluster's own parts. */
function leftOutSection({ leftOut }: AccessPolicySet): readonly (readonly string[])[] {
  const rows = leftOut
    .filter(({ why, username }) => !NOT_LISTED.includes(why) && !isSystem(username))
    .map(({ username, attributes, why }) => [
      markdownCode(username),
      markdownCode(attributesText(attributes)),
      LEFT_OUT_WORDS[why],
    ]);
  return rows.length === 0 ? [] : [["## Used, and in no role", table(["Who", "Request", "Why"], rows)]];
}

/** Who was let through by something that no role limits. */
function otherSection({ access }: Suggestion): readonly (readonly string[])[] {
  const reasons = new Map<string, Map<string, number>>();
  for (const { identity, citations, evidence } of access.uses) {
    for (const citation of citations) {
      if (citation.kind !== "other") continue;
      const own = reasons.get(identity.username) ?? new Map<string, number>();
      reasons.set(identity.username, own.set(citation.reason, (own.get(citation.reason) ?? 0) + evidence.requests));
    }
  }
  const rows = [...reasons].flatMap(([username, own]) =>
    [...own].map(([reason, requests]) => [
      markdownCode(username),
      reason === "" ? "no reason given: system:masters, another privileged group, or a node" : markdownText(reason),
      thousands(requests),
    ]),
  );
  if (rows.length === 0) return [];
  const text = [
    "RBAC can't narrow what another authorizer lets through.",
    "",
    table(["Who", "Reason", "Requests"], rows),
  ];
  return [["## Let through by another authorizer", text.join("\n")]];
}

function asideSection({ access: { facts } }: Suggestion): readonly (readonly string[])[] {
  const rows = Object.entries(facts.setAside)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => [markdownText(reason), thousands(count)]);
  return rows.length === 0 ? [] : [["## Audit events that show no use", table(["Why", "How many"], rows)]];
}

const LEGEND = `- A *right* is a verb on a resource, in a namespace or all of them, with a name or any.
- *Observed* says what was seen where it is less than what is granted; *the same* means that nothing is granted beyond it.
- *Inferred* rights belong to checks that leave no event of their own; *idiom* marks what such clients do sooner or later. Both were granted before.
- *Days* are days (UTC) on which a right was used. One used on one day only deserves a second look.
- A right that nobody used in the window may still be needed: monthly jobs, failover, a restore.`;
