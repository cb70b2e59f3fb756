/** What a field may hold if it is not `null`. */
type Shape =
  | { readonly type: "value"; readonly wanted: string; readonly isRight: (value: unknown) => boolean }
  | { readonly type: "labels" }
  | { readonly type: "list"; readonly of: Shape }
  | { readonly type: "object"; readonly fields: ReadonlyMap<string, Shape> };

const TEXT: Shape = {
  type: "value",
  wanted: "text; put it in quotes",
  isRight: (value) => typeof value === "string",
};
const NUMBER: Shape = { type: "value", wanted: "a whole number", isRight: Number.isInteger };
const PORT: Shape = {
  type: "value",
  wanted: "a whole number or the name of a port",
  isRight: (value) => typeof value === "string" || Number.isInteger(value),
};
const ANYTHING: Shape = { type: "value", wanted: "anything", isRight: () => true };
const LABELS: Shape = { type: "labels" };

function list(of: Shape): Shape {
  return { type: "list", of };
}

function object(fields: Readonly<Record<string, Shape>>): Shape {
  return { type: "object", fields: new Map(Object.entries(fields)) };
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
 * Fields of the wrong type and fields NetworkPolicy does not have, with their paths. The latter matter: a cluster
 * drops `_from` or `ipblock` without a word unless it is asked to be strict, and the rule then allows everything. A
 * `null` has every type, but makes no field known.
 */
export function shapeProblems(policy: unknown): readonly string[] {
  return isObject(policy) ? problemsIn(policy, NETWORK_POLICY, "") : [wrong(policy, "", "an object")];
}

function problemsIn(value: unknown, shape: Shape, path: string): readonly string[] {
  if (value === null || value === undefined) {
    return [];
  }
  switch (shape.type) {
    case "value":
      return shape.isRight(value) ? [] : [wrong(value, path, shape.wanted)];
    case "labels":
      return labelProblems(value, path);
    case "list":
      return Array.isArray(value)
        ? value.flatMap((item: unknown, index) => problemsIn(item, shape.of, `${path}[${index}]`))
        : [wrong(value, path, "a list")];
    case "object":
      return fieldProblems(value, shape, path);
  }
}

function labelProblems(value: unknown, path: string): readonly string[] {
  if (!isObject(value)) {
    return [wrong(value, path, "an object")];
  }
  return Object.entries(value).flatMap(([key, text]) => problemsIn(text, TEXT, `${path}[${JSON.stringify(key)}]`));
}

function fieldProblems(value: unknown, shape: Extract<Shape, { type: "object" }>, path: string): readonly string[] {
  if (!isObject(value)) {
    return [wrong(value, path, "an object")];
  }
  return Object.entries(value).flatMap(([key, field]) => {
    const known = shape.fields.get(key);
    const name = /^\w+$/.test(key) ? key : quoted(key);
    const place = path === "" ? name : `${path}.${name}`;
    if (field === undefined) {
      return [];
    }
    return known === undefined
      ? [`${place}: NetworkPolicy has no such field; known here are ${[...shape.fields.keys()].join(", ")}`]
      : problemsIn(field, known, place);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as it may stand in a message: one line, whatever it holds. */
export function quoted(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

function wrong(value: unknown, path: string, wanted: string): string {
  return `${path === "" ? "(document)" : path}: ${quoted(value)} must be ${wanted}`;
}
