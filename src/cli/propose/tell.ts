import { outcomesText, type ToldUnit, unitLines } from "../../report/proposal/terminal.ts";
import { wantsColour, widthOf } from "../io.ts";
import type { LogRecord } from "../log.ts";
import type { Session } from "../session.ts";

/** Says what became of units: to people as text, to machines as one record each. */
export function tell(units: readonly ToldUnit[], { io, log, settings }: Session): void {
  const style = {
    width: widthOf(io.stderr),
    colour: wantsColour(settings.color, io.env, io.stderr),
    verbose: settings.verbose,
  };
  const outcomes = units.flatMap(({ outcome }) => outcome ?? []);
  const due = units.length - outcomes.length;
  const summary = [
    ...(due === 0 ? [] : [`${due} to be done`]),
    ...(outcomes.length === 0 ? [] : [outcomesText(outcomes)]),
  ].join("; ");
  log.block([...units.map(recordOf), { level: "info", event: "proposed", units: units.length, due }], () => {
    if (!log.shows("info")) return "";
    const lines = units.flatMap((unit) => unitLines(unit, style));
    return [...lines, units.length === 0 ? "Nothing is to be changed." : `${summary}.`].join("\n");
  });
}

function recordOf({ branch, proposal, outcome, url, calls, notes }: ToldUnit): LogRecord {
  return {
    level: outcome?.kind === "failed" ? "error" : "info",
    event: "unit",
    branch,
    fingerprint: proposal?.fingerprint,
    outcome: outcome?.kind ?? "due",
    ...(outcome !== undefined && "reason" in outcome ? { reason: outcome.reason } : {}),
    ...(outcome !== undefined && "because" in outcome ? { because: outcome.because } : {}),
    url,
    calls,
    notes,
  };
}
