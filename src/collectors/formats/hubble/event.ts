import type { LostEvents, NodeStatus, ObservationSink } from "../../../model/observation.ts";
import { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";
import type { EndpointTable } from "./endpoint.ts";
import { LOST_EVENT_SOURCES, NODE_STATES } from "./enums.ts";
import { enumeration, field, text, texts, unsigned } from "./fields.ts";
import { decodeFlow } from "./flow.ts";
import { timestamp } from "./time.ts";

/** One object of Hubble's, told apart by its shape: `body` is what the kind names, `wrapper` the object around it. */
export interface HubbleObject {
  readonly kind: "flow" | "lost_events" | "node_status" | "agent_event" | "debug_event";
  readonly body: Fields;
  readonly wrapper: Fields;
}

const OTHER_KINDS = ["lost_events", "node_status", "agent_event", "debug_event"] as const;

/** Fields by which a Flow is known when nothing says that it is one; a field mask may have left few. */
const FLOW_FIELDS = [
  "verdict",
  "IP",
  "l4",
  "source",
  "destination",
  "Type",
  "l7",
  "event_type",
  "is_reply",
  "traffic_direction",
  "trace_observation_point",
  "drop_reason_desc",
  "node_name",
] as const;

/**
 * The Hubble object a JSON object is: a GetFlowsResponse or ExportEvent, one in a gateway's `result`, or a bare Flow;
 * undefined when it is none of them.
 */
export function recogniseHubble(fields: Fields): HubbleObject | undefined {
  const flow = field(fields, "flow");
  if (isFields(flow) && flowFieldCount(flow) >= 1) {
    return { kind: "flow", body: flow, wrapper: fields };
  }
  for (const kind of OTHER_KINDS) {
    const body = field(fields, kind);
    if (isFields(body)) {
      return { kind, body, wrapper: fields };
    }
  }
  const result = fields["result"];
  if (isFields(result) && result["result"] === undefined) {
    return recogniseHubble(result);
  }
  return isBareFlow(fields) ? { kind: "flow", body: fields, wrapper: {} } : undefined;
}

function flowFieldCount(fields: Fields): number {
  return FLOW_FIELDS.reduce((count, name) => (field(fields, name) === undefined ? count : count + 1), 0);
}

function isBareFlow(fields: Fields): boolean {
  const ip = field(fields, "IP");
  const named = (isFields(ip) && typeof ip["source"] === "string") || isFields(field(fields, "l4"));
  return (named || field(fields, "verdict") !== undefined) && flowFieldCount(fields) >= 2;
}

/** Reports one Hubble object to `sink`; gives back what is wrong with it, or undefined when it was taken. */
export function reportHubble(
  object: HubbleObject,
  sink: ObservationSink,
  endpoints: EndpointTable,
): string | undefined {
  switch (object.kind) {
    case "flow": {
      const { record, fault } = decodeFlow(object.body, object.wrapper, endpoints);
      if (record !== undefined) {
        sink.flow(record);
      }
      return fault;
    }
    case "lost_events":
      return report(decodeLostEvents, object, (lost) => sink.lostEvents(lost));
    case "node_status":
      return report(decodeNodeStatus, object, (status) => sink.nodeStatus(status));
    case "agent_event":
    case "debug_event":
      sink.otherEvent(object.kind);
      return undefined;
  }
}

function report<Event>(
  decode: (object: HubbleObject, faults: Faults) => Event,
  object: HubbleObject,
  take: (event: Event) => void,
): string | undefined {
  const faults = new Faults();
  const event = decode(object, faults);
  if (faults.first === undefined) {
    take(event);
  }
  return faults.first;
}

/** flow.proto LostEvent. */
function decodeLostEvents({ body, wrapper }: HubbleObject, faults: Faults): LostEvents {
  const source = enumeration(body, "source", faults) ?? 0;
  return {
    time: timestamp(wrapper, "time") ?? timestamp(body, "last"),
    node: text(wrapper, "node_name", faults),
    buffer: typeof source === "number" ? (LOST_EVENT_SOURCES[source] ?? `LOST_EVENT_SOURCE_${source}`) : source,
    count: unsigned(body, "num_events_lost", faults) ?? 0,
  };
}

/** relay.proto NodeStatusEvent. */
function decodeNodeStatus({ body, wrapper }: HubbleObject, faults: Faults): NodeStatus {
  return {
    time: timestamp(wrapper, "time"),
    state: NODE_STATES.get(enumeration(body, "state_change", faults) ?? 0) ?? "unknown",
    nodes: texts(body, "node_names", faults),
    message: text(body, "message", faults),
  };
}
