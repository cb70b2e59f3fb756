import type { Found, FoundIssue, HostCapabilities, IssueText } from "../host.ts";
import type { Settings } from "./settings.ts";
import type { Verdict } from "./step.ts";
import { held, NOTHING_TO_DO } from "./step.ts";
import type { Texts } from "./texts.ts";

/** What is decided from about the dashboard. */
export interface DashboardSituation {
  readonly settings: Pick<Settings, "dashboard">;
  readonly found: Pick<Found, "readOnly">;
  readonly capabilities: Pick<HostCapabilities, "issues">;
  /** What the host has under the title. */
  readonly issue: FoundIssue | undefined;
  /** What it should say. */
  readonly text: IssueText;
  readonly texts: Pick<Texts, "bodyHash">;
}

/**
 * What is done about the dashboard issue (rule 30), after all units: it is written when what it says changed, ticks of readers
 * included, and left alone once a person closed it.
 */
export function decideDashboard(situation: DashboardSituation): Verdict {
  const { settings, found, capabilities, issue, text, texts } = situation;
  if (!settings.dashboard) {
    return NOTHING_TO_DO;
  }
  if (found.readOnly !== undefined) {
    return { outcome: { kind: "blocked", reason: "read-only", because: found.readOnly }, steps: [] };
  }
  if (capabilities.issues !== true) {
    const because = "There are no issues here that could be written: dashboard: true has no effect.";
    return { outcome: { kind: "blocked", reason: "no-issues", because }, steps: [] };
  }
  if (issue?.state === "closed") {
    return held("rejected", `Somebody closed the dashboard, #${issue.number}: reopen it, or set dashboard: false.`);
  }
  if (issue !== undefined && texts.bodyHash(issue.body) === texts.bodyHash(text.body)) {
    return NOTHING_TO_DO;
  }
  return {
    outcome: { kind: issue === undefined ? "created" : "updated" },
    steps: [{ kind: "write-issue", own: issue, title: text.title, body: text.body }],
  };
}
