import type { AccessAttributes, AccessUse, Identity, ResourceAttributes } from "../../model/access.ts";
import { certainGroups, serviceAccountOf } from "../../model/service-account.ts";

/** Groups that nobody asks for: the API server adds them. */
function isAddedGroup(group: string, { username }: Identity): boolean {
  return group === "system:authenticated" || certainGroups(username).includes(group);
}

const AUTHENTICATION = "authentication.k8s.io";

export type ImpersonationName =
  | "impersonate-user"
  | "impersonate-group"
  | "impersonate-uid"
  | "impersonate-extra"
  | "impersonate-on";

/** One thing that somebody was, or did, as somebody else. */
type Part<Attributes = ResourceAttributes> = readonly [ImpersonationName, Attributes];

/** What whoever acted as somebody else had to be allowed (rule 23; kubernetes, apiserver/pkg/endpoints/filters/impersonation). */
export function impersonations(use: AccessUse): Part<AccessAttributes>[] {
  if (use.impersonator === undefined) return [];
  const mode = use.signs.find((sign) => sign.kind === "impersonation-mode");
  const verb = mode === undefined ? "impersonate" : `impersonate:${modeOf(mode.constraint)}`;
  const asWhom = [personOf(use.identity, mode?.constraint), ...identityParts(use)].map(
    ([because, attributes]): Part<AccessAttributes> => [
      because,
      { ...attributes, verb, apiGroup: mode === undefined ? attributes.apiGroup : AUTHENTICATION },
    ],
  );
  return mode === undefined ? asWhom : [...asWhom, impersonatedAction(use.attributes, modeOf(mode.constraint))];
}

/** `impersonate:user-info` and `user-info` are the same mode. */
function modeOf(constraint: string): string {
  return constraint.replace(/^impersonate:/u, "");
}

function impersonatedAction(attributes: AccessAttributes, mode: string): Part<AccessAttributes> {
  return ["impersonate-on", { ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` }];
}

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
