import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createProxy, type IncomingMessage } from "node:http";
import { type AddressInfo, connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { connect } from "../../src/kubernetes/connect.ts";
import type { ClusterChoice, Target } from "../../src/kubernetes/connect-options.ts";
import { findCluster } from "../../src/kubernetes/find-cluster.ts";
import { NetlearnError } from "../../src/lib/errors.ts";
import { kubeconfigOf, namedItems, type ServedResource, sendJson, tlsFile } from "../support/stand-in-api-server.ts";
import { errorOf, namesIn, open, readEvents, SHORT, startServer } from "./connection.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-kubeconfig-"));
});
afterAll(() => rm(directory, { recursive: true }));

let files = 0;
/** Writes a file of its own folder. */
async function write(content: object | string): Promise<string> {
  files += 1;
  const file = path.join(directory, String(files), "config");
  await mkdir(path.dirname(file));
  await writeFile(file, typeof content === "string" ? content : stringify(content));
  return file;
}

function named(context: string, server: string, more: object = {}) {
  return {
    contexts: [{ name: context, context: { cluster: `${context}-cluster`, user: `${context}-user` } }],
    clusters: [{ name: `${context}-cluster`, cluster: { server } }],
    users: [{ name: `${context}-user`, user: { token: "secret" } }],
    ...more,
  };
}

async function find(choice: ClusterChoice, env: Record<string, string> = {}, more: object = {}): Promise<Target> {
  return await findCluster(choice, { env: { HOME: path.join(directory, "nobody"), ...env }, cwd: directory, ...more });
}

async function expectError(work: Promise<unknown>, code: string, ...says: readonly (string | RegExp)[]): Promise<void> {
  const error = await errorOf(work);
  if (!(error instanceof NetlearnError)) throw error;
  expect(error.code).toBe(code);
  for (const words of says) expect(`${error.message} ${error.hint ?? ""}`).toMatch(words);
  expect(`${error.message} ${error.hint ?? ""}`).not.toContain("secret");
}

describe("the cluster that is meant", () => {
  it("is the current context of the file that is given, whatever the environment says", async () => {
    const given = await write(named("given", "https://given:6443", { "current-context": "given" }));
    const other = await write(named("other", "https://other", { "current-context": "other" }));
    expect(await find({ kubeconfig: given }, { KUBECONFIG: other })).toMatchObject({
      name: "given",
      server: "https://given:6443",
      userName: "given-user",
    });
  });

  it("is that of one file, also when its name has what separates those of KUBECONFIG", async () => {
    const config = await write(named("given", "https://given", { "current-context": "given" }));
    const odd = `${config}${path.delimiter}x`;
    await writeFile(odd, stringify(named("odd", "https://odd", { "current-context": "odd" })));
    expect(await find({ kubeconfig: odd })).toMatchObject({ name: "odd" });
  });

  it("is the context that is given", async () => {
    const one = named("one", "https://one", { "current-context": "one" });
    const two = named("two", "https://two");
    const file = await write({
      ...one,
      contexts: [...one.contexts, ...two.contexts],
      clusters: [...one.clusters, ...two.clusters],
      users: [...one.users, ...two.users],
    });
    expect(await find({ kubeconfig: file, context: "two" })).toMatchObject({ name: "two", server: "https://two" });
  });

  it("is put together from the files of KUBECONFIG, of which the first that says something counts", async () => {
    const first = await write(named("shared", "https://first", { "current-context": "" }));
    const second = await write(named("shared", "https://second", { "current-context": "shared" }));
    const third = await write(named("third", "https://third", { "current-context": "third" }));
    const missing = path.join(directory, "missing");
    const KUBECONFIG = [missing, first, "", second, third].join(path.delimiter);
    expect(await find({}, { KUBECONFIG })).toMatchObject({ name: "shared", server: "https://first" });
    expect(await find({ context: "third" }, { KUBECONFIG })).toMatchObject({ server: "https://third" });
  });

  it("is the home directory's where nothing else is said", async () => {
    const home = path.join(directory, "home");
    await mkdir(path.join(home, ".kube"), { recursive: true });
    const config = named("home", "https://home/", { "current-context": "home" });
    await writeFile(path.join(home, ".kube/config"), stringify(config));
    expect(await find({}, { HOME: home, KUBECONFIG: "" })).toMatchObject({ name: "home", server: "https://home" });
  });

  it("is the pod's own where there is no kubeconfig", async () => {
    const serviceAccountDirectory = path.join(directory, "service-account");
    await mkdir(serviceAccountDirectory);
    await writeFile(path.join(serviceAccountDirectory, "token"), "t");
    const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    expect(await find({}, env, { serviceAccountDirectory })).toMatchObject({
      name: "in-cluster",
      server: "https://10.0.0.1",
    });
    const six = { ...env, KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
    expect(await find({}, six, { serviceAccountDirectory })).toMatchObject({ server: "https://[fd00::1]:6443" });
    const KUBECONFIG = await write(named("file", "https://file", { "current-context": "file" }));
    expect(await find({}, { ...env, KUBECONFIG }, { serviceAccountDirectory })).toMatchObject({ name: "file" });
    expect(await find({ inCluster: true }, { ...env, KUBECONFIG }, { serviceAccountDirectory })).toMatchObject({
      name: "in-cluster",
    });
    await expectError(
      find({ context: "x" }, env, { serviceAccountDirectory }),
      "NETLEARN_INPUT_MISSING",
      "no kubeconfig",
    );
  });

  it("keeps the path of its server", async () => {
    const file = await write(named("rancher", "https://rancher/k8s/clusters/c-1/", { "current-context": "rancher" }));
    expect(await find({ kubeconfig: file })).toMatchObject({ server: "https://rancher/k8s/clusters/c-1" });
  });
});

describe("a kubeconfig that does not do", () => {
  it("is missed by name when it was asked for", async () => {
    const missing = path.join(directory, "nowhere");
    await expectError(
      find({ kubeconfig: missing }),
      "NETLEARN_INPUT_MISSING",
      /nowhere.*is not there/u,
      "--kubeconfig",
    );
    await expectError(find({}, { KUBECONFIG: missing }), "NETLEARN_INPUT_MISSING", /KUBECONFIG names.*nowhere/u);
  });

  it("is missed with all the places when none was", async () => {
    await expectError(find({}), "NETLEARN_INPUT_MISSING", "no cluster to read", "nobody", "KUBECONFIG", "--kubeconfig");
    await expectError(find({ inCluster: true }), "NETLEARN_INPUT_MISSING", "no pod", "automountServiceAccountToken");
  });

  it("without the context that is wanted says which there are", async () => {
    const file = await write(named("prod", "https://prod", { "current-context": "gone" }));
    await expectError(
      find({ kubeconfig: file }),
      "NETLEARN_USAGE",
      'no context "gone"',
      "Contexts: prod.",
      "--context",
    );
    await expectError(find({ kubeconfig: file, context: "prdo" }), "NETLEARN_USAGE", '"prdo"', "Contexts: prod.");
  });

  it("without a current context says so", async () => {
    const file = await write(named("prod", "https://prod"));
    await expectError(find({ kubeconfig: file }), "NETLEARN_USAGE", "no context is the current one", "prod");
    await expectError(find({ kubeconfig: await write("{}") }), "NETLEARN_USAGE", "no context at all");
  });

  it("names what a context lacks", async () => {
    const whole = named("prod", "https://prod", { "current-context": "prod" });
    const noCluster = await write({ ...whole, clusters: [] });
    const noUser = await write({ ...whole, users: null });
    await expectError(find({ kubeconfig: noCluster }), "NETLEARN_INPUT_UNREADABLE", 'cluster "prod-cluster"');
    await expectError(find({ kubeconfig: noUser }), "NETLEARN_INPUT_UNREADABLE", 'user "prod-user"');
  });

  it.each(["", "prod:6443", "ftp://prod", 7])("has no server in %j", async (server) => {
    const whole = named("prod", "", { "current-context": "prod" });
    const file = await write({ ...whole, clusters: [{ name: "prod-cluster", cluster: { server } }] });
    await expectError(find({ kubeconfig: file }), "NETLEARN_INPUT_UNREADABLE", "no server with an https address");
  });

  it.each([
    ["broken YAML", "users:\n- name: a\n  user: {token: secret\n", /:\d+ is no YAML/u],
    ["a list", "- secret", "no mapping"],
    ["nothing", "", "no mapping"],
    ["a laughing alias", `a: &a [secret]\n${bomb()}`, "no mapping"],
  ])("of %s is refused without a word of it", async (_, text, says) => {
    await expectError(find({ kubeconfig: await write(text) }), "NETLEARN_INPUT_UNREADABLE", says, "kubeconfig");
  });

  it("that is a directory is refused", async () => {
    await expectError(find({ kubeconfig: directory }), "NETLEARN_INPUT_UNREADABLE", "can't be read");
  });

  it("with odd entries still gives the others", async () => {
    const whole = named("prod", "https://prod", { "current-context": "prod" });
    const odd = { ...whole, users: [null, 7, { name: "x", user: "text" }, ...whole.users], preferences: null };
    expect(await find({ kubeconfig: await write(odd) })).toMatchObject({ name: "prod" });
  });
});

function bomb(): string {
  const step = (index: number): string => `${String.fromCodePoint(98 + index)}: &${String.fromCodePoint(98 + index)}`;
  return Array.from({ length: 9 }, (_, index) => {
    const before = `*${String.fromCodePoint(97 + index)}`;
    return `${step(index)} [${Array.from({ length: 9 }, () => before).join(",")}]`;
  }).join("\n");
}

const pods: ServedResource = {
  group: "",
  version: "v1",
  resource: "pods",
  kind: "Pod",
  namespaced: true,
  items: namedItems(3),
};

describe("a connection", () => {
  it("from within a pod uses the token and authority it finds there, and a token that was exchanged", async () => {
    const server = await startServer({ resources: [pods], token: "of-the-pod" });
    const serviceAccountDirectory = await mkdtemp(path.join(directory, "pod-"));
    const { copyFile } = await import("node:fs/promises");
    await copyFile(tlsFile("ca.crt"), path.join(serviceAccountDirectory, "ca.crt"));
    await writeFile(path.join(serviceAccountDirectory, "token"), "of-yesterday");
    const { hostname, port } = new URL(server.url);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const connection = await connect({ inCluster: true }, { env, cwd: directory, serviceAccountDirectory }, SHORT);
    onTestFinished(() => connection.close());
    expect(connection.name).toBe("in-cluster");
    await writeFile(path.join(serviceAccountDirectory, "token"), "of-the-pod");
    expect(namesIn(await readEvents(connection))).toHaveLength(3);
  });

  it("finds the files a kubeconfig names from where it lies", async () => {
    const server = await startServer({ resources: [pods], token: "t" });
    const file = await write(
      kubeconfigOf(server.url, { tokenFile: "sub/token" }, { "certificate-authority": "ca.crt" }),
    );
    const { copyFile } = await import("node:fs/promises");
    await copyFile(tlsFile("ca.crt"), path.join(path.dirname(file), "ca.crt"));
    await mkdir(path.join(path.dirname(file), "sub"));
    await writeFile(path.join(path.dirname(file), "sub/token"), "t\n");
    const connection = await connect({ kubeconfig: path.relative("/", file) }, { env: {}, cwd: "/" }, SHORT);
    onTestFinished(() => connection.close());
    expect(namesIn(await readEvents(connection))).toHaveLength(3);
  });

  it("without a user asks as nobody, and trusts whom the cluster says", async () => {
    const server = await startServer({ resources: [pods] });
    const { users: _, ...rest } = kubeconfigOf(server.url, {});
    const file = await write({ ...rest, contexts: [{ name: "stand-in", context: { cluster: "here" } }] });
    const connection = await connect({ kubeconfig: file }, { env: {}, cwd: "/" }, SHORT);
    onTestFinished(() => connection.close());
    expect(namesIn(await readEvents(connection))).toHaveLength(3);
    expect(server.headers[0]?.authorization).toBeUndefined();
  });

  it("with a name and a password sends both", async () => {
    const server = await startServer({ resources: [pods] });
    await readEvents(await open(server, { user: { username: "alice", password: "wonder" } }));
    expect(server.headers[0]?.authorization).toBe(`Basic ${Buffer.from("alice:wonder").toString("base64")}`);
  });

  it("goes through the proxy that the kubeconfig names", async () => {
    const server = await startServer({ resources: [pods] });
    const proxy = await startProxy();
    const connection = await open(server, { cluster: { "proxy-url": proxy.url } });
    expect(namesIn(await readEvents(connection))).toHaveLength(3);
    expect(proxy.tunnels).toEqual([new URL(server.url).host]);
  });

  it.each(["none", "of the kubeconfig", "of the environment"])("stands once it is asked (proxy: %s)", async (which) => {
    const server = await startServer({
      intercept: (request, response) => {
        setTimeout(() => sendJson(request, response, 200, { kind: "PodList", items: [{}] }), 1000);
        return true;
      },
    });
    const proxy = await startProxy();
    const kubeconfig = await server.kubeconfig({}, which === "of the kubeconfig" ? { "proxy-url": proxy.url } : {});
    const env: Record<string, string> = which === "of the environment" ? { HTTPS_PROXY: proxy.url } : {};
    const limits = { ...SHORT, connect: 700, idle: 20_000 };
    const connection = await connect({ kubeconfig }, { env, cwd: "/" }, limits);
    onTestFinished(() => connection.close());
    // What is slow now is the answer, not the connection.
    expect(await readEvents(connection)).toMatchObject([{ kind: "page" }]);
    expect(proxy.tunnels).toHaveLength(which === "none" ? 0 : 1);
  });

  it.each([
    ["goes through the proxy that the environment names", "", 1],
    ["goes past it where the environment says so", "127.0.0.1", 0],
  ])("%s", async (_, none, tunnels) => {
    const server = await startServer({ resources: [pods] });
    const proxy = await startProxy();
    const env = { HTTPS_PROXY: proxy.url, NO_PROXY: none };
    const connection = await connect({ kubeconfig: await server.kubeconfig() }, { env, cwd: "/" }, SHORT);
    onTestFinished(() => connection.close());
    expect(namesIn(await readEvents(connection))).toHaveLength(3);
    expect(proxy.tunnels).toHaveLength(tunnels);
  });
});

interface Proxy {
  readonly url: string;
  readonly tunnels: readonly string[];
}

/** A proxy that opens tunnels and remembers where to. */
async function startProxy(): Promise<Proxy> {
  const tunnels: string[] = [];
  const sockets: Socket[] = [];
  const proxy = createProxy();
  proxy.on("connect", (request: IncomingMessage, client: Socket) => {
    const { hostname, port } = new URL(`http://${request.url ?? ""}`);
    tunnels.push(request.url ?? "");
    const upstream = connectSocket(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, tunnels };
}
