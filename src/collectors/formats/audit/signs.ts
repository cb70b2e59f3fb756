import type { AccessAttributes, AccessSign, ResourceAttributes } from "../../../model/access.ts";
import { isFields } from "../json.ts";

/** What an event shows of a request besides its attributes. */
export interface Shown {
  readonly attributes: ResourceAttributes;
  readonly query: string;
  readonly code: number | undefined;
  readonly userAgent: string;
  /** Bodies, where the log holds them: anything. */
  readonly requestBody: unknown;
  readonly responseBody: unknown;
}

const NONE: readonly AccessSign[] = [];

/** Verbs that write an object, with a body that says what. */
const WRITES: ReadonlySet<string> = new Set(["create", "update", "patch"]);

const RBAC_GROUP = "rbac.authorization.k8s.io";
const CERTIFICATES_GROUP = "certificates.k8s.io";

/** Only writing an object entails such checks. */
export function isWrite(attributes: AccessAttributes): attributes is ResourceAttributes {
  return attributes.kind === "resource" && WRITES.has(attributes.verb);
}

/**
 * The signs of checks that leave no event of their own; those of impersonation are {@link impersonationSigns}.
 *
 * @param shown of a request that {@link isWrite}
 */
export function requestSigns(shown: Shown): readonly AccessSign[] {
  const { attributes } = shown;
  return [...creationSigns(attributes, shown), ...rbacSigns(attributes, shown), ...bodySigns(attributes, shown)];
}

function creationSigns(attributes: ResourceAttributes, { query, code, userAgent }: Shown): readonly AccessSign[] {
  if (attributes.verb === "create") {
    return NONE;
  }
  const created: readonly AccessSign[] = code === 201 ? [{ kind: "created" }] : NONE;
  const mayCreate = attributes.verb === "patch" && attributes.subresource === "";
  return mayCreate && isApply(query, userAgent) ? [...created, { kind: "applied" }] : created;
}

/** GitOps controllers that bring what Git holds by patches, also where nothing is yet. */
const APPLIERS = /^(?:argocd-application-controller|kustomize-controller|helm-controller|fleetagent|kapp)(?:\/|$)/;

/**
 * True for a patch that is a server-side apply. Only such a patch may say `force`, and it has to say `fieldManager`, which
 * others may as well: kubectl's own patches do, under names of their own, so those are left out.
 */
function isApply(query: string, userAgent: string): boolean {
  if (APPLIERS.test(userAgent)) {
    return true;
  }
  if (!query.includes("force=") && !query.includes("fieldManager=")) {
    return false;
  }
  const parameters = new URLSearchParams(query);
  const manager = parameters.get("fieldManager") ?? "";
  return parameters.has("force") || (manager !== "" && !manager.startsWith("kubectl-"));
}

function rbacSigns({ apiGroup, resource, subresource }: ResourceAttributes, shown: Shown): readonly AccessSign[] {
  if (apiGroup !== RBAC_GROUP || subresource !== "") {
    return NONE;
  }
  switch (resource) {
    case "roles":
    case "clusterroles":
      return [{ kind: "role-written" }];
    case "rolebindings":
    case "clusterrolebindings":
      return [{ kind: "role-bound", role: boundRole(shown.requestBody) ?? boundRole(shown.responseBody) }];
    default:
      return NONE;
  }
}

function boundRole(body: unknown): (AccessSign & { kind: "role-bound" })["role"] {
  const role = memberOf(body, "roleRef");
  const kind = memberOf(role, "kind");
  const name = textOf(role, "name");
  return (kind === "Role" || kind === "ClusterRole") && name !== "" ? { kind, name } : undefined;
}

function bodySigns(attributes: ResourceAttributes, shown: Shown): readonly AccessSign[] {
  const { apiGroup, resource, subresource } = attributes;
  if (apiGroup === CERTIFICATES_GROUP && isSigned(resource, subresource)) {
    const name = signerName(shown.requestBody) || signerName(shown.responseBody);
    return name === "" ? NONE : [{ kind: "signer", name }];
  }
  return subresource === "" ? ownerSigns(shown.requestBody) : NONE;
}

function isSigned(resource: string, subresource: string): boolean {
  return resource === "certificatesigningrequests"
    ? subresource === "approval" || subresource === "status"
    : resource === "clustertrustbundles" && subresource === "";
}

function signerName(body: unknown): string {
  return textOf(memberOf(body, "spec"), "signerName");
}

function ownerSigns(body: unknown): readonly AccessSign[] {
  const owners = memberOf(memberOf(body, "metadata"), "ownerReferences");
  if (!Array.isArray(owners)) {
    return NONE;
  }
  const signs: AccessSign[] = [];
  for (const owner of owners) {
    const ownerKind = textOf(owner, "kind");
    if (ownerKind !== "" && memberOf(owner, "blockOwnerDeletion") === true) {
      signs.push({ kind: "owner-blocked", apiGroup: groupOf(textOf(owner, "apiVersion")), ownerKind });
    }
  }
  return signs;
}

/** `apps/v1` is of `apps`, `v1` of the core group. */
function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** Bodies are whatever a client sent. */
function memberOf(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = memberOf(value, name);
  return typeof text === "string" ? text.toWellFormed() : "";
}

/** What the impersonated identity came with, and how it was taken. */
export function impersonationSigns(
  uid: string,
  extra: readonly (readonly [string, readonly string[]])[],
  constraint: string,
): readonly AccessSign[] {
  const signs: AccessSign[] = uid === "" ? [] : [{ kind: "impersonated-uid", uid }];
  for (const [key, values] of extra) {
    for (const value of values) {
      signs.push({ kind: "impersonated-extra", key: key.toWellFormed(), value: value.toWellFormed() });
    }
  }
  if (constraint !== "") {
    signs.push({ kind: "impersonation-mode", constraint });
  }
  return signs;
}
