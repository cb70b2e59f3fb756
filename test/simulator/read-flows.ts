import type { Connection, Simulation } from "../support/simulator/index.ts";

interface Ports {
  readonly source_port?: number;
  readonly destination_port?: number;
  readonly flags?: Readonly<Record<string, boolean>>;
}

interface Endpoint {
  readonly ID?: number;
  readonly identity?: number;
  readonly namespace?: string;
  readonly labels?: readonly string[];
  readonly pod_name?: string;
  readonly workloads?: readonly { readonly name: string; readonly kind: string }[];
}

/** What these tests read of a flow; parsed anew from the line, so that the writer's types prove nothing. */
export interface Flow {
  readonly time?: string;
  readonly uuid?: string;
  readonly verdict?: string;
  readonly drop_reason_desc?: string;
  readonly IP?: { readonly source: string; readonly destination: string; readonly source_xlated?: string };
  readonly l4?: { readonly TCP?: Ports; readonly UDP?: Ports; readonly SCTP?: Ports; readonly ICMPv4?: object };
  readonly source?: Endpoint;
  readonly destination?: Endpoint;
  readonly Type?: string;
  readonly node_name?: string;
  readonly destination_names?: readonly string[];
  readonly l7?: {
    readonly type: string;
    readonly dns?: { readonly query: string };
    readonly http?: { readonly url: string };
  };
  readonly event_type?: { readonly type: number; readonly sub_type?: number };
  readonly destination_service?: { readonly name: string };
  readonly traffic_direction?: string;
  readonly trace_observation_point?: string;
  readonly trace_reason?: string;
  readonly is_reply?: boolean;
  readonly aggregate?: Readonly<Record<string, number>>;
}

/** The flows of all lines that hold one. */
export function flowsOf(simulation: Pick<Simulation, "lines">): Flow[] {
  return simulation.lines.flatMap((line) => {
    const parsed = JSON.parse(line) as { flow?: Flow; IP?: object };
    if (parsed.flow !== undefined) return [parsed.flow];
    return parsed.IP === undefined ? [] : [parsed as Flow];
  });
}

/** What a flow's packet was sent over, with its addresses and ports as the record has them. */
export interface Sent {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number;
  readonly flags: Readonly<Record<string, boolean>>;
}

/** Undefined when it has no ports. */
export function sentOf({ IP, l4 }: Flow): Sent | undefined {
  const protocol = (["TCP", "UDP", "SCTP"] as const).find((one) => l4?.[one] !== undefined);
  const ports = protocol && l4?.[protocol];
  if (IP === undefined || protocol === undefined || ports === undefined) return undefined;
  const { source_port: sourcePort, destination_port: destinationPort = 0, flags = {} } = ports;
  return { protocol, source: IP.source, destination: IP.destination, sourcePort, destinationPort, flags };
}

/** The client's address and port with the server's address, whichever way the packet went. */
export function tuplesOf(flow: Flow): string[] {
  const ports = flow.l4?.TCP ?? flow.l4?.UDP ?? flow.l4?.SCTP;
  if (ports === undefined || flow.IP === undefined) return [];
  return [
    `${flow.IP.source}:${ports.source_port} ${flow.IP.destination}`,
    `${flow.IP.destination}:${ports.destination_port} ${flow.IP.source}`,
  ];
}

export function tupleOf(connection: Connection): string {
  return `${connection.client.ip}:${connection.clientPort} ${connection.server.ip}`;
}
