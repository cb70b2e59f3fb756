import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/model/kubernetes-api.ts";
import type { RbacState } from "../../../src/model/rbac.ts";
import { fakeApi } from "../cluster/fake-api.ts";
import { names, readCluster, readTexts } from "./read-access.ts";

const V1 = "rbac.authorization.k8s.io/v1";

const DEFAULTS = [
  "cluster-admin",
  "system:basic-user",
  "system:discovery",
  "system:public-info-viewer",
  "system:service-account-issuer-discovery",
];
const DEFAULT_ROLE_NAMES = DEFAULTS.map((name) => `ClusterRole ${name}`);

/** What was given, without what every cluster has. */
function given(rbac: RbacState | undefined): readonly string[] {
  const all = [...names(rbac?.roles), ...names(rbac?.bindings)];
  return all.filter((name) => !DEFAULTS.some((one) => name.endsWith(` ${one}`)));
}

const ROLE = `
apiVersion: ${V1}
kind: Role
metadata: {name: reader, namespace: shop}
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list]
`;

const BINDING = `
apiVersion: ${V1}
kind: RoleBinding
metadata: {name: reader, namespace: shop}
roleRef: {kind: Role, name: reader, apiGroup: rbac.authorization.k8s.io}
subjects:
- {kind: ServiceAccount, name: web}
- {kind: User, name: alice}
- {kind: Group, name: dev, apiGroup: rbac.authorization.k8s.io}
`;

function clusterRole(name: string, more: JsonObject = {}): JsonObject {
  const { metadata = {}, ...rest } = more;
  const rules = [{ apiGroups: [""], resources: [name], verbs: ["get"] }];
  return { apiVersion: V1, kind: "ClusterRole", metadata: { name, ...(metadata as JsonObject) }, rules, ...rest };
}

/** As a cluster shows it. */
function live(object: JsonObject, created = "2026-01-01T00:00:00Z"): JsonObject {
  const metadata = object["metadata"] as JsonObject;
  return { ...object, metadata: { ...metadata, uid: `uid-${String(metadata["name"])}`, creationTimestamp: created } };
}

describe("roles and bindings in manifests", () => {
  it("are read with their place, and the API server's defaults filled in", async () => {
    const { rbac, findings } = await readTexts(`${ROLE}---${BINDING}`);
    expect(given(rbac)).toEqual(["Role shop/reader", "RoleBinding shop/reader"]);
    expect(rbac?.roles.find(({ kind }) => kind === "Role")).toEqual({
      apiVersion: V1,
      kind: "Role",
      metadata: { name: "reader", namespace: "shop" },
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
      isAggregated: false,
      createdAt: undefined,
      keeper: undefined,
      place: "0.yaml:2",
    });
    expect(rbac?.bindings.find(({ kind }) => kind === "RoleBinding")?.subjects).toEqual([
      { kind: "ServiceAccount", name: "web" },
      { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "alice" },
      { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "dev" },
    ]);
    expect(findings.map(({ code }) => code)).toEqual(["rbac-partial"]);
  });

  it("are read from Lists of any sort, and beside objects of all kinds", async () => {
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [clusterRole("a"), { apiVersion: "v1", kind: "Pod", metadata: { name: "p" } }],
    };
    const { kind: _, apiVersion: __, ...untyped } = clusterRole("b");
    const typed = { apiVersion: V1, kind: "ClusterRoleList", items: [untyped] };
    const { rbac } = await readTexts(JSON.stringify(list), JSON.stringify(typed));
    expect(given(rbac)).toEqual(["ClusterRole a", "ClusterRole b"]);
  });

  it("are none where there are none: what is in force is not known", async () => {
    expect(await readTexts()).toEqual({ rbac: undefined, auditPolicy: undefined, findings: [] });
    const pod = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" } });
    expect((await readTexts(pod)).rbac).toBeUndefined();
    const other = ROLE.replace(V1, "iam.example.com/v1");
    expect((await readTexts(other)).rbac).toBeUndefined();
  });

  it("of a kind of no namespace are one by name, whatever namespace was written", async () => {
    const { rbac } = await readTexts(
      JSON.stringify(clusterRole("a", { metadata: { namespace: "shop" } })),
      JSON.stringify(clusterRole("a")),
    );
    expect(given(rbac)).toEqual(["ClusterRole a"]);
  });

  it("are the newest of one name", async () => {
    const old = live(clusterRole("a"), "2025-01-01T00:00:00Z");
    const recent = live({ ...clusterRole("a"), rules: [] }, "2026-01-01T00:00:00Z");
    for (const texts of [
      [old, recent],
      [recent, old],
    ]) {
      const { rbac } = await readTexts(...texts.map((one) => JSON.stringify(one)));
      const role = rbac?.roles.find(({ metadata }) => metadata.name === "a");
      expect(role).toMatchObject({ rules: [], createdAt: Date.parse("2026-01-01T00:00:00Z") });
    }
  });

  it("are the same in whatever order files and documents come", async () => {
    const objects = ["c", "a", "b"].flatMap((name) => [
      clusterRole(name),
      {
        apiVersion: V1,
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { kind: "ClusterRole", name: `${name}x` },
        subjects: [],
      },
      { apiVersion: V1, kind: "Role", metadata: { name, namespace: name }, rules: [{}] },
    ]);
    const withoutPlaces = ({ rbac, findings }: Awaited<ReturnType<typeof readTexts>>) => ({
      roles: rbac?.roles.map(({ place: _, ...rest }) => rest),
      bindings: rbac?.bindings.map(({ place: _, ...rest }) => rest),
      gaps: rbac?.gaps,
      codes: findings.map(({ code }) => code).toSorted(),
    });
    const expected = withoutPlaces(await readTexts(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects })));
    expect(expected.gaps?.unknownRoles.map(({ name }) => name)).toEqual(["ax", "bx", "cx"]);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(objects, { minLength: objects.length }), async (items) => {
        expect(withoutPlaces(await readTexts(JSON.stringify({ apiVersion: "v1", kind: "List", items })))).toEqual(
          expected,
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe("what the API server would not take", () => {
  const RULES: readonly (readonly [string, JsonObject, string])[] = [
    ["no verbs", { apiGroups: [""], resources: ["pods"] }, "rules[0].verbs: must contain at least one verb"],
    [
      "no group",
      { resources: ["pods"], verbs: ["get"] },
      'rules[0].apiGroups: must contain at least one group; the core group is ""',
    ],
    ["no resource", { apiGroups: [""], verbs: ["get"] }, "rules[0].resources: must contain at least one resource"],
    [
      "both",
      { apiGroups: [""], nonResourceURLs: ["/x"], verbs: ["get"] },
      "a rule is about resources or about paths, never about both",
    ],
    [
      "a verb that is no text",
      { apiGroups: [""], resources: ["pods"], verbs: [true] },
      "rules[0].verbs[0]: true must be text; put it in quotes",
    ],
    ["a text for a list", { apiGroups: [""], resources: "pods", verbs: ["get"] }, "rules[0].resources: must be a list"],
  ];

  it.each(RULES)("a rule with %s is a finding with its line, and all else counts", async (_, rule, sentence) => {
    const bad = JSON.stringify({ ...clusterRole("bad"), rules: [rule] }, undefined, 1);
    const { rbac, findings } = await readTexts(`${ROLE}---\n${bad}`);
    expect(given(rbac)).toEqual(["Role shop/reader"]);
    const refused = findings.filter(({ code }) => code === "rbac-refused");
    expect(refused[0]?.message).toContain(sentence);
    expect(refused[0]?.message).toMatch(/^0\.yaml:\d+: ClusterRole bad: /u);
    expect(refused[0]?.severity).toBe("warning");
  });

  it("rule 30: a Role with paths is", async () => {
    const bad = ROLE.replace(/- apiGroups[^]*/u, "- {nonResourceURLs: [/metrics], verbs: [get]}\n");
    const { rbac, findings } = await readTexts(bad);
    expect(given(rbac)).toEqual([]);
    expect(findings[0]?.message).toContain(
      "0.yaml:6: Role shop/reader: rules[0].nonResourceURLs: paths are of no namespace",
    );
  });

  const BINDINGS: readonly (readonly [string, string, string, string])[] = [
    ["a role of no kind", "kind: Role,", "kind: Roll,", 'roleRef.kind: "Roll" must be Role or ClusterRole'],
    [
      "a role of another group",
      "apiGroup: rbac.authorization.k8s.io}\nsubjects",
      "apiGroup: rbac}\nsubjects",
      "roleRef.apiGroup",
    ],
    ["no role", "name: reader, apiGroup", "apiGroup", "roleRef.name: is missing"],
    [
      "a subject of no kind",
      "kind: User",
      "kind: Human",
      'subjects[1].kind: "Human" must be ServiceAccount, User or Group',
    ],
    ["a subject without a name", "{kind: User, name: alice}", "{kind: User}", "subjects[1].name: is missing"],
    [
      "a ServiceAccount with a group",
      "name: web}",
      "name: web, apiGroup: rbac.authorization.k8s.io}",
      "subjects[0].apiGroup",
    ],
    ["a ServiceAccount that can't be one", "name: web}", "name: We_b}", `"We_b" can't be the name of a ServiceAccount`],
    ["a user of another group", "name: alice}", "name: alice, apiGroup: x}", "subjects[1].apiGroup"],
    [
      "a name that is a path",
      "metadata: {name: reader,",
      "metadata: {name: a/b,",
      `metadata.name: "a/b" must not contain "/" or "%"`,
    ],
    [
      "no name",
      "metadata: {name: reader, namespace: shop}",
      "metadata: {namespace: shop}",
      "metadata.name: is missing",
    ],
    ["a name that is no text", "metadata: {name: reader,", "metadata: {name: 12,", "must be text"],
    [
      "an old version",
      `apiVersion: ${V1}`,
      "apiVersion: rbac.authorization.k8s.io/v1beta1",
      "is served by no supported version",
    ],
  ];

  it.each(BINDINGS)("a binding with %s is", async (_, from, to, sentence) => {
    const { rbac, findings } = await readTexts(BINDING.replace(from, to));
    expect(BINDING).toContain(from);
    expect(given(rbac)).toEqual([]);
    expect(findings.map(({ message }) => message).join("\n")).toContain(sentence);
  });

  it("a ClusterRoleBinding of a Role, or for a ServiceAccount without a namespace, is", async () => {
    const text = BINDING.replace("RoleBinding", "ClusterRoleBinding");
    const messages = (await readTexts(text)).findings.map(({ message }) => message).join("\n");
    expect(messages).toContain('roleRef.kind: "Role" must be ClusterRole');
    expect(messages).toContain("subjects[0].namespace: is missing");
  });

  it("what a cluster shows was taken, even in a version of long ago", async () => {
    const old = live({ ...clusterRole("a"), apiVersion: "rbac.authorization.k8s.io/v1beta1" });
    expect(given((await readTexts(JSON.stringify(old))).rbac)).toEqual(["ClusterRole a"]);
  });

  it("names that mean something to JavaScript are names", async () => {
    const { rbac } = await readTexts(
      JSON.stringify(clusterRole("constructor")),
      JSON.stringify(clusterRole("__proto__")),
    );
    expect(given(rbac)).toEqual(["ClusterRole __proto__", "ClusterRole constructor"]);
  });
});

describe("rule 10: what every cluster has", () => {
  it("rule 10: is assumed where it was not given, and says so", async () => {
    const { rbac } = await readTexts(ROLE);
    expect(names(rbac?.roles)).toEqual([...DEFAULT_ROLE_NAMES, "Role shop/reader"]);
    expect(names(rbac?.bindings)).toEqual(DEFAULTS.map((name) => `ClusterRoleBinding ${name}`));
    for (const { place, keeper } of rbac?.bindings ?? []) {
      expect(place).toContain("assumed");
      expect(keeper).toBeDefined();
    }
  });

  it("rule 10: what was given counts instead", async () => {
    const { rbac } = await readTexts(JSON.stringify({ ...clusterRole("system:discovery"), rules: [] }));
    expect(names(rbac?.roles)).toEqual(DEFAULT_ROLE_NAMES);
    expect(rbac?.roles.find(({ metadata }) => metadata.name === "system:discovery")?.rules).toEqual([]);
  });

  it("rule 10: nothing is assumed of a cluster that was read to its end: somebody removed it", async () => {
    const { rbac } = await readCluster(fakeApi({ objects: [live(clusterRole("a"))] }));
    expect(names(rbac?.roles)).toEqual(["ClusterRole a"]);
    expect(rbac?.bindings).toEqual([]);
    expect(rbac?.gaps).toBeUndefined();
  });
});

describe("rule 48: who keeps an object", () => {
  async function keeperOf(more: JsonObject, name = "a"): Promise<string | undefined> {
    const { rbac } = await readTexts(JSON.stringify(live(clusterRole(name, { metadata: more }))));
    return rbac?.roles.find(({ metadata }) => metadata.name === name)?.keeper;
  }

  it("rule 48: nobody but its owner, as a rule", async () => {
    expect(await keeperOf({})).toBeUndefined();
    expect(await keeperOf({ labels: { "app.kubernetes.io/managed-by": "kustomize" } })).toBeUndefined();
    expect(await keeperOf({ annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } })).toBeUndefined();
  });

  it.each([
    ["Kubernetes", { labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } }, /Kubernetes makes it anew/u],
    [
      "Kubernetes, by autoupdate",
      { annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" } },
      /Kubernetes puts back/u,
    ],
    ["Helm, by label", { labels: { "app.kubernetes.io/managed-by": "Helm" } }, /Helm manages it/u],
    ["Helm, by release", { annotations: { "meta.helm.sh/release-name": "redis" } }, /release redis/u],
    [
      "an operator",
      { ownerReferences: [{ apiVersion: "x/v1", kind: "Kafka", name: "main", uid: "1" }] },
      /Kafka main owns it/u,
    ],
    ["the Operator Lifecycle Manager", { labels: { "olm.owner": "x" } }, /Operator Lifecycle Manager/u],
    ["the addon manager", { labels: { "addonmanager.kubernetes.io/mode": "Reconcile" } }, /addon manager/u],
  ])("rule 48: %s", async (_, more, sentence) => {
    expect(await keeperOf(more)).toMatch(sentence);
  });

  it("rule 48: Kubernetes, of all that is named like its own", async () => {
    expect(await keeperOf({}, "system:mine")).toMatch(/reserved for Kubernetes/u);
  });

  it("rule 48: what Helm made and a manifest holds is changed in the manifest", async () => {
    const helms = clusterRole("a", { metadata: { labels: { "app.kubernetes.io/managed-by": "Helm" } } });
    const { rbac } = await readTexts(JSON.stringify(live(helms)), JSON.stringify(helms));
    const role = rbac?.roles.find(({ metadata }) => metadata.name === "a");
    expect(role?.keeper).toBeUndefined();
    expect(role?.createdAt).toBeDefined();
  });
});

describe("rule 48: an aggregated role", () => {
  const selecting = (name: string, labels: JsonObject, more: JsonObject = {}): JsonObject =>
    clusterRole(name, { ...more, rules: [], aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] } });
  const rulesOf = (rbac: RbacState | undefined, name: string): readonly string[] =>
    rbac?.roles.find(({ metadata }) => metadata.name === name)?.rules.flatMap(({ resources = [] }) => resources) ?? [];

  it("rule 48: holds what the roles hold that it selects, and what these take over", async () => {
    const labels = { view: "yes" };
    const texts = [
      selecting("edit", { edit: "yes" }),
      selecting("view", labels, { metadata: { labels: { edit: "yes" } } }),
      clusterRole("pods", { metadata: { labels } }),
      clusterRole("nodes", { metadata: { labels: { view: "no" } } }),
      clusterRole("services", { metadata: { labels: { edit: "yes" } } }),
    ].map((one) => JSON.stringify(one));
    const { rbac } = await readTexts(...texts);
    expect(rulesOf(rbac, "view")).toEqual(["pods"]);
    expect(rulesOf(rbac, "edit").toSorted()).toEqual(["pods", "services"]);
    expect(rbac?.roles.find(({ metadata }) => metadata.name === "edit")?.isAggregated).toBe(true);
    expect(rbac?.roles.find(({ metadata }) => metadata.name === "pods")?.isAggregated).toBe(false);
  });

  it("rule 48: is not asked what a manifest says it holds, as the controller writes that", async () => {
    const text = JSON.stringify({
      ...selecting("view", { view: "yes" }),
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
    });
    expect(rulesOf((await readTexts(text)).rbac, "view")).toEqual([]);
    const shown = live(JSON.parse(text) as JsonObject);
    expect(rulesOf((await readTexts(JSON.stringify(shown))).rbac, "view")).toEqual(["secrets"]);
  });

  it("rule 48: may select by expressions, everything, and roles that select it", async () => {
    const by = (name: string, selector: JsonObject, labels: JsonObject = {}): string =>
      JSON.stringify(
        clusterRole(name, { rules: [], metadata: { labels }, aggregationRule: { clusterRoleSelectors: [selector] } }),
      );
    const { rbac } = await readTexts(
      by("some", { matchExpressions: [{ key: "team", operator: "In", values: ["a", "b"] }] }),
      by("others", { matchExpressions: [{ key: "team", operator: "DoesNotExist" }], matchLabels: { x: "y" } }),
      by("ring", { matchLabels: { ring: "2" } }, { ring: "1" }),
      by("ring2", { matchLabels: { ring: "1" } }, { ring: "2" }),
      JSON.stringify(clusterRole("pods", { metadata: { labels: { team: "a", ring: "1" } } })),
      JSON.stringify(clusterRole("nodes", { metadata: { labels: { x: "y" } } })),
    );
    expect(rulesOf(rbac, "some")).toEqual(["pods"]);
    expect(rulesOf(rbac, "others")).toEqual(["nodes"]);
    expect(rulesOf(rbac, "ring")).toEqual(["pods"]);
    const all = await readTexts(by("all", {}), JSON.stringify(clusterRole("pods")));
    expect(rulesOf(all.rbac, "all")).toContain("pods");
  });

  it.each([
    [{ clusterRoleSelectors: [] }, "must contain at least one selector"],
    [
      { clusterRoleSelectors: [{ matchExpressions: [{ key: "a", operator: "Like" }] }] },
      "must be In, NotIn, Exists or DoesNotExist",
    ],
    [
      { clusterRoleSelectors: [{ matchExpressions: [{ key: "a", operator: "In" }] }] },
      "must contain at least one value for In",
    ],
    [
      { clusterRoleSelectors: [{ matchExpressions: [{ key: "a", operator: "Exists", values: ["x"] }] }] },
      "must be left out for Exists",
    ],
    [{ clusterRoleSelectors: [{ matchLabels: { a: 1 } }] }, "must be text"],
  ])("is refused with %j", async (aggregationRule, sentence) => {
    const { findings } = await readTexts(JSON.stringify(clusterRole("a", { aggregationRule })));
    expect(findings[0]?.message).toContain(sentence);
  });
});

describe("roles that bindings are of and nobody gave", () => {
  const view = BINDING.replace("kind: Role, name: reader", "kind: ClusterRole, name: view");

  it("are not known from manifests, which is said, and where", async () => {
    const { rbac, findings } = await readTexts(`${view}---\n${BINDING.replaceAll("name: reader", "name: other")}`);
    expect(rbac?.gaps).toEqual({
      isPartial: true,
      unknownRoles: [
        { kind: "ClusterRole", namespace: "", name: "view" },
        { kind: "Role", namespace: "shop", name: "other" },
      ],
    });
    const [finding] = findings.filter(({ code }) => code === "role-unknown");
    expect(finding?.severity).toBe("warning");
    expect(finding?.message).toContain("ClusterRole view of RoleBinding shop/reader (0.yaml:2)");
  });

  it("are known not to exist in a cluster that was read to its end", async () => {
    const binding = {
      apiVersion: V1,
      kind: "ClusterRoleBinding",
      metadata: { name: "b" },
      roleRef: { kind: "ClusterRole", name: "view" },
      subjects: [],
    };
    const { rbac, findings } = await readCluster(fakeApi({ objects: [live(binding)] }));
    expect(rbac?.gaps).toBeUndefined();
    expect(findings.map(({ code }) => code)).toEqual(["role-absent"]);
    expect(rbac?.bindings[0]?.place).toBe("ClusterRoleBinding b in prod");
  });

  it("are known not to exist in a dump of all, which is known by what every cluster makes", async () => {
    const own = (kind: string, namespace: string | undefined, name: string): JsonObject =>
      live({
        apiVersion: V1,
        kind,
        metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
        ...(kind.endsWith("Binding")
          ? { roleRef: { kind: kind === "RoleBinding" ? "Role" : "ClusterRole", name }, subjects: [] }
          : { rules: [] }),
      });
    const items = ["", "Binding"].flatMap((suffix) => [
      own(`ClusterRole${suffix}`, undefined, "cluster-admin"),
      own(`ClusterRole${suffix}`, undefined, "system:discovery"),
      own(`Role${suffix}`, "kube-public", "system:controller:bootstrap-signer"),
      own(`Role${suffix}`, "kube-system", "system::leader-locking-kube-controller-manager"),
    ]);
    const whole = await readTexts(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    expect(whole.rbac?.gaps).toBeUndefined();
    expect(whole.findings).toEqual([]);
    // Of one namespace, or written by hand, it is no such dump.
    const one = items.filter((item) => (item["metadata"] as JsonObject)["namespace"] !== "kube-public");
    expect(
      (await readTexts(JSON.stringify({ apiVersion: "v1", kind: "List", items: one }))).rbac?.gaps?.isPartial,
    ).toBe(true);
    const written = JSON.stringify({ apiVersion: "v1", kind: "List", items }).replaceAll(/"uid":"[^"]*",/gu, "");
    expect((await readTexts(written)).rbac?.gaps?.isPartial).toBe(true);
  });
});

describe("a live cluster", () => {
  const role = live(clusterRole("a"));

  it("is asked for RBAC alone", async () => {
    const api = fakeApi({ objects: [role] });
    await readCluster(api);
    expect(api.asked.toSorted()).toEqual([
      "clusterrolebindings.rbac.authorization.k8s.io",
      "clusterroles.rbac.authorization.k8s.io",
      "rolebindings.rbac.authorization.k8s.io",
      "roles.rbac.authorization.k8s.io",
    ]);
  });

  it("is read as a dump of it is, but for places", async () => {
    const objects = [role, live(clusterRole("b", { metadata: { labels: { x: "y" } } }))];
    const cluster = await readCluster(fakeApi({ objects }));
    const dump = await readTexts(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    const plain = (rbac: RbacState | undefined) =>
      rbac?.roles.filter(({ metadata }) => ["a", "b"].includes(metadata.name)).map(({ place: _, ...rest }) => rest);
    expect(plain(cluster.rbac)).toHaveLength(2);
    expect(plain(cluster.rbac)).toEqual(plain(dump.rbac));
  });

  it("that does not let everything be listed is known in part, and says what is lost", async () => {
    const api = fakeApi({
      objects: [role, live({ ...clusterRole("r"), kind: "Role", metadata: { name: "r", namespace: "shop" } })],
      answer: ({ resource }, namespace) =>
        resource === "clusterroles" || (resource === "roles" && namespace === undefined)
          ? [{ kind: "forbidden", message: 'User "x" cannot list' }]
          : undefined,
    });
    const { rbac, findings } = await readCluster(api, [], ["shop"]);
    expect(given(rbac)).toEqual(["Role shop/r"]);
    expect(rbac?.gaps?.isPartial).toBe(true);
    expect(findings.map(({ code }) => code)).toEqual([
      "cluster-kind-forbidden",
      "cluster-namespaces-only",
      "rbac-partial",
    ]);
    expect(findings[0]?.message).toContain("what is in force is not known");
  });

  it("and manifests are one state; what the cluster shows counts", async () => {
    const written = JSON.stringify({ ...clusterRole("a"), rules: [] });
    const { rbac } = await readCluster(fakeApi({ objects: [role] }), [written, JSON.stringify(clusterRole("new"))]);
    expect(given(rbac)).toEqual(["ClusterRole a", "ClusterRole new"]);
    expect(rbac?.roles.find(({ metadata }) => metadata.name === "a")?.rules).toHaveLength(1);
  });
});
