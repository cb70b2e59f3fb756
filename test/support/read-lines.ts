import { AuditDecoder } from "../../src/collectors/formats/audit/decoder.ts";
import { EndpointTable } from "../../src/collectors/formats/hubble/endpoint.ts";
import { formatRule } from "../../src/collectors/formats/input-format.ts";
import { RecordDecoder } from "../../src/collectors/formats/record-decoder.ts";
import { Learner } from "../../src/graph/learner.ts";
import type { ObservationSink } from "../../src/model/observation.ts";

/** Reads JSON lines into a sink, as the collectors do. */
export function readLines(lines: Iterable<string>, sink: ObservationSink): void {
  const decoder = new RecordDecoder({
    source: "lines",
    sink,
    format: formatRule("auto"),
    endpoints: new EndpointTable(),
    audit: new AuditDecoder(),
    maxRecordBytes: 1_000_000,
  });
  let line = 0;
  for (const text of lines) decoder.line(text, { line: ++line, quiet: false });
}

/** What a new learner knows after these lines. */
export function learnLines(lines: Iterable<string>): Learner {
  const learner = new Learner();
  readLines(lines, learner);
  return learner;
}
