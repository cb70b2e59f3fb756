import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { BranchWrite, Host } from "../../src/gitops/host.ts";
import { plainGitHost } from "../../src/gitops/hosts/plain-git.ts";
import { FAULTS, type Fault } from "../testbed/github/faults.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";
import type { HostedRepository } from "../testbed/github/world.ts";

const description = inject("github");
const BRANCH = "netlearn/_/shop/widen";
const POLICY = {
  kind: "write",
  path: "apps/netlearn.yaml",
  text: "v1\n",
  before: undefined,
  owner: "netlearn",
} as const;

function writeOn(parent: string, expected?: string, text = "v1\n"): BranchWrite {
  return { branch: BRANCH, parent, expected, changes: [{ ...POLICY, text }], message: "feat: policies\n" };
}

function hostOf(address: string, token: string, cache: string): Host {
  const credentials = { origin: new URL(address).origin, user: "x-access-token", token };
  return plainGitHost({ address, cache, credentials, env: process.env, now: () => Date.UTC(2026, 2, 2) });
}

describe.skipIf(description.state === "absent")("a plain remote over HTTP, with a token", () => {
  let github: GitHubStandIn;
  let repository: HostedRepository;
  let url: string;
  let cache: string;
  let count = 0;

  beforeAll(async () => {
    if (description.state === "absent") throw new Error(description.why);
    github = await startGitHub(description);
  });
  afterAll(() => github?.stop());
  beforeEach(async () => {
    count += 1;
    repository = github.createRepository(`acme/plain${count}`, { "apps/kustomization.yaml": "resources:\n" });
    url = github.gitUrl(`acme/plain${count}`);
    cache = await mkdtemp(path.join(tmpdir(), "netlearn-plain-"));
  });
  afterEach(async () => {
    github.faults.clear();
    await rm(cache, { recursive: true, force: true });
    expect(github.violations.splice(0)).toEqual([]);
  });

  const host = (token: string = github.tokens.app): Host => hostOf(url, token, cache);

  it("git rule 13: is found, read and written to; nothing changed is one read and no write", async () => {
    const { base } = await host().find(undefined, [BRANCH]);
    expect(base).toEqual({ branch: "main", head: repository.head("main") });
    const result = await host().writeBranch(writeOn(base.head));
    expect(result).toEqual({ kind: "done", value: { head: repository.head(BRANCH) } });
    const { branches } = await host().find("main", [BRANCH]);
    expect(branches).toMatchObject([{ name: BRANCH, conflicts: false, commits: [{ isOwn: true }] }]);
    github.faults.clear();
    await host().find("main", [BRANCH]);
    expect(github.faults.writes).toBe(0);
    expect(github.faults.calls.map(({ operation }) => operation)).toEqual(["git refs", "git git-upload-pack"]);
  });

  it("git rule 34: the token is in no file of the cache and in no error", async () => {
    const { base } = await host().find(undefined, [BRANCH]);
    await host().writeBranch(writeOn(base.head));
    const files = await readdir(cache, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map(async (file) => await readFile(path.join(file.parentPath, file.name))),
    );
    const basic = Buffer.from(`x-access-token:${github.tokens.app}`).toString("base64");
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.filter((text) => text.includes(github.tokens.app) || text.includes(basic))).toEqual([]);
    await expect(host(github.tokens.expired).find("main", [])).rejects.toSatisfy(
      (error: Error) => /git ls-remote failed/u.test(error.message) && !error.message.includes(github.tokens.expired),
    );
  });

  it("git rule 19: of two who write at once one wins, and the other is told", async () => {
    const { base } = await host().find("main", [BRANCH]);
    const results = await Promise.all(
      ["a\n", "b\n"].map((text) => host().writeBranch(writeOn(base.head, undefined, text))),
    );
    expect(results.map(({ kind }) => kind).toSorted()).toEqual(["done", "lost-race"]);
    const won = results.flatMap((result) => (result.kind === "done" ? [result.value.head] : []));
    expect(won).toEqual([repository.head(BRANCH)]);
  });

  it("git rule 19: a person's push in between is kept", async () => {
    const { base } = await host().find("main", [BRANCH]);
    const own = await host().writeBranch(writeOn(base.head));
    if (own.kind !== "done") throw new Error(own.because);
    const theirs = github.human(repository, "ada").push(BRANCH, { "notes.md": "mine\n" });
    expect(await host().writeBranch(writeOn(base.head, own.value.head, "v2\n"))).toMatchObject({ kind: "lost-race" });
    expect(await host().deleteBranch(BRANCH, own.value.head)).toMatchObject({ kind: "lost-race" });
    expect(repository.head(BRANCH)).toBe(theirs);
  });

  it("refuses an archived repository for good", async () => {
    const { base } = await host().find("main", [BRANCH]);
    repository.isArchived = true;
    expect(await host().writeBranch(writeOn(base.head))).toMatchObject({
      kind: "refused",
      because: expect.stringMatching(/archived|403/u),
    });
  });

  it.each<[string, Fault, string]>([
    ["a bad gateway", FAULTS.badGateway, "deferred"],
    ["a cut connection", FAULTS.cut, "deferred"],
    ["a token that expired meanwhile", FAULTS.expiredToken, "refused"],
  ])("git rule 38: %s before a push has come to pass writes nothing", async (_, fault, kind) => {
    const { base } = await host().find("main", [BRANCH]);
    github.faults.plan({ at: 1, when: "before", fault, of: /receive-pack/u, times: 3 });
    expect(await host().writeBranch(writeOn(base.head))).toMatchObject({ kind });
    github.faults.clear();
    expect((await host().find("main", [BRANCH])).branches).toEqual([]);
  });

  it("git rule 20: a push whose answer is lost is looked up", async () => {
    const { base } = await host().find("main", [BRANCH]);
    github.faults.plan({ at: 1, when: "after", fault: FAULTS.cut, of: /receive-pack/u });
    const result = await host().writeBranch(writeOn(base.head));
    expect(result).toEqual({ kind: "done", value: { head: repository.head(BRANCH) } });
  });
});

describe("a server that sends elsewhere", () => {
  async function listening(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
    const server = createServer(answer).listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
  const servers: (() => void)[] = [];
  afterEach(() => {
    for (const stop of servers.splice(0)) stop();
  });

  it("git rule 34: does not get the token there", async () => {
    const heard: (string | undefined)[] = [];
    const elsewhere = await listening((request, response) => {
      heard.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    elsewhere.hostname = "localhost";
    const first = await listening((request, response) => {
      response.writeHead(302, { location: new URL(request.url ?? "", elsewhere).href }).end();
    });
    const cache = await mkdtemp(path.join(tmpdir(), "netlearn-plain-"));
    const asked = hostOf(new URL("/acme/fleet", first).href, "ghs_secret", cache).find(undefined, []);
    await expect(asked).rejects.toMatchObject({
      code: "NETLEARN_HOST_UNAVAILABLE",
      hint: expect.stringContaining("sends to another address"),
    });
    expect(heard).toEqual([]);
    await rm(cache, { recursive: true });
  });
});
