import { NetlearnError } from "../../lib/errors.ts";

/** How a format that a person can pin is recognised at the root of a record. */
export interface FormatRule {
  readonly name: string;
  /** One line for the command line's help. */
  readonly description: string;
  /** Members of the root object that hold the payload, in the order they are tried; `a.b` is a member of a member. */
  readonly keys: readonly string[];
  /** Whose members may stand at the root, beside those of the shipper. */
  readonly root: RecordRoot;
  /** True when a record is a line of text with a prefix before the payload. */
  readonly prefix: boolean;
}

/** Hubble's and those of audit events, one of them, or neither. */
export type RecordRoot = "any" | "hubble" | "audit" | "none";

function rule<const Name extends string>(
  name: Name,
  description: string,
  keys: readonly string[],
  where: { root?: RecordRoot; prefix?: boolean } = {},
): FormatRule & { readonly name: Name } {
  return { name, description, keys, root: where.root ?? "none", prefix: where.prefix ?? false };
}

/**
 * Every format `--format` takes. `auto` looks at each record by itself; a pinned format speaks about the outermost
 * layer only, so that a container log shipped by Vector is `vector`.
 */
export const INPUT_FORMATS = [
  rule("auto", "recognise each record by its shape", [], { root: "any", prefix: true }),
  rule("hubble", "Hubble exporter, `hubble observe -o jsonpb`, or bare flows: no envelope", [], { root: "hubble" }),
  rule("audit", "Kubernetes audit events as the API server writes them, or lists of them: no envelope", ["items"], {
    root: "audit",
  }),
  rule(
    "fluent-bit",
    "Fluent Bit's Kafka, file and HTTP outputs",
    ["log_processed", "log", "message", "short_message"],
    {
      root: "any",
    },
  ),
  rule("vector", "Vector's JSON codec: the line in `message`", ["message"], { root: "any" }),
  rule("fluentd", "Fluentd: the line in `message` or `log`, or the parsed record", ["message", "log"], { root: "any" }),
  rule("otlp-json", "OpenTelemetry logs as JSON (encoding otlp_json), hubble-otel included", [
    "resourceLogs",
    "resource_logs",
  ]),
  rule(
    "filebeat",
    "Filebeat: the line in `message`, or parsed at the root or below `json`",
    ["message", "json", "kubernetes.audit"],
    {
      root: "any",
    },
  ),
  rule(
    "logstash",
    "Logstash: the line in `message` or `event.original`",
    ["message", "event.original", "kubernetes.audit"],
    {
      root: "any",
    },
  ),
  rule("cri", "container log files of containerd and CRI-O: `<time> stdout F <line>`", [], { prefix: true }),
  rule("docker", "Docker's json-file logs: the line in `log`", ["log"]),
  rule("loki", "Loki push and query JSON, and logcli's jsonl", ["streams", "data", "line"]),
  rule("azure-event-hubs", "Azure Monitor batches: `records`", ["records"]),
  rule(
    "cloud-logging",
    "Google Cloud Logging entries: `jsonPayload` or `textPayload`, and `protoPayload` of GKE's audit log",
    ["jsonPayload", "textPayload", "protoPayload"],
  ),
  rule(
    "cloudwatch",
    "CloudWatch Logs subscriptions, compressed or not: `logEvents`; exports of the aws command: `events`",
    ["logEvents", "awslogs", "data", "events"],
    {
      prefix: true,
    },
  ),
  rule("kafka-connect", "Kafka Connect's JSON converter: `schema` and `payload`", ["payload"]),
] as const;

/** A name in {@link INPUT_FORMATS}. */
export type InputFormat = (typeof INPUT_FORMATS)[number]["name"];

/** True when flows may stand by themselves. */
export function mayBeFlows({ root }: FormatRule): boolean {
  return root === "any" || root === "hubble";
}

/** The rule of a format. */
export function formatRule(format: InputFormat): FormatRule {
  return INPUT_FORMATS.find(({ name }) => name === format) ?? INPUT_FORMATS[0];
}

/**
 * The format somebody asked for by name; undefined: the one that recognises each.
 *
 * @throws NetlearnError `NETLEARN_USAGE` when there is no such format
 */
export function inputFormat(name: string | undefined): InputFormat {
  const known = INPUT_FORMATS.find((format) => format.name === (name ?? "auto"));
  if (known !== undefined) return known.name;
  const names = INPUT_FORMATS.map((format) => format.name).join(", ");
  throw new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(name)} is no input format`, {
    hint: `Formats: ${names}.`,
  });
}
