import { isDisabled, rendersOtherwise, stagesBefore } from "../../gitops/manners/gates.ts";
import { stagesByHand } from "../../gitops/plan/plan.ts";
import type { ExitCode } from "../../lib/errors.ts";
import type { Proposal, Stage } from "../../model/proposal.ts";
import type { FileChange } from "../../model/repository.ts";
import type { Proposals } from "../../propose.ts";
import type { ToldUnit } from "../../report/proposal/terminal.ts";
import { counted } from "../../report/wording.ts";
import { writeAll } from "../io.ts";
import type { Session } from "../session.ts";
import type { Target } from "./target.ts";
import { tell } from "./tell.ts";

/** Without a host: the first stage of every namespace as one change, printed, or made in the directory. */
export async function deliverByHand(proposed: Proposals, target: Target, session: Session): Promise<ExitCode> {
  const { settings, io, log } = session;
  const due = firstStages(proposed);
  const changes = await proposed.combined(due);
  tell(unitsOf(proposed, due), session);
  if (settings.deliver !== "dir" || settings.dryRun || target.kind !== "directory") {
    await writeAll(io.stdout, await asPatch(changes));
    return 0;
  }
  const { applyChanges } = await import("../../gitops/hosts/directory.ts");
  const paths = await applyChanges(target.folder, changes);
  log.say("info", "files", `${settings.repo}: ${counted(paths.length, "file changed", "files changed")}`, { paths });
  return 0;
}

async function asPatch(changes: readonly FileChange[]): Promise<string> {
  const { patchText } = await import("../../gitops/hosts/patch.ts");
  return patchText(changes);
}

/** Stages follow one another: what closes is proposed once what only grows is merged. */
function firstStages({ proposals, settings, plan }: Proposals): readonly Proposal[] {
  const seen = new Map<string, Set<Stage>>();
  return proposals.filter((proposal) => {
    const { unit, check } = proposal;
    const { namespace, stage } = unit;
    const proposed = seen.get(namespace) ?? new Set<Stage>();
    const before = stagesBefore(stage, proposal, { proposed, byHand: stagesByHand(plan, namespace) });
    seen.set(namespace, proposed.add(stage));
    return before.length === 0 && rendersOtherwise({ check }) === undefined && !isDisabled({ settings, unit });
  });
}

function unitsOf({ proposals, plan }: Proposals, due: readonly Proposal[]): readonly ToldUnit[] {
  const blocked = plan.units.filter(({ changes }) => changes.length === 0);
  return [
    ...proposals.map((proposal): ToldUnit => {
      const because = "It comes once the stage before it is merged, or the settings switch it off.";
      const held = { kind: "held", reason: "earlier-stage", because } as const;
      const outcome = due.includes(proposal) ? undefined : (rendersOtherwise(proposal)?.outcome ?? held);
      return { branch: proposal.branch, proposal, outcome, url: undefined, calls: [], notes: [] };
    }),
    ...blocked.map(({ branch, refused }): ToldUnit => {
      const because = refused.map(({ message }) => message).join(" ");
      const outcome = { kind: "blocked", reason: "by-hand", because } as const;
      return { branch, proposal: undefined, outcome, url: undefined, calls: [], notes: [] };
    }),
  ];
}
