import type { AccessAttributes, AccessUse } from "../../model/access.ts";
import type { PolicyRule } from "../../model/rbac.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import { askerOf, type InForce, ruleAllows } from "./in-force.ts";

/**
 * What Kubernetes' own bindings give to everybody who is authenticated: system:discovery, system:basic-user and
 * system:public-info-viewer (kubernetes 1.33, plugin/pkg/auth/authorizer/rbac/bootstrappolicy). For where the state in force
 * is not known: administrators do change it.
 */
const TO_EVERYBODY: readonly PolicyRule[] = [
  {
    nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/version", "/version/"],
    verbs: ["get"],
  },
  { nonResourceURLs: ["/healthz", "/livez", "/readyz"], verbs: ["get"] },
  {
    apiGroups: ["authorization.k8s.io"],
    resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    verbs: ["create"],
  },
  { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
];

/** system:service-account-issuer-discovery. */
const TO_ACCOUNTS: readonly PolicyRule[] = [
  {
    nonResourceURLs: [
      "/.well-known/openid-configuration",
      "/.well-known/openid-configuration/",
      "/openid/v1/jwks",
      "/openid/v1/jwks/",
    ],
    verbs: ["get"],
  },
];

const EVERYBODY = ["system:authenticated", "system:serviceaccounts", "system:unauthenticated"];

/** True for what Kubernetes' own bindings give to everybody: no role needs to hold it (rule 10). */
export function isGivenToAll({ identity, attributes, citations }: AccessUse, inForce: InForce): boolean {
  if (inForce.isKnown) return inForce.givesEverybody(askerOf(identity), attributes);
  const cited = citations.some(
    (one) => one.kind === "rbac" && EVERYBODY.includes(one.subject.name) && one.binding.name.startsWith("system:"),
  );
  return cited || isDefault(identity.username, attributes);
}

function isDefault(username: string, attributes: AccessAttributes): boolean {
  if (username === "system:anonymous") return false;
  const rules = serviceAccountOf(username) === undefined ? TO_EVERYBODY : [...TO_EVERYBODY, ...TO_ACCOUNTS];
  return rules.some((rule) => ruleAllows(rule, attributes));
}
