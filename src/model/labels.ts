/**
 * Labels that a controller or the kubelet puts on a pod at run time: they change with every rollout, tick or node, so
 * no selector may use them and no workload is told apart by them (facts: cilium pkg/labelsfilter/filter.go; the
 * well-known labels page of kubernetes.io; knative/serving pkg/apis/serving/register.go).
 */
const RUN_TIME_KEYS: ReadonlySet<string> = new Set([
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-completion-index",
  "batch.kubernetes.io/job-name",
  "controller-revision-hash",
  "controller-uid",
  "job-name",
  "kubernetes.io/hostname",
  "pod-template-generation",
  "pod-template-hash",
  "rollouts-pod-template-hash",
  "serving.knative.dev/configurationGeneration",
  "statefulset.kubernetes.io/pod-name",
]);

const RUN_TIME_PREFIXES: readonly string[] = ["topology.kubernetes.io/", "failure-domain.beta.kubernetes.io/"];

/** True for a label key whose value differs between pods or rollouts of one workload. */
export function isRunTimeLabel(key: string): boolean {
  return (
    RUN_TIME_KEYS.has(key) ||
    RUN_TIME_PREFIXES.some((prefix) => key.startsWith(prefix)) ||
    key.endsWith("/label-digest")
  );
}

/** Labels whose value changes with a release, not with a pod: selectors use them only when nothing else separates. */
const RELEASE_KEYS: ReadonlySet<string> = new Set([
  "app.kubernetes.io/managed-by",
  "app.kubernetes.io/version",
  "chart",
  "date",
  "heritage",
  "helm.sh/chart",
  "revision",
  "version",
]);

/** True for a label key whose value is expected to change with a release of the same workload. */
export function isReleaseLabel(key: string): boolean {
  return RELEASE_KEYS.has(key);
}

/** On every object that netlearn writes: what it wrote can be told from what people wrote. */
export const OWN_LABELS = { "app.kubernetes.io/managed-by": "netlearn" } as const;

/** Whether an object is labelled as one that netlearn wrote. */
export function isLabelledOurs({
  metadata,
}: {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}): boolean {
  return metadata.labels?.["app.kubernetes.io/managed-by"] === "netlearn";
}
