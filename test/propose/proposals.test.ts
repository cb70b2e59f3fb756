import { describe, expect, it } from "vitest";
import type { PlannedUnit } from "../../src/gitops/plan/plan.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import type { RenderCheck } from "../../src/model/placement.ts";
import type { Stage } from "../../src/model/proposal.ts";
import { proposalsOf } from "../../src/propose/proposals.ts";
import { someSuggestion } from "../support/fixtures.ts";
import { repositoryOf } from "../support/repository.ts";

const CHECK: RenderCheck = { by: ["netlearn"], differences: [], unsure: [] };
const suggestion = someSuggestion();
const context = {
  suggestion,
  cluster: undefined,
  observed: suggestion.graph,
  uses: [],
  decisions: [],
  pending: [],
  base: { repository: repositoryOf({}), branch: "main" },
  clusterName: "",
};

/** Of pods that nobody has: it means nothing to anybody. */
function unitOf(stage: Stage, more: Partial<PlannedUnit> = {}): PlannedUnit {
  const metadata = {
    name: "netlearn-nobody",
    namespace: "shop",
    labels: { "app.kubernetes.io/managed-by": "netlearn" },
  };
  const spec = { podSelector: { matchLabels: { app: "nobody" } }, policyTypes: ["Ingress"] as const, ingress: [{}] };
  const manifest: NetworkPolicy = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec };
  const path = "apps/netlearn-nobody.yaml";
  return {
    unit: { base: "main", cluster: "", namespace: "shop", stage },
    branch: `netlearn/_/shop/${stage}`,
    changes: [{ kind: "write", path, text: "kind: NetworkPolicy\n", before: undefined, owner: "netlearn" }],
    files: [{ name: "netlearn-nobody.yaml", manifests: [manifest], workload: undefined }],
    refused: [],
    check: CHECK,
    removed: [],
    placed: { places: [], removed: new Set() },
    ...more,
  };
}

async function proposed(units: readonly PlannedUnit[], checks?: readonly RenderCheck[]) {
  const asked: string[][] = [];
  const plan = { namespaces: ["shop"], units, places: [], unplaced: [], stale: [], standing: [] };
  const checksOf = async (some: readonly unknown[]) => {
    asked.push(units.filter((unit) => some.includes(unit)).map(({ branch }) => branch));
    return await Promise.resolve(checks ?? []);
  };
  const proposals = await proposalsOf(plan, context, checksOf);
  return { proposals, asked, branches: proposals.map(({ branch }) => branch) };
}

describe("which units are proposed", () => {
  it("not a first step that lets nobody in: it comes with the next one, and is not rendered", async () => {
    const { branches, asked } = await proposed([unitOf("widen"), unitOf("narrow")]);
    expect(branches).toEqual(["netlearn/_/shop/narrow"]);
    expect(asked).toEqual([branches]);
  });

  it("a first step of which a person has to write some", async () => {
    const refused = [{ path: "apps/kustomization.yaml", message: "It is no YAML.", patch: "" }];
    expect((await proposed([unitOf("widen", { refused })])).branches).toEqual(["netlearn/_/shop/widen"]);
  });

  it("none that changes nothing", async () => {
    expect((await proposed([unitOf("narrow", { changes: [] })])).branches).toEqual([]);
  });

  it("with what was found where they were checked once more", async () => {
    const check = { ...CHECK, differences: ["ConfigMap old is another."] };
    const { proposals } = await proposed([unitOf("widen"), unitOf("narrow"), unitOf("enforce")], [CHECK, check]);
    expect(proposals.map((proposal) => [proposal.branch, proposal.check.differences.length])).toEqual([
      ["netlearn/_/shop/narrow", 0],
      ["netlearn/_/shop/enforce", 1],
    ]);
  });
});
