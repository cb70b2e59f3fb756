import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { unappliableBy } from "../../../src/evaluator/access/applier.ts";
import type { BindingManifest, RbacManifest, RbacState, RoleManifest } from "../../../src/model/rbac.ts";
import { type Apiserver, startApiserver } from "../../testbed/apiserver.ts";
import { binding, type Made, made, role, rule } from "./objects.ts";
import { make, rbacOf, settled } from "./rbac.ts";

const part = inject("apiserver");
const group = "rbac.authorization.k8s.io";
const writes = rule("create", "roles clusterroles rolebindings clusterrolebindings", { group });

type Rule = ReturnType<typeof rule>;

/** What whoever applies holds, everywhere or in `prod`. */
const HELD: readonly (readonly [what: string, where: "everywhere" | "in prod", rules: readonly Rule[]])[] = [
  ["nothing at all", "everywhere", []],
  ["writing alone", "everywhere", [writes]],
  ["get pods", "everywhere", [writes, rule("get", "pods")]],
  ["get pods in prod", "in prod", [writes, rule("get", "pods")]],
  ["anything with pods", "everywhere", [writes, rule("*", "pods")]],
  ["one pod by name", "everywhere", [writes, rule("get list", "pods", { names: ["a"] })]],
  ["any log", "everywhere", [writes, rule("get", "*/log")]],
  ["paths", "everywhere", [writes, rule("get", "/metrics /metrics/*")]],
  ["any resource of a group", "everywhere", [writes, rule("get list", "*")]],
  ["escalate", "everywhere", [writes, rule("escalate", "roles", { group })]],
  ["escalate by name", "everywhere", [writes, rule("escalate", "clusterroles roles", { group, names: ["wanted"] })]],
  ["bind", "everywhere", [writes, rule("bind", "clusterroles", { group, names: ["wanted-1", "wanted-4"] })]],
  ["everything", "everywhere", [rule("*", "*", { group: "*" }), rule("*", "*")]],
];

/** What is to be granted. */
const WANTED: readonly Rule[] = [
  rule("get", "pods"),
  rule("get list", "pods"),
  rule("get", "pods", { names: ["a"] }),
  rule("get", "pods", { names: ["a", "b"] }),
  rule("get", "pods/log"),
  rule("*", "pods"),
  rule("get", "*"),
  rule("get", "*/log"),
  rule("get", "deployments", { group: "apps" }),
  rule("get", "/metrics"),
  rule("get", "/metrics/x"),
  rule("get", "/*"),
];
const isPath = (one: Rule): boolean => "nonResourceURLs" in one;

/** Each of these as a role, and bound. */
const OBJECTS: readonly Made[] = WANTED.flatMap((one, index) => [
  ...(isPath(one) ? [] : [role("prod/wanted", one)]),
  role("wanted", one),
  binding("prod/wanted", `ClusterRole/wanted-${index}`, "User any"),
  binding("wanted", `ClusterRole/wanted-${index}`, "User any"),
]);

const nameOf = (index: number): string => `applier-${index}`;

describe.skipIf(part.state === "absent")("whoever applies roles and bindings on a real API server", () => {
  let server: Apiserver;
  let inForce: RbacState;

  beforeAll(async () => {
    server = await startApiserver(part, { users: HELD.map((_, index) => ({ name: nameOf(index) })) });
    const admin = server.client("admin");
    await make(admin, made("v1", "Namespace", "prod"));
    for (const [index, one] of WANTED.entries()) await make(admin, role(`wanted-${index}`, one));
    for (const [index, [, where, rules]] of HELD.entries()) {
      const name = nameOf(index);
      await make(admin, role(name, ...rules));
      await make(admin, binding(where === "in prod" ? `prod/${name}` : name, `ClusterRole/${name}`, `User ${name}`));
    }
    await settled(admin);
    inForce = stateOf(await rbacOf(admin));
  });
  afterAll(() => server?.stop());

  it.each(HELD.map(([what], index) => [what, nameOf(index)] as const))(
    "rule 39: may with %s what ours says, and nothing else",
    async (_what, name) => {
      const applier = { username: name, groups: ["system:authenticated"] };
      const client = server.client(name);
      for (const object of OBJECTS) {
        const { status } = await client.create(object, "dryRun=All");
        expect([201, 403]).toContain(status);
        const missing = unappliableBy(applier, manifestsOf([object]), inForce);
        expect({ object, missing, isAllowed: missing.length === 0 }).toMatchObject({ isAllowed: status === 201 });
      }
    },
  );
});

/** Objects as the program knows them. */
function manifestsOf(objects: readonly Made[]): readonly RbacManifest[] {
  return JSON.parse(JSON.stringify(objects));
}

function stateOf(objects: readonly RbacManifest[]): RbacState {
  const known = { createdAt: undefined, keeper: undefined, place: "the server" } as const;
  const isRole = (object: RbacManifest): object is RoleManifest => "rules" in object;
  const isBinding = (object: RbacManifest): object is BindingManifest => "roleRef" in object;
  return {
    roles: objects.filter(isRole).map((one) => ({ ...one, isAggregated: false, ...known })),
    bindings: objects.filter(isBinding).map((one) => ({ ...one, ...known })),
  };
}
