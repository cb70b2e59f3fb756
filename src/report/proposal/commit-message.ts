import type { Proposal, Unit } from "../../model/proposal.ts";
import { terminalText } from "../escape.ts";

const VERBS = { widen: "allow", narrow: "restrict", enforce: "enforce" } as const;

/** `cluster/namespace/stage` as the branch has it. */
export function unitName({ cluster, namespace, stage }: Unit): string {
  return [cluster === "" ? "_" : cluster, namespace === "" ? "_cluster" : namespace, stage].map(terminalText).join("/");
}

/** Conventional, one line, at most 255 characters, without a mention or an issue reference: names keep only safe characters. */
export function proposalTitle({ unit }: Pick<Proposal, "unit">): string {
  const where = unit.namespace === "" ? "cluster-scoped access" : plain(unit.namespace);
  const cluster = unit.cluster === "" ? "" : ` on ${plain(unit.cluster)}`;
  const what = { widen: "what was observed", narrow: "to what was observed", enforce: "default-deny" }[unit.stage];
  return `feat(netlearn): ${VERBS[unit.stage]} ${what} in ${where}${cluster}`.slice(0, 255);
}

/** Summary, body and trailers. Nothing from the cluster can begin a line. */
export function commitMessage(proposal: Proposal): string {
  const { effect, unit, fingerprint } = proposal;
  return [
    proposalTitle({ unit }),
    "",
    `Becomes allowed: ${effect.allowed.length}; becomes forbidden: ${effect.forbidden.length + effect.forbiddenMore}; seen and cut: ${effect.cut.length}.`,
    "",
    `Netlearn-Unit: ${plainPath(unitName(unit))}`,
    `Netlearn-Fingerprint: ${plain(fingerprint)}`,
    "",
  ].join("\n");
}

function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/gu, "_").slice(0, 80);
}

function plainPath(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._/-]/gu, "_").slice(0, 250);
}
