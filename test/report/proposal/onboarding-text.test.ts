import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onboardingProposal } from "../../../src/gitops/manners/onboarding.ts";
import { fingerprintOf } from "../../../src/gitops/manners/texts.ts";
import type { Placement, PlacementTarget } from "../../../src/model/placement.ts";
import { tickedBoxes } from "../../../src/report/proposal/boxes.ts";
import { type OnboardingPreview, onboardingTexts } from "../../../src/report/proposal/onboarding-text.ts";
import { readState } from "../../../src/report/proposal/state.ts";
import { expectHarmless, outsideOfFences } from "./harmless.ts";
import { access, anyProposal, hostile, proposal } from "./proposals.ts";

const LIMITS = { openPullRequests: 5, createdPerHour: 2 };
const OPTIONS = { bodyLimit: 65_536, checkboxes: true };
const OCCASION = {
  title: "t",
  refreshedOn: "2026-02-03",
  snoozedUntil: undefined,
  isDraft: false,
  previous: undefined,
};

function body(preview: OnboardingPreview, options = OPTIONS): string {
  return onboardingTexts(options, preview).body(onboardingProposal("main", "file"), OCCASION);
}

const target: fc.Arbitrary<PlacementTarget> = fc.record({
  cluster: hostile,
  namespace: hostile,
  workload: fc.option(fc.record({ kind: hostile, name: hostile }), { nil: undefined }),
});

const placement: fc.Arbitrary<Placement> = fc.record({
  kind: fc.constant("plain" as const),
  folder: hostile,
  by: fc.record({ kind: fc.constant("argocd" as const), because: hostile }),
});

function anyPreview(most: number): fc.Arbitrary<OnboardingPreview> {
  const size = { maxLength: most, size: "max" as const };
  const unit = fc.record({
    base: hostile,
    cluster: hostile,
    namespace: hostile,
    stage: fc.constantFrom("widen" as const, "narrow" as const, "enforce" as const),
  });
  return fc.record({
    proposals: fc.array(
      fc.tuple(anyProposal(1), unit).map(([any, other]) => ({ ...any, unit: other })),
      size,
    ),
    places: fc.array(fc.record({ target, placement }), size),
    unplaced: fc.array(
      fc.record({
        target,
        unplaced: fc.record({
          kind: fc.constant("unplaced" as const),
          reason: fc.constant("ambiguous" as const),
          message: hostile,
          snippet: hostile,
        }),
      }),
      size,
    ),
    limits: fc.constant(LIMITS),
  });
}

describe("the text of the pull request that adds the settings", () => {
  it("git rule 31: shows what would be opened, how grave it is, and what has no place", () => {
    const shop = { base: "main", cluster: "", namespace: "shop" };
    const cut = [{ ...access(3, { from: "shop/old" }), decided: undefined }];
    const by = { kind: "argocd", because: 'Application "shop" says so' } as const;
    const text = body({
      proposals: [
        proposal({
          unit: { ...shop, stage: "narrow" },
          effect: { ...proposal().effect, allowed: [], forbiddenMore: 1200, cut },
        }),
        proposal({ unit: { ...shop, stage: "widen" } }),
        proposal({ unit: { ...shop, cluster: "prod", namespace: "", stage: "widen" } }),
      ],
      places: [
        {
          target: { cluster: "", namespace: "shop", workload: undefined },
          placement: { kind: "kustomize", kustomization: "apps/shop/kustomization.yaml", by },
        },
      ],
      unplaced: [
        {
          target: { cluster: "", namespace: "ops", workload: { kind: "Deployment", name: "grafana" } },
          unplaced: {
            kind: "unplaced",
            reason: "unmapped",
            message: "Nothing says where Deployment grafana in ops comes from",
            snippet: 'mappings:\n  - namespace: "ops"\n    path: "FOLDER"\n',
          },
        },
      ],
      limits: LIMITS,
    });
    expect(text).toMatchSnapshot();
  });

  it("git rule 31: shows what a stage means once those before it are merged", () => {
    const cut = [{ ...access(3), decided: undefined }];
    const enforcing = proposal({ effect: { ...proposal().effect, cut }, risks: [] });
    const following = { effect: proposal().effect, risks: [] };
    const shown = (proposals: OnboardingPreview["proposals"]) =>
      body({ proposals, places: [], unplaced: [], limits: LIMITS });
    expect(shown([enforcing])).toContain("the gravest risk is high");
    expect(shown([{ ...enforcing, following }])).toContain("the gravest risk is low");
  });

  it("git rule 31: says that nothing would be opened", () => {
    expect(body({ proposals: [], places: [], unplaced: [], limits: LIMITS })).toContain("Nothing: no pull request");
  });

  it("has a commit message that says what it carries", () => {
    const settings = onboardingProposal("main", "file");
    const texts = onboardingTexts(OPTIONS, { proposals: [], places: [], unplaced: [], limits: LIMITS });
    expect(fingerprintOf(texts.commitMessage(settings))).toBe(settings.fingerprint);
    expect(readState(texts.body(settings, OCCASION))?.fingerprint).toBe(settings.fingerprint);
  });

  it("git rule 35: no name is a mention, an issue, a comment, a box or a cell, in any order the same", () => {
    fc.assert(
      fc.property(anyPreview(3), (preview) => {
        const text = body(preview);
        expect(readState(text)).toBeDefined();
        expect(tickedBoxes(text)).toEqual({ rejected: [], snoozeDays: undefined, overwrite: undefined });
        for (const line of outsideOfFences(text)) expectHarmless(line, [7]);
        const { proposals, places, unplaced } = preview;
        const turned = {
          proposals: proposals.toReversed(),
          places: places.toReversed(),
          unplaced: unplaced.toReversed(),
        };
        expect(body({ ...preview, ...turned })).toBe(text);
      }),
    );
  });

  it("keeps any host's limit, with what to do now in it", () => {
    fc.assert(
      fc.property(anyPreview(300), fc.constantFrom(4000, 65_536), (preview, bodyLimit) => {
        const text = body(preview, { ...OPTIONS, bodyLimit });
        expect(text.length).toBeLessThanOrEqual(Math.min(bodyLimit, 58_000));
        expect(text).toContain("### What now");
        expect(readState(text)).toBeDefined();
      }),
      { numRuns: 20 },
    );
  });
});
