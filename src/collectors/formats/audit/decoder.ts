import { Faults } from "../faults.ts";
import type { DecodedEvent } from "./event.ts";
import { decodeEvent } from "./event.ts";
import { eventOfEntry } from "./gke.ts";
import { AuditMemory } from "./memory.ts";
import type { AuditObject } from "./recognise.ts";

/** Audit events -> records. One for all sources of a run, which share what is remembered. */
export class AuditDecoder {
  readonly #memory = new AuditMemory();

  decode({ kind, fields, source }: AuditObject): DecodedEvent {
    if (kind === "audit-event") {
      return decodeEvent(fields, source, this.#memory);
    }
    const faults = new Faults();
    const event = eventOfEntry(fields, faults);
    return faults.first === undefined
      ? decodeEvent(event, source, this.#memory)
      : { record: undefined, fault: faults.first };
  }
}
