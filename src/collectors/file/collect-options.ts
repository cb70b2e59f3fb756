import type { Readable } from "node:stream";
import type { InputFormat } from "../formats/input-format.ts";

/** How far the reading of one source has come; both in bytes as they lie there. */
export interface Progress {
  readonly source: string;
  readonly bytesRead: number;
  /** Undefined for pipes and stdin. */
  readonly bytesTotal: number | undefined;
}

/** How to read. */
export interface CollectOptions {
  readonly format: InputFormat;
  /** What `-` stands for. */
  readonly stdin: Readable;
  /** Longer records are left out and reported; 16 MiB when absent. */
  readonly maxRecordBytes?: number;
  /** Aborting makes {@link collectFiles} throw the signal's reason; what was reported to the sink stays. */
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
  /** Hears one sentence for each thing that is odd but no fault. */
  readonly notice?: (text: string) => void;
}

/** A source and what happened to it. */
export interface SourceMessage {
  readonly source: string;
  readonly message: string;
}

/** What was read, records apart: those went to the sink. */
export interface CollectSummary {
  /** Files and streams opened and taken for logs. */
  readonly sources: number;
  /** Bytes as they lay there, compressed or not. */
  readonly bytes: number;
  readonly lines: number;
  /** Inputs that could not be read, or not to their end; what came before counts. */
  readonly unreadable: readonly SourceMessage[];
  /** Files in directories that are neither flow logs nor audit logs. */
  readonly skipped: readonly SourceMessage[];
}
