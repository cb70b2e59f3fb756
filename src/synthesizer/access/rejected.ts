import { requestPattern } from "../../model/request-pattern.ts";
import { askerOfSubject } from "./askers.ts";
import { attributesKey } from "./attributes.ts";
import type { Ledger, Want } from "./ledger.ts";
import { subjectText } from "./subjects.ts";

/**
 * What is wanted without what only follows from other requests and was rejected: that is left out. What was used itself stays: the
 * proof asks for it.
 */
export function withoutRejected(ledger: Ledger, reject: readonly string[]): readonly Want[] {
  if (reject.length === 0) return ledger.wants;
  const patterns = reject.map(requestPattern);
  const used = new Set(ledger.wants.filter((want) => !isImplied(want)).map(keyOf));
  return ledger.wants.filter((want) => {
    const { subject, attributes, isMany } = want;
    const identity = askerOfSubject(subject);
    const isRejected =
      isImplied(want) && !used.has(keyOf(want)) && patterns.some((isMeant) => isMeant({ identity, attributes }));
    if (isRejected) {
      ledger.leftOut.push({ username: identity.username || subject.name, attributes, isMany, why: "rejected" });
    }
    return !isRejected;
  });
}

function isImplied({ origin }: Want): boolean {
  return origin.kind === "inferred" || origin.kind === "idiom";
}

function keyOf({ subject, attributes }: Want): string {
  return JSON.stringify([subjectText(subject), attributesKey(attributes)]);
}
