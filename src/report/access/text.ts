import { terminalSentence, terminalText } from "../escape.ts";
import { columns, indented, paint, type TerminalStyle, type Tone, wrapText } from "../terminal-layout.ts";
import { counted, formatDay, formatWindow } from "../wording.ts";
import { groupText, type IdentityNote, noteTexts } from "./identities.ts";
import type { AccessReport } from "./report.ts";
import { blindSpotLines } from "./summary.ts";
import type { AccessEntry } from "./view.ts";
import { formatRequests } from "./wording.ts";

/** What makes a block. */
export type AccessGrouping = "identity" | "namespace";

/** How the text is drawn, and whether the cluster's own parts are shown. */
export interface AccessTextStyle extends TerminalStyle {
  readonly by: AccessGrouping;
  readonly system: boolean;
}

/**
 * Who reached what, for a person: one block for each namespace (or identity), gravest first.
 *
 * @returns lines within the style's width, single long words excepted; ends with a line break
 */
export function renderAccessText(report: AccessReport, style: AccessTextStyle): string {
  const groups = Map.groupBy(report.entries, (entry) => groupName(entry, style.by));
  const all = style.by === "identity" ? [...groups.keys()].toSorted() : [...groups.keys()];
  const names = style.system ? all : all.filter((name) => groups.get(name)?.some((entry) => !isHidden(entry)));
  const blocks = names.map((name) => blockLines(name, groups.get(name) ?? [], report, style));
  const quiet = all.filter((name) => !names.includes(name));
  const lines = [
    ...indented(style, 2, `${countOf(report.facts.events)}; window ${formatWindow(report.window)}`, ""),
    ...blocks.flatMap((block) => ["", ...block]),
    ...quietLines(quiet, style),
    ...noteLines(report, style),
    ...idleLines(report, style),
    ...(report.blindSpots.length === 0 ? [] : ["", ...blindSpotLines(report.blindSpots, style)]),
  ];
  return `${lines.join("\n")}\n`;
}

function countOf(events: number): string {
  return counted(events, "audit event");
}

/** Where only the cluster's own parts were at work, or which of them were. */
function quietLines(names: readonly string[], style: AccessTextStyle): readonly string[] {
  if (names.length === 0) return [];
  const most = style.verbose ? names.length : QUIET;
  const text =
    style.by === "identity"
      ? `${counted(names.length, "part")} of the cluster: ${few(names, most)}`
      : `Only the cluster's own parts: ${few(names, most)}`;
  return [
    "",
    ...indented(style, 2, terminalSentence(`${text} (--system-namespaces shows them)`), "").map((line) =>
      paint(style, "dim", line),
    ),
  ];
}

const QUIET = 8;

/** What stands above the block of what reaches all namespaces, or none. */
export const ALL_NAMESPACES = "all namespaces, and what belongs to none";

function groupName({ namespace, username }: AccessEntry, grouping: AccessGrouping): string {
  if (grouping === "identity") return username;
  return namespace === "" ? ALL_NAMESPACES : namespace;
}

function blockLines(
  name: string,
  entries: readonly AccessEntry[],
  report: AccessReport,
  style: AccessTextStyle,
): readonly string[] {
  const shown = style.system ? entries : entries.filter((entry) => !isHidden(entry));
  const hidden = entries.length - shown.length;
  const people = new Set(entries.map(({ username }) => username)).size;
  const refused = entries.reduce((sum, { outcome, requests }) => sum + (outcome === "denied" ? requests : 0), 0);
  const summary = [
    ...(style.by === "namespace" ? [counted(people, "identity", "identities")] : []),
    ...(refused === 0 ? [] : [counted(refused, "refused request")]),
  ].join(", ");
  const note = style.by === "identity" ? report.identities.find(({ username }) => username === name) : undefined;
  return [
    ...indented(style, 2, `${paint(style, "bold", terminalText(name))}${summary === "" ? "" : `: ${summary}`}`, ""),
    ...(note === undefined ? [] : indented(style, 2, terminalSentence(noteTexts(note).join("; ")))),
    ...tableLines(shown, style),
    ...(hidden === 0
      ? []
      : indented(
          style,
          2,
          `… and ${counted(hidden, "row")} of the cluster's own parts (--system-namespaces shows them)`,
        ).map((line) => paint(style, "dim", line))),
  ].filter((line) => line !== "");
}

/** What the cluster's own parts do all day; what was refused, and risky by a right that Kubernetes does not give them, is always shown. */
function isHidden({ isSystem, isBuiltIn, outcome, risk }: AccessEntry): boolean {
  return isSystem && outcome !== "denied" && (isBuiltIn || risk === "read" || risk === "write");
}

const GAP = "  ";
const LEFT = 2;
/** Below the first line of a row. */
const INSET = 6;

function tableLines(entries: readonly AccessEntry[], style: AccessTextStyle): readonly string[] {
  if (entries.length === 0) return [];
  const rows = entries.map((entry) => cellsOf(entry, style.by));
  const heads = HEADERS[style.by];
  const width = (index: 0 | 1 | 2 | 3): number => Math.max(...[heads, ...rows].map((cells) => columns(cells[index])));
  const [riskWidth, requestsWidth, seenWidth] = [width(0), width(2), width(3)];
  const fixed = LEFT + riskWidth + requestsWidth + seenWidth + 3 * GAP.length;
  const whoWidth = Math.min(width(1), Math.max(style.width - fixed, MIN_WHO));
  const line = ([risk, who, requests, seen]: Cells, tone: Tone | undefined): readonly string[] => {
    const numbers = `${requests.padStart(requestsWidth)}${GAP}${seen.padEnd(seenWidth)}`.trimEnd();
    const lead = risk.padEnd(riskWidth);
    const start = `${" ".repeat(LEFT)}${tone === undefined ? lead : paint(style, tone, lead)}${GAP}`;
    if (columns(who) <= whoWidth) return [`${start}${padded(who, whoWidth)}${GAP}${numbers}`];
    return [`${start}${who}`, `${" ".repeat(LEFT + riskWidth + GAP.length + whoWidth)}${GAP}${numbers}`];
  };
  const header = line(heads, undefined).map((text) => paint(style, "dim", text));
  return [
    ...header,
    ...entries.flatMap((entry, index) => {
      const cells = rows[index];
      return cells === undefined ? [] : [...line(cells, toneOf(entry)), ...detailLines(entry, style)];
    }),
  ];
}

const MIN_WHO = 20;

type Cells = readonly [risk: string, who: string, requests: string, seen: string];

const HEADERS: Readonly<Record<AccessGrouping, Cells>> = {
  namespace: ["RISK", "WHO", "REQUESTS", "LAST SEEN"],
  identity: ["RISK", "NAMESPACE", "REQUESTS", "LAST SEEN"],
};

function padded(text: string, width: number): string {
  return `${text}${" ".repeat(Math.max(0, width - columns(text)))}`;
}

function cellsOf(entry: AccessEntry, grouping: AccessGrouping): Cells {
  const { outcome, risk, username, namespace, lastSeen } = entry;
  const who = grouping === "identity" ? (namespace === "" ? "(all or none)" : namespace) : username;
  return [outcome === "denied" ? "refused" : risk, terminalText(who), formatRequests(entry), formatDay(lastSeen)];
}

function toneOf({ outcome, risk, isBreakGlass }: AccessEntry): Tone | undefined {
  if (outcome === "denied") return "yellow";
  if (risk === "read" || risk === "write") return isBreakGlass ? "red" : undefined;
  return "red";
}

function detailLines(entry: AccessEntry, style: AccessTextStyle): readonly string[] {
  return detailTexts(entry, style.verbose).flatMap((text) =>
    wrapText(terminalSentence(text), Math.max(style.width - INSET - 2, 16)).map(
      (line, index) => `${" ".repeat(index === 0 ? INSET : INSET + 2)}${line}`,
    ),
  );
}

/** Names in a sentence before "and n more". */
const NAMED = 3;
const THINGS = 6;

/** What, by which right, when and from where: one sentence each. */
export function detailTexts(entry: AccessEntry, verbose = false): readonly string[] {
  const { impersonator, grants, isBreakGlass } = entry;
  const things = thingTexts(entry.what);
  return [
    few(things, verbose ? things.length : THINGS, "; "),
    ...(impersonator === undefined ? [] : [`really asked by ${impersonator}, who impersonates`]),
    ...(isBreakGlass ? ["break-glass: a member of system:masters, whom no role limits"] : []),
    ...(grants.length === 0 ? [] : [few(grants, verbose ? grants.length : NAMED, "; ")]),
    ...otherTexts(entry),
    ...(entry.outcome === "presumed" ? ["presumed: the log does not tell whether it was let through"] : []),
    ...seenTexts(entry, verbose),
  ];
}

/** What a client calls itself is in quotes: it is the client's own claim. */
function seenTexts({ firstSeen, days, sourceIps, userAgents }: AccessEntry, verbose: boolean): readonly string[] {
  const seen = firstSeen === undefined ? [] : [`on ${counted(days, "day")} since ${formatDay(firstSeen)}`];
  const from = sourceIps.length === 0 ? [] : [`from ${few(sourceIps, verbose ? sourceIps.length : NAMED)}`];
  const agents = userAgents.map((agent) => JSON.stringify(agent));
  const calls = agents.length === 0 ? [] : [`calls itself ${few(agents, verbose ? agents.length : 1)}`];
  const texts = [...seen, ...from, ...calls];
  return texts.length === 0 ? [] : [texts.join(", ")];
}

/** Rights that no Role gives and no Role takes away. */
function otherTexts({ otherReasons, isBreakGlass, username }: AccessEntry): readonly string[] {
  return otherReasons.flatMap((reason) => {
    if (reason !== "") return [`let through by another authorizer than RBAC: ${reason}`];
    if (isBreakGlass) return [];
    const who = username.startsWith("system:node:")
      ? "by the node authorizer"
      : "without a reason: a privileged group, or another authorizer than RBAC";
    return [`let through ${who}`];
  });
}

/** Things that were treated alike, and without a name, stand together. */
function thingTexts(what: AccessEntry["what"]): readonly string[] {
  const groups = Map.groupBy(what, ({ verbs, names, target }) =>
    JSON.stringify([verbs, names.length === 0 ? [] : [target, ...names]]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { verbs, names } = first;
    const named = names.length === 0 ? "" : names.includes("*") ? " (many names)" : ` named ${few(names, NAMED)}`;
    return [
      `${verbs.join(", ")} ${few(
        group.map(({ target }) => target),
        THINGS,
      )}${named}`,
    ];
  });
}

function few(texts: readonly string[], most: number, separator = ", "): string {
  const more = texts.length - most;
  return `${texts.slice(0, most).join(separator)}${more > 0 ? ` and ${more} more` : ""}`;
}

function noteLines({ identities, groups }: AccessReport, style: AccessTextStyle): readonly string[] {
  const notes = identities.flatMap((note: IdentityNote) => {
    const texts = style.by === "identity" ? [] : noteTexts(note);
    return texts.length === 0 ? [] : [`${note.username}: ${texts.join("; ")}`];
  });
  const rows = [...notes, ...groups.map((decision) => `Group ${decision.subject.name}: ${groupText(decision)}`)];
  if (rows.length === 0) return [];
  return ["", paint(style, "bold", "Identities"), ...rows.flatMap((row) => hanging(row, style))];
}

function hanging(text: string, style: TerminalStyle): readonly string[] {
  return indented(style, 4, terminalSentence(text), "  ");
}

function idleLines({ idle, filter }: AccessReport, style: AccessTextStyle): readonly string[] {
  if (idle === undefined || idle.length === 0) return [];
  const title =
    filter.usedBefore === undefined
      ? "Bindings that no request in the log needed"
      : `Bindings unused since ${formatDay(filter.usedBefore)}`;
  return [
    "",
    paint(style, "bold", title),
    ...idle.flatMap(({ binding, lastUsed }) => {
      const { kind, metadata, roleRef } = binding;
      const place = metadata.namespace === undefined ? "" : `${metadata.namespace}/`;
      const last = lastUsed === undefined ? "" : `, last used ${formatDay(lastUsed)}`;
      return hanging(`${kind} ${place}${metadata.name} of ${roleRef.kind} ${roleRef.name}${last}`, style);
    }),
  ];
}
