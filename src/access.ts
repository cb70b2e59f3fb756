import { type AccessFile, generateAccess, printDocuments, rbacDeletions, rbacEdits } from "../generators/index.ts";
import { accessCompletenessOf, accessFactsThatBreakIt, blindSpotsOf, observabilityOf } from "./confidence/index.ts";
import type { PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
import { proveAccess } from "./evaluator/access/prove.ts";
import type { ReadAccess } from "./inventory/known-access.ts";
import type { KnownCluster } from "./inventory/known-cluster.ts";
import { clusterConnection, type Learned, reading } from "./learn.ts";
import { NetlearnError } from "./lib/errors.ts";
import type { AccessGraph, Identity, Observability } from "./model/access.ts";
import { attributesText } from "./model/access-attributes.ts";
import type { AccessPolicySet, AccessProof } from "./model/access-policy.ts";
import type { BlindSpot } from "./model/access-review.ts";
import type { Completeness } from "./model/completeness.ts";
import type { Directory } from "./model/directory.ts";
import type { Finding } from "./model/finding.ts";
import type { KnownAccess } from "./model/rbac.ts";
import { accountUsername, certainGroups } from "./model/service-account.ts";
import { IDIOMS } from "./synthesizer/access/idioms.ts";
import { INFERENCES } from "./synthesizer/access/inferences.ts";
import { type AccessOptions, DEFAULT_ACCESS_OPTIONS } from "./synthesizer/access/options.ts";
import { synthesizeAccess } from "./synthesizer/access/synthesize.ts";

export type { AccessFile } from "../generators/index.ts";

/** Roles and bindings for what was used, proved. */
export interface AccessSuggestion {
  readonly known: KnownAccess;
  readonly policies: AccessPolicySet;
  readonly files: readonly AccessFile[];
  /** What may be removed once the files are applied, as YAML for `kubectl delete -f`; empty when nothing may. */
  readonly removals: string;
  /** Bindings that lose some of their subjects then, as YAML for `kubectl apply -f`; empty when none does. */
  readonly edits: string;
  readonly proof: AccessProof;
  /** Of uses, in place of edges. */
  readonly completeness: Completeness;
  readonly blindSpots: readonly BlindSpot[];
  /** What the names of inferences and idioms mean, for people. */
  readonly reasons: Readonly<Partial<Record<string, string>>>;
  /** About the audit log, and the objects in force. */
  readonly findings: readonly Finding[];
}

/** What is known of access besides what was used. */
export interface GrantedAccess extends ReadAccess {
  /** Undefined where nobody tells. */
  readonly existingNamespaces: ReadonlySet<string> | undefined;
  /** Objects that keep their names: `RESOURCE[.GROUP] NAMESPACE/NAME`. */
  readonly stableNames: ReadonlySet<string>;
  /** What the audit log can show, by the audit Policy if that is known. */
  readonly isObservable: Observability;
}

/** What is granted, as far as somebody was asked to read it, once any use of the API was seen. */
export async function readAccess(
  { access }: Learned,
  { directory, writtenNames: stableNames = NO_NAMES }: Partial<Pick<KnownCluster, "directory" | "writtenNames">>,
  { rbac, cluster }: SuggestOptions,
  io: PipelineIo,
): Promise<GrantedAccess> {
  if (access.uses.length === 0 || (rbac.length === 0 && cluster === undefined))
    return { ...NOTHING_KNOWN, stableNames, isObservable: observabilityOf(access, undefined) };
  const { readKnownAccess } = await import("./inventory/known-access.ts");
  io.reading?.("objects");
  const sources = { rbac, connect: clusterConnection(cluster, io), namespaces: cluster?.namespaces ?? [] };
  const existingNamespaces = namespacesOf(directory, cluster);
  const known = await readKnownAccess(sources, reading(io));
  return { ...known, existingNamespaces, stableNames, isObservable: observabilityOf(access, known.auditPolicy) };
}

/** Manifests show some of the namespaces; a cluster that was listed as a whole shows all. */
function namespacesOf(
  directory: Directory | undefined,
  cluster: SuggestOptions["cluster"],
): ReadonlySet<string> | undefined {
  const isWhole = cluster !== undefined && cluster.namespaces.length === 0;
  const namespaces = isWhole ? (directory?.namespaces ?? []).map(({ name }) => name) : [];
  return namespaces.length === 0 ? undefined : new Set(namespaces);
}

const NO_NAMES: ReadonlySet<string> = new Set();
const NOTHING_KNOWN: Omit<GrantedAccess, "isObservable" | "stableNames"> = {
  rbac: undefined,
  auditPolicy: undefined,
  findings: [],
  existingNamespaces: undefined,
};

/**
 * Decides on roles, writes them down and proves them; undefined when no use of the API was seen.
 *
 * @throws NetlearnError `NETLEARN_PROOF_BROKEN` when they would refuse what was used, or grant more than is granted now
 */
export async function suggestRoles(
  { access }: Learned,
  { findings, existingNamespaces, stableNames, isObservable, ...known }: GrantedAccess,
  options: SuggestOptions,
  { signal }: PipelineIo,
): Promise<AccessSuggestion | undefined> {
  if (access.uses.length === 0) return undefined;
  const policies = synthesizeAccess(access, known, {
    ...accessOptions(options),
    isObservable,
    existingNamespaces,
    stableNames,
  });
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
    removals: printDocuments(rbacDeletions(policies)),
    edits: printDocuments(rbacEdits(policies)),
    proof,
    completeness: accessCompletenessOf(access),
    blindSpots: blindSpotsOf(access, isObservable),
    reasons: { ...INFERENCES, ...IDIOMS },
    findings: [...findings, ...accessFactsThatBreakIt(access), ...unappliableFindings(proof, options.applier)],
  };
}

/** The part of the options that deciding on roles sees. */
export function accessOptions({
  namespaces,
  systemNamespaces,
  idioms,
  grant,
  reject,
  minDays,
}: SuggestOptions): AccessOptions {
  // As reports print it: a space behind the colon is for reading.
  const needs = grant.map((need) => need.replace(/:\s+/u, ":"));
  return { ...DEFAULT_ACCESS_OPTIONS, namespaces, systemNamespaces, idioms, grant: needs, reject, minDays };
}

/** The groups that the API server adds, and those that the log shows for a user. */
function applierOf(name: string, { uses }: AccessGraph): Identity {
  const [namespace = "", account = "", ...rest] = name.split("/");
  const username = account === "" || rest.length > 0 ? name : accountUsername({ namespace, name: account });
  const seen = uses.filter(({ identity }) => identity.username === username).flatMap(({ identity }) => identity.groups);
  return { username, groups: [...new Set([...certainGroups(username), ...seen])].toSorted() };
}

function unappliableFindings({ unappliable }: AccessProof, applier: string | undefined): readonly Finding[] {
  const [first] = unappliable;
  if (first === undefined) return [];
  const more = unappliable.length === 1 ? "" : ` (and ${unappliable.length - 1} more objects)`;
  return [
    {
      code: "role-not-appliable",
      severity: "error",
      about: applier,
      message: `${first.object} can't be applied${applier === undefined ? "" : ` by ${applier}`}: it lacks ${first.missing}${more}.`,
      choice: "Let somebody apply it who holds these rights, or give the applier escalate, or bind on these names.",
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
