import type { AccessAttributes, AccessUse, Identity } from "../../model/access.ts";
import { attributesText, nameOf } from "../../model/access-attributes.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import { askerOf, askerOfSubject } from "./askers.ts";
import { scopeOf } from "./attributes.ts";
import { type BookingContext, isWanted } from "./booking-context.ts";
import { INFERENCES, type Inference } from "./inferences.ts";
import type { Ledger } from "./ledger.ts";
import { isAccountInScope } from "./options.ts";
import { isNamespaceName, isSystem, subjectOf } from "./subjects.ts";

interface To {
  readonly context: BookingContext;
  readonly ledger: Ledger;
}

/** A check that a use implies, and on whom the use was booked. */
export interface Implied {
  readonly use: AccessUse;
  readonly subject: RbacSubject | undefined;
  readonly inference: Inference;
}

/** Adds a check that a use implies to what its subject is to hold; or says why not. */
export function infer(implied: Implied, to: To): void {
  const { use, inference } = implied;
  const who = inference.who === "caller" ? use.identity : use.impersonator;
  if (who === undefined || isSystem(who.username)) return;
  const found = inference.anyOf
    .map((attributes) => ({ attributes, subject: inferredSubject(who, attributes, { implied, to }) }))
    .find(({ subject }) => subject !== undefined);
  if (found?.subject === undefined) leaveInferred(who, implied, to);
  else wantInferred(found.subject, found.attributes, { implied, to });
}

/** Whoever has it and gets no binding keeps the one it has; what nobody is known to have is told. */
function leaveInferred(who: Identity, implied: Implied, to: To): void {
  const { inForce } = to.context;
  const held = implied.inference.anyOf.find((attributes) => inForce.allows(askerOf(who), attributes) === "yes");
  if (held === undefined) {
    noteUnproved(who, implied, to);
    return;
  }
  to.ledger.note("not-bound", who.username, attributesText(held));
  const why = `${who.username} needs it, and gets no binding of its own`;
  to.ledger.holds.push({ asker: askerOf(who), attributes: held, isMany: false, why });
}

function wantInferred(
  subject: RbacSubject,
  attributes: AccessAttributes,
  { implied, to }: { readonly implied: Implied; readonly to: To },
): void {
  const { use, inference } = implied;
  if (!isWanted(subject, attributes, to.context.options)) return;
  to.ledger.seen(subject).members.add(usernameIn(implied));
  if (!isNamespaceName(scopeOf(attributes)) || to.context.gone.has(scopeOf(attributes))) {
    const why = `what it allows in namespace ${scopeOf(attributes)} can't be written as a Role`;
    to.ledger.holds.push({ asker: askerOfSubject(subject), attributes, isMany: false, why });
    return;
  }
  const origin = { kind: "inferred", because: inference.because } as const;
  const isMany = use.isMany && inference.who === "caller" && nameOf(attributes) === "";
  to.ledger.want({ subject, attributes, isMany, origin, evidence: undefined });
}

function usernameIn({ use, inference }: Implied): string {
  return (inference.who === "caller" ? use.identity : (use.impersonator ?? use.identity)).username;
}

/** Whoever gets the line: only where the state in force gives it, or where the event proves it and nobody knows the state. */
function inferredSubject(
  who: Identity,
  attributes: AccessAttributes,
  { implied: { use, inference }, to }: { readonly implied: Implied; readonly to: To },
): RbacSubject | undefined {
  const { inForce } = to.context;
  const citations = inference.who === "caller" ? use.citations : [];
  const subject = subjectOf({ identity: who, impersonator: undefined, attributes, isMany: false, citations }, inForce);
  if (subject === undefined) return undefined;
  const answer = inForce.allows(askerOfSubject(subject), attributes);
  return answer === "yes" || (answer === "unknown" && inference.isProved) ? subject : undefined;
}

function noteUnproved(who: Identity, { subject, inference }: Implied, { context, ledger }: To): void {
  const account = serviceAccountOf(who.username);
  if (account !== undefined && !isAccountInScope(account.namespace, context.options)) return;
  const [attributes] = inference.anyOf;
  if (attributes === undefined) return;
  if (inference.because === "bind-role" && subject !== undefined) {
    ledger.hide(ledger.seen(subject), "it binds roles that it has no right to bind, by holding what they hold");
    return;
  }
  ledger.note("unproved", who.username, `${attributesText(attributes)} (${INFERENCES[inference.because]})`);
}
