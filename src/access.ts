import { type AccessFile, generateAccess } from "../generators/index.ts";
import { accessCompletenessOf, accessFactsThatBreakIt } from "./confidence/index.ts";
import type { PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
import { Authorizer } from "./evaluator/access/authorizer.ts";
import { proveAccess } from "./evaluator/access/prove.ts";
import type { ReadAccess } from "./inventory/known-access.ts";
import { clusterConnection, type Learned, reading } from "./learn.ts";
import { NetlearnError } from "./lib/errors.ts";
import { by, later } from "./lib/sort.ts";
import type { AccessAttributes, AccessGraph, Identity } from "./model/access.ts";
import type { AccessPolicySet, AccessProof } from "./model/access-policy.ts";
import type { AccessReview, ApiUse, BindingUse } from "./model/access-review.ts";
import type { Completeness } from "./model/completeness.ts";
import type { KnownNamespace } from "./model/directory.ts";
import type { Finding } from "./model/finding.ts";
import type { WorkloadKey } from "./model/peer.ts";
import type { KnownAccess, KnownBinding, RbacState } from "./model/rbac.ts";
import { serviceAccountOf } from "./model/service-account.ts";
import { apiUseOf } from "./synthesizer/access/api-use.ts";
import { meetingFindings } from "./synthesizer/access/meeting.ts";
import { type AccessOptions, synthesizeAccess } from "./synthesizer/access/synthesize.ts";
import { isInScope } from "./synthesizer/network/options.ts";

export type { AccessFile } from "../generators/index.ts";

/** Roles and bindings for what was used, proved. */
export interface AccessSuggestion {
  readonly known: KnownAccess;
  readonly policies: AccessPolicySet;
  readonly files: readonly AccessFile[];
  /** What may be removed once the files are applied, as YAML for `kubectl delete -f`; empty when nothing may. */
  readonly removals: string;
  readonly proof: AccessProof;
  /** Of uses, in place of edges. */
  readonly completeness: Completeness;
  /** About the audit log, and the objects in force. */
  readonly findings: readonly Finding[];
}

/** What is granted, as far as somebody was asked to read it, once any use of the API was seen. */
export async function readAccess(
  { access }: Learned,
  { rbac, cluster }: SuggestOptions,
  io: PipelineIo,
): Promise<ReadAccess> {
  if (access.uses.length === 0 || (rbac.length === 0 && cluster === undefined)) return NOTHING_KNOWN;
  const { readKnownAccess } = await import("./inventory/known-access.ts");
  io.reading?.("objects");
  const sources = { rbac, connect: clusterConnection(cluster, io), namespaces: cluster?.namespaces ?? [] };
  return await readKnownAccess(sources, reading(io));
}

const NOTHING_KNOWN: ReadAccess = { rbac: undefined, auditPolicy: undefined, findings: [] };

/**
 * Decides on roles, writes them down and proves them; undefined when no use of the API was seen.
 *
 * @throws NetlearnError `NETLEARN_PROOF_BROKEN` when they would refuse what was used, or grant more than is granted now
 */
export async function suggestRoles(
  { access }: Learned,
  { findings, ...known }: ReadAccess,
  options: SuggestOptions,
  { signal }: PipelineIo,
): Promise<AccessSuggestion | undefined> {
  if (access.uses.length === 0) return undefined;
  const policies = synthesizeAccess(access, known, accessOptions(options));
  signal?.throwIfAborted();
  const files = generateAccess(policies);
  const manifests = files.flatMap((file) => file.manifests);
  const applier = options.applier === undefined ? undefined : applierOf(options.applier, access);
  const proof = proveAccess({ graph: access, policies, manifests, inForce: known.rbac, applier });
  requireProof(proof);
  return {
    known,
    policies,
    files,
    removals: "",
    proof,
    completeness: accessCompletenessOf(access),
    findings: [...findings, ...accessFactsThatBreakIt(access), ...unappliableFindings(proof, options.applier)],
  };
}

/** Enough that a namespace is shared by chance no more. */
const SHARED_FROM = 3;
const MOST_NAMES = 20;

function accessOptions(options: SuggestOptions): AccessOptions {
  const { namespaces, systemNamespaces, idioms, grant, minDays } = options;
  return {
    namespaces,
    systemNamespaces,
    idioms,
    grant,
    minDays,
    sharedFrom: SHARED_FROM,
    maxNames: MOST_NAMES,
    stableNames: new Set(),
    now: undefined,
  };
}

/** The groups that the API server adds, and those that the log shows for a user. */
function applierOf(name: string, { uses }: AccessGraph): Identity {
  const [namespace = "", account = "", ...rest] = name.split("/");
  const username = account === "" || rest.length > 0 ? name : `system:serviceaccount:${namespace}:${account}`;
  const own = serviceAccountOf(username);
  const seen = uses.filter(({ identity }) => identity.username === username).flatMap(({ identity }) => identity.groups);
  const added = own === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${own.namespace}`];
  return { username, groups: [...new Set([...added, ...seen, "system:authenticated"])].toSorted() };
}

function unappliableFindings({ unappliable }: AccessProof, applier: string | undefined): readonly Finding[] {
  const [first] = unappliable;
  if (first === undefined || applier === undefined) return [];
  const more = unappliable.length === 1 ? "" : ` (and ${unappliable.length - 1} more)`;
  return [
    {
      code: "applier-may-not-grant",
      severity: "error",
      about: applier,
      message: `${applier} may not apply ${first.object}: it lacks ${first.missing}${more}. The API server refuses a grant of what whoever grants does not hold.`,
      choice: "Let somebody apply it who holds these rights, or give the applier escalate or bind on these names.",
    },
  ];
}

function requireProof({ cut, newPower, lossy }: AccessProof): void {
  const [refused] = cut;
  const [gained] = newPower;
  const [changed] = lossy;
  if (refused !== undefined) {
    throw brokenProof(
      `the roles would refuse ${cut.length} of what was used, the first: ${refused.username} ${attributesText(refused.attributes)}`,
    );
  }
  if (gained !== undefined) {
    const { kind, name } = gained.subject;
    throw brokenProof(
      `the roles would grant ${newPower.length} rights that are not granted now, the first: ${kind} ${name} ${attributesText(gained.attributes)}`,
    );
  }
  if (changed !== undefined) {
    throw brokenProof(
      `the rules of ${changed.role} do not say what was decided, for example about ${attributesText(changed.attributes)}`,
    );
  }
}

function brokenProof(message: string): NetlearnError {
  return new NetlearnError("NETLEARN_PROOF_BROKEN", message, {
    hint: "this is a fault of netlearn, and nothing was written: please report it with the events of this identity",
  });
}

function attributesText(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource, subresource, namespace, name } = attributes;
  const group = apiGroup === "" ? "" : `.${apiGroup}`;
  const part = subresource === "" ? "" : `/${subresource}`;
  const where = namespace === "" ? "" : ` in ${namespace}`;
  return `${verb} ${resource}${group}${part}${where}${name === "" ? "" : ` named ${name}`}`;
}

/** What the workloads do with the tokens of their ServiceAccounts. */
export function apiUseIn({ graph, known, access }: Learned, _granted: KnownAccess): ReadonlyMap<WorkloadKey, ApiUse> {
  return apiUseOf({ workloads: graph.workloads, known, access, readsAreLogged: readsAreLogged(access) });
}

const READS: ReadonlySet<string> = new Set(["get", "list", "watch"]);

function readsAreLogged({ uses }: AccessGraph): boolean {
  return uses.some(({ attributes }) => attributes.kind === "resource" && READS.has(attributes.verb));
}

/** What flows and the use of the API say together. */
export function meetingOf(
  { graph, known }: Learned,
  apiUse: ReadonlyMap<WorkloadKey, ApiUse>,
  options: SuggestOptions,
): readonly Finding[] {
  const { namespaces, systemNamespaces } = options;
  const isWanted = (namespace: string): boolean => isInScope(namespace, { namespaces, systemNamespaces });
  return meetingFindings({ graph, known, apiUse, isInScope: isWanted });
}

/** The use of the API held against what is granted. */
export function reviewOf(
  { access }: Learned,
  { findings, ...known }: ReadAccess,
  namespaces: readonly KnownNamespace[],
  options: SuggestOptions,
): AccessReview {
  const { rbac } = known;
  return {
    known,
    subjects: rbac === undefined ? [] : synthesizeAccess(access, known, accessOptions(options)).subjects,
    bindings: rbac === undefined ? [] : bindingUses(access, rbac),
    namespaces: new Map(namespaces.map(({ name, labels }) => [name, labels])),
    findings: [...findings, ...accessFactsThatBreakIt(access)],
  };
}

/** Every binding in force with the requests that it would have let through. */
function bindingUses({ uses }: AccessGraph, rbac: RbacState): readonly BindingUse[] {
  const authorizer = new Authorizer([...rbac.roles, ...rbac.bindings]);
  const found = new Map<string, { requests: number; lastUsed: number | undefined; users: Set<string> }>(
    rbac.bindings.map((binding) => [keyOf(binding), { requests: 0, lastUsed: undefined, users: new Set() }]),
  );
  for (const { identity, attributes, outcome, evidence } of uses) {
    if (outcome === "denied") continue;
    for (const binding of authorizer.decide(identity, attributes).by) {
      const use = found.get(keyOf(binding));
      if (use === undefined) continue;
      use.requests += evidence.requests;
      use.lastUsed = later(use.lastUsed, evidence.lastSeen);
      use.users.add(identity.username);
    }
  }
  return rbac.bindings.toSorted(by(keyOf)).map((binding) => {
    const { requests = 0, lastUsed, users = [] } = found.get(keyOf(binding)) ?? {};
    return { binding, requests, lastUsed, users: [...users].toSorted() };
  });
}

function keyOf({ kind, metadata }: Pick<KnownBinding, "kind" | "metadata">): string {
  return JSON.stringify([kind, metadata.namespace ?? "", metadata.name]);
}
