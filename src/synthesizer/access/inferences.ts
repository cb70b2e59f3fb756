import {
  type AccessAttributes,
  type AccessSign,
  type AccessUse,
  type ResourceAttributes,
  SIGNS_KEPT,
} from "../../model/access.ts";
import { pluralOf } from "../../model/plural.ts";
import { type ImpersonationName, impersonations } from "./impersonation.ts";

/** Why a role holds what no event shows: `origin.because` of inferred lines, and what to tell people. */
export const INFERENCES = {
  "create-on-patch": "it created objects by patch or update, for which the API server also asks for create",
  "create-on-apply": "it uses server-side apply, which creates what is missing",
  "exec-both-verbs": "clients open such streams with get or with create, and newer API servers ask for both",
  "impersonate-user": "it acted as this user",
  "impersonate-group": "it acted as a member of this group",
  "impersonate-uid": "it acted with this uid",
  "impersonate-extra": "it acted with this extra value",
  "impersonate-on": "it acted as somebody else under constrained impersonation, which is asked for by verb",
  "bind-role": "it wrote a binding to this role",
  "owner-finalizers":
    "it wrote objects whose owner can't be deleted before them, for which update on the owner's finalizers may be asked for",
  "sign-certificates": "it approved, signed or attested for this signer",
} as const;
type InferenceName = keyof typeof INFERENCES;

/** A check that leaves no event of its own. */
export interface Inference {
  readonly who: "caller" | "impersonator";
  /** What was asked for: each would do, the narrowest first. Never empty. */
  readonly anyOf: readonly AccessAttributes[];
  readonly because: InferenceName;
  /** True where the event can't have come about without it. */
  readonly isProved: boolean;
}

/** The checks that a use implies (rules 21 to 26); what can't be derived is told by `hiddenChecksOf`. */
export function inferencesOf(use: AccessUse): Inference[] {
  const asSomebody = impersonations(use).map(([because, attributes]) => impersonator(because, attributes));
  return [...asSomebody, ...(use.attributes.kind === "resource" ? ofResource(use, use.attributes) : [])];
}

/** Signs of checks that depend on what no event tells: the rules of a role, or which role was bound. */
export function hiddenChecksOf({ attributes, signs, evidence }: AccessUse): readonly AccessSign[] {
  if (attributes.kind !== "resource" || !hasSucceeded(evidence.codes)) return [];
  return signs.filter((sign) => sign.kind === "role-written" || sign.kind === "role-bound");
}

/** There may have been more roles, signers or owners than the signs tell. */
export function hasUnkeptSigns({ signs }: AccessUse): boolean {
  return (["role-bound", "signer", "owner-blocked"] as const).some(
    (kind) => signs.filter((sign) => sign.kind === kind).length >= SIGNS_KEPT,
  );
}

function ofResource(use: AccessUse, attributes: ResourceAttributes): Inference[] {
  const streams = streamVerbs(attributes);
  return [...streams, ...use.signs.flatMap((sign) => ofSign(sign, attributes, use.evidence.codes))];
}

const STREAMS: ReadonlySet<string> = new Set(["exec", "attach", "portforward"]);

function streamVerbs(attributes: ResourceAttributes): Inference[] {
  const { apiGroup, resource, subresource, verb } = attributes;
  if (apiGroup !== "" || resource !== "pods" || !STREAMS.has(subresource)) return [];
  if (verb !== "get" && verb !== "create") return [];
  return [caller("exec-both-verbs", { ...attributes, verb: verb === "get" ? "create" : "get" }, false)];
}

function ofSign(sign: AccessSign, attributes: ResourceAttributes, codes: readonly number[]): Inference[] {
  if (sign.kind === "created") return createOf("create-on-patch", attributes, true);
  if (sign.kind === "applied") return createOf("create-on-apply", attributes, false);
  if (sign.kind === "owner-blocked") return [caller("owner-finalizers", finalizersOf(sign, attributes), false)];
  if (sign.kind === "signer") return signerOf(sign.name, attributes, codes);
  const isBound = sign.kind === "role-bound" && sign.role !== undefined && hasSucceeded(codes);
  return isBound ? [bindOf(sign.role, attributes)] : [];
}

/** With the name: this check has it, unlike a create that is asked for as one. */
function createOf(because: InferenceName, attributes: ResourceAttributes, isProved: boolean): Inference[] {
  return isWrite(attributes) ? [caller(because, { ...attributes, verb: "create" }, isProved)] : [];
}

function isWrite({ verb }: ResourceAttributes): boolean {
  return verb === "patch" || verb === "update";
}

/** The binding's namespace counts, whatever kind of role it refers to (kubernetes, pkg/registry/rbac/escalation_check.go). */
function bindOf(role: { readonly kind: string; readonly name: string }, { namespace }: ResourceAttributes): Inference {
  const resource = role.kind === "Role" ? "roles" : "clusterroles";
  const apiGroup = "rbac.authorization.k8s.io";
  const bind = { kind: "resource", verb: "bind", apiGroup, resource, subresource: "", namespace } as const;
  return caller("bind-role", { ...bind, name: role.name }, false);
}

function finalizersOf(
  sign: { readonly apiGroup: string; readonly ownerKind: string },
  { namespace }: ResourceAttributes,
): ResourceAttributes {
  const resource = pluralOf(sign.ownerKind);
  const owner = { apiGroup: sign.apiGroup, resource, subresource: "finalizers", namespace, name: "" };
  return { kind: "resource", verb: "update", ...owner };
}

const SIGNER_VERBS: Readonly<Record<string, string>> = {
  "certificatesigningrequests/approval": "approve",
  "certificatesigningrequests/status": "sign",
  "clustertrustbundles/": "attest",
};

/** A signer is asked for by its name, and then by its domain (kubernetes, pkg/registry/certificates, authorization). */
function signerOf(name: string, attributes: ResourceAttributes, codes: readonly number[]): Inference[] {
  const table = new Map(Object.entries(SIGNER_VERBS));
  const verb = table.get(`${attributes.resource}/${attributes.subresource}`);
  if (verb === undefined) return [];
  const signer = { apiGroup: "certificates.k8s.io", resource: "signers", subresource: "", namespace: "" };
  const anyOf = [name, `${name.split("/")[0] ?? ""}/*`].map(
    (one) => ({ kind: "resource", verb, ...signer, name: one }) as const,
  );
  return [{ who: "caller", anyOf, because: "sign-certificates", isProved: hasSucceeded(codes) }];
}

/** Acting as somebody is checked before anything else: whatever came of the request, it was allowed. */
function impersonator(because: ImpersonationName, attributes: AccessAttributes): Inference {
  return { who: "impersonator", anyOf: [attributes], because, isProved: true };
}

function caller(because: InferenceName, attributes: AccessAttributes, isProved: boolean): Inference {
  return { who: "caller", anyOf: [attributes], because, isProved };
}

/** No code at all tells nothing against it. */
function hasSucceeded(codes: readonly number[]): boolean {
  return codes.length === 0 || codes.some((code) => code >= 200 && code < 300);
}
