import { beforeAll, describe, expect, inject, it } from "vitest";
import type { RenderCheck } from "../../src/model/placement.ts";
import type { Repository } from "../../src/model/repository.ts";
import { changed, proposedFile } from "../gitops/place/repositories.ts";
import { tampered, unitAt } from "../gitops/tools/units.ts";
import { CHARTS, type ChartCase } from "../support/charts.ts";
import { type OnlyTool, onlyTool } from "../support/only-tool.ts";
import { repositoryOf } from "../support/repository.ts";

const helm = inject("helm");
const FILES = [proposedFile("cart"), proposedFile("db")];
const BY = ["netlearn", "helm v3.21"];

describe.skipIf(helm.state === "absent")("helm renders what is proposed", () => {
  let render: OnlyTool["render"];

  beforeAll(async () => {
    const tool = await onlyTool("helm", helm);
    ({ render } = tool);
    return tool.remove;
  });

  function chart(more: Readonly<Record<string, string>> = {}): { repository: Repository; given: ChartCase } {
    const { comments: given } = CHARTS;
    if (given === undefined) throw new Error("there is no such fixture");
    return { repository: repositoryOf({ ...given.texts, ...more }), given };
  }

  /** What it could not say without helm is told apart by its prefix. */
  const verified: RenderCheck = { by: BY.map((each) => expect.stringContaining(each)), differences: [], unsure: [] };

  it.each(Object.entries(CHARTS))("git rule 24: %s", async (_, { placement, texts }) => {
    const repository = repositoryOf(texts);
    const unit = unitAt(repository, placement, FILES);
    expect(unit.check.unsure).not.toEqual([]);
    expect(await render(repository, unit)).toEqual(verified);
    const after = changed(repository, unit.changes);
    expect(await render(after, unitAt(after, placement, [proposedFile("cart", "another reason")]))).toEqual(verified);
  });

  it("git rule 24: an object of people that would be another is told", async () => {
    const { repository, given } = chart();
    const file = "charts/shop/templates/config.yaml";
    const before = given.texts[file] ?? "";
    const text = before.replace("level:", "levels:");
    const { differences } = await render(
      repository,
      tampered(unitAt(repository, given.placement, FILES), {
        kind: "write",
        path: file,
        text,
        before,
        owner: "person",
      }),
    );
    expect(differences).toEqual([
      expect.stringMatching(/^With helm v3.*: ConfigMap \/release-config of charts\/shop with .* would no longer/u),
      expect.stringMatching(/^With helm v3.*: ConfigMap \/release-config of charts\/shop with .* nobody meant it/u),
    ]);
  });

  it("git rule 24: a chart that fails over what is written is told", async () => {
    const guard = '{{ if .Values.netlearn }}{{ fail "nothing else, please" }}{{ end }}';
    const { repository, given } = chart({ "charts/shop/templates/guard.yaml": guard });
    const { differences } = await render(repository, unitAt(repository, given.placement, FILES));
    expect(differences).toEqual([
      expect.stringMatching(/could no longer be rendered by helm v3.*nothing else, please/u),
    ]);
  });

  it("does not take passwords and names that are made up anew each time for differences", async () => {
    const secret =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: made}\nstringData:\n  password: {{ randAlphaNum 20 | quote }}\n";
    const job = 'apiVersion: batch/v1\nkind: Job\nmetadata: {name: "job-{{ randAlphaNum 8 | lower }}"}\n';
    const { repository, given } = chart({
      "charts/shop/templates/secret.yaml": secret,
      "charts/shop/templates/job.yaml": job,
    });
    const { by, differences, unsure } = await render(repository, unitAt(repository, given.placement, FILES));
    expect(by).toHaveLength(2);
    expect(differences).toEqual([]);
    expect(unsure).toEqual([
      expect.stringMatching(/comes out otherwise each time helm v3.*: 2 of its objects were not/u),
    ]);
  });

  it("is unsure of a chart whose dependencies are not here, and fetches none", async () => {
    const dependencies = 'dependencies: [{name: redis, version: 1.0.0, repository: "http://127.0.0.1:9/charts"}]\n';
    const { given } = chart();
    const file = "charts/shop/Chart.yaml";
    const repository = repositoryOf({ ...given.texts, [file]: `${given.texts[file] ?? ""}${dependencies}` });
    const { by, differences, unsure } = await render(repository, unitAt(repository, given.placement, FILES));
    expect({ by, differences }).toEqual({ by: ["netlearn"], differences: [] });
    expect(unsure).toContainEqual(expect.stringMatching(/can't be rendered by helm v3.*, as it stands: .*redis/u));
  });

  it("says that values switch what is written off", async () => {
    const { repository, given } = chart({ "charts/shop/templates/off.yaml": '{{ $_ := set .Values "netlearn" nil }}' });
    const { differences } = await render(repository, unitAt(repository, given.placement, FILES));
    expect(differences).toEqual([expect.stringContaining("charts/shop/values.yaml would come to 0 objects, not to 2")]);
  });
});
