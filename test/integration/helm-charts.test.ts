import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { placeInChart } from "../../src/gitops/place/helm.ts";
import { sortedBy } from "../../src/lib/sort.ts";
import type { ProposedFile } from "../../src/model/placement.ts";
import type { Repository } from "../../src/model/repository.ts";
import { changed, proposedFile } from "../gitops/place/repositories.ts";
import { CHARTS, type ChartCase } from "../support/charts.ts";
import { randomManifest } from "../support/random-manifests.ts";
import { repositoryOf } from "../support/repository.ts";
import { outcomeOf } from "../testbed/command.ts";

const helm = inject("helm");

describe.skipIf(helm.state === "absent")("charts, rendered by helm", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "netlearn-helm-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** The objects of a release, in an order of their own. */
  async function rendered(repository: Repository, { chart, values }: ChartCase["placement"]): Promise<unknown[]> {
    if (helm.state === "absent") throw new Error(helm.why);
    const root = await mkdtemp(path.join(folder, "repository-"));
    for (const file of repository.files.values()) {
      await mkdir(path.dirname(path.join(root, file.path)), { recursive: true });
      await writeFile(path.join(root, file.path), file.text ?? "");
    }
    const given = repository.files.has(values) ? ["--values", path.join(root, values)] : [];
    const environment = { PATH: process.env["PATH"], HOME: root };
    const run = [helm.binary, "template", "rel", path.join(root, chart), ...given] as const;
    const { status, stdout, stderr } = await outcomeOf({ run, environment });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return inOrder(parseAllDocuments(stdout).map((document): unknown => document.toJS()));
  }

  function placed(repository: Repository, { placement }: ChartCase, files: readonly ProposedFile[]): Repository {
    const { changes, refused } = placeInChart(repository, { placement, files });
    expect(refused).toEqual([]);
    return changed(repository, changes);
  }

  it.each(Object.entries(CHARTS))(
    "git rule 24: renders what it did, and the policies besides: %s",
    async (_, given) => {
      const before = repositoryOf(given.texts);
      const files = [proposedFile("cart"), proposedFile("db")];
      const after = placed(before, given, files);
      const objects = await rendered(before, given.placement);
      expect(await rendered(after, given.placement)).toEqual(inOrder([...objects, ...manifestsOf(files)]));
      expect(await rendered(placed(after, given, []), given.placement)).toEqual(objects);
    },
  );

  it("renders hostile names as they are", async () => {
    const { comments: given } = CHARTS;
    if (given === undefined) throw new Error("there is no such fixture");
    const manifests = fc.sample(randomManifest.filter(isText), { numRuns: 150, seed: 11 });
    const names = ["{{ fail `x` }}", "{{", "}}", "a\n---\nb: c", "${x}", "#", "{{- /*", "\u0000", "\u2028", "yes"];
    const files = [
      ...names.map((name) => proposedFile("cart", name)).map((file, index) => renamed(file, `named-${index}`)),
      { name: "netlearn-random.yaml", manifests: distinct(manifests), workload: undefined },
    ];
    const before = repositoryOf(given.texts);
    const objects = await rendered(before, given.placement);
    const after = await rendered(placed(before, given, files), given.placement);
    expect(after).toEqual(inOrder([...objects, ...manifestsOf(files)]));
  });

  it("renders nothing of ours with other values than those it was written to", async () => {
    const given = CHARTS["a values file of an environment"];
    if (given === undefined) throw new Error("there is no such fixture");
    const before = repositoryOf(given.texts);
    const values = { ...given.placement, values: "charts/shop/values.yaml" };
    const after = placed(before, given, [proposedFile("cart")]);
    expect(await rendered(after, values)).toEqual(await rendered(before, values));
  });
});

function manifestsOf(files: readonly ProposedFile[]): unknown[] {
  return files.flatMap(({ manifests }) => manifests);
}

/** By content: fields of objects have no order. */
function inOrder(objects: readonly unknown[]): unknown[] {
  return sortedBy(objects, (object) => JSON.stringify(object, sortedFields));
}

function sortedFields(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(sortedBy(Object.entries(value), ([name]) => name));
}

function isText(manifest: object): boolean {
  return !/\\ud[89a-f]/u.test(JSON.stringify(manifest));
}

function distinct(manifests: ProposedFile["manifests"]): ProposedFile["manifests"] {
  return [
    ...new Map(
      manifests.map((one) => [JSON.stringify([one.kind, one.metadata.namespace, one.metadata.name]), one]),
    ).values(),
  ];
}

function renamed(file: ProposedFile, name: string): ProposedFile {
  const manifests = file.manifests.flatMap((one) =>
    one.kind === "NetworkPolicy" ? [{ ...one, metadata: { ...one.metadata, name } }] : [],
  );
  return { ...file, manifests };
}
