import type { Protocol } from "../../../model/flow.ts";
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "../../../model/flow.ts";
import { NO_LAYER4 } from "./layers.ts";
import { KeyTable, NO_KEY, UNKNOWN_KEY } from "./scan-keys.ts";
import type { EnumWord, LineScan } from "./scan-line.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const HIGHEST_PORT = 65_535;

/** Reads one member's value into the scan; false leaves the line to JSON.parse. */
type Reader = (scan: LineScan) => boolean;

/** One kind of object: its members in the order of their names, and what becomes of others. */
interface Shape {
  readonly keys: KeyTable;
  readonly readers: readonly Reader[];
  /** How many of the readers, from the first, may see their member only once; the others' values do not count. */
  readonly single: number;
  /** True when members without a reader may be skipped. */
  readonly open: boolean;
}

/** At most 31 `read` members: they are bits of a mask. `skip` names are known ones whose values nobody wants. */
function shape(
  read: Readonly<Record<string, Reader>>,
  options: { skip?: Readonly<Record<string, Reader>>; open: boolean },
): Shape {
  const all = { ...read, ...options.skip };
  return {
    keys: new KeyTable(Object.keys(all)),
    readers: Object.values(all),
    single: Object.keys(read).length,
    open: options.open,
  };
}

/** Walks the object at the cursor. Answers its members as bits in the order of the shape, -1 to leave the line. */
function walk(scan: LineScan, object: Shape): number {
  const { cursor } = scan;
  if (!cursor.take(OPEN_BRACE)) {
    return -1;
  }
  if (cursor.take(CLOSE_BRACE)) {
    return 0;
  }
  let seen = 0;
  let key = -1;
  do {
    const next = cursor.peek() === QUOTE ? object.keys.read(cursor, key) : NO_KEY;
    if (!readMember(scan, object, next)) {
      return -1;
    }
    const bit = next >= 0 && next < object.single ? 1 << next : 0;
    // Of two members of one name JSON.parse keeps the last; too odd to be worth a rule here.
    if ((seen & bit) !== 0) {
      return -1;
    }
    seen |= bit;
    key = next < 0 ? key : next;
  } while (cursor.take(COMMA));
  return cursor.take(CLOSE_BRACE) ? seen : -1;
}

function readMember(scan: LineScan, { readers, open }: Shape, key: number): boolean {
  if (key >= 0) {
    return readers[key]?.(scan) === true;
  }
  return key === UNKNOWN_KEY && open && skipUnknown(scan);
}

/** A member this version does not know, unless it is another spelling of one it does. */
function skipUnknown(scan: LineScan): boolean {
  const { cursor } = scan;
  return !OTHER_SPELLINGS.has(cursor.bytes.toString("latin1", cursor.stringStart, cursor.stringEnd)) && cursor.skip();
}

const skip: Reader = ({ cursor }) => cursor.skip();

/** Values that are the same in every line of a file, as a node's labels. */
const skipRepeated: Reader = ({ cursor, skipped }) => {
  if (cursor.peek() !== OPEN_BRACE && cursor.peek() !== 0x5b) {
    return cursor.skip();
  }
  if (skipped.recall(cursor, 0) === true) {
    return true;
  }
  const start = cursor.at;
  return cursor.skip() && skipped.learn(cursor, { start, hint: 0, decode: () => true }) === true;
};

/** Most lines have the same verdict, type, ... as the one before: one comparison tells. */
function enumReader(take: (scan: LineScan, word: EnumWord) => void): Reader {
  let last: EnumWord | undefined;
  return (scan) => {
    const { cursor } = scan;
    if (last !== undefined && cursor.isAt(last.quoted)) {
      cursor.at += last.quoted.length;
      take(scan, last);
      return true;
    }
    if (!cursor.plainString()) {
      return false;
    }
    last = scan.enums.value(cursor);
    take(scan, last);
    return true;
  };
}

function integerReader(take: (scan: LineScan, value: number) => void, highest = 0xffffffff): Reader {
  return (scan) => {
    const value = scan.cursor.integer();
    take(scan, value);
    return value >= 0 && value <= highest;
  };
}

function flag(bit: number): Reader {
  return (scan) => {
    const value = scan.cursor.boolean();
    scan.flags |= value > 0 ? bit : 0;
    return value >= 0;
  };
}

const FLAGS = shape(
  { FIN: flag(TCP_FIN), SYN: flag(TCP_SYN), RST: flag(TCP_RST), PSH: flag(TCP_PSH), ACK: flag(TCP_ACK) },
  { skip: { URG: flag(0), ECE: flag(0), CWR: flag(0), NS: flag(0) }, open: false },
);

const PORTS = {
  source_port: integerReader((scan, value) => {
    scan.sourcePort = value;
  }, HIGHEST_PORT),
  destination_port: integerReader((scan, value) => {
    scan.destinationPort = value;
  }, HIGHEST_PORT),
};

const TRANSPORT = shape(PORTS, { open: false });
const TCP = shape(
  {
    ...PORTS,
    flags: (scan) => {
      scan.flags = 0;
      scan.hasFlags = true;
      return walk(scan, FLAGS) >= 0;
    },
  },
  { open: false },
);
const ICMP = shape(
  {
    type: integerReader((scan, value) => {
      scan.icmpType = value;
    }),
  },
  { skip: { code: integerReader(() => {}) }, open: false },
);

function transportReader(protocol: Protocol, inner: Shape): Reader {
  return (scan) => {
    scan.sourcePort = 0;
    scan.destinationPort = 0;
    scan.hasFlags = false;
    if (walk(scan, inner) < 0) {
      return false;
    }
    scan.layer4 = {
      protocol,
      tcpFlags: scan.hasFlags ? scan.flags : undefined,
      icmpType: undefined,
      sourcePort: scan.sourcePort === 0 ? undefined : scan.sourcePort,
      destinationPort: scan.destinationPort === 0 ? undefined : scan.destinationPort,
    };
    return true;
  };
}

function icmpReader(protocol: Protocol): Reader {
  return (scan) => {
    scan.icmpType = 0;
    const read = walk(scan, ICMP) >= 0;
    scan.layer4 = { ...NO_LAYER4, protocol, icmpType: scan.icmpType };
    return read;
  };
}

const LAYER4 = shape(
  {
    TCP: transportReader("TCP", TCP),
    UDP: transportReader("UDP", TRANSPORT),
    SCTP: transportReader("SCTP", TRANSPORT),
    ICMPv4: icmpReader("ICMPv4"),
    ICMPv6: icmpReader("ICMPv6"),
  },
  { open: false },
);

function addressReader(take: (scan: LineScan, address: string | undefined, hint: number) => void): Reader {
  return (scan) => {
    if (!scan.cursor.plainString()) {
      return false;
    }
    const { text, empty } = scan.addresses.value(scan.cursor);
    take(scan, text, scan.cursor.stringHash);
    return text !== undefined || empty;
  };
}

const IP = shape(
  {
    source: addressReader((scan, address, hint) => {
      scan.sourceIp = address;
      scan.sourceHint = hint;
    }),
    destination: addressReader((scan, address, hint) => {
      scan.destinationIp = address;
      scan.destinationHint = hint;
    }),
  },
  { skip: { ipVersion: skip, encrypted: skip, source_xlated: skip }, open: true },
);

const EVENT_TYPE = shape(
  {
    type: integerReader((scan, value) => {
      scan.eventType = value;
    }),
  },
  { skip: { sub_type: skip }, open: true },
);

/** Members cut out whole, to be read together by decodeExtras. */
function extraReader(name: string): Reader {
  return (scan) => {
    const { cursor } = scan;
    cursor.peek();
    const start = cursor.at;
    if (!cursor.skip()) {
      return false;
    }
    scan.extraMembers += `${scan.extraMembers === "" ? "" : ","}"${name}":${cursor.bytes.toString("utf8", start, cursor.at)}`;
    return true;
  };
}

const readLayer7 = extraReader("l7");

function timeReader(scan: LineScan): boolean {
  if (!scan.cursor.plainString()) {
    return false;
  }
  scan.time = scan.times.value(scan.cursor);
  scan.timeKnown = true;
  return !Number.isNaN(scan.time);
}

/** The members of a Flow that say that it is one come first: {@link IS_FLOW} are their bits. */
const FLOW = shape(
  {
    verdict: enumReader((scan, word) => {
      scan.verdict = word.verdict;
    }),
    IP: (scan) => walk(scan, IP) >= 0,
    l4: (scan) => singleBit(walk(scan, LAYER4)),
    source: (scan) => {
      const endpoint = scan.endpoint(scan.sourceHint);
      scan.source = endpoint ?? scan.source;
      return endpoint !== undefined;
    },
    destination: (scan) => {
      const endpoint = scan.endpoint(scan.destinationHint);
      scan.destination = endpoint ?? scan.destination;
      return endpoint !== undefined;
    },
    Type: enumReader((scan, word) => {
      scan.flowType = word;
    }),
    l7: (scan) => {
      scan.hasLayer7 = true;
      return scan.cursor.peek() === OPEN_BRACE && readLayer7(scan);
    },
    event_type: (scan) => walk(scan, EVENT_TYPE) >= 0,
    is_reply: (scan) => {
      const value = scan.cursor.boolean();
      scan.isReply = value > 0;
      return value >= 0;
    },
    traffic_direction: enumReader((scan, word) => {
      scan.direction = word.direction;
    }),
    trace_observation_point: enumReader((scan, word) => {
      scan.point = word;
    }),
    drop_reason_desc: enumReader((scan, word) => {
      scan.dropDescribed = word.value;
    }),
    node_name: (scan) => {
      const read = scan.cursor.plainString();
      scan.node = read ? scan.names.value(scan.cursor).text : undefined;
      return read;
    },
    time: timeReader,
    drop_reason: integerReader((scan, value) => {
      scan.dropNumber = value;
    }),
    reply: (scan) => {
      const value = scan.cursor.boolean();
      scan.reply = value > 0;
      return value >= 0;
    },
    trace_reason: enumReader((scan, word) => {
      scan.traceReason = word.traceReason;
    }),
    source_names: extraReader("source_names"),
    destination_names: extraReader("destination_names"),
    source_service: extraReader("source_service"),
    destination_service: extraReader("destination_service"),
    aggregate: extraReader("aggregate"),
  },
  {
    skip: {
      uuid: skip,
      emitter: skip,
      ethernet: skip,
      node_labels: skipRepeated,
      policy_match_type: skip,
      interface: skip,
      proxy_port: skip,
      Summary: skip,
    },
    open: true,
  },
);
const IS_FLOW = 0x1fff;

function singleBit(seen: number): boolean {
  return seen >= 0 && (seen & (seen - 1)) === 0;
}

/** The object around the Flow. Its time and node only count where the Flow has none. */
const WRAPPER = shape(
  {
    flow: (scan) => {
      const seen = walk(scan, FLOW);
      return seen > 0 && (seen & IS_FLOW) !== 0;
    },
    time: (scan) => (scan.timeKnown ? scan.cursor.skip() : timeReader(scan)),
    node_name: (scan) => {
      const read = scan.cursor.plainString();
      scan.wrapperNode = read ? scan.names.value(scan.cursor).text : undefined;
      return read;
    },
  },
  { open: true },
);
const HAS_FLOW = 1;

/** Reads the line the scan was reset to; false leaves it to JSON.parse. */
export function readLine(scan: LineScan): boolean {
  const seen = walk(scan, WRAPPER);
  return seen >= 0 && (seen & HAS_FLOW) !== 0 && scan.cursor.peek() === 0 && scan.cursor.at === scan.cursor.end;
}

/** Names that mean a member read here, in the spelling of other writers; and `log`, which makes a record Docker's. */
const OTHER_SPELLINGS: ReadonlySet<string> = new Set([
  "dropReasonDesc",
  "dropReason",
  "eventType",
  "isReply",
  "trafficDirection",
  "traceObservationPoint",
  "traceReason",
  "nodeName",
  "sourceNames",
  "destinationNames",
  "sourceService",
  "destinationService",
  "ip",
  "type",
  "log",
]);
