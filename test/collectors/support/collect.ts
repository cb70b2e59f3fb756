import { Readable } from "node:stream";
import { collectFiles } from "../../../src/collectors/file/collect-files.ts";
import type { CollectOptions, CollectSummary } from "../../../src/collectors/file/collect-options.ts";
import type { AccessRecord } from "../../../src/model/access.ts";
import type { FlowRecord } from "../../../src/model/flow.ts";
import type { LostEvents, NodeStatus, ObservationSink, Rejection } from "../../../src/model/observation.ts";

/** A sink that keeps everything. */
export class Recorder implements ObservationSink {
  readonly flows: FlowRecord[] = [];
  readonly accesses: AccessRecord[] = [];
  readonly lost: LostEvents[] = [];
  readonly statuses: NodeStatus[] = [];
  readonly others: string[] = [];
  readonly rejections: Rejection[] = [];

  flow(record: FlowRecord): void {
    this.flows.push(record);
  }
  access(record: AccessRecord): void {
    this.accesses.push(record);
  }
  lostEvents(lost: LostEvents): void {
    this.lost.push(lost);
  }
  nodeStatus(status: NodeStatus): void {
    this.statuses.push(status);
  }
  otherEvent(kind: string): void {
    this.others.push(kind);
  }
  rejected(rejection: Rejection): void {
    this.rejections.push(rejection);
  }

  /** `reason@line` of each rejection. */
  get reasons(): string[] {
    return this.rejections.map(({ reason, place }) => (place.line === undefined ? reason : `${reason}@${place.line}`));
  }
}

export interface Collected extends Recorder {
  readonly summary: CollectSummary;
  readonly notices: readonly string[];
}

/** Reads named inputs. */
export async function collect(inputs: readonly string[], options: Partial<CollectOptions> = {}): Promise<Collected> {
  const recorder = new Recorder();
  const notices: string[] = [];
  const summary = await collectFiles(inputs, recorder, {
    format: "auto",
    stdin: Readable.from([]),
    notice: (text) => notices.push(text),
    ...options,
  });
  return Object.assign(recorder, { summary, notices });
}

/** Reads bytes as stdin would bring them, in pieces of `pieceLength`. */
export async function collectBytes(
  bytes: Buffer | string,
  options: Partial<CollectOptions> & { pieceLength?: number } = {},
): Promise<Collected> {
  const all = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
  const { pieceLength = Math.max(all.length, 1), ...rest } = options;
  const pieces: Buffer[] = [];
  for (let from = 0; from < all.length; from += pieceLength) {
    pieces.push(all.subarray(from, from + pieceLength));
  }
  return await collect(["-"], { stdin: Readable.from(pieces, { objectMode: true }), ...rest });
}
