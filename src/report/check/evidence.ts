import type { Evidence } from "../../model/evidence.ts";
import { counted, daysActive, formatConnections, formatSample, formatTime } from "../wording.ts";

/** The evidence for a connection in one sentence; text of the cluster in it is raw. */
export function evidenceText(evidence: Evidence): string {
  const { connections, lastSeen, samples } = evidence;
  const days = daysActive(evidence);
  const active = days === 0 ? "" : ` on ${counted(days, "day")}`;
  const noun = connections === 1 ? "connection" : "connections";
  const [sample] = samples;
  const example = sample === undefined ? "" : `; for example ${formatSample(sample)}`;
  return `${formatConnections(evidence)} ${noun}${active}, last seen ${formatTime(lastSeen)} UTC${example}`;
}
