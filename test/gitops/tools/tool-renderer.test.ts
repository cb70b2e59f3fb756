import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UnitToRender } from "../../../src/gitops/plan/plan.ts";
import { toolRenderer } from "../../../src/gitops/tools/tool-renderer.ts";
import type { FileChange, Repository } from "../../../src/model/repository.ts";
import { repositoryOf } from "../../support/repository.ts";
import { type FakeCommands, fakeCommands } from "../../testbed/fake-commands.ts";
import { hasKubectl, isCi } from "../place/kubectl.ts";
import { CONFIG_MAP, changed, FILES, LAYOUTS, layout, proposedFile } from "../place/repositories.ts";
import { MODULE, OVERLAY, renderer, tampered, unitAt } from "./units.ts";

const hasTerraform = spawnSync("terraform", ["version"]).status === 0;
/** A folder alone on PATH, whatever else is installed. */
const onlyReal = (name: string) => {
  const found = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
  return { PATH: path.dirname(found) };
};

function write(file: string, text: string, before?: string): FileChange {
  return { kind: "write", path: file, text, before, owner: "person" };
}

it.runIf(isCi)("kubectl and terraform are there under CI", () => {
  const why = "kubectl or terraform is not on PATH: install them, else no real tool is asked";
  expect([hasKubectl, hasTerraform], why).toEqual([true, true]);
});

describe.skipIf(!hasKubectl)("with kubectl (skipped where kubectl is not on PATH)", () => {
  const env = hasKubectl ? onlyReal("kubectl") : {};
  const byKubectl = expect.stringMatching(/^kubectl kustomize v\d/u);

  it.each(Object.keys(LAYOUTS))(
    "git rule 24: %s: what was meant is rendered, and nothing is left unsure",
    async (name) => {
      const repository = layout(name);
      const check = await renderer({ env })(repository, unitAt(repository, OVERLAY));
      expect(check).toEqual({ by: ["netlearn", byKubectl], differences: [], unsure: [] });
    },
  );

  it("git rule 24: files that are written anew and files that go", async () => {
    const empty = layout("comments everywhere");
    const before = changed(empty, unitAt(empty, OVERLAY, [...FILES, proposedFile("db")]).changes);
    const unit = unitAt(before, OVERLAY, [...FILES.slice(1), proposedFile("db", "another reason")]);
    expect(unit.changes.map(({ kind, path: file }) => `${kind} ${path.basename(file)}`)).toEqual([
      "write kustomization.yaml",
      "delete netlearn-cart.yaml",
      "write netlearn-db.yaml",
    ]);
    const check = await renderer({ env })(before, unit);
    expect(check).toEqual({ by: ["netlearn", byKubectl], differences: [], unsure: [] });
  });

  it("git rule 24: an object of people that would change, and one that nobody meant, are told", async () => {
    const repository = layout("comments everywhere");
    const given = CONFIG_MAP.replace("a: b", "a: c").replace("name: old", "name: new");
    const check = await renderer({ env })(
      repository,
      tampered(unitAt(repository, OVERLAY), write("app/old.yaml", given, CONFIG_MAP)),
    );
    expect(check.differences).toEqual([
      expect.stringMatching(
        /^With kubectl kustomize v.*ConfigMap shop\/old of app\/kustomization.yaml would no longer/u,
      ),
      expect.stringMatching(
        /^With kubectl kustomize v.*ConfigMap shop\/new of .* would be there, and nobody meant it/u,
      ),
    ]);
  });

  it("git rule 24: a patch of people that reaches a policy of ours is told, which the own reader can't see", async () => {
    const repository = repositoryOf({
      "app/old.yaml": CONFIG_MAP,
      "app/kustomization.yaml":
        "resources: [old.yaml]\npatches:\n- target: {kind: NetworkPolicy}\n  patch: |\n    - op: remove\n      path: /spec/ingress\n",
    });
    const unit = unitAt(repository, OVERLAY);
    expect(unit.check).toMatchObject({ differences: [], unsure: [expect.stringContaining("`patches`")] });
    const check = await renderer({ env })(repository, unit);
    expect(check.differences).toEqual([expect.stringMatching(/NetworkPolicy shop\/netlearn-cart .*another `spec`/u)]);
    expect(check.unsure).toEqual([]);
  });

  it("git rule 24: an object of ours that people have already is told", async () => {
    const cart = JSON.stringify(FILES[0]?.manifests[0]);
    const repository = repositoryOf({ "app/cart.yaml": cart, "app/kustomization.yaml": "resources: [cart.yaml]\n" });
    const check = await renderer({ env })(repository, unitAt(repository, OVERLAY));
    expect(check.differences).toContainEqual(
      expect.stringMatching(
        /^app\/kustomization.yaml could no longer be rendered by kubectl kustomize v.*already registered id/u,
      ),
    );
  });

  it("is unsure of what could not be rendered before either, and names no temporary folder", async () => {
    const repository = repositoryOf({ "app/kustomization.yaml": "resources: [gone.yaml]\n" });
    const unit = unitAt(repository, OVERLAY);
    const { by, differences, unsure } = await renderer({ env })(repository, unit);
    expect({ by, differences }).toEqual({ by: ["netlearn"], differences: [] });
    expect(unsure).toEqual([
      expect.stringMatching(/^app\/kustomization.yaml can't be rendered by kubectl kustomize v.*as it stands: /u),
      ...unit.check.unsure,
    ]);
    expect(unsure.join("\n")).not.toMatch(/netlearn-render/u);
  });

  it("gives it nothing that names an address, and says so", async () => {
    const repository = repositoryOf({ "app/kustomization.yaml": "resources: ['https://127.0.0.1:9/base']\n" });
    const { by, differences, unsure } = await renderer({ env })(repository, unitAt(repository, OVERLAY));
    expect({ by, differences }).toEqual({ by: ["netlearn"], differences: [] });
    expect(unsure).toContain(
      'app/kustomization.yaml was given to no tool, since app/kustomization.yaml names "https://127.0.0.1:9/base", which might be fetched.',
    );
  });

  it("renders each overlay that builds upon the place", async () => {
    const repository = repositoryOf({
      "app/old.yaml": CONFIG_MAP,
      "app/kustomization.yaml": "resources: [old.yaml]\n",
      "prod/kustomization.yaml": "namePrefix: p-\nresources: [../app]\n",
      "stage/kustomization.yaml": "namespace: shop\nresources: [../app]\n",
      "broken/kustomization.yaml": "resources: [../app, gone.yaml]\n",
    });
    const { by, differences, unsure } = await renderer({ env })(repository, unitAt(repository, OVERLAY));
    expect({ by, differences }).toEqual({ by: ["netlearn", byKubectl], differences: [] });
    expect(unsure).toEqual([
      expect.stringMatching(/^broken\/kustomization.yaml can't be rendered by/u),
      "broken/kustomization.yaml lists gone.yaml, which is not in the repository.",
    ]);
  });
});

describe("with stand-ins", () => {
  let commands: FakeCommands;
  let env: Readonly<Record<string, string>>;
  const repository = layout("comments everywhere");
  const unit = unitAt(repository, OVERLAY);

  beforeEach(async () => {
    commands = await fakeCommands("");
    env = { PATH: path.join(commands.folder, "bin") };
  });
  afterEach(async () => {
    await commands.remove();
  });

  /** Prints each object that it finds below the folder, as kustomize does where nothing is renamed. */
  async function kustomize(script: string): Promise<void> {
    const calls = path.join(commands.folder, "calls");
    await commands.write(
      "kustomize",
      `PATH=/usr/bin:/bin
if [ "$1" = version ]; then echo v5.0.0; exit; fi
echo "$@" >> ${calls}
objects() { find . -name '*.yaml' ! -name kustomization.yaml -exec sh -c 'echo ---; cat "$1"' _ {} ';'; }
${script}`,
    );
  }

  const calls = async (): Promise<string> => await readFile(path.join(commands.folder, "calls"), "utf8");

  it("renders a place once as it is, however many units change it, and a unit once", async () => {
    await kustomize("objects");
    const render = toolRenderer({ env });
    const other = unitAt(repository, OVERLAY, [proposedFile("db")]);
    const checks = await render(repository, [unit, other, unit]);
    expect(checks.map(({ by, differences }) => [by, differences])).toEqual(
      Array.from({ length: 3 }, () => [["netlearn", "kustomize v5.0.0"], []]),
    );
    await render(repository, [other]);
    expect(await calls()).toBe("build .\n".repeat(3));
  });

  /** Overlays that one root builds, and a unit for each. */
  function fleet(count: number): { readonly whole: Repository; readonly units: readonly UnitToRender[] } {
    const names = Array.from({ length: count }, (_, index) => `app${index}`);
    const whole = repositoryOf({
      "kustomization.yaml": `resources: [${names.join(", ")}]\n`,
      ...Object.fromEntries(
        names.flatMap((name) => [
          [`${name}/kustomization.yaml`, "resources: [old.yaml]\n"],
          [`${name}/old.yaml`, CONFIG_MAP.replace("old", name)],
        ]),
      ),
    });
    const units = names.map((name) =>
      unitAt(whole, { kind: "kustomize", kustomization: `${name}/kustomization.yaml`, by: OVERLAY.by }, [
        proposedFile(name),
      ]),
    );
    return { whole, units };
  }

  it("renders what many units add to one root together", async () => {
    await kustomize("objects");
    const { whole, units } = fleet(8);
    const checks = await toolRenderer({ env })(whole, units);
    expect(checks).toEqual(units.map(() => ({ by: ["netlearn", "kustomize v5.0.0"], differences: [], unsure: [] })));
    expect(await calls()).toBe("build .\n".repeat(2));
  });

  it("git rule 24: finds the units that render otherwise among many, and says the same as of each alone", async () => {
    await kustomize("objects | sed 's/netlearn-app[25]$/renamed/'");
    const { whole, units } = fleet(8);
    const checks = await toolRenderer({ env })(whole, units);
    expect(checks.flatMap(({ differences }, index) => (differences.length > 0 ? [index] : []))).toEqual([2, 5]);
    const alone = [];
    for (const each of units) alone.push(await renderer({ env })(whole, each));
    expect(checks).toEqual(alone);
  });

  it("asks nobody about a unit without changes", async () => {
    await kustomize("objects");
    const idle = { ...unit, changes: [] };
    expect(await renderer({ env })(repository, idle)).toBe(unit.check);
  });

  it("is as before where no tool is there", async () => {
    expect(await renderer({ env })(repository, unit)).toEqual(unit.check);
  });

  it.each([
    ["objects; sleep 1000", "it took more than 0.5 seconds"],
    ["printf 'Error: \\033]0;x\\007 <!-- @you -->\\n' >&2; exit 1", "Error: ]0;x <!-- @you -->"],
    ["echo 'a: [b'", "what it prints can't be read as YAML"],
    ["kill -9 $$", "it was ended by SIGKILL"],
  ])("is unsure where the tool fails whatever is changed: %s", async (script, because) => {
    await kustomize(script);
    expect(await renderer({ env, timeoutMs: 500 })(repository, unit)).toEqual({
      by: ["netlearn"],
      differences: [],
      unsure: [`app/kustomization.yaml can't be rendered by kustomize v5.0.0, as it stands: ${because}.`],
    });
  });

  it("git rule 24: takes for a difference what only the change keeps from being rendered", async () => {
    await kustomize("if [ -d netlearn ]; then echo 'Error: no' >&2; exit 1; fi; objects");
    expect(await renderer({ env })(repository, unit)).toEqual({
      by: ["netlearn"],
      differences: ["app/kustomization.yaml could no longer be rendered by kustomize v5.0.0: Error: no."],
      unsure: [],
    });
  });

  it("is unsure where it takes too long after the change alone", async () => {
    await kustomize("if [ -d netlearn ]; then sleep 1000; fi; objects");
    const { differences, unsure } = await renderer({ env, timeoutMs: 500 })(repository, unit);
    expect({ differences, unsure }).toEqual({
      differences: [],
      unsure: ["app/kustomization.yaml was not rendered by kustomize v5.0.0: it took more than 0.5 seconds."],
    });
  });

  it("tells the first of many differences, and how many there are", async () => {
    await kustomize(
      "if [ -d netlearn ]; then i=0; while [ $i -lt 30 ]; do printf -- '---\\nkind: A\\nmetadata: {name: n%s}\\n' $i; i=$((i+1)); done; fi; objects",
    );
    const { differences } = await renderer({ env })(repository, unit);
    expect(differences).toHaveLength(21);
    expect(differences.at(-1)).toBe("With kustomize v5.0.0: 10 more objects of app/kustomization.yaml differ.");
  });

  it("asks both where there are two", async () => {
    await kustomize("objects");
    await commands.write(
      "kubectl",
      'if [ "$1" = version ]; then echo "Kustomize Version: v4.0.0"; exit; fi; echo "Error: old" >&2; exit 1',
    );
    const { by, unsure } = await renderer({ env })(repository, unit);
    expect(by).toEqual(["netlearn", "kustomize v5.0.0"]);
    expect(unsure).toEqual([
      "app/kustomization.yaml can't be rendered by kubectl kustomize v4.0.0, as it stands: Error: old.",
    ]);
  });

  it("says that Terraform refuses a file of ours", async () => {
    await commands.write(
      "tofu",
      'if [ "$1" = version ]; then echo v1.9.0; exit; fi; echo "Error: Invalid" >&2; exit 2',
    );
    const module = repositoryOf({ "infra/main.tf": "" });
    const { by, differences } = await renderer({ env })(module, unitAt(module, MODULE));
    expect({ by, differences }).toEqual({
      by: ["netlearn"],
      differences: ["infra/netlearn.tf is refused by tofu fmt v1.9.0: Error: Invalid."],
    });
  });
});

describe.skipIf(!hasTerraform)("with terraform (skipped where terraform is not on PATH)", () => {
  it("reads a file of ours as it is, and only a plan tells more", async () => {
    const module = repositoryOf({ "infra/main.tf": "" });
    const check = await renderer({ env: onlyReal("terraform") })(module, unitAt(module, MODULE));
    expect(check.differences).toEqual([]);
    expect(check.unsure).toEqual([
      expect.stringMatching(
        /^infra\/netlearn.tf was read and not rendered: terraform fmt v.* takes it as it is; only/u,
      ),
    ]);
  });
});
