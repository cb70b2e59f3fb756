import { suggestOptions } from "../../config/pipeline-options.ts";
import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import { explain } from "../../report/explanation.ts";
import { renderExplanation } from "../../report/explanation-text.ts";
import { renderSummary, renderWarnings } from "../../report/summary.ts";
import { allFindings } from "../../report/wording.ts";
import { wantsColour, widthOf, writeAll } from "../io.ts";
import { findPeers } from "../peer-search.ts";
import { requireLearned, runInputs } from "../require-learned.ts";
import { exitCodeFor, suggestionRecords } from "../run-log.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn explain`: why traffic is allowed, or what is known about it if it is not, to standard output.
 *
 * @throws NetlearnError `NETLEARN_USAGE` without a peer to explain, or with one that was never seen
 */
export async function runExplain(inputs: readonly string[], session: Session): Promise<ExitCode> {
  const { settings, io, log } = session;
  session.requireInputs("explain", inputs);
  if (settings.from === undefined && settings.to === undefined) {
    throw new NetlearnError("NETLEARN_USAGE", "netlearn explain: there is nothing to explain", {
      hint: "Name a client with --from, a server with --to, or both: --to shop/cart.",
    });
  }
  const pipeline = await io.loadPipeline();
  const suggestion = await session.withProgress((own) => pipeline.suggest(inputs, suggestOptions(settings), own));
  const { edges, denied, quarantine } = suggestion.graph;
  requireLearned(
    suggestion,
    [...edges, ...denied, ...quarantine],
    { ...runInputs(inputs, settings), wanted: "flows" },
    log,
  );
  const question = {
    from: settings.from === undefined ? undefined : findPeers(suggestion, settings.from, "--from"),
    to: settings.to === undefined ? undefined : findPeers(suggestion, settings.to, "--to"),
    port: settings.port?.port,
    protocol: settings.port?.protocol,
  };
  const port = settings.port === undefined ? "" : ` ${settings.port.port}/${settings.port.protocol ?? "any"}`;
  const asked = `${nameOf(question.from)} -> ${nameOf(question.to)}${port}`;
  const style = {
    width: widthOf(io.stdout),
    colour: wantsColour(settings.color, io.env, io.stdout),
    verbose: settings.verbose,
  };
  // The summary is not what was asked for, unless somebody wants everything; what could not be read always matters.
  const logStyle = log.options.style;
  const findings = allFindings(suggestion);
  const shown = settings.verbose ? findings : [];
  log.block(suggestionRecords(suggestion, shown), () =>
    settings.verbose ? renderSummary(suggestion, logStyle) : renderWarnings(suggestion, shown, logStyle),
  );
  await writeAll(io.stdout, renderExplanation(explain(suggestion, question), suggestion, asked, style));
  return exitCodeFor(suggestion, []);
}

function nameOf(peers: ReadonlySet<string> | undefined): string {
  if (peers === undefined) return "anybody";
  const [first = "", ...rest] = peers;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}
