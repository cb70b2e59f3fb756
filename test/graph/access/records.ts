import fc from "fast-check";
import { AccessObservations } from "../../../src/graph/access/access-observations.ts";
import { accessText } from "../../../src/graph/access/access-text.ts";
import { hashText } from "../../../src/lib/hash.ts";
import type {
  AccessAttributes,
  AccessGraph,
  AccessRecord,
  AccessSign,
  AccessUse,
  Citation,
  Identity,
  NonResourceAttributes,
  ResourceAttributes,
} from "../../../src/model/access.ts";
import { someAttributes } from "../../support/access-fixtures.ts";
import { HOUR, MONDAY } from "../../support/flow-record.ts";

export const ROBOT: Identity = identity("system:serviceaccount:shop:robot");
export const JANE: Identity = identity("jane", "ops", "system:authenticated");
export const PROXY: Identity = identity("system:serviceaccount:tools:proxy");

export const CITATION: Citation = {
  kind: "rbac",
  binding: { kind: "RoleBinding", namespace: "shop", name: "robot" },
  role: { kind: "Role", name: "robot" },
  subject: { kind: "ServiceAccount", namespace: "shop", name: "robot" },
};

export function identity(username: string, ...groups: readonly string[]): Identity {
  return { username, groups };
}

export function resource(over: Partial<ResourceAttributes> = {}): ResourceAttributes {
  return someAttributes({ name: "settings", ...over });
}

export function path(text: string): NonResourceAttributes {
  return { kind: "non-resource", verb: "get", path: text };
}

let requests = 0;

/** A request of its own that was allowed, unless said otherwise. */
export function access(over: Partial<AccessRecord> = {}): AccessRecord {
  requests++;
  const decision = "decision" in over ? over.decision : "allow";
  return {
    time: MONDAY,
    stage: "ResponseComplete",
    request: hashText(`request ${requests}`),
    identity: ROBOT,
    impersonator: undefined,
    attributes: resource(),
    decision,
    citation: decision === "allow" ? CITATION : undefined,
    code: 200,
    signs: [],
    pod: undefined,
    userAgent: "robot/1.0",
    sourceIp: "10.0.1.5",
    token: undefined,
    origin: undefined,
    cluster: undefined,
    ...over,
  };
}

export function observe(...records: readonly AccessRecord[]): AccessObservations {
  const observations = new AccessObservations();
  for (const record of records) observations.add(record);
  return observations;
}

export function graphOf(...records: readonly AccessRecord[]): AccessGraph {
  return observe(...records).resolve();
}

/** The graph without what counts events one by one. */
export function withoutCounters({ facts, ...graph }: AccessGraph): unknown {
  return { ...graph, origins: facts.origins };
}

export function allowedUses(graph: AccessGraph): readonly AccessUse[] {
  return graph.uses.filter(({ outcome }) => outcome === "allowed");
}

/** What a use is about, in one line. */
export function useLine({ identity: { username }, impersonator, attributes, isMany, outcome }: AccessUse): string {
  const by = impersonator === undefined ? "" : ` (by ${impersonator.username})`;
  return `${username}${by} ${outcome} ${attributesLine(attributes)}${isMany ? " any" : ""}`;
}

function attributesLine(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource: what, subresource, namespace, name } = attributes;
  const whole = [
    what,
    ...(apiGroup === "" ? [] : [`.${apiGroup}`]),
    ...(subresource === "" ? [] : [`/${subresource}`]),
  ];
  return `${verb} ${whole.join("")} ${namespace}/${name}`;
}

/** Everything remembered, as one text. */
export function textOf(observations: AccessObservations): string {
  return JSON.stringify(accessText(observations), undefined, 1);
}

const someIdentity = fc.constantFrom(ROBOT, JANE, PROXY, identity("system:anonymous", "system:unauthenticated"));
const someName = fc.oneof(
  fc.constantFrom("", "settings", "a b", "x\u0000y", "é"),
  fc.nat({ max: 300 }).map((at) => `pod-${at}`),
);
const anyAttributes = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        verb: fc.constantFrom("get", "list", "create"),
        resource: fc.constantFrom("pods", "secrets"),
        namespace: fc.constantFrom("", "shop", "kube-system"),
        name: someName,
      })
      .map((over) => resource(over)),
  },
  { weight: 1, arbitrary: fc.nat({ max: 150 }).map((at) => path(`/path/${at}`)) },
);
const someSign: fc.Arbitrary<AccessSign> = fc.oneof(
  fc.constantFrom<AccessSign[]>({ kind: "created" }, { kind: "applied" }, { kind: "role-bound", role: undefined }),
  fc.nat({ max: 20 }).map((at): AccessSign => ({ kind: "role-bound", role: { kind: "Role", name: `r${at}` } })),
  fc.nat({ max: 20 }).map((at): AccessSign => ({ kind: "impersonated-extra", key: "scopes", value: `s${at}` })),
);
const someCitation: fc.Arbitrary<Citation> = fc.oneof(
  fc.constant(CITATION),
  fc.constant<Citation>({ kind: "other", reason: "" }),
  fc.nat({ max: 15 }).map((at): Citation => ({ ...CITATION, role: { kind: "ClusterRole", name: `c${at}` } })),
);

/** A record of a small world where things come again; `decisions` are those it chooses among. */
export function someRecord(decisions: readonly AccessRecord["decision"][]): fc.Arbitrary<AccessRecord> {
  return fc
    .record({
      request: fc.nat({ max: 400 }).map((at) => hashText(`request ${at}`)),
      time: fc.option(
        fc.nat({ max: 100 }).map((hour) => MONDAY + hour * HOUR),
        { nil: undefined },
      ),
      stage: fc.constantFrom<AccessRecord["stage"][]>(
        "RequestReceived",
        "ResponseStarted",
        "ResponseComplete",
        "Panic",
      ),
      identity: someIdentity,
      impersonator: fc.option(fc.constant(PROXY), { nil: undefined, freq: 5 }),
      attributes: anyAttributes,
      decision: fc.constantFrom(...decisions),
      citation: someCitation,
      code: fc.constantFrom(undefined, 200, 201, 401, 403, 404, 409, 429, 500),
      signs: fc.array(someSign, { maxLength: 2 }),
      pod: fc.option(
        fc.nat({ max: 100 }).map((at) => ({ namespace: "shop", name: `robot-${at}` })),
        { nil: undefined },
      ),
      userAgent: fc.nat({ max: 9 }).map((at) => `agent/${at}`),
      sourceIp: fc.nat({ max: 9 }).map((at) => `10.0.0.${at}`),
      token: fc.constantFrom(undefined, undefined, "legacy" as const, "stale" as const),
      origin: fc.constantFrom(undefined, "eks", "aks:kube-audit"),
      cluster: fc.constantFrom(undefined, undefined, "prod"),
    })
    .map((one) => ({ ...one, citation: one.decision === "allow" ? one.citation : undefined }));
}

/** Records of a log that tells decisions, and sometimes does not. */
export const someRecords: fc.Arbitrary<AccessRecord[]> = fc.array(
  someRecord(["allow", "allow", "allow", "forbid", undefined]),
  { maxLength: 120, size: "max" },
);
/** Records of a log that tells no decisions. */
export const undecidedRecords: fc.Arbitrary<AccessRecord[]> = fc.array(someRecord([undefined]), {
  maxLength: 120,
  size: "max",
});

/** Any order of items. */
export function shuffled<Item>(items: readonly Item[]): fc.Arbitrary<Item[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}
