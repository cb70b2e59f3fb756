import fc from "fast-check";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import type {
  AccessAttributes,
  AccessEvidence,
  AccessGraph,
  AccessSign,
  AccessUse,
  Citation,
  Identity,
  ResourceAttributes,
} from "../../../src/model/access.ts";
import { attributesText } from "../../../src/model/access-attributes.ts";
import type { AccessPolicySet } from "../../../src/model/access-policy.ts";
import { DEFAULT_BINDINGS, DEFAULT_ROLES } from "../../../src/model/default-rbac.ts";
import type {
  BindingManifest,
  KnownBinding,
  KnownRole,
  PolicyRule,
  RbacState,
  RbacSubject,
} from "../../../src/model/rbac.ts";
import { type AccessOptions, DEFAULT_ACCESS_OPTIONS } from "../../../src/synthesizer/access/options.ts";
import { synthesizeAccess } from "../../../src/synthesizer/access/synthesize.ts";
import { withGroups } from "./judge.ts";

const API = "rbac.authorization.k8s.io";
const DAY = 86_400_000;
export const START: number = Date.UTC(2026, 0, 5);

export function account(text: string): RbacSubject {
  const [namespace = "", name = ""] = text.split("/");
  return { kind: "ServiceAccount", name, namespace };
}

export function group(name: string): RbacSubject {
  return { kind: "Group", apiGroup: API, name };
}

export function identityFor(text: string, ...groups: readonly string[]): Identity {
  const [namespace, name] = text.split("/");
  return name === undefined
    ? { username: text, groups }
    : { username: `system:serviceaccount:${namespace}:${name}`, groups };
}

/** `VERB RESOURCE[.GROUP][/SUB][ in NAMESPACE][ named NAME]`, or `VERB /PATH`, as attributes. */
export function asked(text: string): AccessAttributes {
  const [, verb = "", what = "", , namespace = "", , name = ""] =
    /^(\S+) (\S+)( in (\S+))?( named (.+))?$/u.exec(text) ?? [];
  if (what.startsWith("/")) return { kind: "non-resource", verb, path: what };
  const [full = "", subresource = ""] = what.split("/");
  const [resource = "", ...rest] = full.split(".");
  return { kind: "resource", verb, apiGroup: rest.join("."), resource, subresource, namespace, name };
}

/** As `asked`, for what is a resource. */
export function resourceOf(text: string): ResourceAttributes {
  const attributes = asked(text);
  if (attributes.kind !== "resource") throw new Error(`${text} is no resource`);
  return attributes;
}

const KNOWN = { createdAt: undefined, keeper: undefined, place: "test" } as const;

export function role(place: string, ...rules: readonly PolicyRule[]): KnownRole {
  const [first = "", second] = place.split("/");
  return {
    apiVersion: `${API}/v1`,
    kind: second === undefined ? "ClusterRole" : "Role",
    metadata: second === undefined ? { name: first } : { namespace: first, name: second },
    rules,
    isAggregated: false,
    ...KNOWN,
  };
}

/** A binding at `NAMESPACE/NAME`, or of the cluster at `NAME`, to a role given the same way. */
export function binding(place: string, to: string, ...subjects: readonly RbacSubject[]): KnownBinding {
  const [first = "", second] = place.split("/");
  const [roleFirst = "", roleSecond] = to.split("/");
  return {
    apiVersion: `${API}/v1`,
    kind: second === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: second === undefined ? { name: first } : { namespace: first, name: second },
    roleRef: { apiGroup: API, kind: roleSecond === undefined ? "ClusterRole" : "Role", name: roleSecond ?? roleFirst },
    subjects,
    ...KNOWN,
  };
}

/** The roles and bindings, with those that every cluster has. */
export function stateOf(...objects: readonly (KnownRole | KnownBinding)[]): RbacState {
  const roles = objects.filter((object) => "rules" in object);
  const bindings = objects.filter((object) => "roleRef" in object);
  return { roles: [...DEFAULT_ROLES, ...roles], bindings: [...DEFAULT_BINDINGS, ...bindings] };
}

/** Everything, in a role and a binding for somebody. */
export function admin(...subjects: readonly RbacSubject[]): readonly (KnownRole | KnownBinding)[] {
  const all = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
  return [role("root", all, { nonResourceURLs: ["*"], verbs: ["*"] }), binding("root", "root", ...subjects)];
}

export function evidence(over: Partial<AccessEvidence> = {}): AccessEvidence {
  return {
    requests: 40,
    exact: true,
    firstSeen: START,
    lastSeen: START + 20 * DAY,
    hours: Array.from({ length: 20 }, (_, day) => START / 3_600_000 + day * 24),
    codes: [200],
    userAgents: ["test/1.0"],
    sourceIps: ["10.0.0.1"],
    ...over,
  };
}

export function use(who: Identity, text: string | AccessAttributes, over: Partial<AccessUse> = {}): AccessUse {
  return {
    identity: who,
    impersonator: undefined,
    attributes: typeof text === "string" ? asked(text) : text,
    isMany: false,
    outcome: "allowed",
    citations: [],
    signs: [],
    evidence: evidence(),
    ...over,
  };
}

export function graphOf(...uses: readonly AccessUse[]): AccessGraph {
  return {
    window: { first: START, last: START + 20 * DAY },
    uses,
    callers: [],
    facts: { events: uses.length, withDecision: uses.length, setAside: {}, origins: [] },
  };
}

export function citing(kind: "Group" | "User" | "ServiceAccount", name: string, namespace = ""): Citation {
  return {
    kind: "rbac",
    binding: { kind: "ClusterRoleBinding", namespace: "", name: "some" },
    role: { kind: "ClusterRole", name: "some" },
    subject: { kind, namespace, name },
  };
}

/** Suggests roles for these uses, with what is in force, and no waiting unless asked for. */
export function suggest(
  uses: readonly AccessUse[] | AccessGraph,
  rbac: RbacState | undefined,
  over: Partial<AccessOptions> = {},
): AccessPolicySet {
  const graph = "uses" in uses ? uses : graphOf(...uses);
  return synthesizeAccess(graph, { rbac, auditPolicy: undefined }, { ...DEFAULT_ACCESS_OPTIONS, minDays: 0, ...over });
}

/** `ORIGIN VERB RESOURCE...` of every line of every role, sorted. */
export function linesOf(set: AccessPolicySet): string[] {
  return set.roles
    .flatMap(({ lines }) => lines)
    .map(
      ({ attributes, origin }) =>
        `${"because" in origin ? origin.because : origin.kind}: ${attributesText(attributes)}`,
    )
    .toSorted();
}

/** The messages of the findings with a code. */
export function told(set: AccessPolicySet, code: string): string[] {
  return set.findings.filter((finding) => finding.code === code).map(({ message }) => message);
}

/** Who is in the random worlds. */
const PEOPLE: readonly Identity[] = [
  identityFor("shop/web"),
  identityFor("shop/api"),
  identityFor("tools/bot"),
  identityFor("kube-system/part"),
  identityFor("jane", "devs", "ops"),
  identityFor("bob", "devs"),
  identityFor("eve"),
];

const SUBJECTS: readonly RbacSubject[] = [
  account("shop/web"),
  account("shop/api"),
  account("tools/bot"),
  account("kube-system/part"),
  group("devs"),
  group("ops"),
  group("system:serviceaccounts:shop"),
  { kind: "User", apiGroup: API, name: "eve" },
];

const NAMES = ["", "", "main", "other", "web-7d4b9c8f6d-x2k4j"];
const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use"];
const RESOURCES: readonly (readonly [string, string])[] = [
  ["", "pods"],
  ["", "pods/exec"],
  ["", "pods/log"],
  ["", "secrets"],
  ["", "configmaps"],
  ["", "namespaces"],
  ["", "events"],
  ["apps", "deployments"],
  ["coordination.k8s.io", "leases"],
  ["certificates.k8s.io", "signers"],
];
const PATHS = ["/metrics", "/metrics/cadvisor", "/version", "/logs"];

const oneOf = <T>(items: readonly T[]) => fc.constantFrom(...items);

const someAttributes: fc.Arbitrary<AccessAttributes> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .record({
        verb: oneOf(VERBS),
        what: oneOf(RESOURCES),
        namespace: oneOf(["shop", "tools", "lab", ""]),
        name: oneOf(NAMES),
      })
      .map(toResource),
  },
  { weight: 1, arbitrary: oneOf(PATHS).map((path) => ({ kind: "non-resource", verb: "get", path }) as const) },
);

function toResource(drawn: {
  readonly verb: string;
  readonly what: readonly [string, string];
  readonly namespace: string;
  readonly name: string;
}): AccessAttributes {
  const [apiGroup, text] = drawn.what;
  const [full = "", subresource = ""] = text.split("/");
  const isNamespace = text === "namespaces" && drawn.namespace !== "";
  const unnamed = (drawn.verb === "create" && subresource === "") || drawn.verb === "deletecollection";
  const name = isNamespace ? drawn.namespace : unnamed ? "" : drawn.name;
  return {
    kind: "resource",
    verb: drawn.verb,
    apiGroup,
    resource: full,
    subresource,
    namespace: drawn.namespace,
    name,
  };
}

const someRule: fc.Arbitrary<PolicyRule> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        what: fc.subarray([...RESOURCES], { minLength: 1, maxLength: 4 }),
        verbs: fc.oneof(fc.subarray(VERBS, { minLength: 1 }), fc.constant(["*"])),
        names: fc.oneof(fc.constant([]), fc.subarray(["main", "other", "shop"], { minLength: 1 })),
      })
      .map(({ what, verbs, names }) => ({
        apiGroups: [...new Set(what.map(([apiGroup]) => apiGroup))],
        resources: what.map(([, text]) => text),
        verbs,
        ...(names.length === 0 ? {} : { resourceNames: names }),
      })),
  },
  { weight: 1, arbitrary: fc.constant({ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { nonResourceURLs: ["*"], verbs: ["get"] },
      { nonResourceURLs: ["/metrics*"], verbs: ["*"] },
    ),
  },
);

const ROLES = ["one", "two", "shop/one", "shop/two", "tools/one"];

const someState: fc.Arbitrary<RbacState> = fc
  .record({
    rules: fc.tuple(...ROLES.map(() => fc.array(someRule, { minLength: 1, maxLength: 5, size: "max" }))),
    bindings: fc.uniqueArray(
      fc.record({
        place: oneOf(["all", "more", "shop/some", "shop/more", "tools/some", "lab/some"]),
        to: oneOf(["one", "two", "own"]),
        subjects: fc.subarray([...SUBJECTS], { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 2, maxLength: 6, selector: ({ place }) => place, size: "max" },
    ),
  })
  .map(({ rules, bindings }) => {
    const roles = ROLES.map((place, at) => role(place, ...(rules[at] ?? [])));
    const bound = bindings.map(({ place, to, subjects }) => {
      const [namespace, name] = place.split("/");
      const own = name === undefined ? "one" : `${namespace}/one`;
      return binding(place, to === "own" ? own : to, ...subjects);
    });
    return stateOf(...roles, ...bound);
  });

/** What was asked, by whom. */
interface Request {
  readonly who: Identity;
  readonly by: Identity | undefined;
  readonly attributes: AccessAttributes;
  readonly isMany: boolean;
  readonly sign: AccessSign | undefined;
  /** True: in each namespace. */
  readonly isEverywhere: boolean;
  readonly isRevoked: boolean;
}

const someRequest: fc.Arbitrary<Request> = fc.record({
  who: oneOf(PEOPLE),
  by: fc.option(oneOf(PEOPLE.slice(0, 5)), { nil: undefined, freq: 8 }),
  attributes: someAttributes,
  isMany: fc.nat({ max: 9 }).map((at) => at === 0),
  sign: fc.constantFrom<AccessSign | undefined>(
    undefined,
    { kind: "created" },
    { kind: "applied" },
    { kind: "owner-blocked", apiGroup: "apps", ownerKind: "Deployment" },
    { kind: "role-written" },
    { kind: "role-bound", role: { kind: "ClusterRole", name: "one" } },
    { kind: "signer", name: "example.com/main" },
  ),
  isEverywhere: fc.boolean(),
  isRevoked: fc.nat({ max: 9 }).map((at) => at === 0),
});

export interface World {
  readonly state: RbacState;
  readonly graph: AccessGraph;
  /** Uses that were refused, for adding. */
  readonly denied: readonly AccessUse[];
}

/** A state in force, and a log of what it allowed and refused; some of what was allowed is not any more. */
export const someWorld: fc.Arbitrary<World> = fc
  .record({ state: someState, requests: fc.array(someRequest, { minLength: 5, maxLength: 60, size: "max" }) })
  .map(({ state, requests }) => {
    const authorizer = new Authorizer([...state.roles, ...state.bindings]);
    const uses = requests.flatMap(spread).map((request) => useOf(request, authorizer));
    const allowed = new Map(uses.filter(({ outcome }) => outcome === "allowed").map((one) => [keyOf(one), one]));
    return { state, graph: graphOf(...allowed.values()), denied: uses.filter(({ outcome }) => outcome === "denied") };
  });

function keyOf({ identity, impersonator, attributes, isMany }: AccessUse): string {
  return JSON.stringify([identity.username, impersonator?.username, attributes, isMany]);
}

function spread(request: Request): Request[] {
  const { attributes, isEverywhere } = request;
  if (!isEverywhere || attributes.kind !== "resource" || attributes.namespace === "") return [request];
  return ["shop", "tools", "lab"].map((namespace) => {
    const name = attributes.resource === "namespaces" ? namespace : attributes.name;
    return { ...request, attributes: { ...attributes, namespace, name } };
  });
}

function useOf({ who, by, attributes, isMany, sign, isRevoked }: Request, authorizer: Authorizer): AccessUse {
  const identity = withGroups(who);
  const many = isMany && attributes.kind === "resource" && attributes.name !== "";
  const asking = many ? { ...attributes, name: "" } : attributes;
  const [first] = authorizer.decide(identity, asking).by;
  return use(identity, asking, {
    impersonator: by === undefined || by.username === who.username ? undefined : withGroups(by),
    isMany: many,
    outcome: first === undefined && !isRevoked ? "denied" : "allowed",
    citations: first === undefined ? [] : [citationOf(first, identity)],
    signs: sign === undefined ? [] : [sign],
  });
}

/** As the authorizer would write it: the first subject that matches. */
function citationOf({ kind, metadata, roleRef, subjects }: BindingManifest, { username, groups }: Identity): Citation {
  const namespaceOf = (subject: RbacSubject) => subject.namespace ?? metadata.namespace ?? "";
  const subject = subjects.find((one) =>
    one.kind === "Group"
      ? groups.includes(one.name)
      : username === (one.kind === "User" ? one.name : `system:serviceaccount:${namespaceOf(one)}:${one.name}`),
  );
  if (subject === undefined) throw new Error("the authorizer let nobody pass");
  return {
    kind: "rbac",
    binding: { kind, namespace: metadata.namespace ?? "", name: metadata.name },
    role: { kind: roleRef.kind, name: roleRef.name },
    subject: {
      kind: subject.kind,
      namespace: subject.kind === "ServiceAccount" ? namespaceOf(subject) : "",
      name: subject.name,
    },
  };
}
