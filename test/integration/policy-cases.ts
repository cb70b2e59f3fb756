import { at, changed, isObject, type Json, type JsonObject, own, type Path, pathsOf } from "./json.ts";

/** A policy as somebody might write it, and what is particular about it. */
export interface PolicyCase {
  readonly what: string;
  readonly policy: Json;
}

/** In this namespace the policies are. */
export const NAMESPACE = "shop";

/** A policy of the namespace; whether it is right is what is asked. */
export function policyOf(spec: Json, metadata: JsonObject = {}): Json {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "p", namespace: NAMESPACE, ...metadata },
    spec,
  };
}

/** Every field there is, with values that are right. */
const FULL: Json = policyOf(
  {
    podSelector: {
      matchLabels: { "app.kubernetes.io/name": "cart" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["front", "back"] },
        { key: "canary", operator: "DoesNotExist" },
      ],
    },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [
          { podSelector: { matchLabels: { app: "web" } }, namespaceSelector: { matchLabels: { team: "a" } } },
          { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16", "10.2.3.4/32"] } },
        ],
        ports: [{ protocol: "TCP", port: 8080, endPort: 8090 }, { port: "http" }],
      },
    ],
    egress: [
      {
        to: [{ namespaceSelector: { matchExpressions: [{ key: "team", operator: "NotIn", values: ["b"] }] } }],
        ports: [{ protocol: "UDP", port: 53 }],
      },
      { to: [{ ipBlock: { cidr: "2001:db8::/32" } }] },
    ],
  },
  { labels: { "app.kubernetes.io/managed-by": "netlearn" }, annotations: { "example.com/why": "Because." } },
);

const SIXTY_THREE = "a".repeat(63);

/** Texts that break a rule about names, labels or ports somewhere, or just do not. */
export const TEXTS: readonly string[] = [
  "",
  " ",
  "a",
  "A",
  "0",
  "80",
  "a-b",
  "a--b",
  "-a",
  "a-",
  "a_b",
  "_a",
  "a.b",
  "a..b",
  ".a",
  "a.",
  "a/b",
  "a/",
  "/a",
  "a/b/c",
  "A/b",
  "a_b/c",
  "a.b/C_d.e-f",
  "http-2",
  "1-2",
  "abcdefghijklmno",
  "abcdefghijklmnop",
  SIXTY_THREE,
  `${SIXTY_THREE}a`,
  `${SIXTY_THREE}/${SIXTY_THREE}`,
  `${"b".repeat(253)}/a`,
  `${"b".repeat(254)}/a`,
  `${SIXTY_THREE}.${SIXTY_THREE}.${SIXTY_THREE}.${"a".repeat(61)}`,
  `${SIXTY_THREE}.${SIXTY_THREE}.${SIXTY_THREE}.${"a".repeat(62)}`,
  "ä",
  "ａ",
  "a\n",
  "a\u0000",
  "👍",
  "__proto__",
  "constructor",
  "*",
  "kubernetes.io/metadata.name",
];

export const BLOCKS: readonly string[] = [
  "0.0.0.0/0",
  "10.0.0.0/8",
  "10.0.0.1/32",
  "10.0.0.1/8",
  "10.128.0.0/9",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/08",
  "10.0.0.0/+8",
  "10.0.0.0/8 ",
  " 10.0.0.0/8",
  "10.0.0.0/",
  "10.0.0.0",
  "10.0.0/8",
  "10/8",
  "010.0.0.0/8",
  "10.0.0.00/8",
  "0x0a.0.0.0/8",
  "256.0.0.0/8",
  "10.0.0.0/8/8",
  "10.0.0.0/255.0.0.0",
  "::/0",
  "::/128",
  "2001:db8::/32",
  "2001:DB8::/32",
  "2001:0db8:0000:0000:0000:0000:0000:0000/32",
  "2001:db8::1/32",
  "2001:db8::1/128",
  "2001:db8::/129",
  "2001:db8:::/32",
  "2001:db8/32",
  "1:2:3:4:5:6:7:8/128",
  "1:2:3:4:5:6:7::/128",
  "1:2:3:4:5:6:7:8:9/128",
  "::ffff:10.0.0.0/104",
  "::ffff:10.0.0.0/8",
  "::ffff:0:0/96",
  "64:ff9b::10.0.0.0/128",
  "::10.0.0.0/128",
  "64:ff9b::10.0.0.300/128",
  "fe80::%eth0/10",
  "fe80::1%eth0/128",
  "[::]/0",
  "g::/16",
  "00001::/16",
  "localhost/8",
];

export const PORTS: readonly Json[] = [0, 1, 80, 65_535, 65_536, -1, 80.5, 1e10, "80", "http", "", true, null, {}, []];

/** What may stand in the place of anything. */
export const ODD: readonly Json[] = [
  null,
  "",
  "x",
  0,
  7,
  -1,
  1.5,
  true,
  {},
  [],
  [null],
  [""],
  [{}],
  { x: "y" },
  { x: null },
];

/** The table: rule by rule, place by place. */
export function tableOfCases(): readonly PolicyCase[] {
  return [
    { what: "everything", policy: FULL },
    ...textCases(),
    ...blockCases(),
    ...portCases(),
    ...selectorCases(),
    ...peerCases(),
    ...typeCases(),
    ...annotationCases(),
    ...placeCases(FULL),
    ...unknownFieldCases(FULL),
  ];
}

const selecting = (podSelector: Json): Json => policyOf({ podSelector });
const from = (peer: Json): Json => policyOf({ ingress: [{ from: [peer] }] });
const port = (entry: Json): Json => policyOf({ egress: [{ ports: [entry] }] });

function textCases(): PolicyCase[] {
  const places: Readonly<Record<string, (text: string) => Json>> = {
    name: (text) => policyOf({}, { name: text }),
    "label key": (text) => policyOf({}, { labels: own(text, "x") }),
    "label value": (text) => policyOf({}, { labels: { x: text } }),
    "annotation key": (text) => policyOf({}, { annotations: own(text, "x") }),
    "annotation value": (text) => policyOf({}, { annotations: { x: text } }),
    "selector key": (text) => selecting({ matchLabels: own(text, "x") }),
    "selector value": (text) => selecting({ matchLabels: { x: text } }),
    "peer's selector key": (text) => from({ podSelector: { matchLabels: own(text, "x") } }),
    "namespace selector value": (text) => from({ namespaceSelector: { matchLabels: { x: text } } }),
    "expression key": (text) => selecting({ matchExpressions: [{ key: text, operator: "Exists" }] }),
    "expression value": (text) => selecting({ matchExpressions: [{ key: "x", operator: "In", values: [text] }] }),
    "unlisted value": (text) =>
      from({ podSelector: { matchExpressions: [{ key: "x", operator: "NotIn", values: [text] }] } }),
    "named port": (text) => port({ port: text }),
    protocol: (text) => port({ protocol: text }),
    operator: (text) => selecting({ matchExpressions: [{ key: "x", operator: text }] }),
    "policy type": (text) => policyOf({ policyTypes: [text] }),
  };
  return Object.entries(places).flatMap(([place, write]) =>
    TEXTS.map((text) => ({ what: `${place} ${JSON.stringify(text)}`, policy: write(text) })),
  );
}

function blockCases(): PolicyCase[] {
  const alone = BLOCKS.map((cidr) => ({ what: `block ${cidr}`, policy: from({ ipBlock: { cidr } }) }));
  const pairs = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.1/32", "::/0", "2001:db8::/32", "bad"].flatMap(
    (cidr) =>
      BLOCKS.map((except) => ({
        what: `block ${cidr} except ${except}`,
        policy: from({ ipBlock: { cidr, except: ["10.200.0.0/16", except] } }),
      })),
  );
  return [...alone, ...pairs];
}

function portCases(): PolicyCase[] {
  const pairs = [undefined, ...PORTS].flatMap((first) =>
    [undefined, ...PORTS].map((endPort) => ({
      ...(first === undefined ? {} : { port: first }),
      ...(endPort === undefined ? {} : { endPort }),
    })),
  );
  const protocols = ["TCP", "UDP", "SCTP", "tcp", "ICMP", "ANY", "", null, 6].map((protocol) => ({
    protocol,
    port: 80,
  }));
  return [...pairs, ...protocols].map((entry) => ({ what: `port ${JSON.stringify(entry)}`, policy: port(entry) }));
}

function selectorCases(): PolicyCase[] {
  const operators = ["In", "NotIn", "Exists", "DoesNotExist", "in", "Equals", "Gt", null, undefined];
  const values = [undefined, null, [], ["a"], ["a", "a"], ["a", ""], ["a b"], [null], ["a", null], [1], "a", {}];
  return operators.flatMap((operator) =>
    values.map((list) => {
      const expression = {
        key: "x",
        ...(operator === undefined ? {} : { operator }),
        ...(list === undefined ? {} : { values: list }),
      };
      return {
        what: `expression ${JSON.stringify(expression)}`,
        policy: selecting({ matchExpressions: [expression] }),
      };
    }),
  );
}

function peerCases(): PolicyCase[] {
  const selectors = [undefined, null, {}, { matchLabels: { a: "b" } }, { matchLabels: { a: null } }];
  const blocks = [undefined, null, {}, { cidr: "10.0.0.0/8" }, { cidr: null }, { except: ["10.0.0.0/8"] }];
  return selectors.flatMap((podSelector) =>
    selectors.flatMap((namespaceSelector) =>
      blocks.map((ipBlock) => {
        const peer = {
          ...(podSelector === undefined ? {} : { podSelector }),
          ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
          ...(ipBlock === undefined ? {} : { ipBlock }),
        };
        return { what: `peer ${JSON.stringify(peer)}`, policy: from(peer) };
      }),
    ),
  );
}

function typeCases(): PolicyCase[] {
  const types: readonly Json[] = ["Ingress", "Egress", "ingress", "Both", null];
  const lists: readonly Json[] = [
    ...types.map((one) => [one]),
    ...types.flatMap((one) => types.map((other) => [one, other])),
    ["Ingress", "Egress", "Ingress"],
    ["Both", "Egress", "Ingress"],
  ];
  return lists.flatMap((policyTypes) => [
    { what: `types ${JSON.stringify(policyTypes)}`, policy: policyOf({ policyTypes }) },
    { what: `types ${JSON.stringify(policyTypes)} and egress`, policy: policyOf({ policyTypes, egress: [{}] }) },
  ]);
}

/** All annotations together may have 256 KiB (apimachinery, TotalAnnotationSizeLimitB), keys included, in UTF-8. */
function annotationCases(): PolicyCase[] {
  const limit = 256 * 1024;
  return [
    {
      what: "annotations as large as they may be",
      policy: policyOf({}, { annotations: { x: "a".repeat(limit - 1) } }),
    },
    { what: "annotations too large", policy: policyOf({}, { annotations: { x: "a".repeat(limit) } }) },
    { what: "annotations too large in UTF-8", policy: policyOf({}, { annotations: { x: "ä".repeat(limit / 2) } }) },
    {
      what: "annotations too large together",
      policy: policyOf({}, { annotations: { x: "a".repeat(limit / 2), y: "a".repeat(limit / 2) } }),
    },
  ];
}

/** At every place of the policy: something odd, or nothing. */
function placeCases(policy: Json): PolicyCase[] {
  return pathsOf(policy)
    .filter((path) => !isIdentity(path))
    .flatMap((path) => [
      { what: `without ${path.join(".")}`, policy: changed(policy, path, undefined) },
      ...ODD.map((odd) => ({ what: `${path.join(".")}: ${JSON.stringify(odd)}`, policy: changed(policy, path, odd) })),
    ]);
}

/** In every object of the policy: a field it does not have, and the fields of client libraries and of typing errors. */
function unknownFieldCases(policy: Json): PolicyCase[] {
  const names = ["unknown", "_from", "ipblock", "Spec", "status", "selector", "namespace", "finalizers"];
  return [[], ...pathsOf(policy)]
    .filter((path) => isObject(at(policy, path)))
    .flatMap((path) => names.map((name) => [...path, name]))
    .filter((path) => !isIdentity(path))
    .flatMap((path) =>
      [{}, "x", null].map((value) => ({
        what: `${path.join(".")}: ${JSON.stringify(value)} besides`,
        policy: changed(policy, path, value),
      })),
    );
}

/** What the path of a request says as well: a server looks there where the object says nothing, and compares them. */
export function isIdentity(path: Path): boolean {
  return ["", "apiVersion", "kind", "metadata", "metadata.namespace"].includes(path.join("."));
}
