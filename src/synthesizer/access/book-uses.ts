import type { AccessAttributes, AccessGraph, AccessUse, Identity } from "../../model/access.ts";
import type { LeftOutReason } from "../../model/access-policy.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import { askerOf, askerOfSubject } from "./askers.ts";
import { accessText, hasLiteralWildcard, nameOf, scopeOf, withName } from "./attributes.ts";
import { isGivenToAll } from "./default-grants.ts";
import { idiomsOf } from "./idioms.ts";
import type { InForce } from "./in-force.ts";
import { hasUnkeptSigns, hiddenChecksOf, INFERENCES, type Inference, inferencesOf } from "./inferences.ts";
import { type BookedSubject, Ledger } from "./ledger.ts";
import { type AccessOptions, isAccountInScope } from "./options.ts";
import { namespacedResources, ownersInForce } from "./owners.ts";
import { isNamespaceName, isSystem, subjectOf, subjectText } from "./subjects.ts";

/** What deciding about uses depends on. */
export interface BookingContext {
  readonly inForce: InForce;
  readonly options: AccessOptions;
  /** Namespaces that no role can be written into. */
  readonly gone: ReadonlySet<string>;
  /** Resources whose objects are known to be in namespaces. */
  readonly namespaced: ReadonlySet<string>;
}

/** Books every use on the subject whose role is to hold it, with what it implies; or says why none is. */
export function bookUses(graph: AccessGraph, known: Omit<BookingContext, "namespaced">): Ledger {
  const context = { ...known, namespaced: namespacedResources(graph) };
  const ledger = new Ledger();
  for (const use of graph.uses) if (use.outcome !== "denied") bookUse(use, context, ledger);
  if (context.options.idioms) addIdioms(context, ledger);
  return ledger;
}

function bookUse(use: AccessUse, context: BookingContext, ledger: Ledger): void {
  const subject = placeUse(use, context, ledger);
  const inferences = inferencesOf(use).flatMap((inference) => ownersInForce(inference, use, context));
  for (const inference of inferences) {
    const isAsked = inference.who === "impersonator" || subject !== undefined;
    const anyOf = inference.anyOf.filter((attributes) => !hasLiteralWildcard(attributes, false));
    if (isAsked && anyOf.length > 0) infer({ use, subject, inference: { ...inference, anyOf } }, { context, ledger });
  }
}

/** Decides about the request itself; gives the subject it was booked on. */
function placeUse(use: AccessUse, context: BookingContext, ledger: Ledger): RbacSubject | undefined {
  const { username } = use.identity;
  if (isSystem(username)) {
    ledger.leaveOut(use, "not-bound");
    if (username !== "") ledger.note("system-left-out", undefined, username);
  } else if (hasLiteralWildcard(use.attributes, use.isMany)) {
    hold(use, ledger, { why: `${username} asked for a literal *`, reason: "literal-wildcard" });
    ledger.note("literal-wildcard", username, accessText(use.attributes));
  } else if (use.citations.length > 0 && use.citations.every(({ kind }) => kind === "other")) {
    ledger.leaveOut(use, "other-authorizer");
    ledger.note("other-authorizer", username, reasonOf(use));
  } else {
    return bookRequest(use, context, ledger);
  }
  return undefined;
}

function reasonOf({ citations }: AccessUse): string {
  const reasons = citations.map((one) => (one.kind === "other" ? one.reason : ""));
  return reasons.find((reason) => reason !== "") ?? "no reason given, as for system:masters";
}

function bookRequest(use: AccessUse, context: BookingContext, ledger: Ledger): RbacSubject | undefined {
  const { inForce, options } = context;
  const { attributes } = use;
  const subject = subjectOf(use, inForce);
  const isDefault = isGivenToAll(use, inForce);
  const isAsked = subject !== undefined && isWanted(subject, attributes, options);
  // What everybody may do tells nothing about a group, whichever of its bindings is cited for it.
  const isTelling = !isDefault || subject?.kind === "ServiceAccount";
  const booked = isAsked && isTelling ? ledger.book(subject, use) : undefined;
  if (isDefault) {
    ledger.leaveOut(use, "default-grant");
  } else if (booked !== undefined) {
    hideUntold(booked, use, ledger);
    noteOwners(booked, use, ledger);
    return bookOn(booked.subject, use, context, ledger);
  } else if (subject !== undefined) {
    hold(use, ledger, { why: "somebody uses it who was not asked about", reason: "out-of-scope" });
  } else {
    leaveUnbound(use, inForce, ledger);
  }
  return undefined;
}

/** What the use says of checks within the handler, and not what they were about. */
function hideUntold(booked: BookedSubject, use: AccessUse, ledger: Ledger): void {
  for (const sign of hiddenChecksOf(use)) {
    const isTold = sign.kind === "role-bound" && sign.role !== undefined;
    if (!isTold) hide(booked, ledger, "it writes roles or bindings whose content the log does not tell");
  }
  if (hasUnkeptSigns(use))
    hide(booked, ledger, "it bound more roles, or wrote for more signers or owners, than are kept");
}

/** A changed owner is asked for as a delete; whether it changed, no event tells (rule 25). */
function noteOwners({ subject }: BookedSubject, { attributes, signs }: AccessUse, ledger: Ledger): void {
  const isChange = attributes.verb === "update" || attributes.verb === "patch";
  if (!isChange || !signs.some(({ kind }) => kind === "owner-blocked")) return;
  ledger.note("owner-change", subjectText(subject), accessText(attributes));
}

function bookOn(
  subject: RbacSubject,
  use: AccessUse,
  context: BookingContext,
  ledger: Ledger,
): RbacSubject | undefined {
  const scope = scopeOf(use.attributes);
  if (!isNamespaceName(scope) || context.gone.has(scope) || context.gone.has(subject.namespace ?? "")) {
    leaveInGone(use, subject, ledger);
  } else {
    wantOf(use, subject, { inForce: context.inForce, ledger });
  }
  return subject;
}

function leaveUnbound(use: AccessUse, inForce: InForce, ledger: Ledger): void {
  const { username } = use.identity;
  if (inForce.allows(askerOf(use.identity), use.attributes) === "no") {
    ledger.leaveOut(use, "revoked");
    ledger.note("revoked", username, accessText(use.attributes));
    return;
  }
  ledger.note("not-bound", username, accessText(use.attributes));
  hold(use, ledger, { why: `${username} needs it, and gets no binding of its own`, reason: "not-bound" });
}

/** Nothing of what the subject holds may go: the reason is kept for its bindings, and told. */
function hide(booked: BookedSubject, ledger: Ledger, why: string): void {
  // The order of uses decides nothing.
  booked.hidden = booked.hidden === undefined || why < booked.hidden ? why : booked.hidden;
  ledger.note("role-content-unknown", subjectText(booked.subject), why);
}

function isWanted(subject: RbacSubject, attributes: AccessAttributes, options: AccessOptions): boolean {
  const home = subject.kind === "ServiceAccount" ? (subject.namespace ?? "") : undefined;
  if (home !== undefined && !isAccountInScope(home, options)) return false;
  const { namespaces } = options;
  return namespaces.length === 0 || namespaces.includes(home ?? "") || namespaces.includes(scopeOf(attributes));
}

function hold(
  use: AccessUse,
  ledger: Ledger,
  { why, reason }: { readonly why: string; readonly reason: LeftOutReason },
): void {
  ledger.leaveOut(use, reason);
  ledger.holds.push({ asker: askerOf(use.identity), attributes: use.attributes, isMany: use.isMany, why });
}

function leaveInGone(use: AccessUse, subject: RbacSubject, ledger: Ledger): void {
  const where = scopeOf(use.attributes) || (subject.namespace ?? "");
  ledger.note("namespace-gone", subjectText(subject), where);
  hold(use, ledger, {
    why: `what it allows in namespace ${where} can't be written as a Role`,
    reason: "namespace-gone",
  });
}

/** Of many names, those that the state in force lists where it does not give any: no new power. */
function wantOf(use: AccessUse, subject: RbacSubject, to: { inForce: InForce; ledger: Ledger }): void {
  const { attributes, isMany, evidence } = use;
  const origin = { kind: "observed" } as const;
  const asker = askerOfSubject(subject);
  if (!isMany || to.inForce.allows(asker, attributes) !== "no") {
    return to.ledger.want({ subject, attributes, isMany, origin, evidence });
  }
  for (const name of to.inForce.namesFor(asker, attributes)) {
    const one = withName(attributes, name);
    if (to.inForce.givesEverybody(asker, one)) continue;
    to.ledger.want({ subject, attributes: one, isMany: false, origin, evidence });
  }
}

interface To {
  readonly context: BookingContext;
  readonly ledger: Ledger;
}

/** A check that a use implies, and on whom the use was booked. */
interface Implied {
  readonly use: AccessUse;
  readonly subject: RbacSubject | undefined;
  readonly inference: Inference;
}

function infer(implied: Implied, to: To): void {
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
  to.ledger.note("not-bound", who.username, accessText(held));
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
    hide(ledger.seen(subject), ledger, `it binds roles that it has no right to bind, by holding what they hold`);
    return;
  }
  ledger.note("unproved", who.username, `${accessText(attributes)} (${INFERENCES[inference.because]})`);
}

function addIdioms({ inForce, gone, options }: BookingContext, ledger: Ledger): void {
  const bySubject = Map.groupBy(ledger.wants, ({ subject }) => subjectText(subject));
  for (const wants of bySubject.values()) {
    const [{ subject } = { subject: undefined }] = wants;
    if (subject?.kind !== "ServiceAccount") continue;
    const used = wants.filter(({ origin }) => origin.kind === "observed").map(({ attributes }) => attributes);
    for (const { attributes, because } of idiomsOf(used)) {
      const isGranted = inForce.allows(askerOfSubject(subject), attributes) === "yes";
      if (!isGranted || gone.has(scopeOf(attributes)) || !isWanted(subject, attributes, options)) continue;
      ledger.want({ subject, attributes, isMany: false, origin: { kind: "idiom", because }, evidence: undefined });
    }
  }
}
