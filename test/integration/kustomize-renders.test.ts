import { execFileSync } from "node:child_process";
import { cp } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { netlearn, ROOT } from "../end-to-end/command.ts";
import { CONFIG_MAP, LAYOUTS, layout } from "../gitops/place/repositories.ts";
import { OVERLAY, tampered, unitAt } from "../gitops/tools/units.ts";
import { type OnlyTool, onlyTool } from "../support/only-tool.ts";

const kustomize = inject("kustomize");

describe.skipIf(kustomize.state === "absent")("kustomize by itself renders what is proposed", () => {
  let folder = "";
  let render: OnlyTool["render"];

  beforeAll(async () => {
    const tool = await onlyTool("kustomize", kustomize);
    ({ folder, render } = tool);
    return tool.remove;
  });

  it.each(Object.keys(LAYOUTS))("git rule 24: %s", async (name) => {
    const repository = layout(name);
    const by = ["netlearn", expect.stringMatching(/^kustomize v\d/u)];
    expect(await render(repository, unitAt(repository, OVERLAY))).toEqual({ by, differences: [], unsure: [] });
  });

  it("git rule 24: an object of people that would be another is told", async () => {
    const repository = layout("comments everywhere");
    const text = CONFIG_MAP.replace("a: b", "a: c");
    const change = { kind: "write", path: "app/old.yaml", text, before: CONFIG_MAP, owner: "person" } as const;
    const { differences } = await render(repository, tampered(unitAt(repository, OVERLAY), change));
    expect(differences).toEqual([
      expect.stringMatching(/^With kustomize v5.*ConfigMap shop\/old .* would no longer/u),
      expect.stringMatching(/^With kustomize v5.*ConfigMap shop\/old .* nobody meant it/u),
    ]);
  });

  it("builds the bundled repository with a patch of netlearn propose", async () => {
    const fleet = path.join(folder, "fleet");
    await cp(path.join(ROOT, "examples/fleet"), fleet, { recursive: true });
    execFileSync("git", ["init", "-q", fleet]);
    const shop = path.join(ROOT, "examples/shop");
    const inputs = [path.join(shop, "flows.jsonl"), "--manifests", path.join(shop, "manifests")];
    const { code, stdout } = await netlearn(["propose", ...inputs, "--repo", fleet, "--output", "patch"]);
    expect(code).toBe(0);
    execFileSync("git", ["-C", fleet, "apply"], { input: stdout });
    const policies = (overlay: string) =>
      built(path.join(fleet, "apps/shop/overlays", overlay)).match(/^kind: NetworkPolicy$/gmu) ?? [];
    expect(policies("prod")).toHaveLength(8);
    expect(policies("staging")).toHaveLength(0);
  });

  function built(overlay: string): string {
    if (kustomize.state === "absent") throw new Error(kustomize.why);
    return execFileSync(kustomize.binary, ["build", overlay], { encoding: "utf8" });
  }
});
