import { MS_PER_DAY } from "../lib/days.ts";
import type { AccessGraph } from "../model/access.ts";
import type { Completeness } from "../model/completeness.ts";
import type { Finding } from "../model/finding.ts";
import { estimateCompleteness } from "./completeness.ts";
import { durationText } from "./facts.ts";

/** A week and a day to see it come round. */
const WEEKLY_CYCLE = 8 * MS_PER_DAY;

/** How complete the uses of the API are that were let through, by the hours they were seen in. */
export function accessCompletenessOf({ uses, window }: AccessGraph): Completeness {
  const granted = uses.filter(({ outcome }) => outcome !== "denied");
  return estimateCompleteness(
    granted.map(({ evidence }) => evidence.hours),
    window,
  );
}

/** What an audit log says about itself that no estimate can know. */
export function accessFactsThatBreakIt(graph: AccessGraph): readonly Finding[] {
  return graph.uses.length === 0 ? [] : [...undecidedFindings(graph), ...windowFindings(graph.window)];
}

function undecidedFindings({ uses, facts }: AccessGraph): readonly Finding[] {
  if (facts.withDecision > 0 || uses.length === 0) return [];
  return [
    {
      code: "audit-without-decisions",
      severity: "warning",
      about: undefined,
      message: `None of ${facts.events} audit events says whether it was authorized: requests that were not refused are taken for allowed.`,
      choice: "Keep the annotations of audit events (authorization.k8s.io/decision) on their way here.",
    },
  ];
}

function windowFindings(window: AccessGraph["window"]): readonly Finding[] {
  if (window === undefined) {
    return [
      {
        code: "audit-without-times",
        severity: "warning",
        about: undefined,
        message: "No audit event carries a time, so nothing can be said about how complete the log is.",
        choice: "Keep requestReceivedTimestamp of audit events on their way here.",
      },
    ];
  }
  const span = window.last - window.first;
  if (span >= WEEKLY_CYCLE) return [];
  return [
    {
      code: "audit-window-short",
      severity: "warning",
      about: undefined,
      message: `The audit log spans ${durationText(span)}: what is done once a week or after a restart may not be in it.`,
      choice: "Read the log of 8 days or more before you remove what is granted now.",
    },
  ];
}
