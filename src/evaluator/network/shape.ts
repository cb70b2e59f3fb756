import { inField, inItems, inLabel, NO_PROBLEMS, ofFields, type Problems, problem, quoted } from "./problem.ts";

/** What is wrong with the type of a value, and of everything in it. */
type Shape = (value: unknown) => Problems;

const TEXT: Shape = (value) => (typeof value === "string" ? NO_PROBLEMS : wrong(value, "text; put it in quotes"));
const NUMBER: Shape = (value) => (Number.isInteger(value) ? NO_PROBLEMS : wrong(value, "a whole number"));
const PORT: Shape = (value) =>
  typeof value === "string" || Number.isInteger(value)
    ? NO_PROBLEMS
    : wrong(value, "a whole number or the name of a port");
const ANYTHING: Shape = () => NO_PROBLEMS;
const LABELS: Shape = (value) =>
  isObject(value) ? ofFields(value, (key, text) => inLabel(key, unlessNothing(TEXT, text))) : wrong(value, "an object");

/** A `null` has every type. */
function unlessNothing(shape: Shape, value: unknown): Problems {
  return value === null || value === undefined ? NO_PROBLEMS : shape(value);
}

function list(of: Shape): Shape {
  return (value) => (Array.isArray(value) ? inItems(value, (item) => unlessNothing(of, item)) : wrong(value, "a list"));
}

/** An object with these fields and no others. */
function object(fields: Readonly<Record<string, Shape>>): Shape {
  const known = new Map(Object.entries(fields));
  const knownHere = `known here are ${Object.keys(fields).join(", ")}`;
  const fieldProblems = (name: string, value: unknown): Problems => {
    const shape = known.get(name);
    if (shape !== undefined) {
      return inField(name, unlessNothing(shape, value));
    }
    return value === undefined ? NO_PROBLEMS : inField(name, problem(`NetworkPolicy has no such field; ${knownHere}`));
  };
  return (value) => (isObject(value) ? ofFields(value, fieldProblems) : wrong(value, "an object"));
}

const SELECTOR = object({
  matchLabels: LABELS,
  matchExpressions: list(object({ key: TEXT, operator: TEXT, values: list(TEXT) })),
});
const PEERS = list(
  object({
    podSelector: SELECTOR,
    namespaceSelector: SELECTOR,
    ipBlock: object({ cidr: TEXT, except: list(TEXT) }),
  }),
);
const PORTS = list(object({ protocol: TEXT, port: PORT, endPort: NUMBER }));

/** apimachinery pkg/apis/meta/v1/types.go, ObjectMeta. What a server keeps for itself is not looked into. */
const METADATA = object({
  name: TEXT,
  generateName: TEXT,
  namespace: TEXT,
  labels: LABELS,
  annotations: LABELS,
  finalizers: list(TEXT),
  ownerReferences: list(ANYTHING),
  managedFields: list(ANYTHING),
  uid: TEXT,
  selfLink: TEXT,
  resourceVersion: TEXT,
  generation: NUMBER,
  creationTimestamp: TEXT,
  deletionTimestamp: TEXT,
  deletionGracePeriodSeconds: NUMBER,
});

/** networking.k8s.io/v1, and the `status` it had from Kubernetes 1.24 to 1.27. */
const NETWORK_POLICY = object({
  apiVersion: TEXT,
  kind: TEXT,
  metadata: METADATA,
  spec: object({
    podSelector: SELECTOR,
    policyTypes: list(TEXT),
    ingress: list(object({ from: PEERS, ports: PORTS })),
    egress: list(object({ to: PEERS, ports: PORTS })),
  }),
  status: ANYTHING,
});

/**
 * Fields of the wrong type and fields NetworkPolicy does not have. The latter matter: a cluster drops `_from` or
 * `ipblock` without a word unless it is asked to be strict, and the rule then allows everything. A `null` has every type,
 * but makes no field known.
 */
export function shapeProblems(policy: unknown): Problems {
  return NETWORK_POLICY(policy);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(value: unknown, wanted: string): Problems {
  return problem(`${quoted(value)} must be ${wanted}`);
}
