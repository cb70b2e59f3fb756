import type { EventKind, FlowRecord, TraceReason, Verdict } from "../../../model/flow.ts";
import type { Fields } from "../json.ts";
import { canonicalAddress } from "./address.ts";
import type { EndpointTable } from "./endpoint.ts";
import { decodeEndpoint, decodeService } from "./endpoint.ts";
import { DIRECTIONS, dropReasonName, EVENT_KINDS, OBSERVATION_POINTS, TRACE_REASONS, VERDICTS } from "./enums.ts";
import { bool, enumeration, Faults, field, message, text, texts, unsigned } from "./fields.ts";
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
    verdict: verdict(flow, faults),
    event: eventKind(flow, faults),
    dropReason: dropReason(flow, faults),
    observationPoint: observationPoint(flow, faults),
    isReply: isReply(flow, faults),
    traceReason: traceReason(flow, faults),
    direction: DIRECTIONS.get(enumeration(flow, "traffic_direction", faults) ?? 0),
    ...decodeLayer4(message(flow, "l4", faults), faults),
    sourceIp: address(ip, "source", faults),
    destinationIp: address(ip, "destination", faults),
    source: endpoints.intern(decodeEndpoint(message(flow, "source", faults), faults)),
    destination: endpoints.intern(decodeEndpoint(message(flow, "destination", faults), faults)),
    sourceService: decodeService(flow, "source_service", faults),
    destinationService: decodeService(flow, "destination_service", faults),
    sourceNames: texts(flow, "source_names", faults),
    destinationNames: texts(flow, "destination_names", faults),
    layer7: decodeLayer7(layer7, faults),
    node: text(flow, "node_name", faults) ?? text(wrapper, "node_name", faults),
    weight: weight(message(flow, "aggregate", faults), faults),
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

function verdict(flow: Fields, faults: Faults): Verdict {
  return verdictOf(enumeration(flow, "verdict", faults));
}

function eventKind(flow: Fields, faults: Faults): EventKind {
  const flowType = enumeration(flow, "Type", faults);
  const eventType = message(flow, "event_type", faults);
  const number = eventType === undefined ? undefined : unsigned(eventType, "type", faults);
  if (flowType === "SOCK" || flowType === 3) {
    return "socket";
  }
  return number === undefined || number === 0 ? derivedKind(flow, flowType) : (EVENT_KINDS.get(number) ?? "unknown");
}

/** What the rest of the record says about the event when a field mask took `event_type` away. */
function derivedKind(flow: Fields, flowType: string | number | undefined): EventKind {
  if (field(flow, "l7") !== undefined || flowType === "L7" || flowType === 2) {
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

function dropReason(flow: Fields, faults: Faults): string | undefined {
  const name = enumeration(flow, "drop_reason_desc", faults);
  const number = unsigned(flow, "drop_reason", faults) ?? 0;
  if (typeof name === "string" && name !== "" && name !== "DROP_REASON_UNKNOWN") {
    return name;
  }
  return dropReasonName(typeof name === "number" && name !== 0 ? name : number);
}

function observationPoint(flow: Fields, faults: Faults): string | undefined {
  const value = enumeration(flow, "trace_observation_point", faults);
  if (typeof value === "number") {
    return value === 0 ? undefined : (OBSERVATION_POINTS[value] ?? `TRACE_POINT_${value}`);
  }
  return value === "UNKNOWN_POINT" || value === "" ? undefined : value;
}

/** The deprecated `reply` is only telling when true: protojson cannot write a false one (flow.proto, Flow.reply). */
function isReply(flow: Fields, faults: Faults): boolean | undefined {
  const known = bool(flow, "is_reply", faults);
  const deprecated = bool(flow, "reply", faults);
  return known ?? (deprecated === true ? true : undefined);
}

function traceReason(flow: Fields, faults: Faults): TraceReason | undefined {
  const value = enumeration(flow, "trace_reason", faults);
  return value === undefined ? undefined : (TRACE_REASONS.get(value) ?? "unknown");
}

function address(ip: Fields, name: "source" | "destination", faults: Faults): string | undefined {
  const value = text(ip, name, faults);
  return value === undefined ? undefined : (canonicalAddress(value) ?? faults.add(`IP.${name}`, value, "an address"));
}

/** The exporter's aggregation writes the first flow of a group and how many there were, by direction. */
function weight(aggregate: Fields | undefined, faults: Faults): number {
  if (aggregate === undefined) {
    return 1;
  }
  const counters = ["ingress_flow_count", "egress_flow_count", "unknown_direction_flow_count"];
  const sum = counters.reduce((total, name) => total + (unsigned(aggregate, name, faults) ?? 0), 0);
  return Math.min(Math.max(sum, 1), Number.MAX_SAFE_INTEGER);
}
