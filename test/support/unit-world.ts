import { createHash } from "node:crypto";
import { decide } from "../../src/gitops/manners/decide.ts";
import type { Performed } from "../../src/gitops/manners/perform.ts";
import { perform } from "../../src/gitops/manners/perform.ts";
import type { Settings } from "../../src/gitops/manners/settings.ts";
import { parseSettings } from "../../src/gitops/manners/settings.ts";
import type { Boxes, Situation, Verdict } from "../../src/gitops/manners/step.ts";
import type { Texts } from "../../src/gitops/manners/texts.ts";
import { identified } from "../../src/lib/identified.ts";
import { connectionWords, type Proposal } from "../../src/model/proposal.ts";
import type { FileChange } from "../../src/model/repository.ts";
import { tickedBoxes } from "../../src/report/proposal/boxes.ts";
import { proposalTexts } from "../../src/report/proposal/texts.ts";
import { someEdge } from "./fixtures.ts";
import { ModelHost } from "./model-host.ts";

export const BRANCH = "netlearn/_/shop/widen";
export const OWN = "apps/netlearn.yaml";
export const THEIRS = "apps/kustomization.yaml";
/** The one connection that proposals are about. */
export const EDGE = someEdge("shop/cart", "shop/db", { port: 5432 });
export const ACCESS = identified(connectionWords(EDGE));
export const NO_BOXES: Boxes = { rejected: [], snoozeDays: undefined, overwrite: undefined };
/** What is wanted here would cut a connection that was seen, and nobody decided so. */
export const CUTTING = "v3";
/** What is wanted here closes something, of which nothing was seen. */
export const CLOSING = "v9";
/** What a report writes is what manners ask for: checked by the compiler, since neither may import the other. */
export const TEXTS: Texts = proposalTexts({ bodyLimit: 65_536, checkboxes: true });

/** One unit of one repository: what is wanted is the text of a file of ours, and a line in a file of people. */
export class UnitWorld {
  readonly host = new ModelHost({ [THEIRS]: "resources:\n" });
  settings: Settings;
  wanted: string | undefined = "v1";
  count = 1;

  constructor(settings = "") {
    this.settings = parseSettings(settings);
  }

  fingerprint(): string {
    return fingerprintOf(this.wanted);
  }

  proposal(): Proposal | undefined {
    return proposalOn(this.host.tree("main"), this.wanted, this.count);
  }

  async situation(given: Partial<Situation> = {}): Promise<Situation> {
    return {
      unit: { branch: BRANCH, namespace: "shop" },
      proposal: this.proposal(),
      found: await this.host.find("main", [BRANCH]),
      settings: this.settings,
      isOnboarded: true,
      capabilities: this.host.capabilities,
      texts: TEXTS,
      now: this.host.now,
      opened: 0,
      pendingStages: [],
      boxes: this.boxes(),
      ...given,
    };
  }

  async verdict(given: Partial<Situation> = {}): Promise<Verdict> {
    return decide(await this.situation(given));
  }

  async run(): Promise<Performed> {
    return await perform(this.host, await this.verdict());
  }

  boxes(): Boxes {
    return tickedBoxes(this.host.open()[0]?.body ?? "");
  }

  /** As a person does it, by editing the text: every box of a command that is there. */
  tick(command: "overwrite" | "reject" | "snooze"): void {
    const [pull] = this.host.open();
    if (pull !== undefined) {
      pull.body = pull.body.replaceAll(new RegExp(`^- \\[ \\] (?=.*<!-- netlearn:${command}\\b)`, "gmu"), "- [x] ");
      Object.assign(pull, { editor: "ann", isEdited: true });
    }
  }
}

export function fingerprintOf(wanted: string | undefined): string {
  return createHash("sha256")
    .update(wanted ?? "")
    .digest("hex")
    .slice(0, 16);
}

/** What has to be proposed where a base holds these texts; undefined: nothing. */
export function proposalOn(
  base: ReadonlyMap<string, string>,
  wanted: string | undefined,
  count: number,
): Proposal | undefined {
  const changes: FileChange[] = [];
  const [before, theirs] = [base.get(OWN), base.get(THEIRS) ?? ""];
  if (wanted === undefined || wanted === before) {
    return undefined;
  }
  if (!theirs.includes("- netlearn\n")) {
    changes.push({ kind: "write", path: THEIRS, text: `${theirs}- netlearn\n`, before: theirs, owner: "person" });
  }
  changes.push({ kind: "write", path: OWN, text: wanted, before, owner: "netlearn" });
  const proposal = proposalOf(fingerprintOf(wanted), changes, count);
  const { effect } = proposal;
  if (wanted === CUTTING) return { ...proposal, effect: { ...effect, cut: [{ ...ACCESS, decided: undefined }] } };
  return wanted === CLOSING ? { ...proposal, effect: { ...effect, forbidden: [ACCESS] } } : proposal;
}

function proposalOf(fingerprint: string, changes: readonly FileChange[], count: number): Proposal {
  return {
    unit: { base: "main", cluster: "", namespace: "shop", stage: "widen" },
    branch: BRANCH,
    fingerprint,
    changes,
    files: [],
    effect: { allowed: [], forbidden: [], forbiddenMore: 0, isolated: [], cut: [] },
    evidence: [
      {
        ...ACCESS,
        count,
        firstSeen: undefined,
        lastSeen: undefined,
        days: 1,
        inferred: undefined,
      },
    ],
    risks: [],
    confidence: { window: undefined, completeness: undefined, expectedCuts: undefined, unseen: [] },
    findings: [],
    decisions: [],
    check: { by: ["netlearn"], differences: [], unsure: [] },
    refused: [],
    picture: [],
  };
}
