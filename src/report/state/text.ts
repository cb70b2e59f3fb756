import type { Gap } from "../../model/gap.ts";
import { terminalSentence, terminalText } from "../escape.ts";
import { countedRows, indented, labelled, listed, rowIndent, type TerminalStyle } from "../terminal-layout.ts";
import { counted, formatBytes, formatWindow, thousands } from "../wording.ts";
import { countSources, type StateView, type TopicPositions, topicPositions } from "./view.ts";

/**
 * What a state holds, for a person at a terminal.
 *
 * @returns lines within the style's width; ends with a line break
 */
export function renderStateText({ summary, graph, reading }: StateView, style: TerminalStyle): string {
  const { location, bytes, schemaVersion, cells } = summary;
  const namespaces = new Set(graph.workloads.map(({ namespace }) => namespace)).size;
  const denied = graph.denied.length === 0 ? "" : `, ${counted(graph.denied.length, "denied attempt")}`;
  const learned = `${counted(graph.workloads.length, "workload")} in ${counted(namespaces, "namespace")}, ${counted(graph.edges.length, "edge")}${denied}`;
  const facts = Object.entries(cells).filter(([, count]) => count > 0);
  const total = facts.reduce((sum, [, count]) => sum + count, 0);
  const rejected = reading.rejected.reduce((sum, { count }) => sum + count, 0);
  const { gaps } = graph.facts;
  return `${[
    ...labelled(style, "State", `${terminalText(location)}, ${formatBytes(bytes)}, schema version ${schemaVersion}`),
    ...labelled(style, "Window", formatWindow(graph.window)),
    ...labelled(style, "Learned", learned),
    ...labelled(style, "Records", `${thousands(reading.used)} of ${counted(reading.records, "flow record")} used`),
    ...auditLines(reading, style),
    ...(rejected === 0 ? [] : labelled(style, "Rejected", counted(rejected, "record"))),
    ...labelled(style, "Facts", thousands(total)),
    ...(style.verbose
      ? countedRows(
          style,
          facts.map(([text, count]) => ({ text, count })),
        )
      : []),
    ...sourceLines(summary, style),
    ...(gaps.length === 0
      ? []
      : labelled(style, "Gaps", `${counted(gaps.length, "time")} that records were gone before they could be read`)),
    ...listed(style, gaps, (gap) => indented(style, rowIndent(style), gapText(gap), " ".repeat(rowIndent(style)))),
  ].join("\n")}\n`;
}

function auditLines({ audit }: StateView["reading"], style: TerminalStyle): readonly string[] {
  if (audit.events === 0) return [];
  return labelled(style, "Audit", `${thousands(audit.used)} of ${counted(audit.events, "audit event")} used`);
}

function sourceLines(summary: StateView["summary"], style: TerminalStyle): readonly string[] {
  const topics = topicPositions(summary);
  const kinds = [
    ...(topics.length === 0 ? [] : [counted(topics.length, "topic")]),
    ...(["file", "snapshot"] as const).flatMap((kind) => {
      const count = countSources(summary, kind);
      return count === 0 ? [] : [counted(count, kind)];
    }),
  ];
  if (kinds.length === 0) return labelled(style, "Sources", "none");
  return [
    ...labelled(style, "Sources", kinds.join(", ")),
    ...listed(style, topics, (topic) => {
      return topicTexts(topic, style).flatMap((text) => {
        return indented(style, rowIndent(style) + 2, terminalSentence(text), " ".repeat(rowIndent(style)));
      });
    }),
  ];
}

function topicTexts({ topic, partitions }: TopicPositions, { verbose }: TerminalStyle): readonly string[] {
  const offsets = partitions.flatMap(({ next }) => next ?? []);
  const owners = new Set(partitions.flatMap(({ owner }) => owner ?? []));
  const range =
    offsets.length === 0
      ? "not read yet"
      : `next offset ${[...new Set([Math.min(...offsets), Math.max(...offsets)])].map(thousands).join(" to ")}`;
  const by =
    owners.size === 0
      ? ""
      : `, last by ${[...owners].slice(0, 3).join(", ")}${owners.size > 3 ? ` and ${owners.size - 3} more` : ""}`;
  const rows = partitions.map(({ partition, next, owner }) => {
    return `${topic}/${partition}: ${next === undefined ? "not read yet" : thousands(next)}${owner === undefined ? "" : `, by ${owner}`}`;
  });
  return [`${topic}: ${counted(partitions.length, "partition")}, ${range}${by}`, ...(verbose ? rows : [])];
}

function gapText({ topic, partition, from, to, why }: Gap): string {
  const what =
    to === undefined ? `from offset ${thousands(from)}` : `offsets ${thousands(from)} to ${thousands(to - 1)}`;
  return terminalSentence(
    `${topic}/${partition}: ${what}, ${why === "expired" ? "removed by retention" : "since its offsets began anew"}`,
  );
}
