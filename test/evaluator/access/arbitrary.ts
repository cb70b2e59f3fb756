import fc from "fast-check";
import type { AccessAttributes, Identity } from "../../../src/model/access.ts";
import type { BindingManifest, PolicyRule, RbacManifest, RbacSubject, RoleManifest } from "../../../src/model/rbac.ts";
import { certainGroups } from "../../../src/model/service-account.ts";

/** Few of each, so that what is generated meets. */
const VERBS = ["get", "list", "create", "*"];
const GROUPS = ["", "apps", "*"];
const RESOURCES = ["pods", "pods/log", "nodes", "*", "*/log", "pods/*"];
const NAMES = ["a", "b", ""];
const PATHS = ["/metrics", "/apis", "/apis/*", "/apis/apps", "*", "/a*", "/**"];
const NAMESPACES = ["shop", "till"];
const ACCOUNTS = ["web", "job"];

const some = (texts: readonly string[], least = 1): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...texts), { minLength: least, maxLength: 3 });

const VERSION = "rbac.authorization.k8s.io/v1";
const RBAC = "rbac.authorization.k8s.io";

/** A rule as the API server takes it in a ClusterRole. */
export const anyRule: fc.Arbitrary<PolicyRule> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ apiGroups: some(GROUPS), resources: some(RESOURCES), verbs: some(VERBS) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      apiGroups: some(GROUPS),
      resources: some(RESOURCES),
      resourceNames: some(NAMES),
      verbs: some(VERBS),
    }),
  },
  { weight: 2, arbitrary: fc.record({ nonResourceURLs: some(PATHS), verbs: some(VERBS) }) },
);

/** As {@link anyRule}, without the empty name, which fits requests that have none and stands for any to netlearn. */
export const anyNamedRule: fc.Arbitrary<PolicyRule> = anyRule.filter(
  ({ resourceNames = [] }) => !resourceNames.includes(""),
);

const subject: fc.Arbitrary<RbacSubject> = fc.oneof(
  fc.record({ kind: fc.constant("User" as const), name: fc.constantFrom("alice", "system:serviceaccount:shop:web") }),
  fc.record({
    kind: fc.constant("Group" as const),
    name: fc.constantFrom("dev", "system:authenticated", "system:serviceaccounts:shop"),
  }),
  fc.record({
    kind: fc.constant("ServiceAccount" as const),
    name: fc.constantFrom(...ACCOUNTS),
    namespace: fc.constantFrom("", ...NAMESPACES),
  }),
);

const roleName = fc.constantFrom("r0", "r1", "r2");

const roleOf = (rules: fc.Arbitrary<PolicyRule[]>): fc.Arbitrary<RoleManifest> =>
  fc.oneof(
    fc.record({ name: roleName, rules }).map(({ name, rules: own }): RoleManifest => {
      return { apiVersion: VERSION, kind: "ClusterRole", metadata: { name }, rules: own };
    }),
    fc
      .record({ name: roleName, namespace: fc.constantFrom(...NAMESPACES), rules })
      .map(({ name, namespace, rules: own }): RoleManifest => {
        return { apiVersion: VERSION, kind: "Role", metadata: { name, namespace }, rules: own };
      }),
  );

const binding: fc.Arbitrary<BindingManifest> = fc
  .record({
    namespace: fc.option(fc.constantFrom(...NAMESPACES), { nil: undefined }),
    name: fc.constantFrom("b0", "b1", "b2", "b3"),
    kind: fc.constantFrom("Role" as const, "ClusterRole" as const),
    role: roleName,
    subjects: fc.array(subject, { maxLength: 3 }),
  })
  .map(({ namespace, name, kind, role: of, subjects }): BindingManifest => {
    const metadata = namespace === undefined ? { name } : { name, namespace };
    return {
      apiVersion: VERSION,
      kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
      metadata,
      roleRef: { apiGroup: RBAC, kind: namespace === undefined ? "ClusterRole" : kind, name: of },
      subjects,
    };
  });

const keyOf = ({ kind, metadata }: RbacManifest): string => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;

const stateOf = (rule: fc.Arbitrary<PolicyRule>): fc.Arbitrary<RbacManifest[]> =>
  fc.uniqueArray(fc.oneof(roleOf(fc.array(rule, { maxLength: 3 })), binding), {
    selector: keyOf,
    minLength: 4,
    maxLength: 14,
  });

/** Roles and bindings, of one kind, namespace and name one. */
export const anyState: fc.Arbitrary<RbacManifest[]> = stateOf(anyRule);

/** As {@link anyState}, of rules without the empty name. */
export const anyNamedState: fc.Arbitrary<RbacManifest[]> = stateOf(anyNamedRule);

export const anyIdentity: fc.Arbitrary<Identity> = fc
  .record({
    username: fc.constantFrom(
      "alice",
      "bob",
      "system:anonymous",
      ...NAMESPACES.flatMap((namespace) => ACCOUNTS.map((name) => `system:serviceaccount:${namespace}:${name}`)),
    ),
    more: fc.subarray(["dev"]),
  })
  .map(({ username, more }) => ({ username, groups: [...certainGroups(username), ...more] }));

/** What may be asked, wildcards among it. */
export const anyAttributes: fc.Arbitrary<AccessAttributes> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("resource" as const),
      verb: fc.constantFrom("get", "list", "delete"),
      apiGroup: fc.constantFrom("", "apps"),
      resource: fc.constantFrom("pods", "nodes", "secrets"),
      subresource: fc.constantFrom("", "", "log", "*"),
      namespace: fc.constantFrom("", ...NAMESPACES),
      name: fc.constantFrom("", "a", "c"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("non-resource" as const),
      verb: fc.constantFrom("get", "post"),
      path: fc.constantFrom("/metrics", "/apis", "/apis/apps", "/b"),
    }),
  },
);
