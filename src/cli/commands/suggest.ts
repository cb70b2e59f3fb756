import path from "node:path";
import { suggestOptions } from "../../config/pipeline-options.ts";
import { writeFileAtomically } from "../../lib/atomic-file.ts";
import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import type { Suggestion } from "../../pipeline.ts";
import { renderMarkdown } from "../../report/markdown.ts";
import { renderSummary, renderWarnings } from "../../report/summary.ts";
import { allFindings, counted } from "../../report/wording.ts";
import { writeAll } from "../io.ts";
import { type OutputKind, type OutputResult, writeDirectory } from "../output-directory.ts";
import { requireLearned, runInputs } from "../require-learned.ts";
import { exitCodeFor, suggestionRecords } from "../run-log.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn suggest`: policies and roles to standard output or a directory, a summary to standard error.
 *
 * @returns 1 when a finding is an error or an input could only partly be read
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY` or `NETLEARN_INPUT_UNREADABLE` when nothing was learned, `NETLEARN_PROOF_BROKEN`, both before anything is written, when a policy would cut what was seen;
 *   `NETLEARN_EDITED_FILE` after everything else is written, when files of a person were left alone
 */
export async function runSuggest(inputs: readonly string[], session: Session): Promise<ExitCode> {
  const { io, settings } = session;
  const all = [...inputs, ...settings.audit];
  session.requireInputs("suggest", all);
  requireOneOutput(settings.report, settings.output);
  const pipeline = await io.loadPipeline();
  const options = suggestOptions(settings);
  const suggestion = await session.withProgress((own) => pipeline.suggest(all, options, own));
  requireLearned(suggestion, seenIn(suggestion), { ...runInputs(all, settings), wanted: "both" }, session.log);
  requireProof(suggestion);
  const result = await deliver(suggestion, session);
  const findings = allFindings(suggestion);
  const { log } = session;
  const { style } = log.options;
  log.block(suggestionRecords(suggestion, findings), () =>
    log.shows("info") ? renderSummary(suggestion, style) : renderWarnings(suggestion, findings, style),
  );
  if (result !== undefined) reportFiles(result, session);
  return exitCodeFor(suggestion, findings);
}

/** What rules can be made for. */
function seenIn({ graph, access, accessSuggestion }: Suggestion): readonly unknown[] {
  const granted = accessSuggestion?.policies.roles ?? [];
  return [...graph.edges, ...access.uses.filter(({ outcome }) => outcome !== "denied"), ...granted];
}

function requireOneOutput(report: string | undefined, output: string | undefined): void {
  if (report === "-" && output === undefined) {
    throw new NetlearnError("NETLEARN_USAGE", "--report - and the policies would both go to standard output", {
      hint: "Write the policies to a directory with --output, or the report to a file.",
    });
  }
}

// The pipeline refuses this too; here nothing else stands between a broken policy and a cluster.
function requireProof({ proof, accessSuggestion: roles }: Suggestion): void {
  const [first] = proof.cut;
  if (first === undefined) return requireRolesProof(roles);
  throw new NetlearnError(
    "NETLEARN_PROOF_BROKEN",
    `the policies would cut ${counted(proof.cut.length, "observed edge")}, the first because: ${first.reason}`,
    { hint: "Nothing was written. Please report this." },
  );
}

function requireRolesProof(roles: Suggestion["accessSuggestion"]): void {
  if (roles === undefined) return;
  const { cut, newPower, lossy } = roles.proof;
  const faults = cut.length + newPower.length + lossy.length;
  if (faults === 0) return;
  throw new NetlearnError("NETLEARN_PROOF_BROKEN", `the roles fail ${counted(faults, "check")} of their proof`, {
    hint: "Nothing was written. Please report this.",
  });
}

async function deliver(suggestion: Suggestion, session: Session): Promise<OutputResult | undefined> {
  const { io, settings } = session;
  io.signal.throwIfAborted();
  if (settings.report !== undefined && settings.report !== "-") {
    await writeFileAtomically(path.resolve(io.cwd, settings.report), renderMarkdown(suggestion));
  }
  await deliverRemovals(suggestion, session);
  const all = [...suggestion.files, ...(suggestion.accessSuggestion?.files ?? [])];
  if (settings.output === undefined) {
    for (const document of yamlDocuments(all)) await writeAll(io.stdout, document);
    return undefined;
  }
  const files = all.map(({ path: name, yaml }) => ({ path: name, text: yaml }));
  const { force, namespace } = settings;
  // Traffic that stood in the unread part may be what an older policy is there for.
  const prune = settings.prune && suggestion.reading.unreadable.length === 0;
  const directory = path.resolve(io.cwd, settings.output);
  const kinds = new Set<OutputKind>([
    ...(suggestion.graph.edges.length > 0 ? ["policies" as const] : []),
    ...(suggestion.accessSuggestion === undefined ? [] : ["roles" as const]),
  ]);
  const result = await writeDirectory(directory, files, { force, prune, namespaces: namespace, kinds });
  if (settings.report === "-") await writeAll(io.stdout, renderMarkdown(suggestion));
  return result;
}

/** What is to be removed, and beside it what only loses some subjects: one file is for `delete`, the other for `apply`. */
async function deliverRemovals({ accessSuggestion: roles }: Suggestion, { io, settings, log }: Session): Promise<void> {
  const { removeReplaced } = settings;
  if (removeReplaced === undefined || roles === undefined) return;
  const file = path.resolve(io.cwd, removeReplaced);
  await writeFileAtomically(file, roles.removals === "" ? NOTHING_REPLACED : roles.removals);
  if (roles.edits === "") return;
  const { dir, name, ext } = path.parse(file);
  const edited = path.join(dir, `${name}-kept-subjects${ext}`);
  await writeFileAtomically(edited, roles.edits);
  log.say("info", "edited-bindings", `${edited}: bindings that keep some subjects, for kubectl apply -f`, { edited });
}

const NOTHING_REPLACED = "# No binding in force is replaced yet.\n";

/** One document for each object, as `kubectl apply -f -` reads it. */
function* yamlDocuments(files: readonly { readonly yaml: string }[]): Generator<string> {
  for (const [place, { yaml }] of files.entries()) {
    const document = yaml.replace(/^---\n/u, "");
    yield place === 0 ? document : `---\n${document}`;
  }
}

function reportFiles(result: OutputResult, { log, settings }: Session): void {
  const { written, unchanged, edited, stale, removed } = result;
  const parts = [
    counted(written.length, "file written", "files written"),
    `${unchanged.length} unchanged`,
    ...(removed.length === 0 ? [] : [`${removed.length} removed`]),
  ];
  log.say("info", "files", `${settings.output ?? ""}: ${parts.join(", ")}`, { written, unchanged, removed });
  if (stale.length > 0) {
    const files = counted(stale.length, "file is", "files are");
    const way = settings.prune
      ? "They stay, since an input could not be read to its end."
      : "--prune removes what is not needed.";
    log.say("warning", "stale-files", `${files} no longer suggested: ${listOf(stale)}. ${way}`, {
      stale,
    });
  }
  if (edited.length > 0) {
    const files = counted(edited.length, "file was", "files were");
    throw new NetlearnError("NETLEARN_EDITED_FILE", `${files} edited by a person and left alone: ${listOf(edited)}`, {
      hint: "Compare them with what is suggested; --force overwrites them.",
    });
  }
}

function listOf(files: readonly string[]): string {
  const rest = files.length - 10;
  return `${files.slice(0, 10).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
