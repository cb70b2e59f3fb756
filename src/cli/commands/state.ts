import { stateLocation } from "../../config/collect-options.ts";
import { learnOptions } from "../../config/pipeline-options.ts";
import type { CommandName } from "../../config/settings.ts";
import type { ExitCode } from "../../lib/errors.ts";
import { wantsColour, widthOf, writeAll } from "../io.ts";
import type { Session } from "../session.ts";

/** The commands below `netlearn state`. */
export type StateCommand = Extract<CommandName, `state ${string}`>;

/**
 * `netlearn state`: looks at what was learned, copies it, adds to it and forgets of it.
 *
 * @throws NetlearnError `NETLEARN_USAGE` before the state is opened; `NETLEARN_STATE_UNUSABLE`, `NETLEARN_STATE_BUSY`
 */
export async function runState(command: StateCommand, inputs: readonly string[], session: Session): Promise<ExitCode> {
  switch (command) {
    case "state show":
      return await show(session);
    default:
      throw new Error(`${command} ${inputs.length}`);
  }
}

async function show(session: Session): Promise<ExitCode> {
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
    await writeAll(io.stdout, renderStateJson(view));
    return 0;
  }
  const { renderStateText } = await import("../../report/state/text.ts");
  const colour = wantsColour(settings.color, io.env, io.stdout);
  await writeAll(io.stdout, renderStateText(view, { width: widthOf(io.stdout), colour, verbose: settings.verbose }));
  return 0;
}
