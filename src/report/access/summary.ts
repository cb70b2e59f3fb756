import { some } from "../../lib/some.ts";
import { byText } from "../../lib/sort.ts";
import type { AccessUse } from "../../model/access.ts";
import { attributesText } from "../../model/access-attributes.ts";
import { ACCESS_RISKS, type AccessLine } from "../../model/access-policy.ts";
import type { BlindSpot } from "../../model/access-review.ts";
import type { AccessSuggestion, Learned, Suggestion } from "../../pipeline.ts";
import { terminalSentence } from "../escape.ts";
import { labelled, paint, section, type TerminalStyle } from "../terminal-layout.ts";
import { completenessSentence, counted, formatWindow, thousands } from "../wording.ts";
import { LEFT_OUT_WORDS } from "./wording.ts";

/** Words of {@link completenessSentence} about the use of the API. */
export const ACCESS_WORDS = { one: "use", many: "uses of the API", traffic: "use of the API" } as const;

/** What was read of the use of the API: nothing without audit events. */
export function accessReadLines({ access }: Pick<Learned, "access">, style: TerminalStyle): readonly string[] {
  const { uses, facts, window } = access;
  if (facts.events === 0) return [];
  const refused = uses.filter(({ outcome }) => outcome === "denied");
  const people = new Set(uses.map(({ identity }) => identity.username)).size;
  const learned = `${counted(people, "identity", "identities")}, ${counted(uses.length - refused.length, "use")} of the API`;
  const aside = Object.entries(facts.setAside)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => ({ count, text: terminalSentence(reason) }));
  return [
    ...labelled(style, "Audit", `${counted(facts.events, "event")}, ${formatWindow(window)}`),
    ...section(
      style,
      "No use",
      `${counted(sumOf(aside), "event")} that ${sumOf(aside) === 1 ? "shows" : "show"} none`,
      aside,
    ),
    ...labelled(style, "Access", learned),
    ...refusedLines(refused, style),
  ];
}

/** Who was refused what, most often refused first: never granted unless somebody says so. */
function refusedLines(refused: readonly AccessUse[], style: TerminalStyle): readonly string[] {
  const rows = refused
    .map(({ identity, attributes, evidence: { requests } }) => ({
      count: requests,
      text: terminalSentence(`${identity.username}: ${attributesText(attributes)}`),
    }))
    .toSorted((a, b) => b.count - a.count || byText(a.text, b.text));
  return section(style, "Refused", `${counted(sumOf(rows), "request")}, not granted (--grant does)`, rows);
}

function sumOf(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

/** What was decided about roles, and how it was proved. */
export function rolesLines({ accessSuggestion: roles }: Suggestion, style: TerminalStyle): readonly string[] {
  if (roles === undefined) return [];
  const { policies, completeness } = roles;
  const rules = policies.roles.reduce((sum, role) => sum + role.rules.length, 0);
  const text = `${counted(policies.roles.length, "role")} with ${counted(rules, "rule")}, ${counted(policies.bindings.length, "binding")}, for ${counted(policies.subjects.length, "subject")}`;
  return [
    ...labelled(style, "Roles", text),
    ...labelled(style, "Coverage", completenessSentence(completeness, ACCESS_WORDS)),
    ...grantedLines(roles, style),
    ...leftOutLines(roles, style),
    ...section(style, "Risks", "rights to look at, by kind with an example", riskRows(roles)),
    ...replacedLines(roles, style),
    ...blindSpotLines(roles.blindSpots, style),
    ...proofLines(roles, style),
  ];
}

/** What the log can't show: silence about it says nothing. */
export function blindSpotLines(spots: readonly BlindSpot[], style: TerminalStyle): readonly string[] {
  const byReason = Map.groupBy(spots, ({ because }) => because);
  return [...byReason].flatMap(([because, those], index) => {
    const what = those.map((spot) => `${spot.verbs.join(", ")} of ${some(spot.what, SPOTS)}`).join("; ");
    return labelled(style, index === 0 ? "Not logged" : "", terminalSentence(`${because}: ${what}`));
  });
}

const SPOTS = 4;

/** Uses that no role holds, by the reason. */
function leftOutLines({ policies: { leftOut } }: AccessSuggestion, style: TerminalStyle): readonly string[] {
  const byReason = Map.groupBy(leftOut, ({ why }) => why);
  const rows = [...byReason]
    .map(([why, those]) => ({ count: those.length, text: LEFT_OUT_WORDS[why] }))
    .toSorted((a, b) => b.count - a.count || byText(a.text, b.text));
  return section(style, "Left out", `${counted(sumOf(rows), "use")} that no role is to hold`, rows);
}

function grantedLines({ policies: { subjects } }: AccessSuggestion, style: TerminalStyle): readonly string[] {
  const known = subjects.flatMap(({ granted, used }) => (granted === undefined ? [] : [{ granted, used }]));
  if (known.length === 0) {
    return subjects.length === 0
      ? []
      : labelled(style, "Granted", "not known: --rbac or --cluster tells what is in force");
  }
  const granted = known.reduce((sum, one) => sum + one.granted, 0);
  const used = known.reduce((sum, one) => sum + one.used, 0);
  return labelled(
    style,
    "Granted",
    `${thousands(used)} of ${counted(granted, "grant")} in force ${used === 1 ? "was" : "were"} used (a * counts as one)`,
  );
}

function riskRows({
  policies: { roles },
}: AccessSuggestion): readonly { readonly count: number; readonly text: string }[] {
  const lines = roles.flatMap((role) => role.lines.map((line) => ({ line, who: role.subjectName })));
  return ACCESS_RISKS.flatMap((risk) => {
    const own = lines.filter(({ line }) => line.risk === risk);
    const [first] = own;
    if (first === undefined) return [];
    return [
      {
        count: own.length,
        text: terminalSentence(`${risk}: ${first.who} ${formatLine(first.line)}${own.length === 1 ? "" : ", ..."}`),
      },
    ];
  });
}

function formatLine({ attributes, widenedFrom }: AccessLine): string {
  return `${attributesText(attributes)}${widenedFrom === undefined ? "" : ` (any; ${widenedFrom} seen)`}`;
}

function replacedLines({ policies: { replaced } }: AccessSuggestion, style: TerminalStyle): readonly string[] {
  if (replaced.length === 0) return [];
  const waiting = replaced.filter(({ keep }) => keep !== undefined);
  const may = replaced.length - waiting.length;
  const text = [
    `${counted(replaced.length, "binding")} in force can be replaced: ${thousands(may)} may be removed now (--remove-replaced)`,
    ...(waiting.length === 0 ? [] : [`${thousands(waiting.length)} should stay for now`]),
  ].join(", ");
  const reasons = Map.groupBy(waiting, ({ keep }) => keep ?? "");
  const rows = [...reasons].map(([reason, those]) => ({ count: those.length, text: terminalSentence(reason) }));
  return [...labelled(style, "Replaced", text), ...section(style, "Waiting", "because", rows)];
}

function proofLines({ proof, known }: AccessSuggestion, style: TerminalStyle): readonly string[] {
  const { judged, cut, newPower, unneeded, unappliable, revoked, granted, notJudged } = proof;
  const isSound = cut.length === 0 && newPower.length === 0;
  const parts = [
    `${counted(judged, "need")} judged, ${cut.length === 0 ? "none refused" : `${thousands(cut.length)} refused`}`,
    newPower.length === 0
      ? `nothing ${known.rbac === undefined ? "is granted that was not seen" : "new is granted"}`
      : `${counted(newPower.length, "right")} would be new`,
    ...(unneeded.length === 0 ? [] : [`${counted(unneeded.length, "right")} that no request needed`]),
    ...(unappliable.length === 0 ? [] : [`${counted(unappliable.length, "object")} can't be applied`]),
    ...(revoked.length === 0 ? [] : [`${counted(revoked.length, "use")} not allowed any more`]),
    ...(granted.length === 0 ? [] : [`${counted(granted.length, "right")} granted on request`]),
    ...notJudged.map(({ check, because }) => terminalSentence(`not judged (${check}): ${because}`)),
  ];
  const [first = "", ...rest] = labelled(style, "Role proof", parts.join("; "));
  return [isSound ? first : paint(style, "red", first), ...rest];
}
