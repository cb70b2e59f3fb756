import { byText } from "../lib/sort.ts";
import type { AccessAttributes, AccessGraph, Identity, Observability } from "../model/access.ts";
import type { BlindSpot } from "../model/access-review.ts";

/** An ordinary ServiceAccount: what Policies say of single users does not count. */
const ANYBODY: Identity = {
  username: "system:serviceaccount:default:some-account",
  groups: ["system:authenticated", "system:serviceaccounts", "system:serviceaccounts:default"],
};

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

/** Asked about whether or not anybody used them: what is missing may be missing because it is not logged. */
const ALWAYS = ["configmaps", "events", "pods", "secrets", "services"];

/** What the log can't show of an ordinary ServiceAccount, by reason: everything seen, and what most clients use. */
export function blindSpotsOf({ uses }: Pick<AccessGraph, "uses">, isObservable: Observability): readonly BlindSpot[] {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const attributes of probes(uses.map((use) => use.attributes))) {
    const answer = isObservable(ANYBODY, attributes);
    if (answer === true) continue;
    const spots = found.get(answer) ?? new Map<string, Set<string>>();
    found.set(answer, spots);
    const what = whatOf(attributes);
    const verbs = spots.get(what) ?? new Set<string>();
    spots.set(what, verbs.add(attributes.verb));
  }
  return [...found]
    .toSorted(([a], [b]) => byText(a, b))
    .flatMap(([because, spots]) => {
      const byVerbs = Map.groupBy(spots, ([, verbs]) => [...verbs].toSorted(byText).join(" "));
      return [...byVerbs]
        .toSorted(([a], [b]) => byText(a, b))
        .map(([verbs, those]) => ({
          because,
          verbs: verbs.split(" "),
          what: those.map(([what]) => what).toSorted(byText),
        }));
    });
}

function probes(seen: readonly AccessAttributes[]): readonly AccessAttributes[] {
  const resources = new Map<string, AccessAttributes>();
  const plain = {
    kind: "resource",
    verb: "get",
    apiGroup: "",
    subresource: "",
    namespace: "default",
    name: "",
  } as const;
  for (const attributes of [...ALWAYS.map((resource) => ({ ...plain, resource })), ...seen]) {
    if (attributes.kind === "resource") resources.set(whatOf(attributes), { ...attributes, name: "" });
  }
  return [...resources.values()].flatMap((attributes) => VERBS.map((verb) => ({ ...attributes, verb })));
}

function whatOf(attributes: AccessAttributes): string {
  if (attributes.kind === "non-resource") return attributes.path;
  const { apiGroup, resource, subresource } = attributes;
  return `${resource}${apiGroup === "" ? "" : `.${apiGroup}`}${subresource === "" ? "" : `/${subresource}`}`;
}
