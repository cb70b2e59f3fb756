import { by, byText, sortedBy } from "../../lib/sort.ts";
import type { KnownWorkload } from "../../model/directory.ts";
import type { Labels } from "../../model/graph.ts";
import type { LabelSelector } from "../../model/manifest.ts";
import type { Tracking } from "../../model/placement.ts";
import { commonLabels, labelText } from "../objects/object-labels.ts";
import { sortedPorts } from "../objects/pod-spec.ts";
import type { PodShape } from "./pod-shape.ts";

/** What tells one workload from all others. */
export interface WorkloadName {
  readonly namespace: string;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** A workload while objects that tell of it are still coming in. */
export interface WorkloadDraft extends WorkloadName {
  selector: LabelSelector | undefined;
  marks: Tracking | undefined;
  template: PodShape | undefined;
  /** Of its pods, and of templates between it and them, those that are gone included. */
  readonly shapes: Set<PodShape>;
  /** Those of them that are of pods that run, or of templates that make some. */
  readonly current: Set<PodShape>;
  isIndexed: boolean;
  /** Its template serves another (a Rollout's `workloadRef`): without pods it is no workload. */
  isBorrowed: boolean;
  /** What became of it: undefined until all is read, and for what turned out to be no workload. */
  row: TableRow | undefined;
}

/** A workload with what only lookups need. */
export interface TableRow {
  readonly workload: KnownWorkload;
  readonly group: string;
  /** Its template's and its pods', those that are gone included. */
  readonly shapes: readonly PodShape[];
  /** Those of them that connections can end at now. */
  readonly current: readonly PodShape[];
  readonly isIndexed: boolean;
}

/** Workloads by name, in the making. */
export class WorkloadDrafts {
  readonly #drafts = new Map<string, WorkloadDraft>();

  of({ namespace, group, kind, name }: WorkloadName): WorkloadDraft {
    const key = `${namespace}\0${group}/${kind}\0${name}`;
    let draft = this.#drafts.get(key);
    if (draft === undefined) {
      draft = {
        namespace,
        group,
        kind,
        name,
        selector: undefined,
        marks: undefined,
        template: undefined,
        shapes: new Set(),
        current: new Set(),
        isIndexed: false,
        isBorrowed: false,
        row: undefined,
      };
      this.#drafts.set(key, draft);
    }
    return draft;
  }

  /** Makes rows of all of them with what is known now: sorted by namespace, name and kind. */
  finish(): readonly TableRow[] {
    const drafts = [...this.#drafts.values()].filter(isWorkload);
    const kinds = new Map<string, number>();
    for (const draft of drafts) kinds.set(kindText(draft), (kinds.get(kindText(draft)) ?? 0) + 1);
    return sortedBy(drafts, (draft) => `${kindText(draft)}\0${draft.group}`).map((draft) => {
      draft.row = rowOf(draft, kinds.get(kindText(draft)) === 1);
      return draft.row;
    });
  }
}

function kindText({ namespace, name, kind }: WorkloadName): string {
  return `${namespace}\0${name}\0${kind}`;
}

/** Groups whose controllers put exactly the template's labels on pods, run-time ones aside. */
const PLAIN_GROUPS: ReadonlySet<string> = new Set(["", "apps", "batch"]);

/** What only old ReplicaSets or nothing at all speak of keeps no pods. */
function isWorkload({ template, shapes, current, isBorrowed }: WorkloadDraft): boolean {
  return isBorrowed ? current.size > 0 : template !== undefined || shapes.size > 0;
}

function rowOf(draft: WorkloadDraft, isAlone: boolean): TableRow {
  const { namespace, group, kind, name, selector, marks, template, isIndexed } = draft;
  const all = sortedShapes(draft.shapes);
  const pods = draft.current.size > 0 ? sortedShapes(draft.current) : all;
  const current = withTemplate(template, template === undefined ? pods : sortedShapes(draft.current));
  const labels = labelsOf(draft, pods);
  const accounts = new Set(current.map(({ serviceAccount }) => serviceAccount));
  return {
    workload: {
      namespace,
      name,
      // As kubectl writes kinds of one name: `Job.batch.volcano.sh`.
      kind: isAlone || PLAIN_GROUPS.has(group) ? kind : `${kind}.${group}`,
      selector,
      labels,
      variants: variantsOf(labels, current),
      ports: sortedPorts(current.flatMap(({ ports }) => ports)),
      serviceAccount: template?.serviceAccount ?? (accounts.size === 1 ? current[0]?.serviceAccount : undefined),
      hostNetwork: template?.hostNetwork ?? current.every(({ hostNetwork }) => hostNetwork),
      ...(marks === undefined ? {} : { marks }),
    },
    group,
    shapes: withTemplate(template, all),
    current,
    isIndexed,
  };
}

function withTemplate(template: PodShape | undefined, shapes: readonly PodShape[]): readonly PodShape[] {
  return template === undefined ? shapes : [template, ...shapes.filter((shape) => shape !== template)];
}

function sortedShapes(shapes: ReadonlySet<PodShape>): readonly PodShape[] {
  return shapes.size < 2 ? [...shapes] : sortedBy(shapes, (shape) => JSON.stringify(shape));
}

/**
 * A controller of Kubernetes copies its template's labels; that of a custom resource may add its own to each pod, which
 * are the only ones to select by where the template has none.
 */
function labelsOf({ group, selector, template }: WorkloadDraft, pods: readonly PodShape[]): Labels {
  const common = commonLabels(pods.map(({ labels }) => labels));
  if (template === undefined) return common;
  if (PLAIN_GROUPS.has(group) || selector !== undefined) return template.labels;
  const both = Object.entries({ ...common, ...template.labels });
  return Object.fromEntries(both.toSorted(([a], [b]) => byText(a, b)));
}

function variantsOf(labels: Labels, shapes: readonly PodShape[]): readonly Labels[] {
  const own = labelText(labels);
  const distinct = new Map(shapes.map((shape) => [labelText(shape.labels), shape.labels]));
  distinct.delete(own);
  return [...distinct].toSorted(by(([text]) => text)).map(([, variant]) => variant);
}
