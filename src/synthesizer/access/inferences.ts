import {
  type AccessAttributes,
  type AccessSign,
  type AccessUse,
  type Identity,
  type ResourceAttributes,
  SIGNS_KEPT,
} from "../../model/access.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import { pluralOf } from "./plural.ts";

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
  return [...impersonations(use), ...(use.attributes.kind === "resource" ? ofResource(use, use.attributes) : [])];
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
  switch (sign.kind) {
    case "created":
      return isWrite(attributes) ? [caller("create-on-patch", { ...attributes, verb: "create" }, true)] : [];
    case "applied":
      return isWrite(attributes) ? [caller("create-on-apply", { ...attributes, verb: "create" }, false)] : [];
    case "role-bound":
      return hasSucceeded(codes) && sign.role !== undefined ? [bindOf(sign.role, attributes)] : [];
    case "owner-blocked":
      return [caller("owner-finalizers", finalizersOf(sign, attributes), false)];
    case "signer":
      return signerOf(sign.name, attributes, codes);
    case "impersonated-extra":
    case "impersonated-uid":
    case "impersonation-mode":
    case "role-written":
      return [];
  }
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

/** Groups that nobody asks for: the API server adds them. */
function isAddedGroup(group: string, { username }: Identity): boolean {
  if (group === "system:authenticated") return true;
  if (group === "system:unauthenticated") return username === "system:anonymous";
  const account = serviceAccountOf(username);
  const own = account === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`];
  return own.includes(group);
}

const AUTHENTICATION = "authentication.k8s.io";

function impersonations(use: AccessUse): Inference[] {
  if (use.impersonator === undefined) return [];
  const mode = use.signs.find((sign) => sign.kind === "impersonation-mode");
  const verb = mode === undefined ? "impersonate" : `impersonate:${modeOf(mode.constraint)}`;
  const asWhom = [personOf(use.identity, mode?.constraint), ...identityParts(use)].map(([because, attributes]) =>
    impersonator(because, {
      ...attributes,
      verb,
      apiGroup: mode === undefined ? attributes.apiGroup : AUTHENTICATION,
    }),
  );
  return mode === undefined ? asWhom : [...asWhom, impersonatedAction(use.attributes, modeOf(mode.constraint))];
}

/** `impersonate:user-info` and `user-info` are the same mode. */
function modeOf(constraint: string): string {
  return constraint.replace(/^impersonate:/u, "");
}

function impersonatedAction(attributes: AccessAttributes, mode: string): Inference {
  return impersonator("impersonate-on", { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` });
}

type Part = readonly [InferenceName, ResourceAttributes];

function personOf(identity: Identity, constraint: string | undefined): Part {
  const account = serviceAccountOf(identity.username);
  const what = { kind: "resource", verb: "", apiGroup: "", subresource: "" } as const;
  if (account !== undefined) return ["impersonate-user", { ...what, resource: "serviceaccounts", ...account }];
  const node = /^system:node:(?<name>.+)$/u.exec(identity.username)?.groups?.["name"];
  if (constraint?.includes("node") === true && node !== undefined) {
    return ["impersonate-user", { ...what, resource: "nodes", namespace: "", name: node }];
  }
  return ["impersonate-user", { ...what, resource: "users", namespace: "", name: identity.username }];
}

function identityParts({ identity, signs }: AccessUse): Part[] {
  const what = { kind: "resource", verb: "", subresource: "", namespace: "" } as const;
  const groups = identity.groups
    .filter((group) => !isAddedGroup(group, identity))
    .map((name): Part => ["impersonate-group", { ...what, apiGroup: "", resource: "groups", name }]);
  const rest = signs.flatMap((sign): Part[] => {
    if (sign.kind === "impersonated-uid") {
      return [["impersonate-uid", { ...what, apiGroup: AUTHENTICATION, resource: "uids", name: sign.uid }]];
    }
    if (sign.kind !== "impersonated-extra") return [];
    const extra = { ...what, apiGroup: AUTHENTICATION, resource: "userextras", subresource: sign.key };
    return [["impersonate-extra", { ...extra, name: sign.value }]];
  });
  return [...groups, ...rest];
}

/** Acting as somebody is checked before anything else: whatever came of the request, it was allowed. */
function impersonator(because: InferenceName, attributes: AccessAttributes): Inference {
  return { who: "impersonator", anyOf: [attributes], because, isProved: true };
}

function caller(because: InferenceName, attributes: AccessAttributes, isProved: boolean): Inference {
  return { who: "caller", anyOf: [attributes], because, isProved };
}

/** No code at all tells nothing against it. */
function hasSucceeded(codes: readonly number[]): boolean {
  return codes.length === 0 || codes.some((code) => code >= 200 && code < 300);
}
