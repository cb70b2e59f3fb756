import { some } from "../../lib/some.ts";
import { by } from "../../lib/sort.ts";
import type { Finding } from "../../model/finding.ts";
import { peerName } from "../../model/peer.ts";
import type { Proof } from "../../model/proof.ts";
import type { InForce, IsolatedAlready } from "./in-force.ts";

/** What a person should know about policies that are in force already; sorted. */
export function inForceFindings({ isolated, refused, promised, invalid }: InForce): readonly Finding[] {
  return [
    ...invalid.map(({ policy, problems }) => invalidFinding(policy, problems)).toSorted(by(({ message }) => message)),
    ...refusedFindings(refused),
    ...promisedFindings(promised),
    ...isolatedFindings(isolated),
  ];
}

function invalidFinding(policy: string, problems: readonly string[]): Finding {
  return {
    code: "policy-refused",
    severity: "warning",
    about: policy,
    message: `${policy} is no policy the API server takes (${problems.join("; ")}): it counts as one that is not in force.`,
    choice: "Mend or remove it.",
  };
}

/** One finding for each reason: a policy that refuses one client often refuses many. */
function refusedFindings(refused: InForce["refused"]): readonly Finding[] {
  const byReason = Map.groupBy(refused, ({ direction, reason }) => `${direction}: ${reason}`);
  return [...byReason].toSorted(by(([reason]) => reason)).map(([reason, cuts]) => ({
    code: "refused-in-force",
    severity: "warning" as const,
    about: undefined,
    message: `A policy in force refuses what was seen passing, and no suggested one changes that: ${some(cuts.map(cutText))} (${reason}).`,
    choice: "See whether that policy is newer than the flows, or whether the CNI enforces it at all.",
  }));
}

/** A rule in one direction does not help where the other end's policy is somebody else's. */
function promisedFindings(promised: InForce["promised"]): readonly Finding[] {
  if (promised.length === 0) return [];
  const texts = promised.map(({ traffic, direction, reason }) => {
    const { server, port, protocol, object } = traffic;
    return `${server.namespace}/${server.name} ${port}/${protocol} of ${object} (${direction}: ${reason})`;
  });
  return [
    {
      code: "promise-refused-in-force",
      severity: "warning",
      about: undefined,
      message: `A policy in force refuses what --allow lets through: ${some(texts)}.`,
      choice: "Add a rule to that policy, or remove it.",
    },
  ];
}

function cutText({ edge }: Proof["cut"][number]): string {
  const { client, server, port, protocol } = edge;
  return `${peerName(client)} -> ${peerName(server)} ${port ?? ""}/${protocol}`;
}

function isolatedFindings(isolated: readonly IsolatedAlready[]): readonly Finding[] {
  if (isolated.length === 0) return [];
  const texts = isolated.map(
    ({ workload, direction, policies }) => `${workload} ${direction} (${policies.join(", ")})`,
  );
  return [
    {
      code: "learned-under-policy",
      severity: "info",
      about: undefined,
      message: `Policies in force already close ${some(texts)}: what they refuse can't be seen passing, so nothing was learned about it.`,
      choice: "Refused attempts are among the denied ones; --allow-denied grants one that is wanted.",
    },
  ];
}
