import { by, sortedBy } from "../../lib/sort.ts";
import type { ReplacedBinding, SuggestedBinding } from "../../model/access-policy.ts";
import type { KnownBinding, RbacState, RbacSubject } from "../../model/rbac.ts";
import { type InForce, withNames } from "./in-force.ts";
import type { BookedSubject, Ledger } from "./ledger.ts";
import type { AccessOptions } from "./options.ts";
import { subjectText } from "./subjects.ts";

/** What right-sizing depends on. */
export interface ReplacingContext {
  readonly state: RbacState;
  readonly inForce: InForce;
  readonly options: AccessOptions;
  readonly ledger: Ledger;
  readonly suggested: readonly SuggestedBinding[];
  /** Why a binding has to wait: undefined, it has not. */
  readonly waitsFor: (binding: KnownBinding, subjects: readonly BookedSubject[]) => string | undefined;
}

/**
 * The bindings in force that the suggested ones replace, for those of their subjects that have roles of their own now. Bindings
 * are judged one by one on all their subjects, roles are left alone: whoever else a role is bound to keeps it (rule 44).
 */
export function replacedBindings(context: ReplacingContext): ReplacedBinding[] {
  const held = heldBindings(context);
  const suggested = new Set(context.suggested.map(suggestedKey));
  // Kubernetes puts its own back (rule 48): what nobody can do is not worth saying. What is suggested is there already.
  const others = context.state.bindings.filter(
    (binding) => !binding.metadata.name.startsWith("system:") && !suggested.has(knownKey(binding)),
  );
  const replaced = others.flatMap((binding) => replacedBy(binding, held, context) ?? []);
  return sortedBy(replaced, ({ kind, namespace, name }) => JSON.stringify([kind, namespace, name]));
}

function replacedBy(
  binding: KnownBinding,
  held: ReadonlyMap<KnownBinding, readonly Held[]>,
  context: ReplacingContext,
): ReplacedBinding | undefined {
  const { kind, metadata, roleRef } = binding;
  const namespace = metadata.namespace ?? "";
  const booked = binding.subjects.map((subject) => bookedAs(subject, binding, context));
  const subjects = binding.subjects.filter((_, index) => booked[index] !== undefined);
  if (subjects.length === 0) return undefined;
  const covered = booked.filter((one) => one !== undefined);
  const [needed] = (held.get(binding) ?? []).filter(({ subject }) => subjects.includes(subject)).toSorted(by(whyOf));
  return {
    kind,
    namespace,
    name: metadata.name,
    role: { kind: roleRef.kind, name: roleRef.name },
    subjects,
    keptSubjects: binding.subjects.filter((subject) => !subjects.includes(subject)),
    keep: keeperOf(binding) ?? hiddenOf(covered) ?? needed?.why ?? context.waitsFor(binding, covered),
  };
}

function keeperOf({ keeper }: KnownBinding): string | undefined {
  return keeper === undefined ? undefined : `it is not netlearn's to remove: ${keeper}`;
}

function hiddenOf(covered: readonly BookedSubject[]): string | undefined {
  return covered.find(({ hidden }) => hidden !== undefined)?.hidden;
}

function suggestedKey({ kind, namespace, name, role }: SuggestedBinding): string {
  return JSON.stringify([kind, namespace, name, role.kind, role.name]);
}

function knownKey({ kind, metadata, roleRef }: KnownBinding): string {
  return JSON.stringify([kind, metadata.namespace ?? "", metadata.name, roleRef.kind, roleRef.name]);
}

/** The subject with a role of its own for all that this binding may give it; undefined: it keeps the binding. */
function bookedAs(
  subject: RbacSubject,
  { kind, metadata }: KnownBinding,
  { options, ledger }: ReplacingContext,
): BookedSubject | undefined {
  const namespace = subject.namespace ?? (subject.kind === "ServiceAccount" ? metadata.namespace : undefined);
  const booked = ledger.subjects.get(subjectText({ ...subject, ...(namespace === undefined ? {} : { namespace }) }));
  const isAsked = (one: string | undefined) => one !== undefined && options.namespaces.includes(one);
  const isWhole = options.namespaces.length === 0 || (subject.kind === "ServiceAccount" && isAsked(namespace));
  if (booked?.isSeen !== true) return undefined;
  return isWhole || (kind === "RoleBinding" && isAsked(metadata.namespace)) ? booked : undefined;
}

function whyOf({ why }: Held): string {
  return why;
}

interface Held {
  readonly subject: RbacSubject;
  readonly why: string;
}

/** Bindings that let pass what no suggested role holds. */
function heldBindings({ ledger, inForce }: ReplacingContext): ReadonlyMap<KnownBinding, readonly Held[]> {
  const held = new Map<KnownBinding, Held[]>();
  for (const { asker, attributes, isMany, why } of ledger.holds) {
    const all = isMany ? withNames(attributes, inForce.namesFor(asker, attributes)) : [attributes];
    for (const { binding, subject } of all.flatMap((one) => inForce.grantsOf(asker, one))) {
      held.set(binding, [...(held.get(binding) ?? []), { subject, why }]);
    }
  }
  return held;
}
