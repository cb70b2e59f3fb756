import { ACCESS_RISKS, type AccessLine } from "../../model/access-policy.ts";
import type { AccessSuggestion, Learned, Suggestion } from "../../pipeline.ts";
import { terminalSentence } from "../escape.ts";
import { labelled, paint, section, type TerminalStyle } from "../terminal-layout.ts";
import { completenessSentence, counted, formatWindow, thousands } from "../wording.ts";
import { CLASS_ORDER, formatAttributes } from "./wording.ts";

/** Words of {@link completenessSentence} about the use of the API. */
export const ACCESS_WORDS = { one: "use", many: "uses of the API", traffic: "use of the API" } as const;

/** What was read of the use of the API: nothing without audit events. */
export function accessReadLines({ access }: Pick<Learned, "access">, style: TerminalStyle): readonly string[] {
  const { uses, callers, facts, window } = access;
  if (facts.events === 0) return [];
  const rows = Object.entries(facts.setAside)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => ({ count, text: terminalSentence(reason) }));
  const denied = uses.filter(({ outcome }) => outcome === "denied").length;
  const people = new Set(uses.map(({ identity }) => identity.username)).size;
  const learned = [
    `${counted(facts.events, "audit event")}: ${counted(Math.max(people, callers.length), "identity", "identities")}`,
    counted(uses.length - denied, "use"),
    ...(denied === 0 ? [] : [counted(denied, "refused one")]),
  ].join(", ");
  return [
    ...labelled(style, "Access", learned),
    ...labelled(style, "  window", formatWindow(window)),
    ...section(style, "  aside", "events that show no use", rows),
  ];
}

/** What was decided about roles, and how it was proved. */
export function rolesLines({ accessSuggestion: roles }: Suggestion, style: TerminalStyle): readonly string[] {
  if (roles === undefined) return [];
  const { policies, proof, completeness } = roles;
  const rules = policies.roles.reduce((sum, role) => sum + role.rules.length, 0);
  const suggested = `${counted(policies.roles.length, "role")} with ${counted(rules, "rule")}, ${counted(policies.bindings.length, "binding")}, for ${counted(policies.subjects.length, "subject")}`;
  return [
    ...labelled(style, "Roles", suggested),
    ...labelled(style, "  complete", completenessSentence(completeness, ACCESS_WORDS)),
    ...grantedLines(roles, style),
    ...section(style, "  risks", "rights to look at", riskRows(roles)),
    ...replacedLines(roles, style),
    ...proofLines(proof, style),
  ];
}

function grantedLines({ policies: { subjects } }: AccessSuggestion, style: TerminalStyle): readonly string[] {
  const known = subjects.flatMap(({ granted, used }) => (granted === undefined ? [] : [{ granted, used }]));
  if (known.length === 0) {
    return subjects.length === 0
      ? []
      : labelled(style, "  granted", "not known: --rbac or --cluster tells what is in force");
  }
  const granted = known.reduce((sum, one) => sum + one.granted, 0);
  const used = known.reduce((sum, one) => sum + one.used, 0);
  return labelled(
    style,
    "  granted",
    `${thousands(used)} of ${counted(granted, "right")} that are granted now were used`,
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
  }).toSorted((a, b) => orderOf(a.text) - orderOf(b.text));
}

function orderOf(text: string): number {
  return CLASS_ORDER.findIndex((risk) => text.startsWith(`${risk}:`));
}

function formatLine({ attributes, widenedFrom }: AccessLine): string {
  return `${formatAttributes(attributes)}${widenedFrom === undefined ? "" : ` (any; ${widenedFrom} seen)`}`;
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
  return [...labelled(style, "  replaced", text), ...section(style, "  waiting", "because", rows)];
}

function proofLines(proof: AccessSuggestion["proof"], style: TerminalStyle): readonly string[] {
  const { judged, cut, newPower, unneeded, unappliable } = proof;
  const isSound = cut.length === 0 && newPower.length === 0;
  const parts = [
    `${counted(judged, "need")} judged, ${cut.length === 0 ? "none refused" : `${thousands(cut.length)} refused`}`,
    newPower.length === 0 ? "nothing new is granted" : `${counted(newPower.length, "right")} would be new`,
    ...(unneeded.length === 0 ? [] : [`${counted(unneeded.length, "right")} that no request needed`]),
    ...(unappliable.length === 0 ? [] : [`${counted(unappliable.length, "object")} the applier may not grant`]),
  ];
  const [first = "", ...rest] = labelled(style, "  proof", parts.join("; "));
  return [isSound ? first : paint(style, "red", first), ...rest];
}
