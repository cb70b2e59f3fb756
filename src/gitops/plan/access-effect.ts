import { identified } from "../../lib/identified.ts";
import { by } from "../../lib/sort.ts";
import type { AccessAttributes } from "../../model/access.ts";
import { attributesText } from "../../model/access-attributes.ts";
import type { ProposedManifest } from "../../model/placement.ts";
import { type ProposedAccess } from "../../model/proposal.ts";
import type { BindingManifest, RbacSubject, RoleManifest } from "../../model/rbac.ts";
import { ruleAtoms } from "./role-growth.ts";

/** What a change of roles of ours means for requests. */
export interface AccessEffect {
  readonly allowed: readonly ProposedAccess[];
  readonly forbidden: readonly ProposedAccess[];
}

/**
 * What subjects may do by the roles of these objects after a change and not before, and the other way round. Sorted.
 *
 * @param isGranted whether what is in force besides lets it through already
 */
export function accessEffect(
  before: readonly ProposedManifest[],
  after: readonly ProposedManifest[],
  isGranted: (subject: RbacSubject, attributes: AccessAttributes) => boolean,
): AccessEffect {
  const [now, then] = [before, after].map(grantsOf);
  const only = (some: Grants | undefined, others: Grants | undefined): readonly ProposedAccess[] =>
    [...(some ?? [])]
      .filter(([id, { subject, attributes }]) => others?.has(id) !== true && !isGranted(subject, attributes))
      .map(([, { access }]) => access)
      .toSorted(by(({ from, to }) => JSON.stringify([from, to])));
  return { allowed: only(then, now), forbidden: only(now, then) };
}

type Grants = ReadonlyMap<
  string,
  { readonly access: ProposedAccess; readonly subject: RbacSubject; readonly attributes: AccessAttributes }
>;

function grantsOf(manifests: readonly ProposedManifest[]): Grants {
  const roles = manifests.filter((manifest): manifest is RoleManifest => "rules" in manifest);
  const bindings = manifests.filter((manifest): manifest is BindingManifest => "roleRef" in manifest);
  const grants = bindings.flatMap((binding) => {
    const role = roles.find((each) => isReferred(binding, each));
    const namespace = binding.metadata.namespace ?? "";
    const atoms = (role?.rules ?? []).flatMap(ruleAtoms);
    return binding.subjects.flatMap((subject) =>
      atoms.map((atom) => {
        const attributes = attributesOf(atom, namespace);
        const words = {
          kind: "request",
          from: subjectText(subject),
          to: attributesText(attributes),
          port: "",
        } as const;
        const access = identified(words);
        return [access.id, { access, subject, attributes }] as const;
      }),
    );
  });
  return new Map(grants);
}

function isReferred({ roleRef, metadata }: BindingManifest, role: RoleManifest): boolean {
  const { kind, metadata: of } = role;
  return (
    kind === roleRef.kind && of.name === roleRef.name && (kind === "ClusterRole" || of.namespace === metadata.namespace)
  );
}

function subjectText({ kind, namespace, name }: RbacSubject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

function attributesOf(atom: readonly string[], namespace: string): AccessAttributes {
  const [verb = "", second = "", third, name = "*"] = atom;
  if (third === undefined) return { kind: "non-resource", verb, path: second };
  const [resource = "", subresource = ""] = third.split("/", 2);
  return { kind: "resource", verb, apiGroup: second, resource, subresource, namespace, name: name === "*" ? "" : name };
}
