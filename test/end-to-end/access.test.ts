import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { Authorizer } from "../../src/evaluator/access/authorizer.ts";
import type { Identity, ResourceAttributes } from "../../src/model/access.ts";
import type { RbacManifest } from "../../src/model/rbac.ts";
import { auditEvent, auditLog, type EventDraft } from "../support/audit-events.ts";
import { HOSTILE } from "../support/fixtures.ts";
import { shuffle } from "../support/simulator/index.ts";
import { netlearn, type Outcome } from "./command.ts";

let directory = "";
const at = (...names: readonly string[]): string => path.join(directory, ...names);

const CART = "system:serviceaccount:shop:cart";
const ALICE = { user: "alice@example.com", groups: ["ops", "system:authenticated"] } as const;

/** Twenty days of a cart that reads a Secret and watches ConfigMaps, of somebody on call, and of an intruder. */
function days(): readonly EventDraft[] {
  return Array.from({ length: 20 }, (_, day) => {
    const time = new Date(Date.UTC(2026, 10, 1 + day, 8)).toISOString();
    return [
      { time, namespace: "shop", resource: "secrets", name: "db", reason: CITED },
      { time, namespace: "shop", resource: "configmaps", verb: "list", reason: CITED },
      { time, namespace: "shop", resource: "configmaps", verb: "watch", reason: CITED },
      {
        time,
        ...ALICE,
        namespace: "shop",
        resource: "pods",
        subresource: "exec",
        name: "cart-0",
        verb: "create",
        reason: OPS,
      },
      {
        time,
        user: "system:serviceaccount:dev:debug",
        namespace: "shop",
        resource: "secrets",
        verb: "list",
        decision: "forbid",
      },
    ] as const;
  }).flat();
}

const CITED = 'RBAC: allowed by RoleBinding "cart/shop" of ClusterRole "edit" to ServiceAccount "cart/shop"';
const OPS = 'RBAC: allowed by ClusterRoleBinding "ops" of ClusterRole "cluster-admin" to Group "ops"';

const apiGroup = "rbac.authorization.k8s.io";
const apiVersion = `${apiGroup}/v1`;
const createdAt = { creationTimestamp: "2025-01-01T00:00:00Z" };
const IN_FORCE = [
  {
    apiVersion,
    kind: "ClusterRole",
    metadata: { name: "edit", ...createdAt },
    rules: [{ apiGroups: [""], resources: ["*"], verbs: ["*"] }],
  },
  {
    apiVersion,
    kind: "ClusterRole",
    metadata: { name: "cluster-admin", ...createdAt },
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
  },
  {
    apiVersion,
    kind: "RoleBinding",
    metadata: { name: "cart", namespace: "shop", ...createdAt },
    roleRef: { apiGroup, kind: "ClusterRole", name: "edit" },
    subjects: [{ kind: "ServiceAccount", name: "cart", namespace: "shop" }],
  },
  {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: "ops", ...createdAt },
    roleRef: { apiGroup, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "Group", apiGroup, name: "ops" }],
  },
];

function deployment(name: string): object {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop", labels },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { serviceAccountName: name, containers: [{ name, image: name }] } },
    },
  };
}

const OBJECTS = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { env: "prod" } } },
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "dev", labels: { env: "dev" } } },
  deployment("cart"),
  deployment("web"),
];

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "netlearn-access-"));
  writeFileSync(at("audit.log"), auditLog(days()));
  writeFileSync(at("rbac.yaml"), IN_FORCE.map((object) => stringify(object)).join("---\n"));
  writeFileSync(at("objects.yaml"), OBJECTS.map((object) => stringify(object)).join("---\n"));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function suggest(log: string, ...flags: readonly string[]): Promise<Outcome> {
  return await netlearn(["suggest", "--audit", at(log), "--rbac", at("rbac.yaml"), ...flags], { cwd: directory });
}

function objectsIn(yaml: string): readonly RbacManifest[] {
  return parseAllDocuments(yaml).map((document) => (document as { toJS(): RbacManifest }).toJS());
}

const cart: Identity = {
  username: CART,
  groups: ["system:authenticated", "system:serviceaccounts", "system:serviceaccounts:shop"],
};
const alice: Identity = { username: ALICE.user, groups: ALICE.groups };
const debug: Identity = { username: "system:serviceaccount:dev:debug", groups: ["system:authenticated"] };

function request(verb: string, resource: string, over: Partial<ResourceAttributes> = {}): ResourceAttributes {
  const [kind = "", subresource = ""] = resource.split("/");
  return { kind: "resource", verb, apiGroup: "", resource: kind, subresource, namespace: "shop", name: "", ...over };
}

describe("roles from an audit log", () => {
  it("allow what was used, and neither what was refused nor what was never asked for", async () => {
    const { code, stdout } = await suggest("audit.log");
    expect(code).toBe(0);
    const authorizer = new Authorizer(objectsIn(stdout));
    const allows = (identity: Identity, attributes: ResourceAttributes): boolean =>
      authorizer.decide(identity, attributes).isAllowed;
    expect(allows(cart, request("get", "secrets", { name: "db" }))).toBe(true);
    expect(allows(cart, request("list", "configmaps"))).toBe(true);
    expect(allows(cart, request("watch", "configmaps"))).toBe(true);
    expect(allows(alice, request("create", "pods/exec", { name: "cart-0" }))).toBe(true);
    expect(allows(cart, request("get", "secrets", { name: "other" }))).toBe(false);
    expect(allows(cart, request("delete", "configmaps", { name: "x" }))).toBe(false);
    expect(allows(cart, request("list", "configmaps", { namespace: "dev" }))).toBe(false);
    expect(allows(debug, request("list", "secrets"))).toBe(false);
    expect(allows(alice, request("get", "secrets", { name: "db" }))).toBe(false);
  });

  it("are the same bytes for lines in any order, twice, with refused and unfinished requests among them", async () => {
    const lines = auditLog(days()).trimEnd().split("\n");
    const noise = days().flatMap((draft) => [
      { ...draft, user: "mallory", groups: [], resource: "nodes", decision: "forbid" as const },
      { ...draft, stage: "RequestReceived" as const, user: "proxy", resource: "nodes" },
    ]);
    writeFileSync(at("noisy.log"), `${shuffle([...lines, ...lines], 7).join("\n")}\n${auditLog(noise)}`);
    const [plain, noisy] = await Promise.all([suggest("audit.log"), suggest("noisy.log")]);
    expect(noisy.stdout).toBe(plain.stdout);
    expect(noisy.stderr).toContain("mallory: get nodes in shop named db");
  });

  it("go to a directory, are left as they are by a second run, and never overwrite a person", async () => {
    const first = await suggest("audit.log", "-o", at("out"));
    expect(first.stderr).toContain("files written, 0 unchanged");
    expect((await suggest("audit.log", "-o", at("out"))).stderr).toContain("0 files written");
    const file = at("out/shop/rbac-cart.yaml");
    writeFileSync(file, "# mine\n");
    const third = await suggest("audit.log", "-o", at("out"));
    expect(third).toMatchObject({ code: 1 });
    expect(third.stderr).toContain("NETLEARN_EDITED_FILE");
    expect(await readFile(file, "utf8")).toBe("# mine\n");
  });

  it("name the bindings in force that they replace, once the log is long enough", async () => {
    const soon = await suggest("audit.log", "--remove-replaced", at("soon.yaml"), "--min-days", "60");
    expect(await readFile(at("soon.yaml"), "utf8")).toMatch(/^# No binding/u);
    expect(soon.stderr).toMatch(/^Waiting/mu);
    await suggest("audit.log", "--remove-replaced", at("old.yaml"), "--min-days", "0");
    expect(
      objectsIn(await readFile(at("old.yaml"), "utf8")).map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ).toContain("RoleBinding cart");
  });

  it("grant what was refused only when it is named", async () => {
    const plain = await suggest("audit.log");
    const need = /(?<=^ +20 +)system:serviceaccount:dev:debug: .*$/mu.exec(plain.stderr)?.[0] ?? "";
    const { stdout, stderr } = await suggest("audit.log", "--grant", need);
    const granted = new Authorizer(objectsIn(stdout)).decide(debug, request("list", "secrets"));
    expect({ granted: granted.isAllowed, stderr: granted.isAllowed ? "" : stderr }).toEqual({
      granted: true,
      stderr: "",
    });
  });

  it("say what they were made without: nothing in force is known", async () => {
    const { code, stdout, stderr } = await netlearn(["suggest", at("audit.log")], { cwd: directory });
    expect(code).toBe(0);
    expect(objectsIn(stdout).length).toBeGreaterThan(1);
    expect(stderr).toContain("not known: --rbac or --cluster tells what is in force");
  });

  it("come from a state as they do from the log", async () => {
    const collected = await netlearn(["collect", "--from-files", at("audit.log"), "--state", at("a.db")], {
      cwd: directory,
    });
    expect(collected.code).toBe(0);
    const [fromState, fromLog] = await Promise.all([
      netlearn(["suggest", "--state", at("a.db"), "--rbac", at("rbac.yaml")], { cwd: directory }),
      suggest("audit.log"),
    ]);
    expect(fromState.stdout).toBe(fromLog.stdout);
    const shown = await netlearn(["access", "--state", at("a.db"), "--format", "json"], { cwd: directory });
    expect(shown.stdout).toBe(
      (await netlearn(["access", at("audit.log"), "--format", "json"], { cwd: directory })).stdout,
    );
  });

  it("come from a snapshot as they do from the log", async () => {
    const { stdout } = await netlearn(["graph", at("audit.log"), "--format", "json"], { cwd: directory });
    writeFileSync(at("snapshot.json"), stdout);
    const merged = await netlearn(["suggest", "--snapshot", at("snapshot.json"), "--rbac", at("rbac.yaml")], {
      cwd: directory,
    });
    expect(merged.stdout).toBe((await suggest("audit.log")).stdout);
  });
});

describe("flows and audit events together", () => {
  it("are told apart by themselves, and each half is written", async () => {
    mkdirSync(at("logs"), { recursive: true });
    const flows = await readFile(path.resolve(import.meta.dirname, "../../examples/shop/flows.jsonl"), "utf8");
    writeFileSync(at("logs/mixed.jsonl"), `${flows}${auditLog(days())}`);
    const { code, stderr } = await netlearn(["suggest", at("logs"), "-o", at("both"), "--report", at("both.md")], {
      cwd: directory,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Suggested/mu);
    expect(stderr).toMatch(/^Roles/mu);
    expect(await readFile(at("both.md"), "utf8")).toMatch(/^# Network policies and roles/u);
    const files = await readdir(at("both/shop"));
    expect(files).toContain("rbac-cart.yaml");
    expect(files.filter((name) => !name.startsWith("rbac-")).length).toBeGreaterThan(3);
  });

  it("name workloads whose tokens nobody used", async () => {
    const { stderr } = await suggest("audit.log", "--manifests", at("objects.yaml"), "--log-format", "json");
    const found = stderr.split("\n").filter((line) => line.includes('"token-unused"'));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("shop/web");
    expect(found[0]).not.toContain("shop/cart");
  });
});

describe("netlearn access", () => {
  it("answers who reaches production, by the labels of namespaces", async () => {
    const asked = ["access", at("audit.log"), "--manifests", at("objects.yaml"), "-l", "env=prod"];
    const { code, stdout } = await netlearn([...asked, "--rbac", at("rbac.yaml")], { cwd: directory });
    expect(code).toBe(0);
    expect(stdout).toContain("shop: 3 identities, 20 refused requests");
    expect(stdout).toMatch(/run-in-pods +alice@example\.com +20 +2026-11-20/u);
    expect(stdout).toContain("by ClusterRoleBinding ops of ClusterRole cluster-admin, for Group ops");
  });

  it("gives every field its documentation promises", async () => {
    const { stdout } = await netlearn(["access", at("audit.log"), "--rbac", at("rbac.yaml"), "--format", "json"], {
      cwd: directory,
    });
    const text = await readFile(path.resolve(import.meta.dirname, "../../docs/access.md"), "utf8");
    const documented = new Set([...text.matchAll(/^\| `([A-Za-z]+)` \|/gmu)].map(([, name = ""]) => name));
    const parsed = JSON.parse(stdout) as { access: object[]; identities: object[]; idleBindings: object[] };
    const keys = [parsed, ...parsed.access, ...parsed.identities, ...parsed.idleBindings].flatMap((one) =>
      Object.keys(one),
    );
    expect([...new Set(keys)].filter((key) => !documented.has(key))).toEqual([]);
  });
});

const ONE = { namespace: "shop", name: "x" } as const;

describe("audit logs of two clusters", () => {
  const STREAM = "kube-apiserver-audit-7d5c5a3e8a0f4e0f9a3d8f3b1c2d3e4f";
  const ofCluster = (cluster: string, resource: string): string =>
    days()
      .map((draft) => auditEvent({ ...draft, resource }))
      .map((event) => ({ logGroup: `/aws/eks/${cluster}/cluster`, logStream: STREAM, message: JSON.stringify(event) }))
      .map((line) => `${JSON.stringify(line)}\n`)
      .join("");

  const oneLine = (text: string): string => text.replaceAll(/\s+/gu, " ");

  beforeAll(() => {
    mkdirSync(at("eks"));
    writeFileSync(at("eks", "prod.log"), ofCluster("prod", "secrets"));
    writeFileSync(at("eks", "test.log"), ofCluster("test", "configmaps"));
  });

  it.each(["suggest", "access", "graph"])("are refused by netlearn %s until one is named", async (command) => {
    const { code, stdout, stderr } = await netlearn([command, at("eks", "prod.log"), at("eks", "test.log")]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(oneLine(stderr)).toContain("mixes audit events of 2 clusters: prod, test");
    expect(stderr).toContain("--cluster-name");
  });

  it("give the roles of the named one alone, in any order, and say what was left out", async () => {
    const [prod, test] = [at("eks", "prod.log"), at("eks", "test.log")];
    const named = ["--cluster-name", "prod"];
    const alone = await netlearn(["suggest", prod, "--quiet"]);
    expect(alone.stdout).toContain("kind: Role");
    for (const files of [
      [prod, test],
      [test, prod, prod],
    ]) {
      const { code, stdout, stderr } = await netlearn(["suggest", ...files, ...named]);
      expect(oneLine(stderr)).toContain("100 audit events of other clusters than prod: test");
      expect([code, stdout]).toEqual([0, alone.stdout]);
    }
    const { stdout, stderr } = await netlearn(["access", test, prod, ...named]);
    expect(stdout).toContain("secrets");
    expect(stdout).not.toContain("configmaps");
    expect(oneLine(stderr)).toContain("of other clusters than prod");
    const unknown = await netlearn(["access", test, prod, "--cluster-name", "pord"]);
    expect(unknown.code).toBe(2);
    expect(oneLine(unknown.stderr)).toContain("no record is of a cluster pord; audit events name prod, test");
  });

  it("stay apart in states that were collected one by one, merged, exported and read again", async () => {
    for (const cluster of ["prod", "test"]) {
      const collected = await netlearn([
        "collect",
        "--from-files",
        at("eks", `${cluster}.log`),
        "--state",
        at(`${cluster}.db`),
      ]);
      expect(collected.code, collected.stderr).toBe(0);
    }
    const merged = await netlearn(["state", "merge", at("test.db"), "--state", at("prod.db")]);
    expect(merged.code, merged.stderr).toBe(0);
    const exported = await netlearn(["state", "export", "--state", at("prod.db")]);
    writeFileSync(at("both.json"), exported.stdout);
    const alone = await netlearn(["suggest", at("eks", "test.log"), "--quiet"]);
    for (const source of [
      ["--state", at("prod.db")],
      ["--snapshot", at("both.json")],
    ]) {
      expect((await netlearn(["suggest", ...source])).code).toBe(2);
      const { stdout } = await netlearn(["suggest", ...source, "--cluster-name", "test", "--quiet"]);
      expect(stdout).toBe(alone.stdout);
    }
  });
});

describe("logs that can't be relied on", () => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    ["an empty file", "", 1, "was found in"],
    ["events that were only received", auditLog([{ ...ONE, stage: "RequestReceived" }]), 1, "RequestReceived"],
    ["refused requests alone", auditLog([{ ...ONE, decision: "forbid" }]), 1, "all were refused"],
    ["text", "hello\n", 1, "was found in"],
  ];

  it.each(cases)("%s: suggest writes nothing and says why", async (_name, log, code, message) => {
    writeFileSync(at("odd.log"), log);
    const run = await suggest("odd.log", "-o", at("odd"));
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr.replaceAll(/\s+/gu, " ")).toContain(message);
    await expect(readdir(at("odd"))).rejects.toThrow("ENOENT");
  });

  it("without decisions are taken with less confidence, and that is said", async () => {
    const bare = days().map((draft) => {
      const { annotations: _, ...event } = auditEvent(draft) as { annotations?: object };
      return `${JSON.stringify(event)}\n`;
    });
    writeFileSync(at("bare.log"), bare.join(""));
    const { code, stderr } = await suggest("bare.log");
    expect(code).toBe(0);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain("requests that were not refused are taken for allowed");
  });

  it("with hostile names end in no broken object, no escape sequence and no markup", async () => {
    const names = [
      HOSTILE,
      "x".repeat(10_000),
      "a: b\n---\nkind: Secret",
      "system:serviceaccount:shop:cart\n",
      "- !!js",
    ];
    const drafts = names.flatMap((user) => [
      {
        user,
        groups: [user],
        namespace: "shop",
        resource: "secrets",
        name: user,
        reason: `RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "c" to Group ${JSON.stringify(user)}`,
      },
      { user, groups: [user], namespace: user, resource: "pods", verb: "list", decision: "forbid" as const },
    ]);
    writeFileSync(at("hostile.log"), auditLog([...days(), ...drafts]));
    const flags = ["--report", at("hostile.md")];
    const { stdout, stderr } = await netlearn(["suggest", at("hostile.log"), ...flags], { cwd: directory });
    expect(objectsIn(stdout).every(({ kind }) => /^(?:Cluster)?Role(?:Binding)?$/u.test(kind))).toBe(true);
    expect(stderr).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    const report = await readFile(at("hostile.md"), "utf8");
    expect(report).not.toContain("<img");
    const shown = await netlearn(["access", at("hostile.log"), "-v"], { cwd: directory });
    expect(shown.code).toBe(0);
    expect(shown.stdout).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  });
});
