import { by } from "../../lib/sort.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type { DeclaredPort } from "../../model/inventory.ts";
import { canonicalAddresses } from "./address.ts";
import { fieldOf, isRecord, listOf, portNumber, textOf, textsOf } from "./fields.ts";

/** What a pod's `spec`, or that of a template, says about its network. */
export interface PodSpec {
  /** Sorted, each once. */
  readonly ports: readonly DeclaredPort[];
  /** `default` where none is named: the API server writes that (ServiceAccount admission). */
  readonly serviceAccount: string | undefined;
  readonly hostNetwork: boolean;
  readonly node: string | undefined;
  /** Addresses that it puts on its node for itself, canonical: those of a node-local DNS cache. */
  readonly localAddresses: readonly string[];
}

/** Reads a pod's `spec`. Parts that can't be read are left out. */
export function readPodSpec(spec: unknown): PodSpec {
  const account = textOf(spec, "serviceAccountName") ?? textOf(spec, "serviceAccount");
  const hostNetwork = fieldOf(spec, "hostNetwork") === true;
  return {
    ports: sortedPorts(readPorts(spec)),
    serviceAccount: account ?? (isRecord(spec) ? "default" : undefined),
    hostNetwork,
    node: textOf(spec, "nodeName"),
    localAddresses: hostNetwork ? readLocalAddresses(spec) : NONE,
  };
}

const NONE: readonly string[] = [];

/** `-localip 169.254.20.10,10.96.0.10` of k8s.io/dns/cmd/node-cache; flags of Go have one dash or two. */
const LOCAL_FLAG = /^--?localip(?:=(.*))?$/u;

function readLocalAddresses(spec: unknown): readonly string[] {
  const lists = listOf(fieldOf(spec, "containers")).map((container) => textsOf(fieldOf(container, "args")));
  const values = lists.flatMap((args) =>
    args.flatMap((arg, at) => {
      const match = LOCAL_FLAG.exec(arg);
      return match === null ? [] : (match[1] ?? args[at + 1] ?? "").split(",");
    }),
  );
  return values.length === 0 ? NONE : canonicalAddresses(values.map((value) => value.trim()));
}

/** True for arguments of which {@link PodSpec.localAddresses} are read. */
export function hasLocalAddresses(args: unknown): boolean {
  return textsOf(args).some((arg) => LOCAL_FLAG.test(arg));
}

/** The ports of all containers. Restartable init containers (sidecars) listen as well; their ports can be named too. */
export function readPorts(spec: unknown): readonly DeclaredPort[] {
  const containers = [...listOf(fieldOf(spec, "containers")), ...listOf(fieldOf(spec, "initContainers"))];
  return containers.flatMap((container) => listOf(fieldOf(container, "ports")).flatMap(readPort));
}

function readPort(entry: unknown): readonly DeclaredPort[] {
  const port = portNumber(fieldOf(entry, "containerPort"));
  const name = fieldOf(entry, "name");
  const protocol = protocolOf(fieldOf(entry, "protocol"));
  if (port === undefined || protocol === undefined) return [];
  return [{ port, protocol, ...(typeof name === "string" ? { name } : {}) }];
}

/** The protocol of a port: TCP where none is written, undefined where it is none that NetworkPolicy knows. */
export function protocolOf(value: unknown): PolicyProtocol | undefined {
  if (value === undefined || value === null || value === "") return "TCP";
  return value === "TCP" || value === "UDP" || value === "SCTP" ? value : undefined;
}

/** Sorted by number, protocol and name, each once. */
export function sortedPorts(ports: readonly DeclaredPort[]): readonly DeclaredPort[] {
  if (ports.length < 2) return ports;
  const distinct = new Map(ports.map((port) => [portText(port), port]));
  return [...distinct.values()].toSorted((a, b) => a.port - b.port || by(portText)(a, b));
}

/** A text equal exactly for equal ports. */
export function portText({ port, protocol, name }: DeclaredPort): string {
  return `${port}/${protocol}/${name ?? ""}`;
}
