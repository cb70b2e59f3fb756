import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { whyNotWritten } from "../../../src/gitops/closed-paths.ts";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import { baseName, folderOf, foldersAround, isWithin, joined } from "../../../src/gitops/paths.ts";
import { type PlacedChanges, placeFiles } from "../../../src/gitops/place/place-files.ts";
import { renderKustomization } from "../../../src/gitops/render/kustomization.ts";
import { kustomizationTree } from "../../../src/gitops/render/selector-labels.ts";
import type { ManifestPlacement } from "../../../src/model/placement.ts";
import type { Repository } from "../../../src/model/repository.ts";
import { hasKubectl, isCi, kubectlRenders, sorted } from "../place/kubectl.ts";
import { APPLICATION_SETS } from "./fixtures/application-sets.ts";
import { ARGO } from "./fixtures/argo.ts";
import { after, answerTo, backwards, filesFor, linesAdded, repositoryOfFixture } from "./fixtures/asking.ts";
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

function parsed(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((one): unknown => one.toJS());
}

function meantFor(path: string, ask: Ask): readonly unknown[] {
  return filesFor(ask).find(({ name }) => name === baseName(path))?.manifests ?? [];
}

/** What is no folder above a path: links, submodules and files. */
function holdersOf(repository: Repository, path: string): readonly string[] {
  return [...foldersAround(path)].filter((folder) => repository.files.has(folder));
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
  const own = changes.flatMap(({ owner, path }) => (owner === "netlearn" ? [baseName(path)] : []));
  const lists = placement.kind === "kustomize" ? ["kustomization.yaml"] : [];
  if (refusal === undefined) expect(own).toEqual([...lists, ...filesFor(ask).map(({ name }) => name)].toSorted());
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

  it("git rule 36: nothing is written as a workflow, behind a link or into a submodule, whatever is asked", () => {
    const paths = FIXTURES.flatMap((fixture) => {
      const repository = repositoryOfFixture(fixture);
      return written(fixture).flatMap(([, ask]) => {
        const { changes } = planned(repository, placeOf(repository, fixture, ask), ask);
        return changes.map(({ path }) => ({ path, holders: holdersOf(repository, path) }));
      });
    });
    expect(paths.length).toBeGreaterThan(100);
    expect(paths.filter(({ path }) => whyNotWritten(path) !== undefined || /^\.git/iu.test(path))).toEqual([]);
    expect(paths.filter(({ holders }) => holders.length > 0)).toEqual([]);
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
        expect(() => kubectlRenders(repository, folder, fixture.links), folder).toThrow(
          /^Command failed: kubectl kustomize/u,
        );
      }
    },
  );
});
