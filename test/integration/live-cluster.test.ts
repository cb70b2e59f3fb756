import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from "vitest";
import { parse, stringify } from "yaml";
import { LISTED_KINDS } from "../../src/inventory/cluster/listed-kinds.ts";
import { type ClusterObjects, type ClusterOptions, readCluster } from "../../src/inventory/cluster/read-cluster.ts";
import { type Connection, connect } from "../../src/kubernetes/connect.ts";
import { REQUEST_LIMITS } from "../../src/kubernetes/connect-options.ts";
import type { JsonObject, ListEvent, ResourceType } from "../../src/model/kubernetes-api.ts";
import { tlsFile } from "../support/stand-in-api-server.ts";
import type { ObjectReference } from "../testbed/api-client.ts";
import { type Apiserver, startApiserver } from "../testbed/apiserver.ts";

const part = inject("apiserver");
const { signal } = new AbortController();
const PAGE = 40;
/** For what happens in a moment, on a machine that has much else to do. */
const PATIENCE = { timeout: 20_000, interval: 100 };
const PODS: ResourceType = { group: "", version: "v1", resource: "pods", kind: "Pod", namespaced: true };
const NAMESPACES = ["shop", "bank"];
const RBAC = "rbac.authorization.k8s.io/v1";

type Applied = ObjectReference & Readonly<Record<string, unknown>>;

/** An object of the shop, unless its metadata say another namespace. */
function object(apiVersion: string, kind: string, name: string, more: JsonObject = {}): Applied {
  const { metadata = {}, ...rest } = more;
  return { apiVersion, kind, metadata: { name, namespace: "shop", ...(metadata as object) }, ...rest };
}

/** An object of no namespace. */
function clusterWide(apiVersion: string, kind: string, name: string, more: JsonObject = {}): Applied {
  return { apiVersion, kind, metadata: { name }, ...more };
}

function definition(group: string, kind: string): Applied {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return clusterWide("apiextensions.k8s.io/v1", "CustomResourceDefinition", `${plural}.${group}`, {
    spec: {
      group,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: "Namespaced",
      versions: [{ name: "v1alpha1", served: true, storage: true, schema }],
    },
  });
}

const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: app, image: "x", ports: [{ name: "http", containerPort: 8080 }] }] },
});

function pod(
  index: number,
  owner?: { readonly apiVersion: string; readonly kind: string },
  namespace = "shop",
): Applied {
  const { metadata, spec } = template(`app-${index % 7}`);
  const name = `pod-${String(index).padStart(4, "0")}`;
  const ownerReferences = owner === undefined ? [] : [{ ...owner, name: "own", uid: "0", controller: true }];
  return object("v1", "Pod", name, { metadata: { ...metadata, namespace, ownerReferences }, spec });
}

const POLICY_SPEC = {
  podSelector: { matchLabels: { app: "app-1" } },
  policyTypes: ["Ingress"],
  ingress: [{ from: [{ podSelector: { matchLabels: { app: "app-2" } } }], ports: [{ protocol: "TCP", port: 8080 }] }],
};

/** What is in the cluster: something of everything, and enough pods for several pages. */
function worldObjects(): readonly Applied[] {
  const workload = (kind: string, name: string, spec: JsonObject): Applied => object("apps/v1", kind, name, { spec });
  const selector = { matchLabels: { app: "app-1" } };
  const job = { template: { ...template("app-1"), spec: { ...template("app-1").spec, restartPolicy: "Never" } } };
  return [
    definition("argoproj.io", "Rollout"),
    definition("core.strimzi.io", "StrimziPodSet"),
    ...Array.from({ length: 240 }, (_, index) => pod(index)),
    ...Array.from({ length: 30 }, (_, index) => pod(index, undefined, "bank")),
    pod(900, { apiVersion: "core.strimzi.io/v1alpha1", kind: "StrimziPodSet" }),
    workload("Deployment", "cart", { selector, template: template("app-1") }),
    workload("StatefulSet", "db", { selector, template: template("app-1"), serviceName: "db" }),
    workload("DaemonSet", "agent", { selector, template: template("app-1") }),
    object("batch/v1", "Job", "once", { spec: job }),
    object("batch/v1", "CronJob", "report", { spec: { schedule: "0 0 * * *", jobTemplate: { spec: job } } }),
    ...Array.from({ length: 20 }, (_, index) =>
      object("v1", "Service", `service-${index}`, {
        spec: { selector: { app: `app-${index}` }, ports: [{ port: 80 }] },
      }),
    ),
    object("discovery.k8s.io/v1", "EndpointSlice", "cart-1", {
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.1.2.3"] }],
      ports: [{ port: 8080 }],
    }),
    object("networking.k8s.io/v1", "NetworkPolicy", "cart", { spec: POLICY_SPEC }),
    clusterWide("v1", "Node", "node-1"),
  ];
}

/** Made once their definitions are served. */
const CUSTOM: readonly Applied[] = [
  object("argoproj.io/v1alpha1", "Rollout", "canary", {
    spec: { selector: { matchLabels: { app: "app-3" } }, template: template("app-3") },
  }),
  object("core.strimzi.io/v1alpha1", "StrimziPodSet", "own"),
];

function binding(kind: "ClusterRoleBinding" | "RoleBinding", user: string, role: string, namespace?: string): Applied {
  const metadata = { name: `${user}-${role}`, ...(namespace === undefined ? {} : { namespace }) };
  return {
    apiVersion: RBAC,
    kind,
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  };
}

/** The role that docs/cluster-rights.md tells people to grant. */
function documentedRole(): Applied {
  const text = readFileSync(path.resolve(import.meta.dirname, "../../docs/cluster-rights.md"), "utf8");
  return parse(/```yaml\n(.*?)```/su.exec(text)?.[1] ?? "");
}

const podReader = clusterWide(RBAC, "ClusterRole", "pod-reader", {
  rules: [{ apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["list"] }],
});

const whole = (value: JsonObject): JsonObject => value;

describe.skipIf(part.state === "absent")("a live cluster", () => {
  let server: Apiserver;
  let applied = 0;

  beforeAll(async () => {
    const users = [{ name: "netlearn" }, { name: "podreader" }, { name: "shopper" }, { name: "nobody" }];
    server = await startApiserver(part, { users, flags: [`--client-ca-file=${tlsFile("ca.crt")}`] });
    await create(NAMESPACES.map((name) => clusterWide("v1", "Namespace", name)));
    const objects = worldObjects();
    await create(objects);
    await create([documentedRole(), podReader]);
    await create([
      binding("ClusterRoleBinding", "netlearn", "netlearn"),
      binding("ClusterRoleBinding", "learner", "netlearn"),
      binding("ClusterRoleBinding", "podreader", "pod-reader"),
      binding("RoleBinding", "shopper", "netlearn", "shop"),
    ]);
    // A definition is served a moment after it is made.
    await vi.waitFor(async () => await create(CUSTOM), PATIENCE);
    applied = objects.length + CUSTOM.length;
    await vi.waitFor(async () => {
      for (const place of ["/api/v1/nodes", "/apis/argoproj.io/v1alpha1/rollouts"]) {
        expect((await server.client("netlearn").get(place)).status).toBe(200);
      }
      expect((await server.client("shopper").get("/api/v1/namespaces/shop/pods")).status).toBe(200);
    }, PATIENCE);
  });
  afterAll(() => server?.stop());

  async function create(objects: readonly Applied[]): Promise<void> {
    const admin = server.client("admin");
    for (const one of objects) {
      const { status, body } = await admin.create(one);
      if (status !== 201 && status !== 409)
        throw new Error(`${one.kind} ${one.metadata.name}: ${JSON.stringify(body)}`);
    }
  }

  async function open(kubeconfig: string): Promise<Connection> {
    const limits = { ...REQUEST_LIMITS, page: PAGE, backoff: 10 };
    const connection = await connect({ kubeconfig }, { env: {}, cwd: "/" }, limits);
    onTestFinished(() => connection.close());
    return connection;
  }

  async function read(user: string, options: Partial<ClusterOptions> = {}): Promise<ClusterObjects> {
    return await readCluster(await open(await server.kubeconfig(user)), { prune: whole, signal, ...options });
  }

  it("is read whole with the rights that are documented, and no others are missed", async () => {
    const { objects, notices } = await read("netlearn");
    // The owner of a kind of its own is the one thing beyond the role.
    expect(notices.map(({ code }) => code)).toEqual(["cluster-kinds-not-installed", "cluster-owner-unread"]);
    const created = new Set([...worldObjects(), ...CUSTOM].map(nameOf));
    const found = objects.map(({ kind, namespace, name = "" }) => `${kind} ${namespace}/${name}`);
    expect(created.size).toBe(applied);
    const missed = [...created].filter((name) => !found.includes(name));
    expect(missed).toEqual(["StrimziPodSet shop/own"]);
    expect(new Set(found).size).toBe(found.length);
  });

  it("shows objects as they are stored, with their kinds", async () => {
    const { objects } = await read("netlearn");
    const policy = objects.find(({ kind }) => kind === "NetworkPolicy");
    // What the library's typed models would have made of `from` is why this test is here.
    expect(policy).toMatchObject({ apiVersion: "networking.k8s.io/v1", value: { spec: POLICY_SPEC } });
    expect(objects.every(({ value }) => value["kind"] !== undefined && value["apiVersion"] !== undefined)).toBe(true);
    expect(objects.find(({ kind }) => kind === "Rollout")?.value).toMatchObject({
      spec: { template: template("app-3") },
    });
  });

  it("comes in pages, and the same whatever their size", async () => {
    const small = await read("netlearn");
    const connection = await open(await server.kubeconfig("netlearn"));
    const pages: ListEvent[] = [];
    for await (const event of connection.list(PODS, { namespace: undefined, prune: whole, signal })) pages.push(event);
    expect(pages.map((event) => (event.kind === "page" ? event.items.length : event.kind))).toEqual([
      40, 40, 40, 40, 40, 40, 31,
    ]);
    const large = await connect({ kubeconfig: await server.kubeconfig("netlearn") }, { env: {}, cwd: "/" });
    onTestFinished(() => large.close());
    const atOnce = await readCluster(large, { prune: whole, signal });
    expect(atOnce.objects.map(({ value }) => value)).toEqual(small.objects.map(({ value }) => value));
  });

  it("is read with the owners of pods that are of kinds nobody foresaw, where that may be", async () => {
    const { objects, notices } = await read("admin");
    expect(objects.filter(({ kind }) => kind === "StrimziPodSet")).toHaveLength(1);
    expect(notices.map(({ code }) => code)).toEqual(["cluster-kinds-not-installed"]);
  });

  it("is read in part with fewer rights, each loss named once with the rule that mends it", async () => {
    const { objects, notices } = await read("podreader");
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(["Namespace", "Pod"]));
    const forbidden = notices.filter(({ code }) => code === "cluster-kind-forbidden");
    const served = LISTED_KINDS.filter(({ builtIn, kind }) => builtIn || kind === "Rollout");
    expect(forbidden).toHaveLength(served.length - 2);
    expect(forbidden.find(({ message }) => message.startsWith("services:"))).toMatchObject({
      message: "services: forbidden: flows to Service addresses can't be resolved to pods",
      choice: expect.stringContaining(
        'Grant podreader the rule {apiGroups: [""], resources: ["services"], verbs: ["list"]}',
      ),
    });
  });

  it("is mended by the rule that a notice names", async () => {
    const { notices } = await read("podreader");
    const [, rule = ""] =
      /the rule (\{.*?\})/u.exec(notices.find(({ message }) => message.startsWith("nodes:"))?.choice ?? "") ?? [];
    await create([
      clusterWide(RBAC, "ClusterRole", "mended", { rules: [parse(rule)] }),
      binding("ClusterRoleBinding", "podreader", "mended"),
    ]);
    onTestFinished(async () => {
      const place = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/podreader-mended";
      await server.client("admin").send({ method: "DELETE", path: place });
    });
    await vi.waitFor(async () => {
      const mended = await read("podreader");
      expect(mended.objects.map(({ kind }) => kind)).toContain("Node");
    }, PATIENCE);
  });

  it("is read in the namespaces that are named where the whole may not be", async () => {
    const { objects, notices } = await read("shopper", { namespaces: ["shop", "bank"] });
    expect(new Set(objects.map(({ namespace }) => namespace))).toEqual(new Set(["shop"]));
    expect(objects.filter(({ kind }) => kind === "Pod")).toHaveLength(241);
    const only = notices.filter(({ code }) => code === "cluster-namespaces-only");
    expect(only).toMatchObject([{ message: expect.stringMatching(/^read only in shop: .*deployments\.apps.*pods/u) }]);
    expect(notices.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^nodes: forbidden:/u));
  });

  it("that shows nothing at all is an error with the server's reason", async () => {
    await expect(read("nobody")).rejects.toMatchObject({
      code: "NETLEARN_INPUT_UNREADABLE",
      message: expect.stringMatching(/User "nobody" cannot list resource/u),
      hint: expect.stringContaining("docs/cluster-rights.md"),
    });
  });

  it("refuses an unknown token with exit code 3 and a way out", async () => {
    const config = parse(readFileSync(await server.kubeconfig("netlearn"), "utf8"));
    config.users[0].user.token = "of-yesterday";
    const error = await readWith(config).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ exitCode: 3, message: expect.stringContaining("(401): Unauthorized") });
    expect(String(error)).not.toContain("of-yesterday");
  });

  it("knows a client by its certificate", async () => {
    const config = parse(readFileSync(await server.kubeconfig("netlearn"), "utf8"));
    config.users[0].user = { "client-certificate": tlsFile("client.crt"), "client-key": tlsFile("client.key") };
    expect((await readWith(config)).objects.length).toBeGreaterThan(applied - 2);
  });

  it("lets somebody who may act as another", async () => {
    const config = parse(readFileSync(await server.kubeconfig("admin"), "utf8"));
    config.users[0].user = { ...config.users[0].user, as: "nobody", "as-groups": ["system:masters"] };
    expect((await readWith(config)).notices.map(({ code }) => code)).toEqual(["cluster-kinds-not-installed"]);
  });

  async function readWith(config: object): Promise<ClusterObjects> {
    const file = path.join(path.dirname(await server.kubeconfig("netlearn")), "changed.kubeconfig");
    await writeFile(file, stringify(config));
    return await readCluster(await open(file), { prune: whole, signal });
  }
});

describe.skipIf(part.state === "absent")("a live cluster that forgets soon", () => {
  let server: Apiserver;
  beforeAll(async () => {
    server = await startApiserver(part, { flags: ["--etcd-compaction-interval=1s"] });
  });
  afterAll(() => server?.stop());

  it("still gives everything that was there all the time, each once, when a list expires on the way", async () => {
    const admin = server.client("admin");
    for (let index = 0; index < 100; index++) {
      expect((await admin.create(pod(index, undefined, "default"))).status).toBe(201);
    }
    const connection = await connect(
      { kubeconfig: await server.kubeconfig("admin") },
      { env: {}, cwd: "/" },
      { ...REQUEST_LIMITS, page: PAGE },
    );
    onTestFinished(() => connection.close());
    const list = "/api/v1/pods?limit=40";
    const { body } = await admin.get(list);
    const token = (body as { metadata: { continue: string } }).metadata.continue;
    const events: ListEvent[] = [];
    for await (const event of connection.list(PODS, { namespace: undefined, prune: whole, signal })) {
      events.push(event);
      if (events.length > 1) continue;
      // Until the server has forgotten the page before, and so this one.
      let changes = 0;
      await vi.waitFor(
        async () => {
          changes += 1;
          await admin.create(pod(5000 + changes, undefined, "default"));
          expect((await admin.get(`${list}&continue=${encodeURIComponent(token)}`)).status).toBe(410);
        },
        { timeout: 60_000, interval: 500 },
      );
    }
    const names = events
      .flatMap((event) => (event.kind === "page" ? event.items : []))
      .map(({ metadata }) => (metadata as { name: string }).name);
    expect(events.map(({ kind }) => kind)).not.toContain("failed");
    expect(new Set(names).size).toBe(names.length);
    const first = Array.from({ length: 100 }, (_, index) => `pod-${String(index).padStart(4, "0")}`);
    expect(first.filter((name) => !names.includes(name))).toEqual([]);
    const audited = readFileSync(server.auditLog, "utf8")
      .trimEnd()
      .split("\n")
      .map((line): { userAgent?: string; responseStatus?: { code?: number } } => JSON.parse(line));
    const refused = audited.filter(
      ({ userAgent, responseStatus }) => userAgent === "netlearn" && responseStatus?.code === 410,
    );
    expect(refused).toHaveLength(1);
  });
});

function nameOf({ kind, metadata: { namespace = "default", name } }: Applied): string {
  return `${kind} ${namespace}/${name}`;
}
