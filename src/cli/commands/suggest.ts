import { suggestOptions } from "../../config/pipeline-options.ts";
import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import type { Suggestion } from "../../pipeline.ts";
import { writeAll } from "../io.ts";
import type { Session } from "../session.ts";

/** `netlearn suggest`: policies to standard output or a directory, a summary to standard error. */
export async function runSuggest(inputs: readonly string[], session: Session): Promise<ExitCode> {
  session.requireInputs("suggest", inputs);
  const pipeline = await session.io.loadPipeline();
  const options = suggestOptions(session.settings);
  const suggestion = await session.withProgress((io) => pipeline.suggest(inputs, options, io));
  requireProof(suggestion);
  await writeAll(session.io.stdout, yamlStream(suggestion));
  return 0;
}

function requireProof({ proof }: Suggestion): void {
  if (proof.cut.length > 0) {
    throw new NetlearnError("NETLEARN_PROOF_BROKEN", `${proof.cut.length} observed edges would be cut`);
  }
}

function yamlStream({ files }: Suggestion): string {
  return files.map((file) => file.yaml.replace(/^---\n/u, "")).join("---\n");
}
