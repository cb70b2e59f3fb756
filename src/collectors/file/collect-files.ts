import type { ObservationSink } from "../../model/observation.ts";
import { EndpointTable } from "../formats/hubble/endpoint.ts";
import { FlowScanner } from "../formats/hubble/scan.ts";
import { formatRule } from "../formats/input-format.ts";
import { RecordReader } from "../record-reader.ts";
import type { CollectOptions, CollectSummary, SourceMessage } from "./collect-options.ts";
import { reasonOf } from "./file-errors.ts";
import type { Input } from "./inputs.ts";
import { findInputs } from "./inputs.ts";
import { readSource } from "./read-source.ts";

const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/**
 * Reads flow logs from files, directories, globs and stdin (`-`), packed with gzip or zstd or not, and reports each
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
  const unreadable: SourceMessage[] = [...found.unreadable];
  const skipped: SourceMessage[] = [];
  const endpoints = new EndpointTable();
  const decoding = { endpoints, scanner: new FlowScanner(endpoints) };
  let sources = 0;
  let bytes = 0;
  let lines = 0;
  for (const input of found.inputs) {
    options.signal?.throwIfAborted();
    const reader = openReader(input, sink, options, decoding);
    const read = await readSource(input, reader, options);
    if (read.error !== undefined) {
      options.signal?.throwIfAborted();
      unreadable.push({ source: input.source, message: reasonOf(read.error) });
    }
    if (reader.refusal !== undefined) {
      unreadable.push({ source: input.source, message: reader.refusal });
    }
    if (reader.state === "passed-over") {
      skipped.push({
        source: input.source,
        message: "nothing in it looks like a flow log; name the file to read it anyway",
      });
    } else {
      bytes += read.bytes;
      sources += read.opened ? 1 : 0;
      lines += reader.lines;
    }
  }
  for (const { source, message } of skipped) {
    notice(`${source} is skipped: ${message}`);
  }
  return { sources, bytes, lines, unreadable, skipped };
}

function openReader(
  input: Input,
  sink: ObservationSink,
  options: CollectOptions,
  decoding: { endpoints: EndpointTable; scanner: FlowScanner },
): RecordReader {
  return new RecordReader({
    source: input.source,
    sink,
    format: formatRule(options.format),
    ...decoding,
    maxRecordBytes: options.maxRecordBytes ?? MAX_RECORD_BYTES,
    onlyFlowLogs: !input.named,
  });
}
