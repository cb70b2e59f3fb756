import ipaddr from "ipaddr.js";
import { z } from "zod";
import { REJECTION_REASONS } from "../model/observation.ts";
import { AccessText } from "./access/access-schema.ts";

const Time = z.number().int().optional();
const Hash = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Index = z.number().int().min(0);
const Port = z.number().int().min(1).max(65_535).optional();
const Protocol = z.enum(["TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6", "other"]);
/** As the collectors write addresses, since equal ones have to be equal texts. */
const Address = z
  .string()
  .refine((text) => ipaddr.isValid(text) && ipaddr.parse(text).toString() === text, "expected an IP address");
const Texts = z.array(z.string());
const Labels = z.record(z.string(), z.string());

const Samples = z.array(
  z.strictObject({
    hash: Hash,
    time: Time,
    client: z.string(),
    server: z.string(),
    node: z.string().optional(),
  }),
);

const Attempts = z.strictObject({
  connections: z.array(Hash),
  firstSeen: Time,
  lastSeen: Time,
  samples: Samples,
});

const Evidence = Attempts.extend({
  forwarded: z.array(Hash).optional(),
  hours: z.array(z.number().int()),
  kinds: z.number().int().min(0),
  passed: z.boolean(),
  audited: z.boolean(),
  opened: z.boolean(),
  established: z.boolean(),
});

const Pod = {
  cluster: z.string().optional(),
  namespace: z.string(),
  labels: Labels,
  serviceAccount: z.string().optional(),
};

const Sighting = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("pod"),
    ...Pod,
    pod: z.strictObject({ stem: z.string(), shape: z.enum(["deployment", "cronjob", "suffix", "ordinal", "plain"]) }),
    owner: z.strictObject({ kind: z.string(), name: z.string() }).optional(),
  }),
  z.strictObject({ kind: z.literal("labels"), ...Pod }),
  z.strictObject({
    kind: z.literal("address"),
    reserved: Texts,
    address: Address.optional(),
    service: z.string().optional(),
  }),
]);

const Ends = { client: Index, server: Index, protocol: Protocol, port: Port };
const PendingEnd = z.strictObject({ sighting: Index, port: Port, ports: z.array(Hash) });

/** What a snapshot remembers: enough to go on learning. Sightings are named by their index in `sightings`. */
export const ObservationsText = z.strictObject({
  first: Time,
  last: Time,
  sets: z.record(z.string(), Texts),
  counts: z.record(z.string(), z.number().int()),
  sightings: z.array(Sighting),
  edges: z.array(z.strictObject({ ...Ends, evidence: Evidence })),
  denied: z.array(z.strictObject({ ...Ends, reason: z.string(), byPolicy: z.boolean(), attempts: Attempts })),
  pending: z.array(
    z.strictObject({
      a: PendingEnd,
      b: PendingEnd,
      protocol: Protocol,
      claimed: z.boolean(),
      onOverlay: z.boolean(),
      records: z.number().int(),
      evidence: Evidence,
    }),
  ),
  quarantine: z.array(z.strictObject({ reason: z.string(), attempts: Attempts })),
  tenancies: z.array(
    z.strictObject({ address: z.string(), pod: Index, first: z.number().int(), last: z.number().int() }),
  ),
  names: z.array(z.strictObject({ address: z.string(), names: Texts })),
  /** Not there where no audit event was read, and in snapshots of before there were any. */
  access: AccessText.optional(),
});

/** What was refused as no record, by reason; the rest of this section is for readers and is not read back. */
const StateText = z.object({
  rejections: z.array(
    z.strictObject({
      reason: z.enum(REJECTION_REASONS),
      count: z.number().int().min(0),
      sample: z.strictObject({
        reason: z.enum(REJECTION_REASONS),
        place: z.strictObject({ source: z.string(), line: z.number().int().optional() }),
        detail: z.string(),
      }),
    }),
  ),
});

/** A whole snapshot; `graph` and `access` are for readers and are not read back. */
export const SnapshotText = z.object({
  apiVersion: z.literal("netlearn/v1alpha1"),
  kind: z.literal("GraphSnapshot"),
  observations: ObservationsText,
  state: StateText.optional(),
});

export type ObservationsText = z.infer<typeof ObservationsText>;
export type SnapshotText = z.infer<typeof SnapshotText>;
export type EvidenceText = z.infer<typeof Evidence>;
export type AttemptsText = z.infer<typeof Attempts>;
