import type { AccessGraph, AccessUse } from "../../model/access.ts";
import { attributesText, withName } from "../../model/access-attributes.ts";
import type { LeftOutReason } from "../../model/access-policy.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { askerOf, askerOfSubject } from "./askers.ts";
import { hasLiteralWildcard, scopeOf } from "./attributes.ts";
import { infer } from "./book-inferred.ts";
import { type BookingContext, isWanted } from "./booking-context.ts";
import { isGivenToAll } from "./default-grants.ts";
import { idiomsOf } from "./idioms.ts";
import type { InForce } from "./in-force.ts";
import { hasUnkeptSigns, hiddenChecksOf, inferencesOf } from "./inferences.ts";
import { type BookedSubject, Ledger } from "./ledger.ts";
import { namespacedResources, ownersInForce } from "./owners.ts";
import { isNamespaceName, isSystem, subjectOf, subjectText } from "./subjects.ts";

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
    ledger.note("literal-wildcard", username, attributesText(use.attributes));
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
    if (sign.kind === "role-written")
      ledger.hide(booked, "it writes roles, and what they hold is not read from the log");
    else if (sign.kind === "role-bound" && sign.role === undefined) {
      ledger.hide(booked, "it writes bindings, and the log does not tell to which roles");
    }
  }
  if (hasUnkeptSigns(use))
    ledger.hide(booked, "it bound more roles, or wrote for more signers or owners, than are kept");
}

/** A changed owner is asked for as a delete; whether it changed, no event tells (rule 25). */
function noteOwners({ subject }: BookedSubject, { attributes, signs }: AccessUse, ledger: Ledger): void {
  const isChange = attributes.verb === "update" || attributes.verb === "patch";
  if (!isChange || !signs.some(({ kind }) => kind === "owner-blocked")) return;
  ledger.note("owner-change", subjectText(subject), attributesText(attributes));
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
    ledger.note("revoked", username, attributesText(use.attributes));
    return;
  }
  ledger.note("not-bound", username, attributesText(use.attributes));
  hold(use, ledger, { why: `${username} needs it, and gets no binding of its own`, reason: "not-bound" });
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
