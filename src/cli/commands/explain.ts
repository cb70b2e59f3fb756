import { suggestOptions } from "../../config/pipeline-options.ts";
import { type ExitCode } from "../../lib/errors.ts";
import type { Session } from "../session.ts";

/** `netlearn explain`: why traffic is allowed, or what is known about it if it is not. */
export async function runExplain(inputs: readonly string[], session: Session): Promise<ExitCode> {
  session.requireInputs("explain", inputs);
  const pipeline = await session.io.loadPipeline();
  await session.withProgress((io) => pipeline.suggest(inputs, suggestOptions(session.settings), io));
  return 0;
}
