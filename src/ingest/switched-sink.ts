import type { AccessRecord } from "../model/access.ts";
import type { FlowRecord } from "../model/flow.ts";
import type { LostEvents, NodeStatus, ObservationSink, Rejection } from "../model/observation.ts";

/** A sink whose place another one can take while a source is being read. */
export class SwitchedSink implements ObservationSink {
  target: ObservationSink;

  constructor(target: ObservationSink) {
    this.target = target;
  }

  flow(record: FlowRecord): void {
    this.target.flow(record);
  }

  access(record: AccessRecord): void {
    this.target.access(record);
  }

  lostEvents(lost: LostEvents): void {
    this.target.lostEvents(lost);
  }

  nodeStatus(status: NodeStatus): void {
    this.target.nodeStatus(status);
  }

  otherEvent(kind: string): void {
    this.target.otherEvent(kind);
  }

  rejected(rejection: Rejection): void {
    this.target.rejected(rejection);
  }
}
