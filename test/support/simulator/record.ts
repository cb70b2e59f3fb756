import type { EndpointView } from "./endpoint-view.ts";

/** TCP flags in the order Go writes them (flow.proto TCPFlags). */
export interface TcpFlags {
  readonly FIN?: true;
  readonly SYN?: true;
  readonly RST?: true;
  readonly PSH?: true;
  readonly ACK?: true;
}

export interface Layer7Json {
  readonly type: "REQUEST" | "RESPONSE";
  readonly latency_ns?: string | undefined;
  readonly dns?: object;
  readonly http?: object;
}

/** A policy as a verdict record names it. */
export interface PolicyJson {
  readonly name: string;
  readonly namespace: string;
  readonly labels: readonly string[];
  readonly revision: string;
  readonly kind: string;
}

interface ServiceJson {
  readonly name: string;
  readonly namespace: string;
}

/** The keys of a Flow in the order of their declaration in flow.proto, which is the order protojson writes. */
export interface FlowJson {
  time: string;
  uuid: string | undefined;
  verdict: string;
  drop_reason: number | undefined;
  ethernet: { readonly source: string; readonly destination: string } | undefined;
  IP: {
    readonly source: string;
    readonly source_xlated?: string | undefined;
    readonly destination: string;
    readonly ipVersion: string;
  };
  l4: object | undefined;
  source: EndpointView;
  destination: EndpointView;
  Type: string;
  node_name: string;
  node_labels: readonly string[] | undefined;
  source_names: readonly string[] | undefined;
  destination_names: readonly string[] | undefined;
  l7: Layer7Json | undefined;
  reply: true | undefined;
  event_type: { readonly type: number; readonly sub_type?: number | undefined };
  source_service: ServiceJson | undefined;
  destination_service: ServiceJson | undefined;
  traffic_direction: string | undefined;
  policy_match_type: number | undefined;
  trace_observation_point: string | undefined;
  trace_reason: string | undefined;
  drop_reason_desc: string | undefined;
  is_reply: boolean | undefined;
  interface: { readonly index: number; readonly name: string } | undefined;
  proxy_port: number | undefined;
  sock_xlate_point: string | undefined;
  socket_cookie: string | undefined;
  cgroup_id: string | undefined;
  Summary: string;
  egress_allowed_by: readonly PolicyJson[] | undefined;
  ingress_allowed_by: readonly PolicyJson[] | undefined;
  aggregate?: object | undefined;
}

/** `TCP Flags: SYN, ACK`, as hubble's summary has it. */
export function tcpSummary(flags: TcpFlags): string {
  const order = ["SYN", "ACK", "RST", "FIN", "PSH"] as const;
  return `TCP Flags: ${order.filter((flag) => flags[flag]).join(", ")}`;
}

/** RFC 3339 with 9, 6, 3 or no digits, whichever loses nothing (protojson). `time` in microseconds, `nanos` 0-999. */
export function timestamp(time: number, nanos: number): string {
  const whole = new Date(Math.floor(time / 1000)).toISOString();
  const micros = String(time % 1000).padStart(3, "0");
  const digits = `${whole.slice(20, 23)}${micros}${String(nanos).padStart(3, "0")}`;
  const short = digits.replace(/(000)+$/, "");
  return `${whole.slice(0, 19)}${short === "" ? "" : `.${short}`}Z`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "\\u0026",
  "<": "\\u003c",
  ">": "\\u003e",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

const ESCAPED = /[&<>\u2028\u2029]/;

/** JSON as Go's encoding/json writes it. */
export function goJson(value: unknown): string {
  const text = JSON.stringify(value);
  return ESCAPED.test(text) ? text.replaceAll(/[&<>\u2028\u2029]/g, (found) => ESCAPES[found] ?? found) : text;
}

/** Only the fields of a mask; `source.labels` keeps one part of `source`. */
export function applyMask(flow: FlowJson, mask: readonly string[]): Partial<FlowJson> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flow)) {
    if (mask.includes(key)) kept[key] = value;
    const inner = mask.filter((path) => path.startsWith(`${key}.`)).map((path) => path.slice(key.length + 1));
    if (inner.length > 0 && typeof value === "object" && value !== null) {
      kept[key] = Object.fromEntries(Object.entries(value as object).filter(([name]) => inner.includes(name)));
    }
  }
  return kept;
}
