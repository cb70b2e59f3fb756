import { sortedBy } from "../../lib/sort.ts";
import type { AccessGraph } from "../../model/access.ts";
import type {
  AccessLine,
  AccessPolicySet,
  LeftOutUse,
  ReplacedBinding,
  SubjectDecision,
} from "../../model/access-policy.ts";
import type { KnownAccess } from "../../model/rbac.ts";
import { attributesKey } from "./attributes.ts";
import { bookUses } from "./book-uses.ts";
import { findingsOf } from "./findings.ts";
import { goneNamespaces } from "./gone.ts";
import { grantNeeds } from "./grant-needs.ts";
import { countGranted } from "./granted.ts";
import { InForce } from "./in-force.ts";
import type { Ledger, Want } from "./ledger.ts";
import { linesOf } from "./lines.ts";
import { noteAccounts, noteBindings, noteLines } from "./notes.ts";
import type { AccessOptions } from "./options.ts";
import { withoutRejected } from "./rejected.ts";
import { replacedBindings } from "./replaced.ts";
import { rolesOf } from "./roles.ts";
import { subjectText } from "./subjects.ts";
import { type RolesAndBindings, TakenNames } from "./taken-names.ts";
import { waiting } from "./waiting.ts";

export type { AccessOptions } from "./options.ts";

/**
 * Decides which roles hold what was used, and nothing else: what the state in force does not allow is never among them but for
 * what the operator grants by name. Order and duplicates of uses change nothing; uses with outcome `denied` matter to `grant`
 * alone.
 */
export function synthesizeAccess(graph: AccessGraph, known: KnownAccess, options: AccessOptions): AccessPolicySet {
  const inForce = new InForce(known.rbac);
  const gone = goneNamespaces(graph, options.existingNamespaces);
  const ledger = bookUses(graph, { inForce, options, gone });
  grantNeeds(graph, options.grant, ledger);
  const wants = Map.groupBy(withoutRejected(ledger, options.reject), ({ subject }) => subjectText(subject));
  const linesBySubject = new Map(
    [...ledger.subjects].map(([key, { subject }]) => [
      key,
      linesOf(subject, wants.get(key) ?? [], { inForce, options }),
    ]),
  );
  const { roles, bindings } = allRoles(ledger, linesBySubject, { known, options });
  const replaced = replacedOf({ graph, known, options, inForce, ledger }, linesBySubject, bindings);
  noteAll({ graph, known, ledger }, linesBySubject, replaced);
  return {
    roles: sortedBy(roles, ({ kind, namespace, name }) => JSON.stringify([namespace, kind, name])),
    bindings: sortedBy(bindings, ({ kind, namespace, name }) => JSON.stringify([namespace, kind, name])),
    replaced,
    subjects: decisionsOf(ledger, { wants, linesBySubject, inForce }),
    leftOut: eachOnce(ledger.leftOut),
    findings: findingsOf(ledger.notes),
  };
}

/** Whoever acted for somebody, what was left out is the same. */
function eachOnce(leftOut: readonly LeftOutUse[]): LeftOutUse[] {
  const byKey = new Map(
    leftOut.map((one) => [JSON.stringify([one.username, attributesKey(one.attributes), one.isMany, one.why]), one]),
  );
  return sortedBy(byKey, ([key]) => key).map(([, one]) => one);
}

type LinesBySubject = ReadonlyMap<string, readonly AccessLine[]>;

function allRoles(
  ledger: Ledger,
  linesBySubject: LinesBySubject,
  { known, options }: { readonly known: KnownAccess; readonly options: AccessOptions },
): RolesAndBindings {
  const taken = new TakenNames(known.rbac);
  const made = [...ledger.subjects].map(([key, { subject }]) =>
    rolesOf(subject, linesBySubject.get(key) ?? [], { sharedFrom: options.sharedFrom, taken }),
  );
  return { roles: made.flatMap(({ roles }) => roles), bindings: made.flatMap(({ bindings }) => bindings) };
}

interface Decided {
  readonly graph: AccessGraph;
  readonly known: KnownAccess;
  readonly ledger: Ledger;
}

function replacedOf(
  { graph, known, ledger, options, inForce }: Decided & { readonly options: AccessOptions; readonly inForce: InForce },
  linesBySubject: LinesBySubject,
  suggested: RolesAndBindings["bindings"],
): ReplacedBinding[] {
  const state = known.rbac;
  if (state === undefined) return [];
  const waitsFor = waiting({ graph, state, options, linesBySubject });
  return replacedBindings({ state, inForce, options, ledger, suggested, waitsFor });
}

function noteAll({ graph, known, ledger }: Decided, linesBySubject: LinesBySubject, replaced: ReplacedBinding[]): void {
  for (const [key, { subject }] of ledger.subjects) noteLines(subject, linesBySubject.get(key) ?? [], ledger);
  noteAccounts(graph, ledger);
  if (known.rbac === undefined) {
    if (ledger.subjects.size > 0) ledger.note("state-unknown", undefined, "");
  } else {
    noteBindings(replaced, known.rbac, ledger);
  }
}

function decisionsOf(
  ledger: Ledger,
  {
    wants,
    linesBySubject,
    inForce,
  }: {
    readonly wants: ReadonlyMap<string, readonly Want[]>;
    readonly linesBySubject: LinesBySubject;
    readonly inForce: InForce;
  },
): SubjectDecision[] {
  return sortedBy(ledger.subjects, ([key]) => key).map(([key, { subject, members }]) => {
    const seen = (wants.get(key) ?? []).filter(({ origin }) => origin.kind === "observed");
    const counted = countGranted(
      subject,
      seen.map(({ attributes }) => attributes),
      inForce,
    );
    const lines = (linesBySubject.get(key) ?? []).filter(({ origin }) => origin.kind === "observed");
    return {
      subject,
      members: [...members].toSorted(),
      granted: inForce.isKnown ? counted.granted : undefined,
      used: inForce.isKnown ? counted.used : lines.length,
    };
  });
}
