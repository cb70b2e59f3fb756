import type { AccessSign, Citation } from "../../model/access.ts";
import { addToFew, type FewRules } from "./few.ts";

const CITATIONS = 8;
const SIGNS_OF_A_KIND = 8;

/** A citation with its keys in one order, so that equal ones are equal texts. */
export function plainCitation(citation: Citation): Citation {
  if (citation.kind === "other") return { kind: "other", reason: citation.reason };
  const { binding, role, subject } = citation;
  return {
    kind: "rbac",
    binding: { kind: binding.kind, namespace: binding.namespace, name: binding.name },
    role: { kind: role.kind, name: role.name },
    subject: { kind: subject.kind, namespace: subject.namespace, name: subject.name },
  };
}

/** A sign with its keys in one order, and all of them there. */
export function plainSign(sign: AccessSign | LooseSign): AccessSign {
  switch (sign.kind) {
    case "created":
    case "applied":
    case "role-written":
      return { kind: sign.kind };
    case "role-bound":
      return { kind: sign.kind, role: sign.role && { kind: sign.role.kind, name: sign.role.name } };
    case "owner-blocked":
      return { kind: sign.kind, apiGroup: sign.apiGroup, ownerKind: sign.ownerKind };
    case "signer":
      return { kind: sign.kind, name: sign.name };
    case "impersonated-uid":
      return { kind: sign.kind, uid: sign.uid };
    case "impersonated-extra":
      return { kind: sign.kind, key: sign.key, value: sign.value };
    case "impersonation-mode":
      return { kind: sign.kind, constraint: sign.constraint };
  }
}

/** As JSON has it: what is undefined is not there. */
type LooseSign = {
  readonly kind: "role-bound";
  readonly role?: { readonly kind: "ClusterRole" | "Role"; readonly name: string } | undefined;
};

/** Equal exactly for equal citations. */
export function citationText(citation: Citation): string {
  return JSON.stringify(plainCitation(citation));
}

/** Equal exactly for equal signs. */
export function signText(sign: AccessSign): string {
  return JSON.stringify(plainSign(sign));
}

/** Which citations of a use are kept. */
export const FEW_CITATIONS: FewRules<Citation> = { limit: CITATIONS, text: citationText, isSame: isSameCitation };

const FEW_SIGNS: FewRules<AccessSign> = { limit: SIGNS_OF_A_KIND, text: signText, isSame: isSameSign };

/** Adds a sign to those of a use: a few of each kind. */
export function addSign(held: readonly AccessSign[], sign: AccessSign): readonly AccessSign[] {
  if (held.some((known) => isSameSign(known, sign))) return held;
  const ofKind = held.filter(({ kind }) => kind === sign.kind);
  const added = addToFew(ofKind, plainSign(sign), FEW_SIGNS);
  return added === ofKind ? held : [...held.filter(({ kind }) => kind !== sign.kind), ...added];
}

/** Field by field: it is asked for every record. */
function isSameCitation(a: Citation, b: Citation): boolean {
  if (a.kind === "other") return b.kind === "other" && a.reason === b.reason;
  return (
    b.kind === "rbac" &&
    a.binding.name === b.binding.name &&
    a.binding.kind === b.binding.kind &&
    a.binding.namespace === b.binding.namespace &&
    a.role.kind === b.role.kind &&
    a.role.name === b.role.name &&
    a.subject.kind === b.subject.kind &&
    a.subject.namespace === b.subject.namespace &&
    a.subject.name === b.subject.name
  );
}

function isSameSign(a: AccessSign, b: AccessSign): boolean {
  if (a.kind !== b.kind) return false;
  const isBare = a.kind === "created" || a.kind === "applied" || a.kind === "role-written";
  return isBare || signText(a) === signText(b);
}
