import type { Endpoint, EventKind, FlowRecord, TraceReason, Verdict } from "../../../model/flow.ts";
import { Faults } from "../faults.ts";
import { isFields, parseJson } from "../json.ts";
import { canonicalAddress } from "./address.ts";
import type { EndpointTable } from "./endpoint.ts";
import { NO_ENDPOINT } from "./endpoint.ts";
import { EVENT_KINDS } from "./enums.ts";
import { enumerationOf } from "./fields.ts";
import {
  directionOf,
  dropReasonOf,
  isLayer7Type,
  isSocketType,
  observationPointOf,
  traceReasonOf,
  verdictOf,
} from "./flow.ts";
import type { Layer4 } from "./layers.ts";
import { NO_LAYER4 } from "./layers.ts";
import { ByteCursor, ExpectedBytes } from "./scan-cursor.ts";
import { NO_EXTRAS } from "./scan-extras.ts";
import { SliceMemo } from "./scan-slices.ts";
import { TimeReader } from "./scan-time.ts";
import { WordTable } from "./scan-words.ts";

/** All that an enum's text can mean, whichever field it stands in. */
export interface EnumWord {
  /** Its text in quotes. */
  readonly quoted: ExpectedBytes;
  readonly value: string | number;
  readonly verdict: Verdict;
  readonly direction: "ingress" | "egress" | undefined;
  readonly observationPoint: string | undefined;
  readonly traceReason: TraceReason | undefined;
  readonly socket: boolean;
  readonly layer7: boolean;
}

function enumWord(text: string): EnumWord {
  const value = enumerationOf(text);
  return {
    quoted: new ExpectedBytes(Buffer.from(`"${text}"`)),
    value,
    verdict: verdictOf(value),
    direction: directionOf(value),
    observationPoint: observationPointOf(value),
    traceReason: traceReasonOf(value),
    socket: isSocketType(value),
    layer7: isLayer7Type(value),
  };
}

/** What has been read of one line so far. The readers of scan-shapes.ts write here. */
export class LineScan {
  readonly cursor = new ByteCursor();
  readonly enums = new WordTable<EnumWord>(1024, enumWord);
  /** `text` is undefined where the address is none. */
  readonly addresses = new WordTable(16_384, (word) => ({
    text: word === "" ? undefined : canonicalAddress(word),
    empty: word === "",
  }));
  readonly names = new WordTable(4096, (word) => ({ text: word === "" ? undefined : word }));
  readonly times = new TimeReader();
  readonly skipped = new SliceMemo<true>(SKIPPED_BUCKETS);
  /** How many endpoints were not in memory; never reset here. */
  endpointsDecoded = 0;
  readonly #ends: SliceMemo<Endpoint>;
  readonly #table: EndpointTable;

  time = 0;
  timeKnown = false;
  node: string | undefined;
  wrapperNode: string | undefined;
  verdict: Verdict = "UNKNOWN";
  flowType: EnumWord | undefined;
  eventType = 0;
  dropDescribed: string | number | undefined;
  dropNumber = 0;
  point: EnumWord | undefined;
  traceReason: TraceReason | undefined;
  direction: "ingress" | "egress" | undefined;
  isReply: boolean | undefined;
  reply = false;
  layer4: Layer4 = NO_LAYER4;
  sourceIp: string | undefined;
  destinationIp: string | undefined;
  sourceHint = 0;
  destinationHint = 0;
  source: Endpoint = NO_ENDPOINT;
  destination: Endpoint = NO_ENDPOINT;
  hasLayer7 = false;
  /** The members left to decodeExtras, as JSON text without the braces. */
  extraMembers = "";
  extras = NO_EXTRAS;
  /** The transport being read. */
  sourcePort = 0;
  destinationPort = 0;
  icmpType = 0;
  flags = 0;
  hasFlags = false;

  constructor(endpoints: EndpointTable) {
    this.#table = endpoints;
    this.#ends = new SliceMemo<Endpoint>(ENDPOINT_BUCKETS);
  }

  /** Forgets the last line. */
  reset(bytes: Buffer, start: number, end: number): void {
    this.cursor.reset(bytes, start, end);
    this.timeKnown = false;
    this.node = undefined;
    this.wrapperNode = undefined;
    this.verdict = "UNKNOWN";
    this.flowType = undefined;
    this.eventType = 0;
    this.dropDescribed = undefined;
    this.dropNumber = 0;
    this.point = undefined;
    this.traceReason = undefined;
    this.direction = undefined;
    this.isReply = undefined;
    this.reply = false;
    this.layer4 = NO_LAYER4;
    this.sourceIp = undefined;
    this.destinationIp = undefined;
    this.sourceHint = 0;
    this.destinationHint = 0;
    this.source = NO_ENDPOINT;
    this.destination = NO_ENDPOINT;
    this.hasLayer7 = false;
    this.extraMembers = "";
    this.extras = NO_EXTRAS;
  }

  /** The endpoint at the cursor, from memory when its bytes were seen before; undefined when it cannot be read. */
  endpoint(hint: number): Endpoint | undefined {
    const { cursor } = this;
    if (cursor.peek() !== 0x7b) {
      return undefined;
    }
    const known = this.#ends.recall(cursor, hint);
    if (known !== undefined) {
      return known;
    }
    const start = cursor.at;
    return cursor.skip() ? this.#ends.learn(cursor, { start, hint, decode: this.#decodeEndpoint }) : undefined;
  }

  /** The record; the same as decodeFlow's for the same line. */
  record(): FlowRecord {
    const { layer4, extras } = this;
    return {
      time: this.timeKnown ? this.time : undefined,
      verdict: this.verdict,
      event: this.#event(),
      dropReason: dropReasonOf(this.dropDescribed, this.dropNumber),
      observationPoint: this.point?.observationPoint,
      isReply: this.isReply ?? (this.reply ? true : undefined),
      traceReason: this.traceReason,
      direction: this.direction,
      protocol: layer4.protocol,
      tcpFlags: layer4.tcpFlags,
      icmpType: layer4.icmpType,
      sourcePort: layer4.sourcePort,
      destinationPort: layer4.destinationPort,
      sourceIp: this.sourceIp,
      destinationIp: this.destinationIp,
      source: this.source,
      destination: this.destination,
      sourceService: extras.sourceService,
      destinationService: extras.destinationService,
      sourceNames: extras.sourceNames,
      destinationNames: extras.destinationNames,
      layer7: extras.layer7,
      node: this.node ?? this.wrapperNode,
      weight: extras.weight,
    };
  }

  #event(): EventKind {
    if (this.flowType?.socket === true) {
      return "socket";
    }
    return this.eventType === 0 ? this.#derivedEvent() : (EVENT_KINDS.get(this.eventType) ?? "unknown");
  }

  #derivedEvent(): EventKind {
    if (this.hasLayer7 || this.flowType?.layer7 === true) {
      return "l7";
    }
    if (this.dropNumber !== 0 || (this.dropDescribed !== undefined && this.dropDescribed !== "")) {
      return "drop";
    }
    return this.point !== undefined && this.point.value !== "" ? "trace" : "unknown";
  }

  readonly #decodeEndpoint = (json: string): Endpoint | undefined => {
    this.endpointsDecoded++;
    const fields = parseJson(json);
    const faults = new Faults();
    const endpoint = isFields(fields) ? this.#table.read(fields, faults) : undefined;
    return faults.first === undefined ? endpoint : undefined;
  };
}

const ENDPOINT_BUCKETS = 1 << 14;
const SKIPPED_BUCKETS = 1 << 6;
