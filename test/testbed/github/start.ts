import { spawn } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { type Contract, readContract } from "./contract.ts";
import { type Call, type FaultPlan, Faults } from "./faults.ts";
import { answerGraphQl } from "./graphql.ts";
import { Human } from "./human.ts";
import { isRecord, type Json } from "./json.ts";
import { REST } from "./rest.ts";
import { type Actor, HostedRepository, Refusal } from "./world.ts";

const APP: Actor = bot("netlearn[bot]", 4242);
const PERSON: Actor = { login: "ada", type: "User", id: 1815, name: "Ada", email: "ada@example.com" };
const ACTIONS: Actor = bot("github-actions[bot]", 41898282);
const LIMIT = { limit: 5000, used: 0, remaining: 5000, reset: 4_000_000_000 };

function bot(login: string, id: number): Actor {
  return { login, type: "Bot", id, name: login, email: `${id}+${login}@users.noreply.github.com` };
}

/** A stand-in for GitHub on the loopback interface, checked against GitHub's own description. */
export class GitHubStandIn {
  /** What a request or answer broke of GitHub's contract: a test demands that it is empty. */
  readonly violations: string[] = [];
  readonly faults = new Faults();
  /** Tokens: of the App `netlearn[bot]`, of Actions (`GITHUB_TOKEN`), of Ada, and one that has expired. */
  readonly tokens = { app: "ghs_app", actions: "ghs_actions", person: "ghp_ada", expired: "ghs_expired" } as const;
  /** What tokens of the App were asked for. */
  readonly minted: Json[] = [];
  readonly mintedTokens: string[] = [];
  /** What the App's installation was granted. */
  readonly granted = new Set(["contents", "metadata", "pull_requests"]);
  /** Whether it is an Enterprise Server that does not know `updateRefs`. */
  isOld = false;
  /** The App's id, its private key (PEM) and the installation's id. */
  readonly app: { readonly id: number; readonly installation: number; readonly privateKey: string };
  readonly #contract: Contract;
  readonly #folder: string;
  readonly #actors = new Map<string, Actor>([
    ["ghs_app", APP],
    ["ghs_actions", ACTIONS],
    ["ghp_ada", PERSON],
  ]);
  /** Of tokens that may not do everything. */
  readonly #permissions = new Map<string, ReadonlySet<string>>([
    ["ghs_actions", new Set(["contents", "issues", "metadata", "pull_requests"])],
  ]);
  readonly #repositories = new Map<string, HostedRepository>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #now: number;
  #greeting: CgiAnswer | undefined;

  /** For `startGitHub`. */
  constructor(contract: Contract, folder: string, now: number) {
    this.#contract = contract;
    this.#folder = folder;
    this.#now = now;
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs1", format: "pem" });
    this.app = { id: 7, installation: 70, privateKey: String(pem) };
  }

  async listen(): Promise<this> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return this;
  }

  get #origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** octokit's `baseUrl`. */
  get baseUrl(): string {
    return `${this.#origin}/api/v3`;
  }

  /** Where git clones `owner/name` from; it wants a token as password. */
  gitUrl(name: string): string {
    return `${this.#origin}/${name}.git`;
  }

  /** Lets time pass: what is made later is dated later. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Makes `owner/name` with these files on `main`. */
  createRepository(name: string, files: Readonly<Record<string, string>>): HostedRepository {
    const folder = path.join(this.#folder, `${name}.git`);
    const repository = new HostedRepository(name, folder, () => this.#now);
    this.#repositories.set(name.toLowerCase(), repository);
    this.human(repository, "founder").push("main", files, "the beginning");
    return repository;
  }

  /** Forgets a repository and its files. */
  async removeRepository({ owner, name }: HostedRepository): Promise<void> {
    this.#repositories.delete(`${owner}/${name}`.toLowerCase());
    await rm(path.join(this.#folder, `${owner}/${name}.git`), { recursive: true, force: true });
  }

  /** Somebody who works there; a login that ends with `[bot]` is a bot. */
  human(repository: HostedRepository, login: string): Human {
    const id = createHash("sha1").update(login).digest().readUInt16BE();
    const person: Actor = { login, type: "User", id, name: login, email: `${login}@example.com` };
    return new Human(repository, login.endsWith("[bot]") ? bot(login, id) : person);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
    await rm(this.#folder, { recursive: true, force: true });
  }

  #find(owner: string, name: string): HostedRepository {
    const found = this.#repositories.get(`${owner}/${name}`.toLowerCase());
    if (found === undefined) throw new Refusal(404, "Not Found");
    return found;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.#origin);
    try {
      const body = await buffer(request);
      if (url.pathname.startsWith("/api/")) await this.#api(request, response, { url, body });
      else await this.#git(request, response, { url, body });
    } catch (error) {
      this.violations.push(
        `the stand-in failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      response.destroy();
    }
  }

  async #api(
    request: IncomingMessage,
    response: ServerResponse,
    { url, body }: { url: URL; body: Buffer },
  ): Promise<void> {
    const method = String(request.method).toLowerCase();
    const json: unknown = body.length === 0 ? undefined : JSON.parse(body.toString("utf8"));
    const isGraphQl = url.pathname === "/api/graphql";
    const matched = this.#contract.match(method, url.pathname.replace(/^\/api\/v3/u, ""));
    const operation = isGraphQl ? kindOfGraphQl(json) : (matched?.operation ?? `${method} ${url.pathname}`);
    const token = tokenOf(request);
    const actor = this.#actors.get(token);
    const isWrite = isGraphQl ? operation === "graphql mutation" : method !== "get";
    const call: Call = { operation, isWrite, actor: loginOf(actor), status: 0 };
    const fault = this.faults.note(call);
    await this.faults.intercepted(call);
    const send = (status: number, content: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      call.status = status;
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
      response.end(status === 204 ? undefined : JSON.stringify(content));
    };
    if (fault?.when === "before") return fail(fault, response, send);
    const query = Object.fromEntries(url.searchParams);
    const answer = isGraphQl
      ? await this.#graphql(json, actor, token)
      : this.#rest(matched, { query, body: json, actor, token, operation });
    if (fault?.when === "after") return fail(fault, response, send);
    send(answer.status, answer.body, { ...RATE, ...linkOf(url, answer) });
  }

  async #graphql(body: unknown, actor: Actor | undefined, token: string): Promise<{ status: number; body: unknown }> {
    if (actor === undefined) return { status: 401, body: { message: "Bad credentials" } };
    if (this.isOld && isRecord(body) && /\bupdateRefs\b/u.test(String(body["query"])))
      return { status: 200, body: UNKNOWN };
    const answer = await answerGraphQl(isRecord(body) ? body : {}, {
      actor,
      find: (owner, name) => this.#find(owner, name),
      violated: (what) => this.violations.push(what),
      may: (permission) => this.#may(token, permission),
      rateLimit: () => ({ ...LIMIT, cost: 1, nodeCount: 1, resetAt: new Date(LIMIT.reset * 1000).toISOString() }),
    });
    return { status: 200, body: answer };
  }

  #rest(matched: ReturnType<Contract["match"]>, asked: Asked): { status: number; body: unknown } {
    if (matched === undefined) {
      this.violations.push(`${asked.operation}: the stand-in does not know it`);
      return { status: 404, body: { message: "Not Found" } };
    }
    const wrong = this.#contract.checkRequest(matched, asked.query, asked.body);
    if (wrong.length > 0) {
      this.violations.push(...wrong.map((what) => `${matched.operation}: ${what}`));
      return { status: 422, body: { message: "Invalid request.", errors: wrong } };
    }
    try {
      const { status, body } = this.#act(matched.operation, matched.path, asked);
      const whole = status === 204 ? undefined : this.#contract.complete(matched.operation, status, body);
      const content: unknown = whole === undefined ? undefined : JSON.parse(JSON.stringify(whole));
      const broken = status === 204 ? [] : this.#contract.checkResponse(matched.operation, status, content);
      this.violations.push(...broken.map((what) => `${matched.operation}: ${what}`));
      return { status, body: content };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const errors = error.errors.length > 0 ? { errors: error.errors } : {};
      return {
        status: error.status,
        body: { message: error.message, ...errors, documentation_url: "https://docs.github.com/rest" },
      };
    }
  }

  #act(operation: string, place: Readonly<Record<string, string>>, asked: Asked): { status: number; body: unknown } {
    if (/\/(?:installation|access_tokens)$/u.test(operation)) return this.#actAsApp(place, asked);
    if (asked.actor === undefined) throw new Refusal(401, "Bad credentials");
    if (operation === "get /rate_limit")
      return { status: 200, body: { resources: { core: LIMIT, search: LIMIT, graphql: LIMIT }, rate: LIMIT } };
    const handlers: Readonly<Record<string, (typeof REST)[keyof typeof REST] | undefined>> = REST;
    const handler = handlers[operation];
    if (handler === undefined) throw new Error(`nothing does ${operation}`);
    const repository = this.#find(place["owner"] ?? "", place["repo"] ?? "");
    const body: Json = Array.isArray(asked.body) ? { list: asked.body } : isRecord(asked.body) ? asked.body : {};
    const permission = permissionFor(operation);
    if (permission !== undefined && !this.#may(asked.token, permission)) {
      throw new Refusal(403, "Resource not accessible by integration");
    }
    const may = (wanted: string): boolean => this.#may(asked.token, wanted);
    return handler({ may, repository, actor: asked.actor, path: place, query: asked.query, body });
  }

  /** What the App does by its key: finding its installation, and minting tokens. */
  #actAsApp(place: Readonly<Record<string, string>>, asked: Asked): { status: number; body: unknown } {
    this.#checkKey(asked.token);
    if (place["repo"] === undefined) return this.#mint(isRecord(asked.body) ? asked.body : {});
    this.#find(place["owner"] ?? "", place["repo"]);
    return { status: 200, body: { id: this.app.installation, app_id: this.app.id } };
  }

  /** Refuses whoever did not sign with the App's key. */
  #checkKey(jwt: string): void {
    const [head = "", claims = "", signature = ""] = jwt.split(".");
    const key = createPublicKey(this.app.privateKey);
    const isSigned = verify("RSA-SHA256", Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"));
    if (!isSigned) throw new Refusal(401, "A JSON web token could not be decoded");
  }

  #may(token: string, permission: string): boolean {
    return this.#permissions.get(token)?.has(permission) ?? true;
  }

  /** A token of the App's installation. */
  #mint(asked: Json): { status: number; body: unknown } {
    this.minted.push(asked);
    const permissions = isRecord(asked["permissions"]) ? Object.keys(asked["permissions"]) : [...this.granted];
    if (permissions.some((permission) => !this.granted.has(permission))) {
      throw new Refusal(422, "The permissions requested are not granted to this installation.");
    }
    const token = `ghs_minted${this.#actors.size}`;
    this.mintedTokens.push(token);
    this.#permissions.set(token, new Set(permissions));
    this.#actors.set(token, APP);
    return { status: 201, body: { token, expires_at: new Date(Date.now() + 3_600_000).toISOString() } };
  }

  async #git(
    request: IncomingMessage,
    response: ServerResponse,
    { url, body }: { url: URL; body: Buffer },
  ): Promise<void> {
    const actor = this.#actors.get(passwordOf(request));
    const isPush = url.pathname.endsWith("/git-receive-pack");
    const call = {
      operation: `git ${path.basename(url.pathname)}`,
      isWrite: isPush,
      actor: loginOf(actor),
      status: 0,
    };
    const plan = this.faults.note(call);
    await this.faults.intercepted(call);
    const send = (status: number, content: string | Buffer, headers: Readonly<Record<string, string>> = {}): void => {
      call.status = status;
      response.writeHead(status, headers).end(content);
    };
    const failed = (found: FaultPlan): void => fail(found, response, (status, _, headers) => send(status, "", headers));
    if (plan?.when === "before") return failed(plan);
    if (actor === undefined) return send(401, "", { "www-authenticate": 'Basic realm="GitHub"' });
    const refused = this.#refusedGit(url.pathname, isPush);
    if (refused !== undefined) return send(...refused);
    const { status, headers, content } = await this.#cgi(request, { url, body, root: this.#folder, user: actor.login });
    if (isPush) for (const repository of this.#repositories.values()) repository.settle();
    if (plan?.when === "after") return failed(plan);
    send(status, content, headers);
  }

  /** What git says it can is the same for every repository here: one process fewer for each fetch. */
  async #cgi(request: IncomingMessage, asked: Parameters<typeof cgi>[1]): Promise<CgiAnswer> {
    const isGreeting = asked.url.search === "?service=git-upload-pack";
    if (!isGreeting || request.headers["git-protocol"] !== "version=2") return await cgi(request, asked);
    const answer = this.#greeting ?? (await cgi(request, asked));
    if (answer.status === 200) this.#greeting = answer;
    return answer;
  }

  #refusedGit(pathname: string, isPush: boolean): [number, string] | undefined {
    const [, owner = "", name = ""] = pathname.split("/");
    const repository = this.#repositories.get(`${owner}/${name.replace(/\.git$/u, "")}`.toLowerCase());
    if (repository === undefined) return [404, "Repository not found."];
    return repository.isArchived && isPush ? [403, "This repository was archived so it is read-only."] : undefined;
  }
}

const UNKNOWN = {
  errors: [
    {
      path: ["mutation", "updateRefs"],
      extensions: { code: "undefinedField", typeName: "Mutation", fieldName: "updateRefs" },
      message: "Field 'updateRefs' doesn't exist on type 'Mutation'",
    },
  ],
};
const RATE = {
  "x-ratelimit-limit": String(LIMIT.limit),
  "x-ratelimit-remaining": String(LIMIT.remaining),
  "x-ratelimit-used": String(LIMIT.used),
  "x-ratelimit-reset": String(LIMIT.reset),
};

/** Where a list goes on, as long as its pages are full. */
function linkOf(url: URL, { body }: { readonly body: unknown }): Readonly<Record<string, string>> {
  const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), 100);
  if (!Array.isArray(body) || body.length < size) return {};
  const next = new URL(url);
  next.searchParams.set("page", String(Number(url.searchParams.get("page") ?? 1) + 1));
  return { link: `<${next.href}>; rel="next"` };
}

/** What a token needs for an operation; comments and labels are both of issues and of pull requests. */
function permissionFor(operation: string): string | undefined {
  if (/\/issues(?:\/\{issue_number\})?$/u.test(operation)) return "issues";
  if (/\/pulls\b/u.test(operation)) return "pull_requests";
  return /\/(?:git|compare)\//u.test(operation) ? "contents" : undefined;
}

function loginOf(actor: Actor | undefined): string {
  return actor?.login ?? "";
}

function kindOfGraphQl(body: unknown): string {
  return isRecord(body) && /^\s*mutation\b/u.test(String(body["query"])) ? "graphql mutation" : "graphql query";
}

function tokenOf({ headers }: IncomingMessage): string {
  return /^(?:token|bearer) (.+)$/iu.exec(headers.authorization ?? "")?.[1] ?? "";
}

function passwordOf({ headers }: IncomingMessage): string {
  const encoded = (headers.authorization ?? "").replace(/^basic /iu, "");
  const credentials = Buffer.from(encoded, "base64").toString("utf8");
  return credentials.slice(credentials.indexOf(":") + 1);
}

interface Asked {
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly actor: Actor | undefined;
  readonly token: string;
  readonly operation: string;
}

function fail(
  { fault }: FaultPlan,
  response: ServerResponse,
  send: (status: number, content: unknown, headers?: Readonly<Record<string, string>>) => void,
): void {
  if (fault.kind === "cut") response.destroy();
  else if (fault.kind === "cut-answer") {
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": "1000" });
    response.write('{"data"', () => response.destroy());
  } else {
    const said = { message: fault.message, documentation_url: "https://docs.github.com/rest" };
    send(fault.status, fault.body ?? said, fault.headers);
  }
}

interface CgiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
}

async function cgi(
  request: IncomingMessage,
  { url, body, root, user }: { readonly url: URL; readonly body: Buffer; readonly root: string; readonly user: string },
): Promise<CgiAnswer> {
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      CONTENT_LENGTH: String(body.length),
      REMOTE_USER: user,
    },
  });
  child.stdin.on("error", () => {}).end(body);
  const output = await buffer(child.stdout);
  const end = output.indexOf("\r\n\r\n");
  const lines = output
    .toString("latin1", 0, end)
    .split("\r\n")
    .map((line) => line.split(": "));
  const headers = Object.fromEntries(lines.map(([name = "", value = ""]) => [name.toLowerCase(), value]));
  const status = Number((headers["status"] ?? "200").slice(0, 3));
  delete headers["status"];
  return { status, headers, content: output.subarray(end + 4) };
}

/**
 * Starts an empty GitHub on a free port of 127.0.0.1; `description` is what `githubDescription` found.
 *
 * @param now milliseconds since the epoch: its time, which passes only by `advance`
 */
export async function startGitHub(description: { readonly file: string }, now = Date.now()): Promise<GitHubStandIn> {
  const contract = await readContract(description.file);
  return new GitHubStandIn(contract, await mkdtemp(path.join(tmpdir(), "netlearn-github-")), now).listen();
}

/** Several at the same time, each with faults of its own. */
export async function startGitHubs(
  count: number,
  description: { readonly file: string },
): Promise<readonly GitHubStandIn[]> {
  const now = Date.now();
  return await Promise.all(Array.from({ length: count }, () => startGitHub(description, now)));
}
