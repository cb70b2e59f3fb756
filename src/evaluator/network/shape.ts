/** What a field may hold. `open` objects may have fields that are not listed. */
type Shape =
  | { readonly type: "text" | "number" | "port" | "labels" }
  | { readonly type: "list"; readonly of: Shape }
  | { readonly type: "object"; readonly fields: ReadonlyMap<string, Shape>; readonly open: boolean };

const TEXT: Shape = { type: "text" };
const LABELS: Shape = { type: "labels" };

function list(of: Shape): Shape {
  return { type: "list", of };
}

function object(fields: Readonly<Record<string, Shape>>, open = false): Shape {
  return { type: "object", fields: new Map(Object.entries(fields)), open };
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
const PORTS = list(object({ protocol: TEXT, port: { type: "port" }, endPort: { type: "number" } }));

/** networking.k8s.io/v1; metadata and a left-over `status` come from dumps and are not looked into. */
const NETWORK_POLICY = object(
  {
    apiVersion: TEXT,
    kind: TEXT,
    metadata: object({ name: TEXT, namespace: TEXT, labels: LABELS, annotations: LABELS }, true),
    spec: object({
      podSelector: SELECTOR,
      policyTypes: list(TEXT),
      ingress: list(object({ from: PEERS, ports: PORTS })),
      egress: list(object({ to: PEERS, ports: PORTS })),
    }),
  },
  true,
);

/**
 * Fields of the wrong type and fields NetworkPolicy does not have, with their paths. The latter matter: a cluster
 * drops `_from` or `ipblock` without a word unless it is asked to be strict, and the rule then allows everything.
 */
export function shapeProblems(policy: unknown): readonly string[] {
  return problemsIn(policy, NETWORK_POLICY, "");
}

function problemsIn(value: unknown, shape: Shape, path: string): readonly string[] {
  switch (shape.type) {
    case "text":
      return typeof value === "string" ? [] : [wrong(value, path, "text; put it in quotes")];
    case "number":
      return Number.isInteger(value) ? [] : [wrong(value, path, "a whole number")];
    case "port":
      return typeof value === "string" || Number.isInteger(value)
        ? []
        : [wrong(value, path, "a whole number or the name of a port")];
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
    const place = path === "" ? key : `${path}.${key}`;
    if (known !== undefined) {
      return problemsIn(field, known, place);
    }
    return shape.open
      ? []
      : [`${place}: NetworkPolicy has no such field; known here are ${[...shape.fields.keys()].join(", ")}`];
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
