import { markdownCode, markdownText } from "../escape.ts";
import { table } from "../markdown-table.ts";
import { counted, formatDay, formatWindow } from "../wording.ts";
import { groupText, noteTexts } from "./identities.ts";
import { blindSpotSection } from "./markdown-blind-spots.ts";
import type { AccessReport } from "./report.ts";
import { type AccessGrouping, ALL_NAMESPACES, detailTexts } from "./text.ts";
import type { AccessEntry } from "./view.ts";
import { formatRequests, formatSubject, RISK_WORDS } from "./wording.ts";

/**
 * Who reached what, for a wiki or a pull request.
 *
 * @returns GitHub Flavored Markdown that ends with a line break; all text from the cluster is escaped
 */
export function renderAccessMarkdown(report: AccessReport, grouping: AccessGrouping): string {
  const groups = Map.groupBy(report.entries, (entry) => (grouping === "identity" ? entry.username : entry.namespace));
  const names = grouping === "identity" ? [...groups.keys()].toSorted() : [...groups.keys()];
  const blocks = names.flatMap((name) => [
    `## ${name === "" ? `Reaching ${ALL_NAMESPACES}` : markdownCode(name)}`,
    table(
      headerOf(grouping),
      (groups.get(name) ?? []).map((entry) => cellsOf(entry, grouping)),
    ),
  ]);
  const sections = [
    "# Who used the API",
    `${counted(report.facts.events, "audit event")}. Window: ${formatWindow(report.window)}.`,
    ...blocks,
    ...identitySection(report),
    ...idleSection(report),
    ...blindSpotSection(report.blindSpots),
    "## How to read this",
    LEGEND,
  ];
  return `${sections.join("\n\n")}\n`;
}

function headerOf(grouping: AccessGrouping): readonly string[] {
  return [
    "Risk",
    grouping === "identity" ? "Namespace" : "Who",
    "Requests",
    "Last seen",
    "What, and how it was let through",
  ];
}

function cellsOf(entry: AccessEntry, grouping: AccessGrouping): readonly string[] {
  const who = grouping === "identity" ? entry.namespace : entry.username;
  const isRisky = entry.outcome !== "denied" && entry.risk !== "read" && entry.risk !== "write";
  const risk = entry.outcome === "denied" ? "refused" : entry.risk;
  return [
    isRisky ? `**${risk}**` : risk,
    who === "" ? "(all or none)" : markdownCode(who),
    formatRequests(entry),
    formatDay(entry.lastSeen),
    detailTexts(entry, true).map(markdownText).join("<br>"),
  ];
}

function identitySection({ identities, groups }: AccessReport): readonly string[] {
  const rows = identities.flatMap((note) => {
    const texts = noteTexts(note);
    return texts.length === 0 ? [] : [[markdownCode(note.username), texts.map(markdownText).join("<br>")]];
  });
  const ofGroups = groups.map((decision) => [
    markdownCode(formatSubject(decision.subject)),
    markdownText(groupText(decision)),
  ]);
  const all = [...rows, ...ofGroups];
  return all.length === 0 ? [] : ["## Identities", table(["Who", "What to know"], all)];
}

function idleSection({ idle, filter }: AccessReport): readonly string[] {
  if (idle === undefined || idle.length === 0) return [];
  const rows = idle.map(({ binding: { kind, metadata, roleRef, place }, lastUsed }) => [
    markdownCode(`${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`),
    markdownCode(`${roleRef.kind} ${roleRef.name}`),
    lastUsed === undefined ? "never" : formatDay(lastUsed),
    markdownCode(place),
  ]);
  const title =
    filter.usedBefore === undefined
      ? "Bindings that no request in the log needed"
      : `Bindings unused since ${formatDay(filter.usedBefore)}`;
  return [`## ${title}`, table(["Binding", "Role", "Last used", "Where"], rows)];
}

const LEGEND = [
  ...Object.entries(RISK_WORDS).map(([risk, words]) => `- *${risk}*: ${words}.`),
  "- *refused*: the authorizer said no. Nothing of it is ever granted unless it is named.",
  "- An address is the one the API server saw last; what a client calls itself is its own claim and proves nothing.",
  "- Requests that the audit Policy leaves out are not here.",
].join("\n");
