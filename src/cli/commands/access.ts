import path from "node:path";
import { suggestOptions } from "../../config/pipeline-options.ts";
import { matchesSelector } from "../../inventory/objects/label-selector.ts";
import { writeFileAtomically } from "../../lib/atomic-file.ts";
import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import type { ReviewedAccess } from "../../pipeline.ts";
import { accessReport } from "../../report/access/report.ts";
import type { AccessFilter } from "../../report/access/view.ts";
import { renderReviewed, renderWarnings } from "../../report/summary.ts";
import { sortedFindings } from "../../report/wording.ts";
import { wantsColour, widthOf, writeAll } from "../io.ts";
import { requireLearned, runInputs } from "../require-learned.ts";
import { exitCodeFor, reviewedRecords } from "../run-log.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn access`: who used the API and how, to standard output or a file.
 *
 * @returns 1 when a finding is an error or an input could only partly be read
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY` or `NETLEARN_INPUT_UNREADABLE` when no use of the API was seen; `NETLEARN_USAGE` for a
 *   selector that nothing can be told about
 */
export async function runAccess(inputs: readonly string[], session: Session): Promise<ExitCode> {
  const { io, settings, log } = session;
  const all = [...inputs, ...settings.audit];
  requireNamespaceLabels(session);
  session.requireInputs("access", all);
  const pipeline = await io.loadPipeline();
  const reviewed = await session.withProgress((own) => pipeline.review(all, suggestOptions(settings), own));
  requireLearned(reviewed, reviewed.access.uses, { ...runInputs(all, settings), wanted: "access" }, log);
  const text = await render(reviewed, filterOf(reviewed, session), session);
  if (settings.accessOutput === undefined || settings.accessOutput === "-") {
    await writeAll(io.stdout, text);
  } else {
    await writeFileAtomically(path.resolve(io.cwd, settings.accessOutput), text);
  }
  const findings = sortedFindings([...reviewed.findings, ...reviewed.review.findings]);
  const { style } = log.options;
  log.block(reviewedRecords(reviewed, findings), () =>
    log.shows("info") ? renderReviewed(reviewed, findings, style) : renderWarnings(reviewed, findings, style),
  );
  return exitCodeFor(reviewed, findings);
}

function requireNamespaceLabels({ settings }: Session): void {
  const { selector, manifests, cluster, kubeconfig, context } = settings;
  if (selector === undefined || manifests.length > 0 || cluster || kubeconfig !== undefined || context !== undefined)
    return;
  throw new NetlearnError(
    "NETLEARN_USAGE",
    "netlearn access: --selector asks for labels of namespaces, and nothing tells them",
    {
      hint: "Give the Namespace objects with --manifests FILE or --cluster, or name namespaces with -n.",
    },
  );
}

function filterOf({ access, review }: ReviewedAccess, { settings }: Session): AccessFilter {
  const { namespace, selector, unusedFor } = settings;
  const labelled =
    selector === undefined
      ? undefined
      : [...review.namespaces].filter(([, labels]) => matchesSelector(selector, labels)).map(([name]) => name);
  if (labelled?.length === 0) {
    throw new NetlearnError(
      "NETLEARN_USAGE",
      "netlearn access: no known namespace has the labels that --selector asks for",
      {
        hint: `Namespaces whose labels are known: ${[...review.namespaces.keys()].slice(0, 10).join(", ") || "none"}.`,
      },
    );
  }
  const named = namespace.length === 0 ? undefined : namespace;
  const wanted = labelled === undefined ? named : labelled.filter((name) => named?.includes(name) ?? true);
  // The log's own end: an old log would make everything unused.
  const end = access.window?.last;
  return {
    namespaces: wanted === undefined ? undefined : new Set(wanted),
    usedBefore: unusedFor === undefined || end === undefined ? undefined : end - unusedFor,
  };
}

async function render(reviewed: ReviewedAccess, filter: AccessFilter, { io, settings }: Session): Promise<string> {
  const report = accessReport(reviewed, filter);
  switch (settings.accessFormat) {
    case "text": {
      const isFile = settings.accessOutput !== undefined && settings.accessOutput !== "-";
      return (await import("../../report/access/text.ts")).renderAccessText(report, {
        width: widthOf(io.stdout),
        colour: !isFile && wantsColour(settings.color, io.env, io.stdout),
        verbose: settings.verbose,
        by: settings.by,
        system: settings.systemNamespaces,
      });
    }
    case "json":
      return (await import("../../report/access/json.ts")).renderAccessJson(report);
    case "markdown":
      return (await import("../../report/access/markdown.ts")).renderAccessMarkdown(report, settings.by);
  }
}
