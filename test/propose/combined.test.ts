import { describe, expect, it } from "vitest";
import { type PlanInput, planUnits, type UnitToRender } from "../../src/gitops/plan/plan.ts";
import type { RenderCheck } from "../../src/model/placement.ts";
import { combinedChanges } from "../../src/propose/combined.ts";
import { denyFile, inputOf, REPOSITORY } from "../gitops/plan/worlds.ts";

const SAME: RenderCheck = { by: ["kustomize v5"], differences: [], unsure: [] };
const OTHER: RenderCheck = { ...SAME, differences: ["With kustomize v5: ConfigMap old is another."] };

function inputAt(shop: string, pay: string): PlanInput {
  const mappings = [
    { namespace: "shop", path: shop },
    { namespace: "pay", path: pay },
  ];
  return inputOf({ mappings, repository: REPOSITORY, wanted: [denyFile("shop"), denyFile("pay")] });
}

/** Paths, and what was rendered for them. */
async function combined(input: PlanInput, check: RenderCheck) {
  const rendered: UnitToRender[] = [];
  const changes = await combinedChanges(input, planUnits(input).units, async (units) => {
    rendered.push(...units);
    return units.map(() => check);
  });
  return { paths: changes.map(({ path }) => path), rendered };
}

describe("changes of several units as one", () => {
  it("are rendered once more where two of them change one file", async () => {
    const { paths, rendered } = await combined(inputAt("kustomize/one", "kustomize/one"), SAME);
    expect(paths).toEqual([
      "kustomize/one/kustomization.yaml",
      "kustomize/one/netlearn/kustomization.yaml",
      "kustomize/one/netlearn/netlearn-default-deny~pay.yaml",
      "kustomize/one/netlearn/netlearn-default-deny~shop.yaml",
    ]);
    expect(rendered.map(({ changes }) => changes.map(({ path }) => path))).toEqual([paths]);
  });

  it("were checked with their units where they meet nowhere", async () => {
    const { paths, rendered } = await combined(inputAt("kustomize/one", "plain/one"), OTHER);
    expect(paths).toContain("plain/one/netlearn-default-deny.yaml");
    expect(rendered).toEqual([]);
  });

  it("are none where they come to something else together, with the way out", async () => {
    await expect(combined(inputAt("kustomize/one", "kustomize/one"), OTHER)).rejects.toMatchObject({
      code: "NETLEARN_PROOF_BROKEN",
      message: "the changes do not fit together: With kustomize v5: ConfigMap old is another.",
      hint: "take one namespace at a time, with --namespace",
    });
  });
});
