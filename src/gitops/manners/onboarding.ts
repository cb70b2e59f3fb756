import type { Proposal } from "../../model/proposal.ts";
import { decide } from "./decide.ts";
import { SETTINGS_FILE } from "./settings.ts";
import type { Situation, Verdict } from "./step.ts";

/** The branch of the pull request that adds the settings. */
export const ONBOARDING_BRANCH = "netlearn/onboarding";

// The same whatever the file says: once closed, it is never proposed again, and who edits it on the branch is not told of a
// newer one.
const FINGERPRINT = "0".repeat(16);

/** What {@link decideOnboarding} looks at: `found` has to have been asked for {@link ONBOARDING_BRANCH} too. */
export interface OnboardingSituation
  extends Pick<
    Situation,
    "found" | "settings" | "isOnboarded" | "capabilities" | "texts" | "now" | "opened" | "boxes"
  > {
  /** What `.github/netlearn.yaml` would say. */
  readonly file: string;
}

/**
 * What is done about the pull request that comes before all others and adds `.github/netlearn.yaml` (rule 31): the manners of
 * any unit, for a file that nobody has to be sure of. Once it is closed, nothing is opened here any more.
 *
 * @returns nothing to do where the base has the file, or the settings want no onboarding
 */
export function decideOnboarding({ file, ...situation }: OnboardingSituation): Verdict {
  const { settings, found, isOnboarded } = situation;
  const proposal = isOnboarded || !settings.onboarding ? undefined : onboardingProposal(found.base.branch, file);
  return decide({
    ...situation,
    unit: { branch: ONBOARDING_BRANCH, namespace: "" },
    proposal,
    // What it shows of other proposals is of more use new than quiet.
    settings: { ...settings, minConfidence: 0, draftBelow: 0, evidenceRefreshDays: 1 },
    isOnboarded: true,
    pendingStages: [],
  });
}

/**
 * The settings as a proposal: one file of people, no effect on any cluster.
 *
 * @param base the branch that has no settings
 */
export function onboardingProposal(base: string, file: string): Proposal {
  return {
    unit: { base, cluster: "", namespace: "", stage: "widen" },
    branch: ONBOARDING_BRANCH,
    fingerprint: FINGERPRINT,
    changes: [{ kind: "write", path: SETTINGS_FILE, text: file, before: undefined, owner: "person" }],
    files: [],
    effect: { allowed: [], forbidden: [], forbiddenMore: 0, isolated: [], cut: [] },
    evidence: [],
    risks: [],
    confidence: { window: undefined, completeness: undefined, expectedCuts: undefined, unseen: [] },
    findings: [],
    decisions: [],
    check: { by: [], differences: [], unsure: [] },
    refused: [],
    picture: [],
  };
}
