import { learnOptions } from "../../config/pipeline-options.ts";
import { type ExitCode } from "../../lib/errors.ts";
import type { Session } from "../session.ts";

/** `netlearn graph`: who talks to whom, to standard output or a file. */
export async function runGraph(inputs: readonly string[], session: Session): Promise<ExitCode> {
  session.requireInputs("graph", inputs);
  const pipeline = await session.io.loadPipeline();
  await session.withProgress((io) => pipeline.learn(inputs, learnOptions(session.settings), io));
  return 0;
}
