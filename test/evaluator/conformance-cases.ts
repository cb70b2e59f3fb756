import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { ConnectionEnd, NetworkWorld, WorldNamespace, WorldPod } from "../../src/evaluator/network/world.ts";
import type { PolicyProtocol } from "../../src/model/flow.ts";

/** One state of policies of Kubernetes' own e2e tests, and who may reach whom in it. */
export interface ConformanceCase {
  readonly name: string;
  readonly tags: readonly string[];
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

const root = path.resolve(import.meta.dirname, "../..");
const shared = process.env["NETLEARN_SHARED_DATA"] ?? path.resolve(root, "../shared/data");
const file = path.join(shared, "conformance/kubernetes-e2e.json");

/** False, and said loudly, where the tables are missing. */
export const hasConformanceCases: boolean = existsSync(file);
if (!hasConformanceCases) {
  console.warn("SKIPPED: Kubernetes' own e2e truth tables are not here; set NETLEARN_SHARED_DATA to run them.");
}

export const conformanceCases: readonly ConformanceCase[] = hasConformanceCases
  ? JSON.parse(readFileSync(file, "utf8"))
  : [];

/** The cluster of a case. */
export function worldOf({ namespaces, pods, policies }: ConformanceCase): NetworkWorld {
  return {
    namespaces,
    pods: pods.map(({ ns, ip, ...pod }) => ({ ...pod, namespace: ns, ips: [ip] })),
    policies: policies.map((text) => parse(text)),
  };
}

/** `x/a` as an end of a connection. */
export function conformanceEnd(id: string): ConnectionEnd {
  const [namespace = "", name = ""] = id.split("/");
  return { namespace, name };
}
