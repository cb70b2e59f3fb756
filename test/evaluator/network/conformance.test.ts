import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import type { PolicyProtocol } from "../../../src/model/flow.ts";
import type { Labels } from "../../../src/model/graph.ts";

interface Case {
  readonly name: string;
  readonly tags: readonly string[];
  readonly pods: readonly {
    readonly ns: string;
    readonly name: string;
    readonly labels: Labels;
    readonly ip: string;
    readonly hostNetwork: boolean;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: PolicyProtocol }[];
  }[];
  readonly namespaces: readonly { readonly name: string; readonly labels: Labels }[];
  readonly policies: readonly string[];
  readonly checks: readonly {
    readonly src: string;
    readonly dst: string;
    readonly protocol: PolicyProtocol;
    readonly port: number;
    readonly allowed: boolean;
  }[];
}

const root = path.resolve(import.meta.dirname, "../../..");
const shared = process.env["NETLEARN_SHARED_DATA"] ?? path.resolve(root, "../shared/data");
const file = path.join(shared, "conformance/kubernetes-e2e.json");
const isThere = existsSync(file);
if (!isThere) {
  console.warn("SKIPPED: Kubernetes' own e2e truth tables are not here; set NETLEARN_SHARED_DATA to run them.");
}
const cases: readonly Case[] = isThere ? JSON.parse(readFileSync(file, "utf8")) : [];

function end(id: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = id.split("/");
  return { namespace, name };
}

/** The checks whose verdict is not the one upstream wants, as sentences. */
function disagreements(test: Case, profile: ProfileName): readonly string[] {
  const world = compileNetworkWorld(
    {
      namespaces: test.namespaces,
      pods: test.pods.map(({ ns, ip, ...pod }) => ({ ...pod, namespace: ns, ips: [ip] })),
      policies: test.policies.map((text) => parse(text)),
    },
    profile,
  );
  expect(world.problems).toEqual([]);
  return test.checks.flatMap(({ src, dst, protocol, port, allowed }) => {
    const answer = evaluateConnection(world, { from: end(src), to: end(dst), protocol, port });
    const wanted = allowed ? "allowed" : "denied";
    return answer.verdict === wanted ? [] : [`${src} -> ${dst} ${protocol} ${port}: ${answer.verdict}, not ${wanted}`];
  });
}

describe.skipIf(!isThere)("Kubernetes' e2e truth tables", () => {
  it("are whole: 58 policy states with 506 checks, 109 of them denied", () => {
    const checks = cases.flatMap((test) => test.checks);
    console.info(`kubernetes-e2e: ${cases.length} cases, ${checks.length} checks`);
    expect(cases).toHaveLength(58);
    expect(checks).toHaveLength(506);
    expect(checks.filter(({ allowed }) => !allowed)).toHaveLength(109);
  });

  it.for(cases)("$name", (test) => {
    expect(disagreements(test, "upstream")).toEqual([]);
    expect(disagreements(test, "calico")).toEqual([]);
  });

  it("differ under Cilium in one verdict of each of the four cases in which a block holds a pod's address", () => {
    const differing = cases.flatMap((test) => {
      const found = disagreements(test, "cilium");
      return found.length === 0 ? [] : [{ tags: test.tags, found }];
    });
    expect(differing).toHaveLength(4);
    for (const { tags, found } of differing) {
      expect(tags).toContain("ipblock-vs-pod-ip");
      expect(found).toEqual([expect.stringMatching(/: denied, not allowed$/)]);
    }
  });
});
