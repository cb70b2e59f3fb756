import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import { PROFILES, type ProfileName } from "../../../src/evaluator/network/profile.ts";
import type { ConnectionEnd, WorldNamespace, WorldPod } from "../../../src/evaluator/network/world.ts";
import { indexNetworkWorld } from "../../../src/evaluator/network-index/index-world.ts";
import { verdictOf } from "../../../src/evaluator/network-index/verdict-of.ts";
import type { PolicyProtocol } from "../../../src/model/flow.ts";

interface Case {
  readonly name: string;
  readonly pods: readonly (Omit<WorldPod, "namespace" | "ips"> & { readonly ns: string; readonly ip: string })[];
  readonly namespaces: readonly WorldNamespace[];
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

function end(id: string): ConnectionEnd {
  const [namespace = "", name = ""] = id.split("/");
  return { namespace, name };
}

describe.skipIf(!isThere)("the index on Kubernetes' e2e truth tables", () => {
  it("is asked all 506 checks", () => {
    expect(cases.flatMap(({ checks }) => checks)).toHaveLength(506);
  });

  it.for(cases)("$name", ({ namespaces, pods, policies, checks }) => {
    const world = {
      namespaces,
      pods: pods.map(({ ns, ip, ...pod }) => ({ ...pod, namespace: ns, ips: [ip] })),
      policies: policies.map((text) => parse(text)),
    };
    for (const profile of Object.keys(PROFILES) as ProfileName[]) {
      const plain = compileNetworkWorld(world, profile);
      const index = indexNetworkWorld(world, profile);
      for (const { src, dst, protocol, port, allowed } of checks) {
        const connection = { from: end(src), to: end(dst), protocol, port };
        const verdict = verdictOf(index, connection);
        expect(verdict).toBe(evaluateConnection(plain, connection).verdict);
        if (profile === "upstream") {
          expect(verdict).toBe(allowed ? "allowed" : "denied");
        }
      }
    }
  });
});
