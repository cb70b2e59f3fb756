import { hostname } from "node:os";
import path from "node:path";
import { stateLocation } from "../../config/collect-options.ts";
import { learnOptions } from "../../config/pipeline-options.ts";
import type { CommandName } from "../../config/settings.ts";
import { writeFileAtomically } from "../../lib/atomic-file.ts";
import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import { renderForgotten } from "../../report/state/forgotten.ts";
import { counted } from "../../report/wording.ts";
import { wantsColour, widthOf, writeAll } from "../io.ts";
import type { Session } from "../session.ts";

/** The commands below `netlearn state`. */
export type StateCommand = Extract<CommandName, `state ${string}`>;

/**
 * `netlearn state`: looks at what was learned, copies it, adds to it and forgets of it.
 *
 * @throws NetlearnError `NETLEARN_USAGE` before the state is opened; `NETLEARN_STATE_UNUSABLE`, `NETLEARN_STATE_BUSY`;
 *   `NETLEARN_INPUT_MISSING` and `NETLEARN_SNAPSHOT_INVALID` before anything is changed
 */
export async function runState(command: StateCommand, inputs: readonly string[], session: Session): Promise<ExitCode> {
  switch (command) {
    case "state show":
      await show(session);
      return 0;
    case "state export":
      await exportAll(session);
      return 0;
    case "state import":
      await importAll(inputs, session);
      return 0;
    case "state merge":
      await mergeAll(inputs, session);
      return 0;
    case "state prune":
      await prune(session);
      return 0;
  }
}

async function show(session: Session): Promise<void> {
  const { io, settings } = session;
  const location = stateLocation(settings);
  const { withState } = await import("../../state.ts");
  const summary = await withState(location, "read", async (store) => await store.summary());
  const pipeline = await io.loadPipeline();
  const learned = await session.withProgress((own) =>
    pipeline.learn([], learnOptions({ ...settings, state: location }), own),
  );
  const view = { summary, graph: learned.graph, reading: learned.reading };
  if (settings.stateFormat === "json") {
    const { renderStateJson } = await import("../../report/state/json.ts");
    return await writeAll(io.stdout, renderStateJson(view));
  }
  const { renderStateText } = await import("../../report/state/text.ts");
  const colour = wantsColour(settings.color, io.env, io.stdout);
  await writeAll(io.stdout, renderStateText(view, { width: widthOf(io.stdout), colour, verbose: settings.verbose }));
}

async function exportAll({ io, settings }: Session): Promise<void> {
  const { exportStateAt } = await import("../../state.ts");
  const text = await exportStateAt(stateLocation(settings));
  io.signal.throwIfAborted();
  const { exportOutput } = settings;
  if (exportOutput === undefined || exportOutput === "-") return await writeAll(io.stdout, text);
  await writeFileAtomically(path.resolve(io.cwd, exportOutput), text);
}

async function importAll(files: readonly string[], { settings, log }: Session): Promise<void> {
  requireSome(files, "import", "there is no snapshot to add", "learned.json");
  const { importInto, stateName } = await import("../../state.ts");
  const location = stateLocation(settings);
  const imported = await importInto(location, files, ownName());
  for (const { name, isNew } of imported) {
    const message = isNew
      ? `${name} was added to ${stateName(location)}.`
      : `${name} was added before; nothing changed.`;
    log.say("info", "imported", message, { file: name, isNew });
  }
}

async function mergeAll(others: readonly string[], { settings, log }: Session): Promise<void> {
  requireSome(others, "merge", "there is no state to add", "other.db");
  const { mergeInto, stateName, withState } = await import("../../state.ts");
  const location = stateLocation(settings);
  // Before a state is made for what is not there.
  for (const other of others) await withState(other, "read", async () => {});
  const results = await mergeInto(location, others, ownName());
  for (const [at, { isNew, countedTwice }] of results.entries()) {
    const name = stateName(others[at] ?? "");
    const message = isNew
      ? `${name} was added to ${stateName(location)}.`
      : `${name} was added before and holds nothing new; nothing changed.`;
    log.say("info", "merged", message, { state: name, isNew });
    if (countedTwice.length === 0) continue;
    const both = `Both have read ${counted(countedTwice.length, "source")}, whose records are counted twice now; edges and evidence are not.`;
    log.say("warning", "counted-twice", both, { sources: countedTwice });
  }
}

async function prune({ settings, log }: Session): Promise<void> {
  const { olderThan, forgetNamespace, dryRun } = settings;
  if (olderThan === undefined && forgetNamespace.length === 0) {
    throw new NetlearnError("NETLEARN_USAGE", "netlearn state prune: there is nothing to forget", {
      hint: "Say what: --older-than 90d, or --forget-namespace load-test; --dry-run forgets nothing and says what would go.",
    });
  }
  const { pruneAt, withState } = await import("../../state.ts");
  const location = stateLocation(settings);
  // A state that is not there is an error, and not made.
  await withState(location, "read", async () => {});
  const report = await pruneAt(location, { before: olderThan, namespaces: forgetNamespace }, dryRun);
  log.block([{ level: "info", event: dryRun ? "would-forget" : "forgot", ...report }], () =>
    renderForgotten(report, dryRun, log.options.style),
  );
}

function requireSome(inputs: readonly string[], command: string, problem: string, example: string): void {
  if (inputs.length > 0) return;
  throw new NetlearnError("NETLEARN_USAGE", `netlearn state ${command}: ${problem}`, {
    hint: `Name it: netlearn state ${command} ${example}.`,
  });
}

/** Names this process to people who look at the state. */
function ownName(): string {
  return `${hostname()}:${process.pid}`;
}
