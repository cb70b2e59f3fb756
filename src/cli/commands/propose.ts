import { suggestOptions } from "../../config/pipeline-options.ts";
import type { ExitCode } from "../../lib/errors.ts";
import type { Proposals } from "../../propose.ts";
import { allFindings, counted } from "../../report/wording.ts";
import { deliverByHand } from "../propose/by-hand.ts";
import { openTarget } from "../propose/target.ts";
import { deliverToHost } from "../propose/to-host.ts";
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
  const { target, close } = await openTarget(session);
  try {
    const { propose } = await import("../../propose.ts");
    const { toolRenderer } = await import("../../gitops/tools/tool-renderer.ts");
    const render = toolRenderer({ env: io.env, signal: io.signal });
    const to = { base: target.base, now: io.now(), render };
    const proposed = await session.withProgress((own) => propose(all, suggestOptions(settings), to, own));
    const { suggestion } = proposed;
    requireLearned(suggestion, seenIn(proposed), { ...runInputs(all, settings), wanted: "both" }, log);
    reportDoubts(proposed, session);
    const isForHost = settings.deliver === "branch" || settings.deliver === "pull-request";
    const code =
      target.kind === "host" && isForHost
        ? await deliverToHost(proposed, target.host, session)
        : await deliverByHand(proposed, target, session);
    return suggestion.reading.unreadable.length > 0 ? 1 : code;
  } finally {
    await close();
  }
}

function seenIn({ suggestion: { graph, access, accessSuggestion } }: Proposals): readonly unknown[] {
  const granted = accessSuggestion?.policies.roles ?? [];
  return [...graph.edges, ...access.uses.filter(({ outcome }) => outcome !== "denied"), ...granted];
}

/** What `netlearn suggest` would warn of is counted: it tells more. */
function reportDoubts({ suggestion, findings }: Proposals, { log }: Session): void {
  for (const { severity, code, message, choice } of findings) {
    log.say(severity, code, choice === undefined ? message : `${message} ${choice}`);
  }
  const grave = allFindings(suggestion).filter(({ severity }) => severity !== "info");
  if (grave.length === 0) return;
  const warnings = counted(grave.length, "warning");
  log.say(
    "warning",
    "findings",
    `${warnings} about what was learned: netlearn suggest with the same inputs tells them.`,
  );
}
