import { objectId } from "../gitops/plan/own-objects.ts";
import { byText } from "../lib/sort.ts";
import { isLabelledOurs } from "../model/labels.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import type { ProposedManifest } from "../model/placement.ts";

/** An object of ours that stands on one side alone. */
export interface Drift {
  readonly kind: "live-only" | "git-only";
  /** `NetworkPolicy shop/netlearn-cart`. */
  readonly object: string;
}

/**
 * Policies of ours that the cluster has and the repository does not, and the other way round: somebody deleted one by hand, or
 * nothing applies the folder. Sorted.
 *
 * @param live in force; undefined where the cluster's objects were not read, and then nothing is told
 * @param standing of ours in the repository, in the places of this cluster
 * @param namespaces that are judged
 */
export function driftBetween(
  live: readonly NetworkPolicy[] | undefined,
  standing: readonly ProposedManifest[],
  namespaces: ReadonlySet<string>,
): readonly Drift[] {
  if (live === undefined) return [];
  const own = live.filter(isLabelledOurs);
  const isJudged = ({ metadata }: ProposedManifest): boolean => namespaces.has(metadata.namespace ?? "");
  const [there, here] = [own, standing.filter(({ kind }) => kind === "NetworkPolicy")].map(
    (some) => new Set(some.filter(isJudged).map(objectId)),
  );
  const only = (kind: Drift["kind"], some: Iterable<string>, others: ReadonlySet<string> | undefined): Drift[] =>
    [...some].filter((id) => others?.has(id) !== true).map((object) => ({ kind, object }));
  return [...only("git-only", here ?? [], there), ...only("live-only", there ?? [], here)].toSorted((a, b) =>
    byText(`${a.kind} ${a.object}`, `${b.kind} ${b.object}`),
  );
}
