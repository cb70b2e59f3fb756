import { suggestOptions } from "../../config/pipeline-options.ts";
import type { ExitCode } from "../../lib/errors.ts";
import type { Proposal } from "../../model/proposal.ts";
import type { FileChange } from "../../model/repository.ts";
import type { Proposals } from "../../propose.ts";
import { type ToldUnit, unitLines } from "../../report/proposal/terminal.ts";
import { allFindings, counted } from "../../report/wording.ts";
import { wantsColour, widthOf, writeAll } from "../io.ts";
import { openTarget, type Target } from "../propose/target.ts";
import { requireLearned, runInputs } from "../require-learned.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn propose`: what is to change in a GitOps repository, shown, or delivered as a patch, files, branches or pull requests.
 *
 * @returns 1 when a unit failed, or an input could only partly be read
 * @throws NetlearnError as `netlearn suggest`; `NETLEARN_CONFIG_INVALID` for settings of the repository that can't be read,
 *   `NETLEARN_HOST_UNAVAILABLE` when its host can't be asked
 */
export async function runPropose(inputs: readonly string[], session: Session): Promise<ExitCode> {
  const { io, settings, log } = session;
  const all = [...inputs, ...settings.audit];
  session.requireInputs("propose", all);
  const target = await openTarget(session);
  const { propose } = await import("../../propose.ts");
  const to = { base: target.base, now: io.now() };
  const proposed = await session.withProgress((own) => propose(all, suggestOptions(settings), to, own));
  const { suggestion } = proposed;
  requireLearned(suggestion, seenIn(proposed), { ...runInputs(all, settings), wanted: "both" }, log);
  for (const { severity, code, message, choice } of proposed.findings) {
    log.say(severity, code, choice === undefined ? message : `${message} ${choice}`);
  }
  reportDoubts(proposed, session);
  return await deliverHere(proposed, target, session);
}

function seenIn({ suggestion: { graph, access, accessSuggestion } }: Proposals): readonly unknown[] {
  const granted = accessSuggestion?.policies.roles ?? [];
  return [...graph.edges, ...access.uses.filter(({ outcome }) => outcome !== "denied"), ...granted];
}

/** What `netlearn suggest` would warn of, counted: it tells more. */
function reportDoubts({ suggestion }: Proposals, { log }: Session): void {
  const grave = allFindings(suggestion).filter(({ severity }) => severity !== "info");
  if (grave.length > 0) {
    log.say(
      "warning",
      "findings",
      `${counted(grave.length, "warning")} about what was learned: netlearn suggest with the same inputs tells them.`,
    );
  }
}

/** Without a host: the first stage of every namespace, as one change. */
async function deliverHere(proposed: Proposals, target: Target, session: Session): Promise<ExitCode> {
  const { settings, io, log } = session;
  const due = firstStages(proposed);
  const changes = proposed.combined(due);
  const isDry = settings.deliver === undefined || settings.dryRun;
  if (settings.deliver === "patch") await writeAll(io.stdout, await asPatch(changes));
  tell(proposed, due, session);
  if (isDry && settings.deliver !== "patch") await writeAll(io.stdout, await asPatch(changes));
  if (settings.deliver === "dir" && !isDry && target.kind === "directory") {
    const { applyChanges } = await import("../../gitops/hosts/directory.ts");
    const paths = await applyChanges(target.folder, changes);
    log.say("info", "files", `${settings.repo}: ${counted(paths.length, "file changed", "files changed")}`, { paths });
  }
  return proposed.suggestion.reading.unreadable.length > 0 ? 1 : 0;
}

async function asPatch(changes: readonly FileChange[]): Promise<string> {
  const { patchText } = await import("../../gitops/hosts/patch.ts");
  return patchText(changes);
}

/** Stages follow one another: what closes is proposed once what only grows is merged. */
function firstStages({ proposals, settings }: Proposals): readonly Proposal[] {
  const seen = new Set<string>();
  return proposals.filter(({ unit: { namespace } }) => {
    const isFirst = !seen.has(namespace);
    seen.add(namespace);
    const own = Object.hasOwn(settings.units, namespace) ? settings.units[namespace] : undefined;
    return isFirst && settings.enabled && own?.enabled !== false;
  });
}

function tell(proposed: Proposals, due: readonly Proposal[], { io, log, settings }: Session): void {
  const style = {
    width: widthOf(io.stderr),
    colour: wantsColour(settings.color, io.env, io.stderr),
    verbose: settings.verbose,
  };
  const units: readonly ToldUnit[] = proposed.proposals.map((proposal) => {
    const outcome = due.includes(proposal)
      ? undefined
      : ({ kind: "held", reason: "earlier-stage", because: "It comes once the stage before it is merged." } as const);
    return { branch: proposal.branch, proposal, outcome, url: undefined, calls: [], notes: [] };
  });
  const blocked = proposed.plan.units.filter(({ changes }) => changes.length === 0);
  const lines = [
    ...units.flatMap((unit) => unitLines(unit, style)),
    ...blocked.flatMap(({ branch, refused }) =>
      unitLines(
        {
          branch,
          proposal: undefined,
          outcome: undefined,
          url: undefined,
          calls: [],
          notes: refused.map(({ message }) => message),
        },
        style,
      ),
    ),
  ];
  const summary = `${counted(proposed.proposals.length, "proposal")}; ${due.length} due now.`;
  log.block(
    [
      ...units.map(({ branch, proposal, outcome }) => ({
        level: "info" as const,
        event: "unit",
        branch,
        fingerprint: proposal?.fingerprint,
        outcome: outcome?.kind ?? "proposed",
      })),
      { level: "info", event: "proposed", proposals: units.length, due: due.length },
    ],
    () => (log.shows("info") ? [...lines, lines.length === 0 ? "Nothing is to be changed." : summary].join("\n") : ""),
  );
}
