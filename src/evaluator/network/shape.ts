import { inField, inItems, inLabel, NO_PROBLEMS, ofFields, type Problems, problem, quoted } from "./problem.ts";

/** What is wrong with the type of a value, and of everything in it. */
type Shape = (value: unknown) => Problems;

const TEXT: Shape = (value) => (typeof value === "string" ? NO_PROBLEMS : wrong(value, "text; put it in quotes"));
const NUMBER: Shape = (value) => (Number.isInteger(value) ? NO_PROBLEMS : wrong(value, "a whole number"));
const PORT: Shape = (value) =>
  typeof value === "string" || Number.isInteger(value)
    ? NO_PROBLEMS
    : wrong(value, "a whole number or the name of a port");
const LABELS: Shape = (value) =>
  isObject(value) ? ofFields(value, (key, text) => inLabel(key, TEXT(text))) : wrong(value, "an object");

function list(of: Shape): Shape {
  return (value) => (Array.isArray(value) ? inItems(value, of) : wrong(value, "a list"));
}

/** An object with these fields and no others; others are not looked into if it is `open`. */
function object(fields: Readonly<Record<string, Shape>>, open = false): Shape {
  const known = new Map(Object.entries(fields));
  const knownHere = `known here are ${Object.keys(fields).join(", ")}`;
  const fieldProblems = (name: string, value: unknown): Problems => {
    const shape = known.get(name);
    if (shape === undefined) {
      return open ? NO_PROBLEMS : inField(name, problem(`NetworkPolicy has no such field; ${knownHere}`));
    }
    return inField(name, shape(value));
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
 * Fields of the wrong type and fields NetworkPolicy does not have. The latter matter: a cluster drops `_from` or
 * `ipblock` without a word unless it is asked to be strict, and the rule then allows everything.
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
