import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { LARGEST_TEXT } from "../../../src/gitops/hosts/interesting.ts";
import { findPlacement } from "../../../src/gitops/layout/find-placement.ts";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import { baseName, folderOf, isWithin, joined } from "../../../src/gitops/paths.ts";
import { type ManifestPlacement, type PlacedChanges, placeFiles } from "../../../src/gitops/place/place-files.ts";
import { renderKustomization } from "../../../src/gitops/render/kustomization.ts";
import { kustomizationTree } from "../../../src/gitops/render/selector-labels.ts";
import type { Placement, ProposedFile, Unplaced } from "../../../src/model/placement.ts";
import type { FileChange, Repository, RepositoryFile } from "../../../src/model/repository.ts";
import { repositoryOf } from "../../support/repository.ts";
import { hasKubectl, isCi, kubectlRenders, sorted } from "../place/kubectl.ts";
import { FILES } from "../place/repositories.ts";
import { APPLICATION_SETS } from "./fixtures/application-sets.ts";
import { ARGO } from "./fixtures/argo.ts";
import type { Ask, LayoutFixture } from "./fixtures/fixture.ts";
import { FLUX } from "./fixtures/flux.ts";
import { HOSTILE } from "./fixtures/hostile.ts";
import { KUSTOMIZE } from "./fixtures/kustomize.ts";
import { LINKS } from "./fixtures/links.ts";
import { MIXED } from "./fixtures/mixed.ts";
import { ODD_KUSTOMIZATIONS } from "./fixtures/odd-kustomizations.ts";

const FIXTURES = [
  ...KUSTOMIZE,
  ...ODD_KUSTOMIZATIONS,
  ...ARGO,
  ...APPLICATION_SETS,
  ...FLUX,
  ...MIXED,
  ...LINKS,
  ...HOSTILE,
];
const QUESTIONS = FIXTURES.flatMap(({ asks }) => asks).length;
const options = { keep: () => false, hasSelectorLabels: () => false };

/** As a host reads it: what is larger than a manifest has no text. */
function repositoryOfFixture({ files, links = {}, submodules = [] }: LayoutFixture): Repository {
  const { files: read } = repositoryOf(files, Object.keys(links));
  const modules = submodules.map((path) => ({ path, kind: "submodule", size: 0, text: undefined }) as const);
  const all: RepositoryFile[] = [...read.values(), ...modules].map((file) =>
    file.size > LARGEST_TEXT ? { ...file, text: undefined } : file,
  );
  return { commit: undefined, files: new Map(all.map((file) => [file.path, file])) };
}

function backwards(repository: Repository): Repository {
  return { ...repository, files: new Map([...repository.files].toReversed()) };
}

function answerTo(repository: Repository, { origin }: LayoutFixture, ask: Ask): Placement | Unplaced {
  const { cluster = "", namespace, kind = "Deployment", workload, mappings = [], tracking } = ask;
  const target = { cluster, namespace, workload: workload === undefined ? undefined : { kind, name: workload } };
  return findPlacement(indexRepository(repository, origin), target, mappings, tracking);
}

/** A policy and a role with its binding, named after the workload as it is. */
function filesFor({ namespace, workload = "all" }: Ask): readonly ProposedFile[] {
  const inNamespace = FILES.flatMap(({ manifests }) => manifests).map((manifest) => {
    return { ...manifest, metadata: { ...manifest.metadata, namespace } };
  });
  const [policy, ...roles] = inNamespace;
  return [
    { name: `netlearn-${workload}.yaml`, manifests: policy === undefined ? [] : [policy], workload: undefined },
    { name: `netlearn-rbac-${workload}.yaml`, manifests: roles, workload: undefined },
  ];
}

function placeOf(repository: Repository, fixture: LayoutFixture, ask: Ask): ManifestPlacement {
  const found = answerTo(repository, fixture, ask);
  if (found.kind === "plain" || found.kind === "kustomize") return found;
  throw new Error(`it is found as ${found.kind}`);
}

function kustomizationIn(placement: ManifestPlacement): string {
  return placement.kind === "kustomize" ? placement.kustomization : "";
}

/** Where files of ours go. */
function homeOf(placement: ManifestPlacement): string {
  return placement.kind === "plain" ? placement.folder : joined(folderOf(placement.kustomization), "netlearn");
}

type Named = readonly [string, Ask];

function named({ asks }: LayoutFixture): readonly Named[] {
  return asks.map((ask) => [`${ask.namespace}/${ask.workload ?? "*"} of ${ask.cluster ?? "any"}`, ask]);
}

/** Those whose answer is a place that manifests are written to. */
function written(fixture: LayoutFixture): readonly Named[] {
  return named(fixture).filter(
    ([, { expected }]) => "place" in expected && ["kustomize", "plain"].includes(expected.place.kind),
  );
}

function overlaysOf(fixture: LayoutFixture) {
  return written(fixture).flatMap(([name, ask]) => {
    const { expected } = ask;
    const isWritten = "place" in expected && expected.place.kind === "kustomize" && expected.refused === undefined;
    return isWritten ? [[name, { fixture, ask }] as const] : [];
  });
}

function planned(repository: Repository, placement: ManifestPlacement, ask: Ask): PlacedChanges {
  return placeFiles(repository, [{ placement, files: filesFor(ask) }], options);
}

function after(repository: Repository, changes: readonly FileChange[]): Repository {
  const texts = changes.flatMap((change) => (change.kind === "write" ? [[change.path, change.text] as const] : []));
  const { files: changed } = repositoryOf(Object.fromEntries(texts));
  const files = new Map([...repository.files, ...changed]);
  return { commit: undefined, files: new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

function parsed(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((one): unknown => one.toJS());
}

function meantFor(path: string, ask: Ask): readonly unknown[] {
  return filesFor(ask).find(({ name }) => name === baseName(path))?.manifests ?? [];
}

/** Lines that were put in; undefined where anything else happened to the text. */
function linesAdded(before: string, text: string): number | undefined {
  let start = 0;
  while (start < before.length && before[start] === text[start]) start++;
  let end = 0;
  while (end < before.length - start && before.at(-1 - end) === text.at(-1 - end)) end++;
  if (start + end !== before.length) return undefined;
  return text.split("\n").length - before.split("\n").length;
}

function checkChanges(placement: ManifestPlacement, { changes, refused, check }: PlacedChanges, ask: Ask): void {
  const { expected } = ask;
  const home = homeOf(placement);
  const { refused: refusal, unsure } = "place" in expected ? expected : {};
  expect(refused.map(({ message }) => message)).toEqual(
    refusal === undefined ? [] : expect.arrayContaining([expect.stringContaining(refusal)]),
  );
  expect(check.differences).toEqual([]);
  expect(check.unsure).toEqual(unsure === undefined ? [] : expect.arrayContaining([expect.stringContaining(unsure)]));
  for (const change of changes) {
    expect(change.kind, "nothing of a person goes").toBe("write");
    if (change.kind !== "write") continue;
    if (change.owner === "netlearn") {
      expect(isWithin(change.path, home), `${change.path} is in ${home}`).toBe(true);
      if (placement.kind === "plain") expect(parsed(change.text)).toEqual(meantFor(change.path, ask));
      expect(change.path).toMatch(/\/(?:netlearn-[a-z0-9.~-]+|kustomization)\.yaml$/u);
    } else {
      expect(placement).toMatchObject({ kustomization: change.path });
      const added = linesAdded(change.before ?? "", change.text);
      expect(added, `nothing but lines is put into ${change.path}`).toBeDefined();
      expect(added).toBeLessThanOrEqual(2);
    }
  }
}

describe(`${FIXTURES.length} layouts as people have them, with ${QUESTIONS} questions`, () => {
  it("are as many as were asked for, each with a title of its own", () => {
    expect(new Set(FIXTURES.map(({ title }) => title)).size).toBeGreaterThanOrEqual(25);
    expect(new Set(FIXTURES.map(({ title }) => title)).size).toBe(FIXTURES.length);
  });

  describe.each(FIXTURES)("$title", (fixture) => {
    const repository = repositoryOfFixture(fixture);
    it.each(named(fixture))("%j is found, or refused for the right reason, whatever the order", (_, ask) => {
      const found = answerTo(repository, fixture, ask);
      const { expected } = ask;
      if ("place" in expected) {
        expect(found).toMatchObject({ ...expected.place, by: { kind: expected.by } });
      } else {
        expect(found).toMatchObject({ kind: "unplaced", reason: expected.reason });
        expect(found).toHaveProperty("message", expect.stringContaining(expected.says));
        expect(parsed(found.kind === "unplaced" ? found.snippet : "")).toMatchObject([
          { mappings: [{ path: expect.any(String) }] },
        ]);
      }
      expect(answerTo(backwards(repository), fixture, ask)).toEqual(found);
    });

    it.each(written(fixture))("git rule 23: for %j files of our own, and two lines at most in a person's", (_, ask) => {
      const placement = placeOf(repository, fixture, ask);
      const plan = planned(repository, placement, ask);
      checkChanges(placement, plan, ask);
      expect(planned(repository, placement, ask)).toEqual(plan);
      const again = planned(after(repository, plan.changes), placement, ask);
      expect(again.changes, "git rule 6: a second run changes nothing").toEqual([]);
    });
  });
});

it.runIf(isCi)("kubectl is there under CI", () => {
  expect(hasKubectl, "kubectl is not on PATH: install it, else nothing compares us with kustomize").toBe(true);
});

describe.skipIf(!hasKubectl)("what kubectl kustomize makes of them (skipped where kubectl is not on PATH)", () => {
  const asked = FIXTURES.filter(({ notAsked }) => notAsked === undefined);
  const rendered = asked.filter(({ notRendered }) => notRendered === undefined);
  const overlays = rendered.flatMap((fixture) => overlaysOf(fixture).map((each) => [fixture.title, ...each] as const));

  const known = new Map<string, readonly unknown[]>();
  const renderedBefore = (fixture: LayoutFixture, folder: string) => {
    const key = JSON.stringify([fixture.title, folder]);
    const found = known.get(key) ?? kubectlRenders(repositoryOfFixture(fixture), folder, fixture.links);
    known.set(key, found);
    return found;
  };

  it.each(overlays)("git rule 24: %s: %s: is what was there, and what was meant", (...[, , { fixture, ask }]) => {
    const repository = repositoryOfFixture(fixture);
    const placement = placeOf(repository, fixture, ask);
    const changed = after(repository, planned(repository, placement, ask).changes);
    const [kustomization, home] = [kustomizationIn(placement), homeOf(placement)];
    for (const root of kustomizationTree(changed).roots(kustomization)) {
      const { objects } = renderKustomization(changed, root);
      const meant = objects.flatMap(({ object, source }) => (isWithin(source, home) ? [object] : []));
      expect(meant).toHaveLength(filesFor(ask).flatMap(({ manifests }) => manifests).length);
      const before = renderedBefore(fixture, folderOf(root));
      expect(kubectlRenders(changed, folderOf(root), fixture.links)).toEqual(sorted([...before, ...meant]));
    }
  });

  it.each(asked.filter(({ notRendered }) => notRendered !== undefined))(
    "$title: it fails before anything is changed: $notRendered",
    (fixture) => {
      const repository = repositoryOfFixture(fixture);
      const folders = [...indexRepository(repository).kustomizations.keys()];
      expect(folders.length).toBeGreaterThan(0);
      for (const folder of folders) {
        expect(() => kubectlRenders(repository, folder, fixture.links), folder).toThrow(/kustomize/u);
      }
    },
  );
});
