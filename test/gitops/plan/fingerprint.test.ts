import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../../src/gitops/plan/fingerprint.ts";
import type { PlannedUnit } from "../../../src/gitops/plan/plan.ts";
import type { Decision } from "../../../src/model/proposal.ts";
import { changed } from "../place/repositories.ts";
import { mappings, planOf, REPOSITORY, wantedFiles } from "./worlds.ts";

const DECISION: Decision = {
  kind: "reject",
  what: "shop/a->shop/b",
  who: "jane",
  why: "it goes",
  on: "2026-03-01",
  until: undefined,
};

function printOf(unit: PlannedUnit, decisions: readonly Decision[] = [DECISION]): string {
  return fingerprintOf({ files: unit.files, changes: unit.changes, decisions });
}

const planned = fc
  .record({ mappings, wanted: wantedFiles })
  .map((some) => ({ ...some, units: planOf({ ...some, repository: REPOSITORY }).units }))
  .filter(({ units }) => units.length > 0);

describe("git rule 4: the fingerprint of a proposal", () => {
  it("law: does not hear of who decided when and why, nor of people's lines", () => {
    fc.assert(
      fc.property(planned, ({ units, ...some }) => {
        const texts = changed(REPOSITORY, [
          write("kustomize/one/kustomization.yaml", "# another\nresources: [config.yaml, more.yaml]\n"),
          write("kustomize/one/more.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n"),
          write("charts/app/values.yaml", "level: error\n"),
          write("README.md", "# Another\n"),
        ]);
        const later = planOf({ ...some, repository: texts }).units;
        expect(later.map((unit) => printOf(unit))).toEqual(units.map((unit) => printOf(unit)));
        const [unit] = units;
        if (unit === undefined) throw new Error("no unit");
        expect(printOf(unit, [{ ...DECISION, who: "ada", why: "so", on: "2026-04-01" }])).toBe(printOf(unit));
        expect(printOf({ ...unit, changes: unit.changes.toReversed(), files: unit.files.toReversed() })).toBe(
          printOf(unit),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("law: does not change when another unit brings what both need: the line, the list and the template", () => {
    fc.assert(
      fc.property(planned, ({ units, ...some }) => {
        for (const merged of units) {
          const repository = changed(REPOSITORY, merged.changes);
          const later = planOf({ ...some, repository }).units;
          for (const unit of later.filter(({ branch }) => branch !== merged.branch)) {
            const before = units.find(({ branch }) => branch === unit.branch);
            if (before === undefined) throw new Error(`${unit.branch} was not there before`);
            // What a stage brings may be part of the next one.
            if (JSON.stringify(before.files) === JSON.stringify(unit.files))
              expect(printOf(unit)).toBe(printOf(before));
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("law: does not change because another namespace comes or goes, whose files would be called alike", () => {
    fc.assert(
      fc.property(planned, ({ units, ...some }) => {
        for (const unit of units) {
          const wanted = some.wanted.filter(({ namespace }) => namespace === unit.unit.namespace);
          const [alone] = planOf({ ...some, wanted, repository: REPOSITORY }).units.filter(
            ({ branch }) => branch === unit.branch,
          );
          if (alone === undefined) throw new Error(`${unit.branch} is not there alone`);
          expect(printOf(alone)).toBe(printOf(unit));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("law: is another one for each other object, path and decision", () => {
    fc.assert(
      fc.property(planned, ({ units: [unit] }) => {
        if (unit === undefined) throw new Error("no unit");
        const [file] = unit.files;
        if (file === undefined) throw new Error("no file");
        const [manifest] = file.manifests;
        if (manifest === undefined) throw new Error("no object");
        const renamed = { ...manifest, metadata: { ...manifest.metadata, name: "netlearn-other" } };
        const others = [
          printOf({ ...unit, files: unit.files.slice(1) }),
          printOf({ ...unit, files: [{ ...file, manifests: [renamed] }, ...unit.files.slice(1)] }),
          printOf({ ...unit, changes: [...unit.changes, write("plain/x/netlearn-more.yaml", "")] }),
          printOf({ ...unit, changes: unit.changes.map((each) => ({ ...each, path: `moved/${each.path}` })) }),
          printOf(unit, []),
          printOf(unit, [{ ...DECISION, kind: "accept" }]),
          printOf(unit, [{ ...DECISION, what: "shop/a->shop/c" }]),
          printOf(unit, [{ ...DECISION, until: "2026-05-01" }]),
        ];
        expect(new Set([printOf(unit), ...others]).size).toBe(others.length + 1);
      }),
      { numRuns: 40 },
    );
  });
});

function write(path: string, text: string) {
  return { kind: "write", path, text, before: undefined, owner: "person" } as const;
}
