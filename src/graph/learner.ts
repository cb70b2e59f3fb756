import type { AccessRecord } from "../model/access.ts";
import type { Endpoint, FlowRecord } from "../model/flow.ts";
import type { QuarantineReason } from "../model/graph.ts";
import type { LostEvents, NodeStatus, ObservationSink, Rejection } from "../model/observation.ts";
import { AccessObservations } from "./access/access-observations.ts";
import { addressAside } from "./address.ts";
import { gapsOf } from "./gaps.ts";
import { Observations, type SightingId } from "./observations.ts";
import { isPolicyDrop, orient, provesPassage } from "./orient.ts";
import { type RejectionCount, Rejections } from "./rejections.ts";
import { Sighter } from "./sight.ts";
import type { Witness } from "./witness.ts";

export interface LearnerOptions {
  /** Records before `since`, or at `until` and later, are left out; milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

const PASSING: ReadonlySet<string> = new Set(["FORWARDED", "REDIRECTED", "AUDIT"]);
const LEAVING: ReadonlySet<string> = new Set(["TO_NETWORK", "TO_OVERLAY", "TO_CRYPTO"]);
const NODE_RESERVED: readonly string[] = ["host", "remote-node", "kube-apiserver"];

/** All that was learned, of flows and of the use of the API. */
export type Learned = Pick<Learner, "accesses" | "observations">;

/** Counters that nearly every record moves, held on to instead of looked up. */
type Tally = ReturnType<typeof tallyOf>;

function tallyOf(observations: Observations) {
  return {
    aggregated: observations.counter("aggregated"),
    notForwarded: observations.counter("notForwarded"),
    records: observations.counter("records"),
    replies: observations.counter("replies"),
    used: observations.counter("used"),
    withEventType: observations.counter("withEventType"),
    withIsReply: observations.counter("withIsReply"),
    withLabels: observations.counter("withLabels"),
    withVerdict: observations.counter("withVerdict"),
  };
}

/**
 * Folds observations into {@link Observations}, one record at a time. What is remembered does not depend on the order
 * of the calls, nor on a record coming twice, the plain counters of records excepted.
 */
export class Learner implements ObservationSink {
  readonly observations: Observations;
  readonly accesses: AccessObservations;
  readonly #options: LearnerOptions;
  readonly #sighter: Sighter;
  readonly #tally: Tally;
  readonly #rejections = new Rejections();

  constructor(options: LearnerOptions = {}) {
    this.observations = new Observations();
    this.accesses = new AccessObservations(() => gapsOf(this.observations));
    this.#sighter = new Sighter(this.observations);
    this.#tally = tallyOf(this.observations);
    this.#options = options;
  }

  rejections(): RejectionCount[] {
    return this.#rejections.list();
  }

  rejected(sample: Rejection): void {
    this.#rejections.add({ reason: sample.reason, count: 1, sample });
  }

  /** Rejections that were counted before. */
  addRejections(counted: RejectionCount): void {
    this.#rejections.add(counted);
  }

  lostEvents(lost: LostEvents): void {
    this.observations.count("event:lost_events");
    this.observations.count("lost", lost.count);
  }

  nodeStatus(status: NodeStatus): void {
    this.observations.count("event:node_status");
    const missing = status.state === "unavailable" || status.state === "error";
    for (const node of status.nodes) if (missing) this.observations.addFact("unavailable-node", node);
  }

  otherEvent(kind: string): void {
    this.observations.count(`event:${kind}`);
  }

  access(record: AccessRecord): void {
    if (this.#isOutside(record.time)) this.accesses.leaveOut();
    else this.accesses.add(record);
  }

  flow(record: FlowRecord): void {
    this.#tally.records.value++;
    if (this.#isOutside(record.time)) return this.#aside("outside-window");
    this.#noteFacts(record);
    const orientation = orient(record);
    if (orientation.kind === "aside") return this.#aside(orientation.reason);
    const reason = this.#endsAside(record);
    if (reason !== undefined) return this.#aside(reason);
    const source = this.#sight(record, "source");
    const destination = this.#sight(record, "destination");
    switch (orientation.kind) {
      case "request":
        return this.#learn(
          record,
          witnessOf(record, provesPassage(record, orientation), orientation.opening),
          source,
          destination,
        );
      case "reply":
        return this.#learn(record, turn(witnessOf(record, true)), destination, source);
      case "denied":
        return this.#deny(record, [source, destination]);
      case "undirected":
        return orientation.says === "reply"
          ? this.#pend(record, turn(witnessOf(record, false)), [destination, source], true)
          : this.#pend(record, witnessOf(record, false), [source, destination], orientation.says !== undefined);
    }
  }

  #aside(reason: string): void {
    this.observations.count(`aside:${reason}`);
  }

  #isOutside(time: number | undefined): boolean {
    const { since, until } = this.#options;
    if (since === undefined && until === undefined) return false;
    return time === undefined || time < (since ?? time) || (until !== undefined && time >= until);
  }

  #noteFacts(record: FlowRecord): void {
    const observations = this.observations;
    observations.addTime(record.time);
    if (record.node !== undefined) observations.addFact("node", record.node);
    const tally = this.#tally;
    if (record.isReply !== undefined || record.traceReason !== undefined) tally.withIsReply.value++;
    if (isCalledReply(record)) tally.replies.value++;
    if (record.event !== "unknown") tally.withEventType.value++;
    if (showsLabels(record.source) || showsLabels(record.destination)) tally.withLabels.value++;
    if (record.verdict !== "UNKNOWN") tally.withVerdict.value++;
    if (record.event === "drop" || !PASSING.has(record.verdict)) tally.notForwarded.value++;
    if (record.weight > 1) tally.aggregated.value++;
    this.#noteNames(record);
  }

  #noteNames(record: FlowRecord): void {
    const { destinationIp, sourceIp, layer7 } = record;
    if (destinationIp !== undefined) for (const name of record.destinationNames) this.#noteName(destinationIp, name);
    if (sourceIp !== undefined) for (const name of record.sourceNames) this.#noteName(sourceIp, name);
    const dns = layer7?.type === "response" ? layer7.dns : undefined;
    if (dns !== undefined) for (const ip of dns.ips) this.#noteName(ip, dns.query);
  }

  #noteName(address: string, name: string): void {
    const plain = name.replace(/\.$/, "").toLowerCase();
    if (plain === "" || /\.(?:cluster\.local|in-addr\.arpa|ip6\.arpa)$/.test(plain)) return;
    this.observations.addName(address, plain);
  }

  /** Traffic that is real and that no policy is for. */
  #endsAside(record: FlowRecord): string | undefined {
    const source = this.#sighter.known(record.source);
    const destination = this.#sighter.known(record.destination);
    if (source.reserved.includes("health") || destination.reserved.includes("health")) return "health-check";
    const address = addressAside(record.sourceIp) ?? addressAside(record.destinationIp);
    if (address !== undefined) return address;
    if (isSamePod(record)) return "same-pod";
    if (source.pod !== undefined || destination.pod !== undefined) return undefined;
    const isNodes = [source, destination].some(({ reserved }) => reserved.some((name) => NODE_RESERVED.includes(name)));
    return isNodes ? "no-pod" : undefined;
  }

  #sight(record: FlowRecord, side: "source" | "destination"): SightingId {
    const isSource = side === "source";
    return this.#sighter.sight({
      endpoint: record[side],
      ip: isSource ? record.sourceIp : record.destinationIp,
      service: isSource ? record.sourceService : record.destinationService,
      time: record.time,
      leavesNode: isSource && LEAVING.has(record.observationPoint ?? ""),
    });
  }

  #learn(record: FlowRecord, witness: Witness, client: SightingId, server: SightingId): void {
    const port = isIcmp(record) ? undefined : witness.serverPort;
    if (port === 0 || (port === undefined && !isIcmp(record))) return this.#quarantine("no-port", witness);
    this.#tally.used.value++;
    this.observations.edge(client, server, record.protocol, port).log.add(witness);
  }

  #deny(record: FlowRecord, [client, server]: readonly [SightingId, SightingId]): void {
    const witness = witnessOf(record, false);
    this.observations.count("used");
    const port = isIcmp(record) || witness.serverPort === 0 ? undefined : witness.serverPort;
    const reason = record.dropReason ?? "UNKNOWN";
    const attempt = { client, server, protocol: record.protocol, port, reason, byPolicy: isPolicyDrop(record) };
    this.observations.denial(attempt).log.add(witness);
  }

  #pend(record: FlowRecord, witness: Witness, [a, b]: readonly [SightingId, SightingId], claimed: boolean): void {
    if (isIcmp(record) || !witness.clientPort || !witness.serverPort) return this.#quarantine("undirected", witness);
    const keys = [this.#sighter.keyOf(a), this.#sighter.keyOf(b)] as const;
    const onOverlay = this.#isNode(record) && !claimed;
    const sight = { a, b, claimed, onOverlay, protocol: record.protocol, keys };
    this.observations.pending.add(sight, { ...witness, kind: "undirected" });
  }

  #quarantine(reason: QuarantineReason, witness: Witness): void {
    this.#aside(reason);
    this.observations.quarantined(reason).add(witness);
  }

  #isNode(record: FlowRecord): boolean {
    const reserved = [
      ...this.#sighter.known(record.source).reserved,
      ...this.#sighter.known(record.destination).reserved,
    ];
    return reserved.some((name) => NODE_RESERVED.includes(name));
  }
}

function isIcmp(record: FlowRecord): boolean {
  return record.protocol === "ICMPv4" || record.protocol === "ICMPv6";
}

function isSamePod(record: FlowRecord): boolean {
  if (record.sourceIp !== undefined && record.sourceIp === record.destinationIp) return true;
  const { podName, namespace } = record.source;
  return podName !== undefined && podName === record.destination.podName && namespace === record.destination.namespace;
}

function isCalledReply({ isReply, traceReason }: FlowRecord): boolean {
  return isReply === true || traceReason === "reply";
}

/** A single reserved label may come from the number of the identity, whatever the exporter leaves out. */
function showsLabels({ labels }: Endpoint): boolean {
  return labels.length > 1 || (labels[0] !== undefined && !labels[0].startsWith("reserved:"));
}

/** Evidence as the record has it, its source as the client. */
function witnessOf(record: FlowRecord, passed: boolean, opening = false): Witness {
  return {
    time: record.time,
    client: record.sourceIp ?? record.source.podName ?? "",
    clientPort: record.sourcePort,
    server: record.destinationIp ?? record.destination.podName ?? "",
    serverPort: record.destinationPort,
    protocol: record.protocol,
    node: record.node,
    kind: evidenceKind(record),
    opening,
    passed,
    audited: record.verdict === "AUDIT",
    confirmsOnly: record.layer7?.type === "response",
  };
}

function evidenceKind(record: FlowRecord): Witness["kind"] {
  if (record.layer7 !== undefined) return "layer7";
  return record.event === "policy-verdict" ? "policy-verdict" : "trace";
}

/** The same evidence with client and server exchanged: a reply shows the connection from its far end. */
function turn(witness: Witness): Witness {
  const { client, clientPort, server, serverPort, kind } = witness;
  return {
    ...witness,
    client: server,
    clientPort: serverPort,
    server: client,
    serverPort: clientPort,
    kind: kind === "trace" ? "reply" : kind,
  };
}
