import { some } from "../../lib/some.ts";
import { by } from "../../lib/sort.ts";
import type { ApiUse } from "../../model/access-review.ts";
import type { KnownWorkloads } from "../../model/directory.ts";
import type { Finding } from "../../model/finding.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { Inferred, InferredKind } from "../../model/inferred.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import type { InferredOutcome, NamespaceDeny } from "../../model/policy-set.ts";
import type { Decisions } from "./decide.ts";
import { deniedFindings, externalFindings, ownNodeFindings, unconfirmedFindings } from "./edge-findings.ts";
import { type Direction, describeEdge, type NeedsIndex, type Unsayable } from "./needs.ts";
import { isInScope, type SynthesisOptions } from "./options.ts";
import { promiseFindings } from "./promise-findings.ts";
import { scheduleFindings } from "./schedule-findings.ts";
import { isNamespaceName, type Selection } from "./selectors.ts";
import type { Target } from "./targets.ts";
import { unseenFindings } from "./unseen-findings.ts";

/** Everything that was decided, for saying what a person has to know about it. */
export interface Decided {
  readonly graph: CommunicationGraph;
  readonly known: KnownWorkloads;
  readonly options: SynthesisOptions;
  readonly selections: ReadonlyMap<WorkloadKey, Selection>;
  readonly needs: NeedsIndex;
  readonly targets: readonly Target[];
  readonly ingress: Decisions;
  readonly egress: Decisions;
  readonly denies: readonly NamespaceDeny[];
  readonly inferred: Inferred;
  readonly allow: readonly InferredKind[];
  readonly outcomes: readonly InferredOutcome[];
}

/** What no policy says, what one says beyond what was seen, and the choice the operator has; in a fixed order. */
export function findingsOf(decided: Decided): Finding[] {
  return [
    ...unsayableFindings(decided),
    ...selectorFindings(decided),
    ...sharedIsolation(decided),
    ...refusedDenies(decided),
    ...skippedNamespaces(decided),
    ...externalFindings(decided),
    ...ownNodeFindings(decided.graph, decided.options),
    ...deniedFindings(decided.graph),
    ...unconfirmedFindings(decided.graph),
    ...unseenFindings(decided),
    ...inferredFindings(decided),
  ];
}

function inferredFindings({ ingress, egress, denies, graph, inferred, ...rest }: Decided): Finding[] {
  const decisions = [...ingress.values(), ...egress.values()];
  const closesAny = denies.length > 0 || decisions.some(({ mode }) => mode === "isolated");
  const schedules = closesAny ? scheduleFindings(inferred.schedules, graph) : [];
  return [...promiseFindings({ ...rest, inferred, closesAny }), ...schedules];
}

function unsayableFindings({ needs, options }: Decided): Finding[] {
  const findings: Finding[] = [];
  for (const [workload, directions] of [...needs].toSorted(by(([key]) => key))) {
    for (const direction of ["ingress", "egress"] as const) {
      const unsayable = directions[direction]?.unsayable ?? [];
      for (const outcome of ["open", "address", "omit"] as const) {
        const those = unsayable.filter((one) => one.outcome === outcome);
        const apiUse = direction === "egress" ? options.apiUse.get(workload) : undefined;
        if (those.length > 0)
          findings.push(withApiUse(unsayableFinding(workload, direction, outcome, those), those, apiUse));
      }
    }
  }
  return findings;
}

function unsayableFinding(
  workload: WorkloadKey,
  direction: Direction,
  outcome: Unsayable["outcome"],
  those: readonly Unsayable[],
): Finding {
  const edges = some(those.map(({ edge }) => describeEdge(edge)));
  const whats = [...new Set(those.map(({ what }) => what))].toSorted();
  switch (outcome) {
    case "open":
      return {
        code: "direction-left-open",
        severity: "warning",
        about: workload,
        message: `The ${direction} of ${workload} is left open, because a NetworkPolicy can't say ${edges}.`,
        choice: whats.map(choiceFor).join(" "),
      };
    case "address":
      return {
        code: "peer-by-address",
        severity: "warning",
        about: workload,
        message: `The ${direction} of ${workload} names addresses that change when a node is replaced: ${edges}.`,
        choice:
          "Check that your CNI matches nodes by ipBlock (Cilium does not by default), or leave the direction open.",
      };
    case "omit":
      return {
        code: "cut-by-choice",
        severity: "warning",
        about: workload,
        message: `The ${direction} of ${workload} is closed although this was seen: ${edges}.`,
        choice: `${whats.map((what) => `--entity ${what}=open`).join(" ")} keeps it working.`,
      };
  }
}

/** Says of traffic to the API server whether the audit log shows that it is needed. */
function withApiUse(finding: Finding, those: readonly Unsayable[], use: ApiUse | undefined): Finding {
  if (use === undefined || !those.some(({ what }) => what === "kube-apiserver")) return finding;
  const said = apiUseText(use);
  return said === undefined ? finding : { ...finding, message: `${finding.message} ${said}` };
}

function apiUseText({ kind, serviceAccount }: ApiUse): string | undefined {
  switch (kind) {
    case "used":
      return `The API server is needed: ServiceAccount ${serviceAccount} was seen calling it.`;
    case "refused":
      return `Every request of ServiceAccount ${serviceAccount} was refused there.`;
    case "unused":
      return `No request with the token of ServiceAccount ${serviceAccount} is in the audit log.`;
    case "unknown":
      return undefined;
  }
}

function choiceFor(what: Unsayable["what"]): string {
  if (what === "no-selector") return "Give the other workload a label that stays, then its pods can be named.";
  if (what === "icmp") return "--entity icmp=omit closes the direction; most CNIs drop ICMP then.";
  if (what === "other-cluster")
    return "--entity other-cluster=omit closes the direction and cuts the other cluster off.";
  return `--entity ${what}=address names the addresses seen, --entity ${what}=omit closes the direction and cuts it.`;
}

function selectorFindings({ graph, targets, selections, needs, options }: Decided): Finding[] {
  const findings: Finding[] = [];
  for (const target of targets) {
    const [first] = target.workloads;
    const beyond = target.matched.filter((workload) => !target.workloads.includes(workload));
    const labels = Object.entries(target.selector)
      .map(([key, value]) => `${key}=${value}`)
      .join(",");
    if (target.workloads.length > 1) findings.push(shared(target, labels));
    if (beyond.length > 0 && first !== undefined) {
      findings.push({
        code: "selector-matches-more",
        severity: "warning",
        about: first,
        message: `The selector ${labels} of ${first} also matches ${some(beyond)}, which get its rules too.`,
        choice: "Give them a label that tells them apart.",
      });
    }
    const release = first === undefined ? [] : (selections.get(first)?.releaseLabels ?? []);
    if (release.length > 0 && first !== undefined) findings.push(releaseLabel(first, release));
  }
  const unselected = graph.workloads.filter(
    ({ key, namespace }) =>
      !selections.has(key) && isInScope(namespace, options) && needs.has(key) && isNamespaceName(namespace),
  );
  const misnamed = graph.workloads.filter(({ namespace }) => !isNamespaceName(namespace));
  return [
    ...findings,
    ...unselected.map(({ key }) => noSelector(key)),
    ...misnamed.map(({ key, namespace }) => badNamespace(key, namespace)),
  ];
}

function shared(target: Target, labels: string): Finding {
  return {
    code: "selector-shared",
    severity: "warning",
    about: target.workloads[0],
    message: `No lasting label tells ${some(target.workloads)} apart: one policy with ${labels} serves them all.`,
    choice: "Give them a label that tells them apart.",
  };
}

function releaseLabel(workload: WorkloadKey, labels: readonly string[]): Finding {
  return {
    code: "release-label-in-selector",
    severity: "warning",
    about: workload,
    message: `Only ${labels.join(", ")} tells ${workload} from its neighbours, and that label changes with a release.`,
    choice: "Run netlearn again after a release, or give the workloads a label that stays.",
  };
}

function noSelector(workload: WorkloadKey): Finding {
  return {
    code: "no-selector",
    severity: "error",
    about: workload,
    message: `${workload} gets no policy: its records show no label that stays the same, and an empty selector would mean every pod.`,
    choice: "Let the flow exporter keep labels, or give the pods one.",
  };
}

function badNamespace(workload: WorkloadKey, namespace: string): Finding {
  return {
    code: "bad-namespace",
    severity: "error",
    about: workload,
    message: `${JSON.stringify(namespace)} can't be a namespace, so ${JSON.stringify(workload)} gets no policy.`,
    choice: "Look where these records come from.",
  };
}

/** A direction nobody saw used is closed all the same when a policy written for a neighbour selects the pods. */
function sharedIsolation({ targets, needs, ingress, egress, options }: Decided): Finding[] {
  if (options.unobserved === "deny") return [];
  const findings: Finding[] = [];
  for (const [direction, decisions] of [
    ["ingress", ingress],
    ["egress", egress],
  ] as const) {
    for (const target of targets) {
      if (decisions.get(target)?.mode !== "isolated") continue;
      const unobserved = target.matched.filter((workload) => needs.get(workload)?.[direction] === undefined);
      if (unobserved.length === 0) continue;
      findings.push({
        code: "unobserved-direction-closed",
        severity: "warning",
        about: unobserved[0],
        message: `The ${direction} of ${some(unobserved)} was never observed and is closed by ${target.namespace}/${target.name}, whose selector matches them.`,
        choice: "Give them a label that tells them apart.",
      });
    }
  }
  return findings;
}

function refusedDenies({ targets, denies, options }: Decided): Finding[] {
  if (!options.defaultDeny) return [];
  const namespaces = [...new Set(targets.map(({ namespace }) => namespace))].toSorted();
  return namespaces
    .filter((namespace) => !denies.some((deny) => deny.namespace === namespace))
    .map((namespace) => ({
      code: "no-default-deny",
      severity: "error" as const,
      about: namespace,
      message: `${namespace} gets no default-deny: it has an observed workload that no selector can name, which would be cut.`,
      choice: "Give its pods a label, then run again.",
    }));
}

function skippedNamespaces({ graph, options }: Decided): Finding[] {
  if (options.namespaces.length > 0) return [];
  const skipped = new Set(
    graph.workloads.map(({ namespace }) => namespace).filter((namespace) => !isInScope(namespace, options)),
  );
  if (skipped.size === 0) return [];
  return [
    {
      code: "system-namespace-skipped",
      severity: "info",
      about: undefined,
      message: `No policies for ${some([...skipped].toSorted())}: a client not seen yet would lose DNS and the like.`,
      choice: "--system-namespaces writes them, --namespace those of one.",
    },
  ];
}
