import { shortHash } from "../../lib/safe-name.ts";
import { sortedBy } from "../../lib/sort.ts";
import type { Placement, PlacementTarget } from "../../model/placement.ts";
import { inItsTurn, type Proposal, STAGES, undecidedCuts } from "../../model/proposal.ts";
import { markdownCode, markdownText } from "../escape.ts";
import { counted, thousands } from "../wording.ts";
import { boxLine, SNOOZE_DAYS } from "./boxes.ts";
import { commentText } from "./comments.ts";
import { fit, type Section } from "./fit.ts";
import { riskOf } from "./parts.ts";
import { LONGEST_TEXT } from "./proposal-text.ts";
import { hiddenLength, withState } from "./state.ts";
import { namespaceName, type UnplacedTarget, unplacedRows } from "./target-name.ts";
import { type ProposalTexts, proposalTexts, type TextOccasion, type TextOptions } from "./texts.ts";

/** What would be done once the settings are merged, each list in any order. */
export interface OnboardingPreview {
  readonly proposals: readonly Proposal[];
  readonly places: readonly { readonly target: PlacementTarget; readonly placement: Placement }[];
  readonly unplaced: readonly UnplacedTarget[];
  readonly limits: { readonly openPullRequests: number; readonly createdPerHour: number };
}

/**
 * The words of the pull request that adds `.github/netlearn.yaml`: what would be opened once it is merged.
 *
 * @param options of the host that they are for
 */
export function onboardingTexts(options: TextOptions, preview: OnboardingPreview): ProposalTexts {
  return {
    ...proposalTexts(options),
    title: () => TITLE,
    body: (proposal, occasion) => onboardingBody(proposal, { preview, options, occasion }),
    commitMessage: ({ branch, fingerprint }) =>
      `${TITLE}\n\nNothing else is changed, and no cluster notices.\n\nNetlearn-Unit: ${branch}\nNetlearn-Fingerprint: ${fingerprint}\n`,
    comment: (kind, proposal) =>
      kind === "stays-closed" ? commentText(kind, proposal, CLOSED) : commentText(kind, proposal),
  };
}

const TITLE = "chore(netlearn): add the settings of netlearn";
const CLOSED =
  "This was closed, so netlearn opens no pull requests in this repository. To take it up again, reopen this, or add `.github/netlearn.yaml` to the base branch: an empty file will do.";

interface Written {
  readonly preview: OnboardingPreview;
  readonly options: TextOptions;
  readonly occasion: TextOccasion;
}

function onboardingBody({ branch, fingerprint, unit }: Proposal, { preview, options, occasion }: Written): string {
  const proposals = preview.proposals.map(inItsTurn);
  const { title, refreshedOn, snoozedUntil, isDraft } = occasion;
  const about = { unit: branch, base: unit.base, stage: "onboarding", fingerprint, decisions: shortHash("") };
  const state = { ...about, title, refreshedOn, snoozedUntil, isDraft };
  const limit = Math.min(options.bodyLimit, LONGEST_TEXT) - hiddenLength(state);
  const sections = [
    required(INTRODUCTION),
    proposalsSection({ ...preview, proposals }),
    ...unplacedSection(preview),
    ...placesSection(preview),
    required(controls(options)),
  ];
  return withState(fit(sections, limit), state);
}

const INTRODUCTION = `netlearn watches which services of the cluster talk to each other and who uses its API, and proposes the smallest policies and roles that let exactly this through. This adds its settings, \`.github/netlearn.yaml\`, and changes nothing else: **no cluster notices that it is merged, and until then nothing else is opened.**`;

function required(head: string): Section {
  return { name: "", head, rows: [], tail: "", isRequired: true, rank: 0 };
}

function proposalsSection({ proposals, limits }: OnboardingPreview): Section {
  if (proposals.length === 0) {
    return required("### What would be opened\n\nNothing: no pull request would be opened as things are now.");
  }
  const pace = `At most ${thousands(limits.openPullRequests)} are open at once and ${thousands(limits.createdPerHour)} are opened within an hour; a stage waits until the one before is merged.`;
  const risks = proposals.map(riskOf);
  const gravest = (["high", "medium"] as const).find((level) => risks.includes(level)) ?? "low";
  const total = `**${counted(proposals.length, "pull request")} for ${spacesText(proposals)}, the gravest risk is ${gravest}.** ${pace}`;
  const table =
    "| Namespace | What | Allowed anew | Forbidden anew | Seen, and cut | Risk |\n| --- | --- | --- | --- | --- | --- |";
  return {
    name: "what would be opened",
    head: `### What would be opened\n\n${total}\n\n${table}`,
    rows: sortedBy(proposals, orderOf).map(proposalRow),
    tail: "",
    isRequired: true,
    rank: 1,
  };
}

function spacesText(proposals: readonly Proposal[]): string {
  const named = proposals.filter(({ unit }) => unit.namespace !== "");
  const count = new Set(named.map(({ unit }) => JSON.stringify([unit.cluster, unit.namespace]))).size;
  return [
    ...(count > 0 ? [counted(count, "namespace")] : []),
    ...(named.length < proposals.length ? ["what is cluster-wide"] : []),
  ].join(" and ");
}

function orderOf(proposal: Proposal): string {
  const { cluster, namespace, stage } = proposal.unit;
  return JSON.stringify([cluster, namespace, STAGES.indexOf(stage), proposalRow(proposal)]);
}

const STAGE_WORDS = {
  widen: "allow what was seen",
  narrow: "close what nobody used",
  enforce: "deny by default",
} as const;

function proposalRow(proposal: Proposal): string {
  const { unit, effect } = proposal;
  const undecided = undecidedCuts(effect).length;
  const counts = [effect.allowed.length, effect.forbidden.length + effect.forbiddenMore].map(thousands);
  const cut = undecided === 0 ? thousands(effect.cut.length) : `**${thousands(effect.cut.length)}**`;
  return `| ${[namespaceName(unit), STAGE_WORDS[unit.stage], ...counts, cut, riskOf(proposal)].join(" | ")} |`;
}

function unplacedSection({ unplaced }: OnboardingPreview): readonly Section[] {
  if (unplaced.length === 0) {
    return [];
  }
  const head =
    "### What has no place yet\n\nNothing is proposed for these until their place is written down: put the lines into `.github/netlearn.yaml`, on this branch or later.\n";
  return [{ name: "what has no place", head, rows: unplacedRows(unplaced), tail: "", isRequired: false, rank: 2 }];
}

function placesSection({ places }: OnboardingPreview): readonly Section[] {
  const rows = new Set(
    places.map(({ target, placement }) => {
      return `- ${namespaceName(target)}: ${markdownCode(pathOf(placement))} (${placement.kind}): ${markdownText(placement.by.because)}`;
    }),
  );
  const head = "<details><summary>Where it would be written, and why there</summary>\n";
  return rows.size === 0
    ? []
    : [
        {
          name: "where it would be written",
          head,
          rows: [...rows].toSorted(),
          tail: "</details>",
          isRequired: false,
          rank: 3,
        },
      ];
}

function pathOf(placement: Placement): string {
  switch (placement.kind) {
    case "plain":
    case "terraform":
      return placement.folder === "" ? "." : placement.folder;
    case "kustomize":
      return placement.kustomization;
    case "helm":
      return placement.values;
  }
}

function controls({ checkboxes }: TextOptions): string {
  const boxes = checkboxes ? [boxLine({ command: "snooze" }, `Leave this alone for ${SNOOZE_DAYS} days`)] : [];
  const lines = [
    "- Begin: merge this. Change the file on this branch first as you like: what people commit here stays.",
    "- Opt out: close this. Nothing is opened in this repository then, and this is not proposed again.",
  ];
  return ["### What now", "", ...boxes, ...lines].join("\n");
}
