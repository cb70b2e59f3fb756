import type { EventKind, FlowRecord, TraceReason, Verdict } from "../../../model/flow.ts";
import { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { canonicalAddress } from "./address.ts";
import type { EndpointTable } from "./endpoint.ts";
import { decodeService } from "./endpoint.ts";
import { DIRECTIONS, dropReasonName, EVENT_KINDS, OBSERVATION_POINTS, TRACE_REASONS, VERDICTS } from "./enums.ts";
import { bool, enumeration, field, message, text, texts, unsigned } from "./fields.ts";
import { decodeLayer4, decodeLayer7 } from "./layers.ts";
import { timestamp } from "./time.ts";

/** A flow as a record, or the sentence that says what is wrong with it. */
export type DecodedFlow =
  | { readonly record: FlowRecord; readonly fault: undefined }
  | { readonly record: undefined; readonly fault: string };

/**
 * Reads one flow.proto Flow.
 *
 * @param flow the Flow object
 * @param wrapper the object around it, for the `time` and `node_name` a field mask took out of the flow
 * @param endpoints where the ends are interned
 */
export function decodeFlow(flow: Fields, wrapper: Fields, endpoints: EndpointTable): DecodedFlow {
  const faults = new Faults();
  const ip = message(flow, "IP", faults) ?? {};
  const layer7 = message(flow, "l7", faults);
  const record: FlowRecord = {
    time: timestamp(flow, "time") ?? timestamp(wrapper, "time"),
    verdict: verdictOf(enumeration(flow, "verdict", faults)),
    event: eventKind(flow, faults),
    dropReason: dropReasonOf(enumeration(flow, "drop_reason_desc", faults), unsigned(flow, "drop_reason", faults) ?? 0),
    observationPoint: observationPointOf(enumeration(flow, "trace_observation_point", faults)),
    isReply: isReply(flow, faults),
    traceReason: traceReasonOf(enumeration(flow, "trace_reason", faults)),
    direction: directionOf(enumeration(flow, "traffic_direction", faults)),
    ...decodeLayer4(message(flow, "l4", faults), faults),
    sourceIp: address(ip, "source", faults),
    destinationIp: address(ip, "destination", faults),
    source: endpoints.read(message(flow, "source", faults), faults),
    destination: endpoints.read(message(flow, "destination", faults), faults),
    sourceService: decodeService(flow, "source_service", faults),
    destinationService: decodeService(flow, "destination_service", faults),
    sourceNames: texts(flow, "source_names", faults),
    destinationNames: texts(flow, "destination_names", faults),
    layer7: decodeLayer7(layer7, faults),
    node: text(flow, "node_name", faults) ?? text(wrapper, "node_name", faults),
    weight: decodeWeight(message(flow, "aggregate", faults), faults),
  };
  return faults.first === undefined ? { record, fault: undefined } : { record: undefined, fault: faults.first };
}

/** The verdict of a name or number; a value this version does not know is UNKNOWN. */
export function verdictOf(value: string | number | undefined): Verdict {
  if (typeof value === "number") {
    return VERDICTS[value] ?? "UNKNOWN";
  }
  return VERDICTS.find((known) => known === value) ?? "UNKNOWN";
}

/** The direction of a name or number. */
export function directionOf(value: string | number | undefined): "ingress" | "egress" | undefined {
  return DIRECTIONS.get(value ?? 0);
}

/** The trace reason of a name or number; one this version does not know is unknown. */
export function traceReasonOf(value: string | number | undefined): TraceReason | undefined {
  return value === undefined ? undefined : (TRACE_REASONS.get(value) ?? "unknown");
}

/** The observation point of a name or number; undefined for the one that says nothing. */
export function observationPointOf(value: string | number | undefined): string | undefined {
  if (typeof value === "number") {
    return value === 0 ? undefined : (OBSERVATION_POINTS[value] ?? `TRACE_POINT_${value}`);
  }
  return value === "UNKNOWN_POINT" || value === "" ? undefined : value;
}

/** The drop reason of `drop_reason_desc`, or else of the deprecated `drop_reason`. */
export function dropReasonOf(described: string | number | undefined, number: number): string | undefined {
  if (typeof described === "string" && described !== "" && described !== "DROP_REASON_UNKNOWN") {
    return described;
  }
  return dropReasonName(typeof described === "number" && described !== 0 ? described : number);
}

/** True for a Flow of the socket layer, whatever its event type says. */
export function isSocketType(flowType: string | number | undefined): boolean {
  return flowType === "SOCK" || flowType === 3;
}

/** True for a Flow of layer 7. */
export function isLayer7Type(flowType: string | number | undefined): boolean {
  return flowType === "L7" || flowType === 2;
}

function eventKind(flow: Fields, faults: Faults): EventKind {
  const flowType = enumeration(flow, "Type", faults);
  const eventType = message(flow, "event_type", faults);
  const number = eventType === undefined ? undefined : unsigned(eventType, "type", faults);
  if (isSocketType(flowType)) {
    return "socket";
  }
  return number === undefined || number === 0 ? derivedKind(flow, flowType) : (EVENT_KINDS.get(number) ?? "unknown");
}

/** What the rest of the record says about the event when a field mask took `event_type` away. */
function derivedKind(flow: Fields, flowType: string | number | undefined): EventKind {
  if (field(flow, "l7") !== undefined || isLayer7Type(flowType)) {
    return "l7";
  }
  if (isSet(field(flow, "drop_reason_desc")) || isSet(field(flow, "drop_reason"))) {
    return "drop";
  }
  return isSet(field(flow, "trace_observation_point")) ? "trace" : "unknown";
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== 0 && value !== "";
}

/** The deprecated `reply` is only telling when true: protojson cannot write a false one (flow.proto, Flow.reply). */
function isReply(flow: Fields, faults: Faults): boolean | undefined {
  const known = bool(flow, "is_reply", faults);
  const deprecated = bool(flow, "reply", faults);
  return known ?? (deprecated === true ? true : undefined);
}

function address(ip: Fields, name: "source" | "destination", faults: Faults): string | undefined {
  const value = text(ip, name, faults);
  return value === undefined ? undefined : (canonicalAddress(value) ?? faults.add(`IP.${name}`, value, "an address"));
}

/** How many events a record stands for: the exporter's aggregation writes the first flow of a group and how many there were, by direction. */
export function decodeWeight(aggregate: Fields | undefined, faults: Faults): number {
  if (aggregate === undefined) {
    return 1;
  }
  const counters = ["ingress_flow_count", "egress_flow_count", "unknown_direction_flow_count"];
  const sum = counters.reduce((total, name) => total + (unsigned(aggregate, name, faults) ?? 0), 0);
  return Math.min(Math.max(sum, 1), Number.MAX_SAFE_INTEGER);
}
