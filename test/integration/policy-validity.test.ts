import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { policyTypesOf } from "../../src/evaluator/network/policy.ts";
import { presentParts } from "../../src/evaluator/network/present.ts";
import { newerProblemsOf, problemsOf } from "../../src/evaluator/network/problems.ts";
import type { NetworkPolicy, NetworkPolicyPort, NetworkPolicySpec } from "../../src/model/manifest.ts";
import type { ApiAnswer, ApiClient } from "../testbed/api-client.ts";
import { type Apiserver, startApiserver } from "../testbed/apiserver.ts";
import { isObject, type Json } from "./json.ts";
import { NAMESPACE, type PolicyCase, policyOf, TEXTS, tableOfCases } from "./policy-cases.ts";
import { randomCases } from "./random-policies.ts";

const part = inject("apiserver");
/** How many policies are made up; set NETLEARN_SOAK to a larger number to look for trouble. */
const COUNT = Math.max(3000, 20 * Number(process.env["NETLEARN_SOAK"] ?? 0));
const CASES = [...tableOfCases(), ...randomCases("validity", COUNT)];

/** What a server said to each case. */
type Answers = readonly (readonly [PolicyCase, ApiAnswer])[];

/** Asks about every case, without keeping anything. */
async function answersOf(server: Apiserver): Promise<Answers> {
  const client = server.client("admin");
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const answers: (readonly [PolicyCase, ApiAnswer])[] = [];
  const rest = CASES.entries();
  const ask = async (): Promise<void> => {
    for (const [index, one] of rest) answers[index] = [one, await dryRun(client, one.policy)];
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return answers;
}

function dryRun(client: ApiClient, policy: Json): Promise<ApiAnswer> {
  return client.send({
    method: "POST",
    path: `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies`,
    query: "dryRun=All&fieldValidation=Strict",
    content: { type: "application/json", body: JSON.stringify(policy) },
  });
}

/** The boundary: what a file holds need not be a policy. */
function asPolicy(written: Json): NetworkPolicy {
  return written as unknown as NetworkPolicy;
}

const isTaken = ({ status }: ApiAnswer): boolean => status === 201;

/** The field is gone since Kubernetes 1.28, whatever validation of addresses there is. */
function hasStatus(policy: Json): boolean {
  return isObject(policy) && "status" in policy;
}

/** The cases in which a list of problems and an answer do not go together. */
function disagreements(answers: Answers, problems: (policy: NetworkPolicy) => readonly string[]): string[] {
  return answers.flatMap(([{ what, policy }, answer]) => {
    const found = problems(asPolicy(policy));
    if (isTaken(answer) === (found.length === 0)) return [];
    const said = JSON.stringify(answer.body).slice(0, 300);
    return [
      `${what}: the server says ${answer.status} ${said}, netlearn ${JSON.stringify(found)}: ${JSON.stringify(policy).slice(0, 600)}`,
    ];
  });
}

/**
 * Where netlearn deliberately refuses what older servers take, since plugins do not read it alike or not at all: leading
 * zeros are decimal to some and octal to others, and a block of all IPv4 in IPv6 is of neither family.
 */
const AMBIGUOUS = /"(0\d|[^"]*[./]0\d|::ffff:)/u;

/** A spec with its defaults and without empty parts, as the server stores it and as netlearn reads it. */
function readingOf({ spec: written }: { readonly spec?: NetworkPolicySpec }): unknown {
  const spec = presentParts(written ?? {});
  const ports = (entries: readonly NetworkPolicyPort[] = []): unknown =>
    entries.map((entry) => ({ protocol: "TCP", ...entry }));
  return withoutEmpties({
    podSelector: spec.podSelector ?? {},
    policyTypes: policyTypesOf(spec),
    ingress: spec.ingress?.map((rule) => ({ ...rule, ports: ports(rule.ports) })),
    egress: spec.egress?.map((rule) => ({ ...rule, ports: ports(rule.ports) })),
  });
}

/** Empty lists and maps are not written by the server. An empty peer or selector says something, and stays. */
function withoutEmpties(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpties);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, held]) =>
      held !== undefined && !(key === "matchLabels" && isEmpty(held)) && !(Array.isArray(held) && isEmpty(held)),
  );
  return Object.fromEntries(kept.map(([key, held]) => [key, withoutEmpties(held)]));
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

describe.skipIf(part.state === "absent")("a policy that netlearn says the API server would refuse", () => {
  let server: Apiserver;
  let olderServer: Apiserver;
  let answers: Answers = [];
  let older: Answers = [];
  beforeAll(
    async () => {
      server = await startApiserver(part);
      answers = await answersOf(server);
      // What servers before Kubernetes 1.36 do by default.
      olderServer = await startApiserver(part, { flags: ["--feature-gates=StrictIPCIDRValidation=false"] });
      older = await answersOf(olderServer);
    },
    60_000 + 60 * CASES.length,
  );
  afterAll(() => Promise.all([server?.stop(), olderServer?.stop()]));

  it("was asked about, among good ones", () => {
    const taken = answers.filter(([, answer]) => isTaken(answer)).length;
    console.log(`${answers.length} policies, of which the server takes ${taken}`);
    expect(answers.length).toBeGreaterThan(5000);
    expect(taken).toBeGreaterThan(1000);
    expect(answers.length - taken).toBeGreaterThan(1000);
    // Others would say nothing about the policy: the path, the right to ask, a fault of the server.
    const statuses = new Set([...answers, ...older].map(([, { status }]) => status));
    expect(statuses).toEqual(new Set([201, 400, 422]));
  });

  it("is refused by a server of today, and no other is", () => {
    const all = (policy: NetworkPolicy): readonly string[] => {
      const problems = problemsOf(policy);
      return problems.length > 0 ? problems : newerProblemsOf(policy);
    };
    expect(disagreements(answers, all)).toEqual([]);
  });

  it("is refused by a server of before Kubernetes 1.36 only if netlearn says so of any server", () => {
    const comparable = older.filter(([{ policy }]) => !AMBIGUOUS.test(JSON.stringify(policy)) && !hasStatus(policy));
    expect(comparable.length).toBeGreaterThan(0.95 * older.length);
    expect(disagreements(comparable, problemsOf)).toEqual([]);
    const newer = older.filter(
      ([{ policy }]) => problemsOf(asPolicy(policy)).length === 0 && newerProblemsOf(asPolicy(policy)).length > 0,
    );
    expect(newer.filter(([, answer]) => isTaken(answer)).length).toBeGreaterThan(5);
  });

  it("is, if it is taken, stored as netlearn reads it", () => {
    const taken = answers.filter(([, answer]) => isTaken(answer));
    for (const [{ what, policy }, { body }] of taken) {
      const stored = body as { readonly spec: NetworkPolicySpec };
      expect(readingOf(asPolicy(policy)), what).toEqual(withoutEmpties(stored.spec));
    }
  });

  it("may be one whose namespace no server would make", async () => {
    const client = server.client("admin");
    for (const name of TEXTS.filter((text) => text !== "")) {
      const { status } = await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, "dryRun=All");
      const problems = problemsOf(asPolicy(policyOf({}, { namespace: name })));
      // A namespace of that name may be there already: the case's own, or one of the server's.
      expect(problems.length === 0, name).toBe(status === 201 || status === 409);
    }
  });
});
