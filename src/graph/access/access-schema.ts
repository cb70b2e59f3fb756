import { z } from "zod";

const Time = z.number().int().optional();
const Hash = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Texts = z.array(z.string());

const Identity = z.strictObject({ username: z.string(), groups: Texts });
const Role = z.strictObject({ kind: z.enum(["ClusterRole", "Role"]), name: z.string() });

const Attributes = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("resource"),
    verb: z.string(),
    apiGroup: z.string(),
    resource: z.string(),
    subresource: z.string(),
    namespace: z.string(),
    name: z.string(),
  }),
  z.strictObject({ kind: z.literal("non-resource"), verb: z.string(), path: z.string() }),
]);

const Citation = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rbac"),
    binding: z.strictObject({
      kind: z.enum(["ClusterRoleBinding", "RoleBinding"]),
      namespace: z.string(),
      name: z.string(),
    }),
    role: Role,
    subject: z.strictObject({
      kind: z.enum(["User", "Group", "ServiceAccount"]),
      namespace: z.string(),
      name: z.string(),
    }),
  }),
  z.strictObject({ kind: z.literal("other"), reason: z.string() }),
]);

const Sign = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("created") }),
  z.strictObject({ kind: z.literal("applied") }),
  z.strictObject({ kind: z.literal("role-written") }),
  z.strictObject({ kind: z.literal("role-bound"), role: Role.optional() }),
  z.strictObject({ kind: z.literal("owner-blocked"), apiGroup: z.string(), ownerKind: z.string() }),
  z.strictObject({ kind: z.literal("signer"), name: z.string() }),
  z.strictObject({ kind: z.literal("impersonated-uid"), uid: z.string() }),
  z.strictObject({ kind: z.literal("impersonated-extra"), key: z.string(), value: z.string() }),
  z.strictObject({ kind: z.literal("impersonation-mode"), constraint: z.string() }),
]);

const Log = z.strictObject({
  requests: z.array(Hash),
  firstSeen: Time,
  lastSeen: Time,
  hours: z.array(z.number().int()),
  codes: z.array(z.number().int()),
  userAgents: Texts,
  sourceIps: Texts,
  citations: z.array(Citation),
  signs: z.array(Sign),
});

/** `attributes` without a name (or path); `many` is of all names that are not in `names`. */
const Family = z.strictObject({
  attributes: Attributes,
  names: z.array(z.strictObject({ name: z.string(), log: Log })),
  many: Log.optional(),
});

const Principal = { identity: Identity, impersonator: Identity.optional() };

/** What somebody used. */
const Uses = z.strictObject({ ...Principal, outcome: z.enum(["allowed", "undecided"]), family: Family });

/** What was denied to somebody; `further` is of all families that are not in `families`. */
const Denied = z.strictObject({ ...Principal, families: z.array(Family), further: Log.optional() });

const Caller = z.strictObject({
  username: z.string(),
  pods: z.array(z.strictObject({ namespace: z.string(), name: z.string() })),
  hasMorePods: z.boolean(),
  usesLegacyToken: z.boolean(),
  usesStaleToken: z.boolean(),
});

const Counts = z.record(z.string(), z.number().int());

/** Of one cluster. */
const ClusterAccess = {
  first: Time,
  last: Time,
  counts: Counts,
  origins: Texts,
  uses: z.array(Uses),
  denied: z.array(Denied),
  callers: z.array(Caller),
};

/** What a snapshot remembers of the use of the API: enough to go on learning. First of all, of events that name no cluster. */
export const AccessText = z.strictObject({
  ...ClusterAccess,
  /** By name in full; not there where no event names one, and in snapshots of before they could. */
  clusters: z.array(z.strictObject({ cluster: z.string().min(1), ...ClusterAccess })).optional(),
  /** Events of clusters that are not among these, by what they came to. */
  further: Counts.optional(),
});

export type ClusterAccessText = Omit<AccessText, "clusters" | "further">;
export type AccessText = z.infer<typeof AccessText>;
export type AccessLogText = z.infer<typeof Log>;
export type FamilyText = z.infer<typeof Family>;
export type UsesText = z.infer<typeof Uses>;
export type DeniedText = z.infer<typeof Denied>;
export type CallerText = z.infer<typeof Caller>;
