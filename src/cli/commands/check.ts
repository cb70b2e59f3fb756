import type { FailOn } from "../../config/settings.ts";
import { policyDifference } from "../../evaluator/difference.ts";
import { AddressBook } from "../../evaluator/review/addresses.ts";
import { placeOf } from "../../evaluator/review/finding.ts";
import { type Review, type ReviewInput, review } from "../../evaluator/review/review.ts";
import { buildReviewWorld, type ReviewWorld } from "../../evaluator/review/world.ts";
import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import type { CheckFinding, CheckReport } from "../../model/check-finding.ts";
import type { Severity } from "../../model/finding.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import { orderedFindings } from "../../report/check/order.ts";
import { manifestFindings } from "../check/manifest-findings.ts";
import {
  learnFlows,
  promisesOf,
  readSource,
  requireObjects,
  requireOneStandardInput,
  type Source,
} from "../check/sources.ts";
import { wantsColour, widthOf, writeAll } from "../io.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn check`: what policies, or a change of them, cut, open or get wrong, to standard output.
 *
 * @param version of netlearn, for SARIF
 * @returns 1 when there is a finding that `--fail-on` names
 * @throws NetlearnError `NETLEARN_USAGE` without manifests, `NETLEARN_INPUT_EMPTY` when nothing is in them
 */
export async function runCheck(inputs: readonly string[], session: Session, version: string): Promise<ExitCode> {
  const { io, settings } = session;
  const paths = pathsOf(inputs, session);
  requireOneStandardInput([...paths.base, ...paths.head], settings);
  const head = await readSource(paths.head, session);
  const base = paths.base.length === 0 ? undefined : await readSource(paths.base, session);
  requireObjects([head, ...(base === undefined ? [] : [base])], [...paths.base, ...paths.head]);
  const graph = await learnFlows(session);
  io.signal.throwIfAborted();
  const report = reportOf({ head, base, graph }, session);
  await writeAll(io.stdout, await render(report, session, version));
  return failsOn(settings.failOn, report.findings) ? 1 : 0;
}

/** Enough that a finding can name the workloads of a large namespace. */
const MOST_PODS = 200;

/** Where the manifests lie: before a change, if there is one, and after it. */
interface Paths {
  readonly base: readonly string[];
  readonly head: readonly string[];
}

function pathsOf(inputs: readonly string[], { settings }: Session): Paths {
  const { base, head } = settings;
  if (inputs.length > 0 && head.length > 0) {
    throw new NetlearnError("NETLEARN_USAGE", "netlearn check: manifests are given both with --head and without it", {
      hint: "Name the manifests after the change once: --base OLD --head NEW.",
    });
  }
  if (head.length > 0 && base.length === 0) {
    throw new NetlearnError(
      "NETLEARN_USAGE",
      "netlearn check: --head says where a change ends, and nothing where it begins",
      {
        hint: "Add --base DIR, or give the manifests without --head: netlearn check policies/",
      },
    );
  }
  const after = [...inputs, ...head];
  if (after.length === 0) {
    const what =
      base.length === 0 ? "there is nothing to check" : "--base says where a change begins, and nothing where it ends";
    throw new NetlearnError("NETLEARN_USAGE", `netlearn check: ${what}`, {
      hint:
        base.length === 0
          ? "Give files or directories with manifests, for example: netlearn check policies/ --flows flows.jsonl"
          : "Add --head DIR.",
    });
  }
  return { base, head: after };
}

interface Sources {
  readonly head: Source;
  readonly base: Source | undefined;
  readonly graph: CommunicationGraph | undefined;
}

function reportOf({ head, base, graph }: Sources, { settings }: Session): CheckReport {
  const { profile } = settings;
  const addresses = new AddressBook(graph?.edges ?? []);
  const world = ({ inventory, objects }: Source): ReviewWorld =>
    buildReviewWorld({ ...inventory, graph, promises: promisesOf(objects) }, profile, addresses);
  const after = world(head);
  const before = base === undefined ? undefined : world(base);
  const change =
    before === undefined
      ? undefined
      : { world: before, difference: policyDifference(before.network, after.network, profile, { listed: MOST_PODS }) };
  const reviewed = review({ head: after, base: change, graph, profile });
  return {
    findings: orderedFindings(placed([...findingsOf(head, base), ...reviewed.findings], after)),
    known: reviewed.known,
    files: head.files + (base?.files ?? 0),
    policies: after.policies.length + after.refused.length,
    workloads: new Set(after.subjects.map(({ key }) => key)).size,
    uncompared: uncomparedIn(change, after),
    replayed: reviewed.replayed,
    skipped: skippedOf(head),
    profile,
  };
}

function uncomparedIn(change: ReviewInput["base"], head: ReviewWorld): readonly string[] {
  if (change === undefined) return [];
  const { difference, world } = change;
  const before = difference.onlyInBase.map((pod) => world.keyOfPod.get(pod) ?? pod);
  const after = difference.onlyInHead.map((pod) => head.keyOfPod.get(pod) ?? pod);
  return [...new Set([...before, ...after])].toSorted();
}

/** Faults of the base count as well: what could not be read there is not compared. */
function findingsOf(head: Source, base: Source | undefined): readonly CheckFinding[] {
  const own = manifestFindings(head);
  const old = base === undefined ? [] : manifestFindings(base).filter(({ code }) => UNREAD.includes(code));
  return [...own, ...old];
}

const UNREAD: readonly string[] = ["manifest-unparsable", "manifest-unreadable", "template-not-rendered"];

function skippedOf({ inventory, others }: Source): ReadonlyMap<string, number> {
  return others === 0 ? inventory.skipped : new Map([...inventory.skipped, ["no Kubernetes object", others]]);
}

/** Code scanning shows nothing that has no place: what belongs nowhere stands at the first policy. */
function placed(findings: readonly CheckFinding[], { policies }: ReviewWorld): readonly CheckFinding[] {
  const [first] = policies;
  if (first === undefined) return findings;
  const place = placeOf(first.object, []);
  return findings.map((finding) => (finding.place === undefined ? { ...finding, place } : finding));
}

async function render(report: CheckReport, { io, settings }: Session, version: string): Promise<string> {
  switch (settings.checkFormat) {
    case "text": {
      const style = {
        width: widthOf(io.stdout),
        colour: wantsColour(settings.color, io.env, io.stdout),
        verbose: settings.verbose,
      };
      return (await import("../../report/check/text.ts")).renderCheckText(report, style);
    }
    case "json":
      return (await import("../../report/check/json.ts")).renderCheckJson(report);
    case "sarif":
      return (await import("../../report/check/sarif.ts")).renderCheckSarif(report, version);
    case "github":
      return (await import("../../report/check/github.ts")).renderCheckGithub(report);
  }
}

const RANK: Readonly<Record<Severity | "never", number>> = { never: 0, error: 1, warning: 2, info: 3 };

function failsOn(failOn: FailOn, findings: Review["findings"]): boolean {
  return findings.some(({ severity }) => RANK[severity] <= RANK[failOn]);
}
