import { sortedBy } from "../../lib/sort.ts";
import { yamlString } from "../../lib/yaml-string.ts";
import type { Mapping, Placement, PlacementTarget } from "../../model/placement.ts";

/** Where something would be written to. */
export interface FoundPlace {
  readonly target: PlacementTarget;
  readonly placement: Placement;
}

// More would hide the settings below.
const MOST = 50;

/**
 * `.github/netlearn.yaml` as a person likes to find it: every setting with what it means and its default, commented out, and
 * the places that were found, which hold without being written down. Read by `parseSettings`, it says what no file says.
 *
 * @param places in any order
 */
export function settingsFile(places: readonly FoundPlace[]): string {
  return `${HEAD}\n${mappingLines(places).join("\n")}\n${SETTINGS}`;
}

// Argo CD would take the file for a manifest where it reads the root of the repository.
const HEAD = `# +argocd:skip-file-rendering
# How netlearn behaves in this repository. What is commented out is the default: take the # away to change it.
# It is read from the base branch only.

# Switches netlearn off, all of it or a namespace.
#enabled: true
#units:
#  some-namespace: { enabled: true }

# Where files are written, where that is not found or found wrongly: the last word. What is left out of an entry fits all.
# A layout is plain, kustomize, helm or terraform; a chart may name its values file.`;

const SETTINGS = `
# Most pull requests that are open at once, and that are opened within an hour. What repairs live traffic passes them.
#limits:
#  openPullRequests: 5
#  createdPerHour: 2

# When pull requests are opened and changed, such as "mon-fri 09:00-17:00"; no window means always.
#schedule:
#  timeZone: UTC
#  windows: []

# Put on every pull request.
#labels: []
#reviewers: []
#teams: []

# A pull request with this label is left alone.
#stopLabel: netlearn/stop

# Days without a new one after a pull request was closed, or what it merged was taken back.
#cooldownDays: 7

# Shares between 0 and 1 of the estimated coverage: below the first nothing is opened, below the second what closes
# something is a draft.
#minConfidence: 0
#draftBelow: 0.9

# What is approved is left as it is; what was seen since then waits until it is merged.
#holdAfterApproval: true

# Days after which the counts in a text are written anew.
#evidenceRefreshDays: 7

# An issue that shows what becomes of every namespace.
#dashboard: false

# Whether this file is proposed where it is missing, before anything else.
#onboarding: true
`;

function mappingLines(places: readonly FoundPlace[]): readonly string[] {
  const entries = [...new Set(mappings(places).map(entryText))].toSorted();
  if (entries.length === 0) {
    return ["#mappings:", "#  - { namespace: some-namespace, path: apps/some-namespace, layout: kustomize }"];
  }
  const more = entries.length - MOST;
  return [
    `# These were found without being written down${more > 0 ? `, and ${more} more` : ""}:`,
    "#mappings:",
    ...entries.slice(0, MOST).map((entry) => `#  - ${entry}`),
  ];
}

/** One for a namespace that has one place, else one for each workload. */
function mappings(places: readonly FoundPlace[]): readonly Mapping[] {
  const groups = Map.groupBy(places, ({ target }) => JSON.stringify([target.cluster, target.namespace]));
  return [...groups.values()].flatMap((group) => {
    const isOne = new Set(group.map(({ placement }) => JSON.stringify(placeOf(placement)))).size === 1;
    return group.map(({ target, placement }): Mapping => {
      const { cluster, namespace, workload } = target;
      return {
        ...(cluster === "" ? {} : { cluster }),
        ...(namespace === "" ? {} : { namespace }),
        ...(isOne || workload === undefined ? {} : { workload: workload.name }),
        ...placeOf(placement),
      };
    });
  });
}

function placeOf(placement: Placement): Mapping {
  switch (placement.kind) {
    case "plain":
    case "terraform":
      return { path: placement.folder, layout: placement.kind };
    case "kustomize":
      return { path: placement.kustomization.replace(/\/?[^/]*$/u, "") || ".", layout: "kustomize" };
    case "helm":
      return { path: placement.chart, layout: "helm", values: placement.values };
  }
}

function entryText(mapping: Mapping): string {
  const pairs = sortedBy(Object.entries(mapping), ([key]) => String(ORDER.indexOf(key)));
  return `{ ${pairs.map(([key, value]) => `${key}: ${yamlString(String(value))}`).join(", ")} }`;
}

const ORDER = ["cluster", "namespace", "workload", "path", "layout", "values"];
