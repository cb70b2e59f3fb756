/** Why bytes cannot be read as text, in the words of a rejection. */
export interface Refusal {
  readonly reason: "wrong-encoding" | "binary-encoding";
  readonly detail: string;
}

/** What the first bytes of a source say: text after `skip` bytes, or a refusal. */
export type Sniffed =
  | { readonly skip: number; readonly refusal: undefined }
  | { readonly skip: 0; readonly refusal: Refusal };

/** Bytes {@link sniff} wants to see; fewer when the source has no more. */
export const SNIFF_BYTES = 512;

interface Signature {
  readonly name: string;
  readonly fix: string;
  readonly matches: (head: Buffer) => boolean;
}

const PLAIN_JSON = "write the records as JSON lines";

/** Binary formats that logs get packed into, most telling first. */
const SIGNATURES: readonly Signature[] = [
  {
    name: "bzip2",
    fix: "unpack it with bunzip2, or use gzip or zstd",
    matches: (head) => magic(head, "BZh") && (head[3] ?? 0) <= 0x39,
  },
  {
    name: "xz",
    fix: "unpack it with unxz, or use gzip or zstd",
    matches: (head) => bytesAt(head, 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a]),
  },
  {
    name: "zip",
    fix: "unpack it with unzip, or use gzip or zstd",
    matches: (head) => bytesAt(head, 0, [0x50, 0x4b, 0x03, 0x04]),
  },
  { name: "snappy", fix: "unpack it with `snzip -d`, or use gzip or zstd", matches: isSnappy },
  {
    name: "lz4",
    fix: "unpack it with unlz4, or use gzip or zstd",
    matches: (head) => bytesAt(head, 0, [0x04, 0x22, 0x4d, 0x18]),
  },
  {
    name: "tar",
    fix: "unpack it with `tar -x` and name the directory",
    matches: (head) => head.toString("latin1", 257, 262) === "ustar",
  },
  { name: "Avro", fix: PLAIN_JSON, matches: (head) => magic(head, "Obj\u0001") },
  { name: "Parquet", fix: PLAIN_JSON, matches: (head) => magic(head, "PAR1") },
  {
    name: "Confluent Schema Registry",
    fix: "use the JSON converter or serializer without a schema registry",
    matches: (head) => head[0] === 0 && head.length > 5 && head.subarray(1, 5).some((byte) => byte !== 0),
  },
  {
    name: "msgpack",
    fix: "set the shipper's format to json",
    matches: ([first = 0]) => (first >= 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf),
  },
  {
    name: "protobuf",
    fix: "set encoding: otlp_json in the collector's exporter, or the exporter's format to JSON",
    matches: (head) => head[0] === 0x0a && hasControls(head),
  },
];

/** Looks at the first bytes of a source, decompressed. */
export function sniff(head: Buffer): Sniffed {
  const utf16 = utf16Name(head);
  if (utf16 !== undefined) {
    const detail = `the text is ${utf16}; convert it with \`iconv -f ${utf16} -t UTF-8\``;
    return { skip: 0, refusal: { reason: "wrong-encoding", detail } };
  }
  if (bytesAt(head, 0, [0xef, 0xbb, 0xbf])) {
    return { skip: 3, refusal: undefined };
  }
  const signature = SIGNATURES.find(({ matches }) => matches(head));
  if (signature !== undefined) {
    return { skip: 0, refusal: binary(`the bytes look like ${signature.name}`, signature.fix) };
  }
  // A log that was truncated under its writer begins with a hole, which reads as NULs: that is no binary format.
  const text = head.subarray(holeLength(head));
  if (hasControls(text) && text[0] !== 0x7b && text[0] !== 0x5b) {
    return {
      skip: 0,
      refusal: binary("the bytes are no text", `${PLAIN_JSON}; for OpenTelemetry set encoding: otlp_json`),
    };
  }
  return { skip: 0, refusal: undefined };
}

function binary(found: string, fix: string): Refusal {
  return { reason: "binary-encoding", detail: `${found}, where JSON is due; ${fix}` };
}

function magic(head: Buffer, text: string): boolean {
  return head.toString("latin1", 0, text.length) === text;
}

function bytesAt(head: Buffer, at: number, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[at + index] === byte);
}

/** The framing format, and the xerial one of Java. */
function isSnappy(head: Buffer): boolean {
  return head.toString("latin1", 4, 10) === "sNaPpY" || bytesAt(head, 0, [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59]);
}

function utf16Name(head: Buffer): string | undefined {
  if (bytesAt(head, 0, [0xff, 0xfe]) || (isAscii(head[0]) && head[1] === 0 && isAscii(head[2]) && head[3] === 0)) {
    return "UTF-16LE";
  }
  if (bytesAt(head, 0, [0xfe, 0xff]) || (head[0] === 0 && isAscii(head[1]) && head[2] === 0 && isAscii(head[3]))) {
    return "UTF-16BE";
  }
  return undefined;
}

function isAscii(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x09 && byte < 0x7f;
}

/** NULs at the beginning, when there are more than any format begins with. */
function holeLength(head: Buffer): number {
  const end = head.findIndex((byte) => byte !== 0);
  const length = end < 0 ? head.length : end;
  return length >= 16 ? length : 0;
}

/** Control characters other than white space, backspace and escape (which colours logs). */
function hasControls(bytes: Buffer): boolean {
  return bytes.some((byte) => byte < 0x08 || byte === 0x0b || (byte >= 0x0e && byte < 0x20 && byte !== 0x1b));
}

const FLOW_MARK =
  /\\*"(?:flow|verdict|IP|l4|lost_?[eE]vents|node_?[sS]tatus|agent_?[eE]vent|debug_?[eE]vent|resourceLogs|logEvents|awslogs)\\*"\s*:|"cilium\.[a-z_]+/;
const HUMAN_MARK = / (?:->|<-|<>) .*\b(?:FORWARDED|DROPPED|REDIRECTED|AUDITED)\b|^TIMESTAMP\s/m;

/** Members that every audit event has, as JSON or YAML, or every entry of GKE's log. */
const AUDIT_MARK = /(?:^|[\s{,])\\*"?auditID\\*"?\s*:|\\*"serviceName\\*"\s*:\s*\\*"k8s\.io\\*"/;

const YAML_BEGINNING =
  /^(?:\s*(?:#.*)?\n)*(?:---(?:\s|$)|- |(?:apiVersion|kind|items|level|auditID|annotations):(?:\s|$))/;
const YAML_MARK = /\baudit\.k8s\.io\/|^[ -]*auditID:\s/m;

/** True when the beginning of a text is YAML that may hold audit events. */
export function looksLikeAuditYaml(head: Buffer): boolean {
  const text = head.toString("latin1", 0, LOOK_BYTES);
  return YAML_BEGINNING.test(text) && YAML_MARK.test(text);
}

/** Bytes {@link looksLikeLog} wants to see. */
export const LOOK_BYTES = 1 << 16;

/** True when the beginning of a text has something of a flow log or an audit log in it. */
export function looksLikeLog(head: Buffer): boolean {
  const text = head.toString("latin1", 0, LOOK_BYTES);
  return FLOW_MARK.test(text) || AUDIT_MARK.test(text) || HUMAN_MARK.test(text);
}
