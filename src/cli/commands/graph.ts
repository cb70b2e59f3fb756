import path from "node:path";
import { learnOptions } from "../../config/pipeline-options.ts";
import type { GraphFormat } from "../../config/settings.ts";
import { writeFileAtomically } from "../../lib/atomic-file.ts";
import type { ExitCode } from "../../lib/errors.ts";
import type { Remembered } from "../../pipeline.ts";
import { withinNamespaces } from "../../report/graph-view.ts";
import { renderLearned, renderWarnings } from "../../report/summary.ts";
import { sortedFindings } from "../../report/wording.ts";
import { writeAll } from "../io.ts";
import { requireLearned, runInputs } from "../require-learned.ts";
import { exitCodeFor, learnedRecords } from "../run-log.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn graph`: who talks to whom, to standard output or a file.
 *
 * @returns 1 when a finding is an error or an input could only partly be read
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY` or `NETLEARN_INPUT_UNREADABLE` when nothing was learned
 */
export async function runGraph(inputs: readonly string[], session: Session): Promise<ExitCode> {
  const { io, settings, log } = session;
  session.requireInputs("graph", inputs);
  const pipeline = await io.loadPipeline();
  const learned = await session.withProgress((own) => pipeline.learn(inputs, learnOptions(settings), own));
  const { edges, denied } = learned.graph;
  // A snapshot holds the use of the API as well; pictures are of flows.
  const isSnapshot = settings.graphFormat === "json";
  const seen = [...edges, ...denied, ...(isSnapshot ? learned.access.uses : [])];
  requireLearned(learned, seen, { ...runInputs(inputs, settings), wanted: isSnapshot ? "both" : "flows" }, log);
  if (isSnapshot && settings.namespace.length > 0) {
    // A snapshot is there to be merged later, and half of one would be taken for all there is.
    log.say("warning", "whole-snapshot", "--namespace does not apply to --format json, which holds everything learned");
  }
  const text = await renderGraph(learned, settings.graphFormat, settings.namespace);
  if (settings.graphOutput === undefined || settings.graphOutput === "-") {
    await writeAll(io.stdout, text);
  } else {
    await writeFileAtomically(path.resolve(io.cwd, settings.graphOutput), text);
  }
  const findings = sortedFindings(learned.findings);
  const { style } = log.options;
  log.block(learnedRecords(learned, findings), () =>
    log.shows("info") ? renderLearned(learned, style) : renderWarnings(learned, findings, style),
  );
  return exitCodeFor(learned, findings);
}

async function renderGraph(learned: Remembered, format: GraphFormat, namespaces: readonly string[]): Promise<string> {
  if (format === "json") return learned.snapshot();
  const graph = withinNamespaces(learned.graph, namespaces);
  switch (format) {
    case "mermaid":
      return (await import("../../report/mermaid.ts")).renderMermaid(graph);
    case "dot":
      return (await import("../../report/dot.ts")).renderDot(graph);
    case "gexf":
      return (await import("../../graph/gexf.ts")).renderGexf(graph);
  }
}
