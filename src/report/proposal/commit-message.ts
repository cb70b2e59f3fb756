import { trailerLine } from "../../lib/trailers.ts";
import { ABOUT_TRAILER, aboutOf, DECISION_TRAILER, type Proposal } from "../../model/proposal.ts";

/**
 * Conventional, one line, at most 255 characters. Of names only letters, digits, `.`, `_` and `-` are left, so that none
 * is a mention, an issue reference or a second line.
 */
export function proposalTitle({ unit }: Pick<Proposal, "unit">): string {
  const place = unit.namespace === "" ? "cluster-wide access" : plain(unit.namespace);
  const cluster = unit.cluster === "" ? "" : ` on ${plain(unit.cluster)}`;
  const what = {
    widen: "allow what was observed in",
    narrow: "close what nobody used in",
    enforce: "deny by default in",
  }[unit.stage];
  return `feat(netlearn): ${what} ${place}${cluster}`;
}

/** Summary, body and the trailers `Netlearn-Unit` and `Netlearn-Fingerprint`; no name can begin a line. */
export function commitMessage(proposal: Proposal): string {
  const { effect, branch, fingerprint } = proposal;
  const about = aboutOf(proposal);
  const forbidden = effect.forbidden.length + effect.forbiddenMore;
  return [
    proposalTitle(proposal),
    "",
    `Allowed anew: ${effect.allowed.length}. Forbidden anew: ${forbidden}. Seen, and refused from now on: ${effect.cut.length}.`,
    "",
    `Netlearn-Unit: ${branch.replaceAll(/[^\w./~-]/gu, "_")}`,
    `Netlearn-Fingerprint: ${fingerprint.replaceAll(/[^0-9a-f]/gu, "")}`,
    ...(about.length === 0 ? [] : [`${ABOUT_TRAILER}: ${about.join(" ")}`]),
    ...(proposal.recorded ?? []).map(({ kind, what, who, why, on, until = "" }) =>
      trailerLine(DECISION_TRAILER, [kind, what, who, why, on, until]),
    ),
    "",
  ].join("\n");
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/gu, "_").slice(0, 90);
}
