import type { ObservationSink } from "../../model/observation.ts";
import type { CollectOptions, CollectSummary } from "./collect-options.ts";
import { findInputs } from "./inputs.ts";
import { readSource } from "./read-source.ts";
import { Sources } from "./sources.ts";

/**
 * Reads flow logs and audit logs from files, directories, globs and stdin (`-`), packed with gzip or zstd or not, and reports each
 * record to `sink` in the order of the input.
 *
 * @throws NetlearnError NETLEARN_INPUT_MISSING before anything is read when a named input does not exist
 */
export async function collectFiles(
  inputs: readonly string[],
  sink: ObservationSink,
  options: CollectOptions,
): Promise<CollectSummary> {
  const notice = options.notice ?? (() => {});
  const found = await findInputs(inputs, notice);
  const sources = new Sources(options, found.unreadable);
  for (const input of found.inputs) {
    options.signal?.throwIfAborted();
    const reader = sources.open(input, sink);
    const read = await readSource(input, reader, options);
    if (read.error !== undefined) options.signal?.throwIfAborted();
    sources.read(input, read, reader);
  }
  const summary = sources.summary();
  for (const { source, message } of summary.skipped) notice(`${source} is skipped: ${message}`);
  return summary;
}
