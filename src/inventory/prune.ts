import { fieldOf, groupOf, isRecord } from "./objects/fields.ts";
import { TRACKING_ANNOTATION } from "./objects/marks.ts";
import { hasLocalAddresses } from "./objects/pod-spec.ts";

/**
 * What is kept of a value: all of it (`true`), or of a mapping these fields, each again by a shape. `each` is for the
 * items of a list, `keys` for the keys of a mapping of texts that begin so, `when` for what is kept whole or not at all.
 */
type Shape =
  | true
  | { readonly fields: readonly (readonly [key: string, shape: Shape])[] }
  | { readonly each: Shape }
  | { readonly keys: readonly string[] }
  | { readonly when: (value: unknown) => boolean };

const fields = (shape: Readonly<Record<string, Shape>>): Shape => ({ fields: Object.entries(shape) });
const each = (shape: Shape): Shape => ({ each: shape });

/** Annotations that say something about addresses, owners, classes, scrapes, or who applied it; the rest can be as long as the object. */
const ANNOTATIONS: readonly string[] = [
  TRACKING_ANNOTATION,
  "ingressclass.kubernetes.io/is-default-class",
  "kubernetes.io/config.mirror",
  "kubernetes.io/ingress.class",
  "openshift.io/deployment-config.name",
  "projectcalico.org/",
  "prometheus.io/",
];

const METADATA = fields({
  name: true,
  namespace: true,
  uid: true,
  labels: true,
  annotations: { keys: ANNOTATIONS },
  ownerReferences: each(fields({ apiVersion: true, kind: true, name: true, uid: true, controller: true })),
  creationTimestamp: true,
  deletionTimestamp: true,
  generation: true,
  resourceVersion: true,
});

const PROBE = fields({ httpGet: true, tcpSocket: true, grpc: true });
const HANDLER = fields({ httpGet: true, tcpSocket: true });

const CONTAINERS = each(
  fields({
    name: true,
    ports: true,
    args: { when: hasLocalAddresses },
    restartPolicy: true,
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    startupProbe: PROBE,
    lifecycle: fields({ postStart: HANDLER, preStop: HANDLER }),
  }),
);

const POD_SPEC = fields({
  containers: CONTAINERS,
  initContainers: CONTAINERS,
  nodeName: true,
  hostNetwork: true,
  serviceAccount: true,
  serviceAccountName: true,
});

const TEMPLATE = fields({ metadata: fields({ labels: true, annotations: { keys: ANNOTATIONS } }), spec: POD_SPEC });

const CONTAINER_STATUSES = each(fields({ name: true, state: fields({ terminated: fields({ finishedAt: true }) }) }));

const JOB_SPEC = fields({ selector: true, completionMode: true, template: TEMPLATE });

const CONTROLLER_SPEC = fields({
  selector: true,
  replicas: true,
  completionMode: true,
  template: TEMPLATE,
  // A Rollout whose template is a Deployment's, and KEDA's ScaledJob.
  workloadRef: true,
  jobTargetRef: fields({ template: TEMPLATE }),
});

const object = (own: Readonly<Record<string, Shape>>): Shape =>
  fields({ apiVersion: true, kind: true, metadata: METADATA, ...own });

const WEBHOOKS = object({ webhooks: each(fields({ name: true, clientConfig: fields({ service: true, url: true }) })) });
const WHOLE_SPEC = object({ spec: true, status: fields({ addresses: true, loadBalancer: true }) });

/** What is kept of each kind; of one that is not here, what {@link UNKNOWN} says. */
const SHAPES: ReadonlyMap<string, Shape> = new Map([
  [
    "/Pod",
    object({
      spec: POD_SPEC,
      status: fields({
        phase: true,
        hostIP: true,
        hostIPs: true,
        podIP: true,
        podIPs: true,
        startTime: true,
        containerStatuses: CONTAINER_STATUSES,
        initContainerStatuses: CONTAINER_STATUSES,
      }),
    }),
  ],
  ["/Service", object({ spec: true, status: fields({ loadBalancer: true }) })],
  ["/Endpoints", object({ subsets: true })],
  ["/Namespace", object({})],
  [
    "/Node",
    object({
      spec: fields({ podCIDR: true, podCIDRs: true }),
      status: fields({ addresses: true, daemonEndpoints: true }),
    }),
  ],
  [
    "cilium.io/CiliumNode",
    object({ spec: fields({ addresses: true, health: true, ingress: true, ipam: fields({ podCIDRs: true }) }) }),
  ],
  [
    "discovery.k8s.io/EndpointSlice",
    object({
      addressType: true,
      ports: true,
      endpoints: each(fields({ addresses: true, nodeName: true, targetRef: true, conditions: true })),
    }),
  ],
  [
    "batch/CronJob",
    object({
      spec: fields({ schedule: true, timeZone: true, suspend: true, jobTemplate: fields({ spec: JOB_SPEC }) }),
      status: fields({ lastScheduleTime: true, lastSuccessfulTime: true }),
    }),
  ],
  ["admissionregistration.k8s.io/MutatingWebhookConfiguration", WEBHOOKS],
  ["admissionregistration.k8s.io/ValidatingWebhookConfiguration", WEBHOOKS],
  [
    "apiextensions.k8s.io/CustomResourceDefinition",
    object({ spec: fields({ group: true, names: true, conversion: true }) }),
  ],
  ["apiregistration.k8s.io/APIService", object({ spec: fields({ service: true, group: true, version: true }) })],
  // Alerts and who hears them are most of what there is in their group.
  ["monitoring.coreos.com/AlertmanagerConfig", object({})],
  ["monitoring.coreos.com/PrometheusRule", object({})],
]);

/** Groups whose objects say with their whole `spec` who may talk to whom. */
const WHOLE_GROUPS: ReadonlySet<string> = new Set([
  "cilium.io",
  "crd.antrea.io",
  "crd.projectcalico.org",
  "extensions",
  "gateway.networking.k8s.io",
  "k8s.ovn.org",
  "monitoring.coreos.com",
  "network.openshift.io",
  "networking.k8s.io",
  "policy.networking.k8s.io",
  "projectcalico.org",
  "route.openshift.io",
  "security.istio.io",
]);

const UNKNOWN = object({ spec: CONTROLLER_SPEC });

/**
 * An object with only what the inventory reads of one of its kind: a tenth of a pod as the API server shows it. Never for
 * `netlearn check`, which judges what is written.
 *
 * @returns a value of its own; the same value where it is no object of Kubernetes
 */
export function prunedValue(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const pruned = prune(value, shapeOf(value));
  return isRecord(pruned) ? pruned : value;
}

function shapeOf(value: Readonly<Record<string, unknown>>): Shape {
  const apiVersion = fieldOf(value, "apiVersion");
  const kind = fieldOf(value, "kind");
  if (typeof apiVersion !== "string" || typeof kind !== "string") return true;
  const group = groupOf(apiVersion);
  const own = SHAPES.get(`${group}/${kind}`);
  if (own !== undefined) return own;
  // Deployments and the like were once of `extensions`.
  const hasTemplate = isRecord(fieldOf(fieldOf(value, "spec"), "template"));
  return WHOLE_GROUPS.has(group) && !hasTemplate ? WHOLE_SPEC : UNKNOWN;
}

function prune(value: unknown, shape: Shape): unknown {
  if (shape === true) return value;
  if ("each" in shape) return Array.isArray(value) ? value.map((item: unknown) => prune(item, shape.each)) : undefined;
  if ("when" in shape) return shape.when(value) ? value : undefined;
  if (!isRecord(value)) return undefined;
  if ("keys" in shape) {
    const kept = Object.entries(value).filter(([key]) => shape.keys.some((start) => key.startsWith(start)));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }
  const pruned: Record<string, unknown> = {};
  for (const [key, own] of shape.fields) {
    if (!Object.hasOwn(value, key)) continue;
    const kept = prune(value[key], own);
    if (kept !== undefined) pruned[key] = kept;
  }
  return pruned;
}
