import type { Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Place } from "./manifest-object.ts";

/**
 * A finding about manifests: where it stands, and what was seen of the connection it is about. Further lines of its
 * message are an excerpt of the file, with a caret.
 */
export interface CheckFinding extends Finding {
  readonly place: Place | undefined;
  /** Other places worth a look, nearest first. */
  readonly related: readonly { readonly place: Place; readonly text: string }[];
  /** All connections the finding is about, where they are many and the message names the first. */
  readonly details: readonly string[];
  /** Of the observed connection that is cut; undefined where none was observed. */
  readonly evidence: Evidence | undefined;
  /** What the finding is about without lines and counts: equal before and after unrelated edits. */
  readonly identity: string;
}

/** What `netlearn check` looked at and found. */
export interface CheckReport {
  /** Sorted: errors first, then by place; each once. */
  readonly findings: readonly CheckFinding[];
  readonly files: number;
  readonly policies: number;
  readonly workloads: number;
  /** Warnings and notes left out because the base of a change has them too. */
  readonly known: number;
  /** Workloads that only the base or only the head of a change has, sorted: there is nothing to compare them with. */
  readonly uncompared: readonly string[];
  /** Observed connections that were replayed; undefined when no flows were given. */
  readonly replayed: number | undefined;
  /** Objects left out because their kind says nothing about the network, by kind. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly profile: string;
}
