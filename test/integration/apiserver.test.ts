import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { apiClient } from "../testbed/api-client.ts";
import { type Apiserver, startApiserver } from "../testbed/apiserver.ts";

const part = inject("apiserver");

/** For what happens in a moment, on a machine that has much else to do. */
const PATIENCE = { timeout: 20_000, interval: 100 };

/** What a request with this token gets. */
async function statusFor({ url, ca }: Pick<Apiserver, "url" | "ca">, token = "any"): Promise<number> {
  const client = apiClient({ url, ca, token });
  try {
    return (await client.get("/version")).status;
  } finally {
    client.close();
  }
}

describe.skipIf(part.state === "absent")("the API server of the testbed", () => {
  let server: Apiserver;
  beforeAll(async () => {
    server = await startApiserver(part, { users: [{ name: "reader" }, { name: "nobody" }] });
  });
  afterAll(() => server?.stop());

  it("is ready, and of the version that go.mod names", async () => {
    const goMod = await readFile(path.join(import.meta.dirname, "../testbed/apiserver/go.mod"), "utf8");
    const [, wanted] = /k8s\.io\/kubernetes (v\S+)/u.exec(goMod) ?? [];
    const admin = server.client("admin");
    expect(await admin.get("/readyz")).toMatchObject({ status: 200, body: "ok" });
    expect(await admin.get("/version")).toMatchObject({ status: 200, body: { gitVersion: wanted } });
  });

  it("knows nobody without a token of its own", async () => {
    expect(() => server.access("stranger")).toThrow("without a user stranger");
    expect(await statusFor(server, "no-such-token")).toBe(401);
  });

  it("refuses by RBAC who has no right, and lets in who has", async () => {
    const admin = server.client("admin");
    const metadata = { name: "policy-reader" };
    const rule = { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["list"] };
    const apiVersion = "rbac.authorization.k8s.io/v1";
    const role = { apiVersion, kind: "ClusterRole", metadata, rules: [rule] };
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "policy-reader" };
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "reader" }];
    const binding = { apiVersion, kind: "ClusterRoleBinding", metadata, roleRef, subjects };
    expect((await admin.create(role)).status).toBe(201);
    expect((await admin.create(binding)).status).toBe(201);
    const list = "/apis/networking.k8s.io/v1/networkpolicies";
    // The authorizer sees a new binding through its watch, a moment later.
    await vi.waitFor(async () => expect((await server.client("reader").get(list)).status).toBe(200), PATIENCE);
    expect(await server.client("reader").get(list)).toMatchObject({ body: { kind: "NetworkPolicyList", items: [] } });
    expect((await server.client("reader").get("/api/v1/pods")).status).toBe(403);
    expect(await server.client("nobody").get(list)).toMatchObject({
      status: 403,
      body: { kind: "Status", reason: "Forbidden" },
    });
  });

  it("writes an audit event for each request, before it answers", async () => {
    const place = "/api/v1/namespaces/default/configmaps/asked-for-by-nobody";
    await server.client("nobody").get(place);
    const lines = (await readFile(server.auditLog, "utf8")).trimEnd().split("\n");
    const events = lines.map((line): { requestURI: string } => JSON.parse(line));
    expect(events.findLast(({ requestURI }) => requestURI === place)).toMatchObject({
      kind: "Event",
      stage: "ResponseComplete",
      verb: "get",
      user: { username: "nobody" },
      responseStatus: { code: 403 },
      annotations: { "authorization.k8s.io/decision": "forbid" },
    });
  });

  it("is described by a kubeconfig that holds everything a client needs", async () => {
    const config = JSON.parse(await readFile(await server.kubeconfig("reader"), "utf8"));
    const [{ cluster }] = config.clusters;
    expect(cluster.server).toBe(server.url);
    expect(Buffer.from(cluster["certificate-authority-data"], "base64").toString("utf8")).toBe(server.ca);
    expect(config.users[0].user.token).toBe(server.access("reader").token);
  });

  it("leaves neither process nor files when it is stopped, nor when whoever started it is killed", async () => {
    const stopped = await startApiserver(part);
    const kubeconfig = await stopped.kubeconfig("admin");
    await stopped.stop();
    expect(existsSync(path.dirname(kubeconfig))).toBe(false);
    await expect(statusFor(stopped)).rejects.toThrow("ECONNREFUSED");

    const script = path.join(import.meta.dirname, "../testbed/start.ts");
    const starter = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(createInterface({ input: starter.stdout }), "line");
    const started: { url: string; kubeconfig: string } = JSON.parse(String(line));
    expect(existsSync(started.kubeconfig)).toBe(true);
    starter.kill("SIGKILL");
    await vi.waitFor(async () => {
      await expect(statusFor({ ...server, url: started.url })).rejects.toThrow("ECONNREFUSED");
      expect(existsSync(path.dirname(started.kubeconfig))).toBe(false);
    }, PATIENCE);
  });

  it("says with the end of its log why it does not start", async () => {
    await expect(startApiserver(part, { flags: ["--feature-gates=NoSuchGate=true"] })).rejects.toThrow("NoSuchGate");
  });
});
