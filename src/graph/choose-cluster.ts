import { NetlearnError } from "../lib/errors.ts";
import { byText } from "../lib/sort.ts";
import type { Finding } from "../model/finding.ts";
import type { AccessObservations } from "./access/access-observations.ts";
import { distinctClusters, isCalled, namesText, quoted } from "./access/cluster-names.ts";
import type { Learned } from "./learner.ts";
import { homeClusters } from "./resolve.ts";

/** Which cluster a run is about, as each kind of source calls it. */
export interface ChosenCluster {
  /** For `resolve`; undefined where flow records have to tell by themselves. */
  readonly flows: string | undefined;
  /** For `AccessObservations.resolve`; empty where audit events name no cluster. */
  readonly audit: readonly string[];
  /** What was left out, and what was taken without a name. */
  readonly findings: readonly Finding[];
}

/**
 * Decides which cluster is meant. Flow records have the name that Cilium was given, audit events the one that a cloud gave, and
 * these need not be equal: so a wanted name is for the kind of source that knows it, and the other kind has to be of one cluster.
 * Records without a name count, as those of the cluster that is meant.
 *
 * @param wanted as the operator calls it; undefined: the only one
 * @throws NetlearnError `NETLEARN_USAGE` when audit events are of several clusters and none or several of them are wanted
 */
export function chooseCluster(learned: Learned, wanted: string | undefined): ChosenCluster {
  const { accesses } = learned;
  if (wanted !== undefined && accesses.clusters.length > 0) return wantedCluster(learned, wanted);
  const audit = accesses.only();
  return { flows: wanted, audit, findings: leftOut(accesses, audit) };
}

function wantedCluster({ observations, accesses }: Learned, wanted: string): ChosenCluster {
  const inFlows = observations.sets.get("cluster") ?? new Set();
  const inAudit = wantedOf(accesses, wanted);
  if (inAudit === undefined) {
    if (!inFlows.has(wanted)) throw unknownCluster(accesses, wanted);
    const audit = onlyUnlike(accesses, wanted);
    const elsewhere = elsewhereFinding(wanted, ["flow records", "audit events"], namesText([audit]));
    return { flows: wanted, audit, findings: [elsewhere, ...leftOut(accesses, audit)] };
  }
  const findings = leftOut(accesses, inAudit);
  if (inFlows.size === 0 || inFlows.has(wanted)) return { flows: wanted, audit: inAudit, findings };
  const elsewhere = onlyInAudit(homeClusters(observations), wanted);
  return { flows: undefined, audit: inAudit, findings: [elsewhere, ...findings] };
}

/** @returns undefined when no audit event names it */
function wantedOf({ clusters }: AccessObservations, wanted: string): readonly string[] | undefined {
  const called = distinctClusters(clusters).filter((names) => names.some((name) => isCalled(name, wanted)));
  if (called.length <= 1) return called[0];
  throw new NetlearnError(
    "NETLEARN_USAGE",
    `audit events name ${called.length} clusters that are called ${quoted(wanted)}: ${namesText(called)}`,
    { hint: "give --cluster-name the name in full" },
  );
}

/** @throws NetlearnError when flow records are of several */
function onlyInAudit(ofFlows: readonly string[], wanted: string): Finding {
  const names = namesText(ofFlows.toSorted(byText).map((name) => [name]));
  if (ofFlows.length <= 1) return elsewhereFinding(wanted, ["audit events", "flow records"], names);
  throw new NetlearnError(
    "NETLEARN_USAGE",
    `audit events are of a cluster ${quoted(wanted)}, and flow records of ${ofFlows.length} others: ${names}`,
    { hint: APART },
  );
}

/**
 * The only cluster that audit events name, when flow records alone name the wanted one.
 *
 * @throws NetlearnError when there are several
 */
function onlyUnlike({ clusters }: AccessObservations, wanted: string): readonly string[] {
  const [only = [], ...others] = distinctClusters(clusters);
  if (others.length === 0) return only;
  const names = namesText([only, ...others]);
  throw new NetlearnError(
    "NETLEARN_USAGE",
    `flow records are of a cluster ${quoted(wanted)}, and audit events of ${others.length + 1} others: ${names}`,
    { hint: APART },
  );
}

const APART = "read flow records and audit logs in two runs, each with a --cluster-name of its own";

function unknownCluster({ clusters, further }: AccessObservations, wanted: string): NetlearnError {
  const more = further.size === 0 ? "" : `, and more than the ${clusters.length} that are told apart`;
  return new NetlearnError(
    "NETLEARN_USAGE",
    `no record is of a cluster ${quoted(wanted)}; audit events name ${namesText(distinctClusters(clusters))}${more}`,
    {
      hint:
        further.size === 0
          ? "give --cluster-name one of these names"
          : "give the audit log of this cluster alone, or --cluster-name one of these names",
    },
  );
}

function elsewhereFinding(wanted: string, [known, other]: readonly [string, string], name: string): Finding {
  return {
    code: "cluster-name-elsewhere",
    severity: "info",
    about: undefined,
    message: `--cluster-name ${quoted(wanted)} is what ${known} call the cluster; ${other} call theirs ${name}, and count as well.`,
    choice: "See that both are of one cluster.",
  };
}

/** What a run on one cluster leaves out of audit logs, and what it takes without being told. */
function leftOut(accesses: AccessObservations, meant: readonly string[]): readonly Finding[] {
  return [...othersFindings(accesses, meant), ...(meant.length === 0 ? [] : unnamedFindings(accesses, meant))];
}

function othersFindings(accesses: AccessObservations, meant: readonly string[]): readonly Finding[] {
  const events = accesses.othersThan(meant);
  if (events === 0) return [];
  const { clusters, further } = accesses;
  const others = distinctClusters(clusters.filter((cluster) => !meant.includes(cluster)));
  const more =
    further.size === 0
      ? ""
      : ` Only ${clusters.length} clusters are told apart, and events name more: those were counted.`;
  return [
    {
      code: "audit-other-clusters",
      severity: further.size === 0 ? "info" : "warning",
      about: undefined,
      message: `Left out: ${events} audit events of other clusters than ${namesText([meant])}: ${namesText(others)}.${more}`,
      choice: "Run netlearn for each of the others, with its --cluster-name.",
    },
  ];
}

function unnamedFindings({ unnamed }: AccessObservations, meant: readonly string[]): readonly Finding[] {
  const events = unnamed.records - (unnamed.counts.get("outside-window") ?? 0);
  if (events <= 0) return [];
  return [
    {
      code: "audit-cluster-unnamed",
      severity: "info",
      about: undefined,
      message: `${events} audit events name no cluster, and count as those of ${namesText([meant])}.`,
      choice: "Leave logs of other clusters out, or ship them in an envelope that names the cluster.",
    },
  ];
}
