import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { terraformText } from "../../../generators/index.ts";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import { growthOf } from "../../../src/gitops/plan/growth.ts";
import { objectId, ownObjects, valuesObjects } from "../../../src/gitops/plan/own-objects.ts";
import { combinedUnits, planUnits } from "../../../src/gitops/plan/plan.ts";
import type { ProposedManifest } from "../../../src/model/placement.ts";
import { STAGES } from "../../../src/model/proposal.ts";
import type { Repository } from "../../../src/model/repository.ts";
import { changed, textsOf } from "../place/repositories.ts";
import { dueOf, inputOf, mappings, planOf, REPOSITORY, type World, wantedFiles } from "./worlds.ts";

/** What all that was merged leaves, stage by stage, until nothing is due. */
function settled(world: World): { readonly repository: Repository; readonly rounds: number } {
  let { repository } = world;
  for (let rounds = 0; rounds <= STAGES.length; rounds++) {
    const input = inputOf({ ...world, repository });
    const due = dueOf(planUnits(input));
    if (due.length === 0) return { repository, rounds };
    repository = changed(repository, combinedUnits(input, due).changes);
  }
  return { repository, rounds: STAGES.length + 1 };
}

/** A repository in which an earlier run was merged, and what is wanted now. */
const world = fc.record({ mappings, earlier: wantedFiles, wanted: wantedFiles }).map(({ earlier, ...now }): World => {
  const { repository } = settled({ ...now, wanted: earlier, repository: REPOSITORY });
  return { ...now, repository };
});

/** What of ours is read in a repository: files, and the data of charts. */
function standing(repository: Repository): readonly ProposedManifest[] {
  return [
    ...[...ownObjects(repository).values()].flatMap(({ manifests }) => manifests),
    ...["charts/app/values.yaml", "env/prod.yaml"].flatMap((path) => valuesObjects(repository, path)),
  ];
}

/** Whether an object stands there and says what is meant. */
function stands(repository: Repository, manifest: ProposedManifest): boolean {
  const found = standing(repository).filter((each) => objectId(each) === objectId(manifest));
  const { isWider, isNarrower } = growthOf(found, [manifest]);
  if (found.length > 0 && !isWider && !isNarrower) return true;
  return modules(repository).some((text) => text.includes(terraformText([manifest])));
}

function modules(repository: Repository): readonly string[] {
  return [...repository.files.values()].flatMap(({ path, text }) =>
    path.endsWith("/netlearn.tf") ? [text ?? ""] : [],
  );
}

const RUNS = { numRuns: Number(process.env["NETLEARN_SOAK"] ?? 60) };

describe("a plan", () => {
  it("law: comes to an end after at most one round a stage, with nothing left to do", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { repository, rounds } = settled(one);
        expect(rounds).toBeLessThanOrEqual(STAGES.length);
        const plan = planOf({ ...one, repository });
        expect(plan.units).toEqual([]);
        expect(plan.unplaced).toEqual([]);
      }),
      RUNS,
    );
  });

  it("law: all that is wanted stands there in the end", () => {
    fc.assert(
      fc.property(world, (one) => {
        const { repository } = settled(one);
        const missing = one.wanted
          .flatMap(({ file }) => file.manifests)
          .filter((manifest) => !stands(repository, manifest));
        expect(missing).toEqual([]);
      }),
      RUNS,
    );
  });

  it("law: what is not wanted and not known to be gone stays, word for word", () => {
    fc.assert(
      fc.property(world, (one) => {
        const wanted = new Set(one.wanted.flatMap(({ file }) => file.manifests.map(objectId)));
        const after = settled(one).repository;
        const lost = standing(one.repository).filter(
          (manifest) => !wanted.has(objectId(manifest)) && !stands(after, manifest),
        );
        expect(lost).toEqual([]);
        const texts = modules(after);
        const blocks = modules(one.repository).flatMap(blocksIn);
        const lostBlocks = blocks.filter(
          (block) => !texts.some((text) => text.includes(block)) && ![...wanted].some((id) => id === blockId(block)),
        );
        expect(lostBlocks).toEqual([]);
      }),
      RUNS,
    );
  });

  it("law: tells the same whatever the order of what is wanted and of the repository's files", () => {
    fc.assert(
      fc.property(world, (one) => {
        const plan = planOf(one);
        expect(planOf({ ...one, wanted: one.wanted.toReversed() })).toEqual(plan);
        const files = new Map([...one.repository.files].toReversed());
        const backwards = planUnits({ ...inputOf(one), index: indexRepository({ commit: undefined, files }) });
        expect(backwards.units.map(({ changes }) => changes)).toEqual(plan.units.map(({ changes }) => changes));
      }),
      RUNS,
    );
  });

  it("law: what is due taken together is what it is one after the other", () => {
    fc.assert(
      fc.property(world, (one) => {
        const input = inputOf(one);
        const due = dueOf(planUnits(input));
        const together = changed(one.repository, combinedUnits(input, due).changes);
        let { repository } = one;
        for (const { unit } of due) {
          const now = planOf({ ...one, repository });
          const again = now.units.find(
            (each) => each.unit.namespace === unit.namespace && each.unit.stage === unit.stage,
          );
          repository = changed(repository, again?.changes ?? []);
        }
        expect(textsOf(repository)).toEqual(textsOf(together));
      }),
      RUNS,
    );
  });

  it("law: all stages taken together are where they lead to one after the other", () => {
    fc.assert(
      fc.property(world, (one) => {
        const input = inputOf(one);
        const together = changed(one.repository, combinedUnits(input, planUnits(input).units).changes);
        expect(textsOf(together)).toEqual(textsOf(settled(one).repository));
      }),
      RUNS,
    );
  });

  it("law: a unit touches the objects of its own namespace alone", () => {
    fc.assert(
      fc.property(world, (one) => {
        for (const { unit, changes } of planOf(one).units) {
          const after = changed(one.repository, changes);
          const others = (repository: Repository): unknown =>
            standing(repository).filter(({ metadata }) => metadata.namespace !== unit.namespace);
          expect(others(after)).toEqual(others(one.repository));
          const otherBlocks = (repository: Repository): unknown =>
            modules(repository)
              .flatMap(blocksIn)
              .filter((block) => !blockId(block).includes(` ${unit.namespace}/`));
          expect(otherBlocks(after)).toEqual(otherBlocks(one.repository));
        }
      }),
      RUNS,
    );
  });

  it("law: only folders that something is placed in are touched, and of people's files only what brings ours in", () => {
    fc.assert(
      fc.property(world, (one) => {
        const mapped = one.mappings.flatMap(({ path, values }) => (values === undefined ? [path] : [path, values]));
        for (const { changes } of planOf(one).units) {
          for (const change of changes) {
            expect(mapped.some((path) => change.path === path || change.path.startsWith(`${path}/`))).toBe(true);
            expect(change.path).toMatch(
              /(?:^|\/)netlearn[^/]*\.(?:yaml|tf)$|\/kustomization\.yaml$|values\.yaml$|^env\/prod\.yaml$/u,
            );
          }
        }
      }),
      RUNS,
    );
  });

  it("git rule 26: law: enforcing writes default-denies alone", () => {
    fc.assert(
      fc.property(world, (one) => {
        // Once the stages before it are merged.
        const merged = settled({ ...one, wanted: one.wanted.filter(({ isEnforcement }) => !isEnforcement) }).repository;
        for (const { unit, files, changes } of planOf({ ...one, repository: merged }).units) {
          expect(unit.stage).toBe("enforce");
          const after = changed(merged, changes);
          const denies = (id: string): boolean => id.endsWith("/netlearn-default-deny");
          const others = (repository: Repository): unknown =>
            standing(repository).filter((manifest) => !denies(objectId(manifest)));
          expect(others(after)).toEqual(others(merged));
          const otherBlocks = (repository: Repository): unknown =>
            modules(repository)
              .flatMap(blocksIn)
              .filter((block) => !denies(blockId(block)));
          expect(otherBlocks(after)).toEqual(otherBlocks(merged));
          expect(files.flatMap(({ manifests }) => manifests.map(({ metadata }) => metadata.name))).toEqual([
            "netlearn-default-deny",
          ]);
        }
      }),
      RUNS,
    );
  });

  it("git rule 26: law: widening and narrowing bring no default-deny that is not there", () => {
    fc.assert(
      fc.property(world, (one) => {
        const denies = (repository: Repository): readonly string[] =>
          [...standing(repository).map(objectId), ...modules(repository).flatMap(blocksIn).map(blockId)].filter((id) =>
            id.endsWith("/netlearn-default-deny"),
          );
        for (const { unit, changes } of planOf(one).units) {
          if (unit.stage === "enforce") continue;
          expect(denies(changed(one.repository, changes))).toEqual(denies(one.repository));
        }
      }),
      RUNS,
    );
  });

  it("git rule 27: law: a file that somebody edited is never overwritten, and never lost in silence", () => {
    fc.assert(
      fc.property(world, fc.nat(), (one, chosen) => {
        const own = [...ownObjects(one.repository).keys()];
        const path = own[chosen % Math.max(own.length, 1)];
        if (path === undefined) return;
        const texts = textsOf(one.repository);
        const repository = changed(one.repository, [
          { kind: "write", path, text: `# mine\n${texts[path] ?? ""}`, before: texts[path], owner: "netlearn" },
        ]);
        const before = planOf(one).units.filter(({ changes }) => changes.some((change) => change.path === path));
        const after = planOf({ ...one, repository });
        for (const { changes } of after.units) expect(changes.map((change) => change.path)).not.toContain(path);
        const refused = after.units.flatMap((unit) => unit.refused.map((refusal) => refusal.path));
        if (before.length > 0) expect(refused).toContain(path);
      }),
      RUNS,
    );
  });
});

/** Resources of a module of ours. */
function blocksIn(text: string): readonly string[] {
  return text
    .split(/^(?=resource )/mu)
    .filter((part) => part.startsWith("resource "))
    .map((part) => part.trimEnd());
}

/** As `objectId` has it. */
function blockId(block: string): string {
  const kinds: Readonly<Record<string, string>> = {
    kubernetes_network_policy_v1: "NetworkPolicy",
    kubernetes_role_v1: "Role",
    kubernetes_role_binding_v1: "RoleBinding",
  };
  const kind = kinds[/^resource "(\w+)"/u.exec(block)?.[1] ?? ""] ?? "";
  const name = /^ {4}name +?= "([^"]*)"/mu.exec(block)?.[1] ?? "";
  const namespace = /^ {4}namespace += "([^"]*)"/mu.exec(block)?.[1] ?? "";
  return `${kind} ${namespace}/${name}`;
}
