import type { Host } from "../../gitops/host.ts";
import { stepText } from "../../gitops/manners/step-text.ts";
import type { ExitCode } from "../../lib/errors.ts";
import type { UnitReport } from "../../propose/run.ts";
import type { Proposals } from "../../propose.ts";
import type { ToldUnit } from "../../report/proposal/terminal.ts";
import { writeAll } from "../io.ts";
import type { Session } from "../session.ts";
import { tell } from "./tell.ts";

/**
 * Brings proposals to a host, or shows what would be asked of it.
 *
 * @returns 1 when a unit failed: what is held, blocked or deferred is no failure
 */
export async function deliverToHost(proposed: Proposals, host: Host, session: Session): Promise<ExitCode> {
  const { runOnHost } = await import("../../propose/run.ts");
  const { settings, io } = session;
  const isDry = settings.dryRun;
  const reports = await runOnHost(host, proposed, { now: io.now(), isDry });
  const told = reports.filter(({ outcome, proposal }) => outcome.kind !== "noop" || proposal !== undefined);
  tell(
    told.map((report) => toldOf(report, isDry)),
    session,
  );
  if (isDry) await writeAll(io.stdout, await diffs(reports));
  return reports.some(({ outcome }) => outcome.kind === "failed") ? 1 : 0;
}

function toldOf({ branch, proposal, outcome, url, verdict, notes }: UnitReport, isDry: boolean): ToldUnit {
  return { branch, proposal, outcome, url, notes, calls: isDry ? verdict.steps.map(stepText) : [] };
}

/** What would be committed, commit by commit. */
async function diffs(reports: readonly UnitReport[]): Promise<string> {
  const { patchText } = await import("../../gitops/hosts/patch.ts");
  const writes = reports.flatMap(({ verdict }) => verdict.steps.filter((step) => step.kind === "write-branch"));
  return writes.map(({ changes }) => patchText(changes)).join("");
}
