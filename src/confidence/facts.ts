import type { Finding } from "../model/finding.ts";
import type { Gap } from "../model/gap.ts";
import type { CommunicationGraph, SourceFacts } from "../model/graph.ts";
import { cutUnits, type ObservedWindow } from "./units.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A week and a day to see it come round. */
const WEEKLY_CYCLE = 8 * DAY;
/** From so many records on, a property that none of them has was left out on purpose. */
const MANY = 20;
/** Nodes in a sentence before "and n more". */
const NAMED = 5;

/** What the sources say about themselves that no estimate can know, in the order of how much it spoils. */
export function factsThatBreakIt(graph: Pick<CommunicationGraph, "facts" | "window">): readonly Finding[] {
  const { facts, window } = graph;
  return [...exportFindings(facts), ...maskFindings(facts), ...gapFindings(facts), ...windowFindings(facts, window)];
}

function finding(severity: Finding["severity"], code: string, message: string, choice: string): Finding {
  return { code, severity, about: undefined, message, choice };
}

function isDropOnly({ records, dropped }: SourceFacts): boolean {
  return records > 0 && dropped >= records;
}

function exportFindings(facts: SourceFacts): readonly Finding[] {
  const { records, aggregated } = facts;
  const dropOnly = finding(
    "error",
    "drop-only-export",
    `All ${records} records are of dropped traffic: they say what is refused, not what is needed.`,
    "Export forwarded flows too (take the verdict filter out of the exporter) and learn from those.",
  );
  const merged = finding(
    "info",
    "aggregated-export",
    `${aggregated} of ${records} records stand for several events each: the exporter merges flows, so counts of connections are too low.`,
    "Policies do not depend on counts; switch the exporter's aggregation off if you want them exact.",
  );
  return [...(isDropOnly(facts) ? [dropOnly] : []), ...(aggregated > 0 ? [merged] : [])];
}

/** Properties an exporter's field mask may leave out, and what is lost with each. */
const MASKS = [
  {
    property: "withVerdict",
    code: "exporter-without-verdict",
    severity: "error",
    lost: "a verdict, so refused attempts cannot be told from traffic that passed",
    field: "verdict",
  },
  {
    property: "withLabels",
    code: "exporter-without-labels",
    severity: "warning",
    lost: "labels, so policies can only select by what pod names tell",
    field: "source.labels and destination.labels",
  },
  {
    property: "withIsReply",
    code: "exporter-without-is-reply",
    severity: "warning",
    lost: "is_reply, so who is the client is known from TCP flags and known ports only",
    field: "is_reply",
  },
  {
    property: "withEventType",
    code: "exporter-without-event-type",
    severity: "warning",
    lost: "an event type, so policy verdicts and traces cannot be told apart",
    field: "event_type",
  },
] as const;

function maskFindings(facts: SourceFacts): readonly Finding[] {
  // Drops carry no is_reply by nature; that nothing else is there has been said.
  const masks = MASKS.filter(({ property }) => property !== "withIsReply" || !isDropOnly(facts));
  return masks
    .filter(({ property }) => facts.records >= MANY && facts[property] === 0)
    .map(({ severity, code, lost, field }) =>
      finding(
        severity,
        code,
        `None of ${facts.records} records carries ${lost}.`,
        `Add ${field} to the exporter's field mask, or take the mask away.`,
      ),
    );
}

function gapFindings({ lostEvents, unavailableNodes, gaps }: SourceFacts): readonly Finding[] {
  const lost = finding(
    "warning",
    "lost-events",
    `The source says that it lost ${lostEvents} events: an edge seen only then is missing.`,
    "Enlarge the agents' buffer (hubble.eventBufferCapacity in Cilium's chart) or observe longer.",
  );
  const nodes = unavailableNodes.map(oneLine).toSorted();
  const more = nodes.length > NAMED ? ` and ${nodes.length - NAMED} more` : "";
  const silent = finding(
    "warning",
    "unavailable-nodes",
    `${count(nodes.length, "node")} did not report all the time: ${nodes.slice(0, NAMED).join(", ")}${more}. What only ran there was not seen.`,
    "See that their agents answer (cilium status), and observe again.",
  );
  return [...(lostEvents > 0 ? [lost] : []), ...unreadFindings(gaps), ...(nodes.length > 0 ? [silent] : [])];
}

function unreadFindings(gaps: readonly Gap[]): readonly Finding[] {
  const [first] = gaps;
  if (first === undefined) return [];
  const expired = gaps.reduce((sum, { from, to }) => sum + (to === undefined ? 0 : to - from), 0);
  const restarts = gaps.filter(({ to }) => to === undefined).length;
  const lost = [
    ...(expired > 0 ? [`${count(expired, "record")} had expired before netlearn could read them`] : []),
    ...(restarts > 0 ? [`offsets began anew ${count(restarts, "time")}, with unread records perhaps lost`] : []),
  ];
  const { topic, partition, from } = first;
  const more = gaps.length > 1 ? `, and ${gaps.length - 1} more such ${gaps.length === 2 ? "place" : "places"}` : "";
  return [
    finding(
      "warning",
      "unread-records",
      `${lost.join("; ")} (topic ${oneLine(topic)}, partition ${partition}, from offset ${from}${more}): an edge, or a use of the API, seen only then is missing.`,
      "Collect more often than the topic's retention, or keep records longer (retention.ms, retention.bytes).",
    ),
  ];
}

function windowFindings({ records }: SourceFacts, window: ObservedWindow | undefined): readonly Finding[] {
  if (records === 0) {
    return [];
  }
  if (window === undefined) {
    const message = "No record carries a time, so how complete the observation is cannot be estimated.";
    return [finding("warning", "no-times", message, "Export the time of each flow.")];
  }
  const span = window.last - window.first;
  if (cutUnits(window).count < 2) {
    const message = `The records span ${durationText(span)}: too short to estimate what was not seen.`;
    return [finding("warning", "window-too-short", message, "Observe for some days, best more than a week.")];
  }
  if (span < WEEKLY_CYCLE) {
    const message = `The records span ${durationText(span)}: jobs that run once a week may not have run in it.`;
    return [
      finding(
        "warning",
        "weekly-cycle-not-covered",
        message,
        "Observe for 8 days or more, or look after such jobs by hand.",
      ),
    ];
  }
  return [];
}

/** A duration to two digits or so: `40 minutes`, `5.5 hours`, `7.9 days`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < HOUR) {
    return count(Math.max(0, Math.floor(milliseconds / MINUTE)), "minute");
  }
  return milliseconds < 2 * DAY ? count(tenths(milliseconds / HOUR), "hour") : count(tenths(milliseconds / DAY), "day");
}

/** Rounded down, so that a window just short of a week never reads as one. */
function tenths(value: number): number {
  return Math.floor(value * 10) / 10;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Node names come from the flow log, and a finding is one line. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}
