import { daysOf } from "../../lib/days.ts";
import type { AccessGraph, Caller } from "../../model/access.ts";
import { attributesText } from "../../model/access-attributes.ts";
import type { AccessLine, ReplacedBinding } from "../../model/access-policy.ts";
import type { KnownBinding, RbacState, RbacSubject } from "../../model/rbac.ts";
import type { BookedSubject, Ledger } from "./ledger.ts";
import { isGenerated } from "./stable-names.ts";
import { isPeoplesGroup, subjectText } from "./subjects.ts";
import { counted } from "./words.ts";

/** What is worth saying about a subject's lines (rules 27, 53 and 54). */
export function noteLines(subject: RbacSubject, lines: readonly AccessLine[], ledger: Ledger): void {
  const about = subjectText(subject);
  for (const { attributes, widenedFrom, risk } of lines) {
    const text = attributesText(attributes);
    if (risk !== undefined) ledger.note("risk", about, `${risk} (${text})`);
    if (widenedFrom !== undefined) ledger.note("widened", about, `${text}, ${widenedFrom} -> any`);
    const isNamed = attributes.kind === "resource" && isGenerated(attributes.name);
    if (risk !== undefined && isNamed) ledger.note("may-change", about, text);
  }
  const reviews = lines.filter(({ attributes }) => attributes.kind === "resource" && isReview(attributes));
  if (reviews.length === 2) ledger.note("delegated-auth", about, "");
}

function isReview({
  verb,
  apiGroup,
  resource,
}: {
  readonly verb: string;
  readonly apiGroup: string;
  readonly resource: string;
}) {
  const what = `${verb} ${resource}.${apiGroup}`;
  return ["create tokenreviews.authentication.k8s.io", "create subjectaccessreviews.authorization.k8s.io"].includes(
    what,
  );
}

/** What is worth saying about accounts: whose pods use them (§6 of the rules). */
export function noteAccounts(graph: AccessGraph, ledger: Ledger): void {
  const callers = new Map(graph.callers.map((caller) => [caller.username, caller]));
  for (const { subject, members } of ledger.subjects.values()) {
    if (subject.kind !== "ServiceAccount") continue;
    const about = subjectText(subject);
    if (subject.name === "default") ledger.note("default-account", about, "");
    const workloads = new Set([...members].flatMap((member) => workloadsOf(callers.get(member))));
    if (workloads.size > 1) for (const workload of workloads) ledger.note("shared-account", about, workload);
  }
}

/** What pods of one workload have in common in their names: all but what was made up for each. */
function workloadsOf(caller: Caller | undefined): readonly string[] {
  return (caller?.pods ?? []).map(({ namespace, name }) => `${namespace}/${workloadName(name)}`);
}

function workloadName(pod: string): string {
  const made = pod
    .replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}$/u, "")
    .replace(/-(?:[bcdfghjklmnpqrstvwxz2456789]{8,10}|\d{8})$/u, "");
  return made === pod ? pod.replace(/-\d+$/u, "") : made;
}

/** What is worth saying about bindings in force (rules 45 and 49). */
export function noteBindings(replaced: readonly ReplacedBinding[], state: RbacState, ledger: Ledger): void {
  for (const { kind, namespace, name, subjects, keptSubjects, keep } of replaced) {
    const about = `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
    if (keep !== undefined) ledger.note("waits", about, keep);
    else ledger.note("removable", about, `${evidenceOf(subjects, ledger)}${keptText(keptSubjects)}`);
  }
  for (const binding of state.bindings) {
    const unseen = binding.subjects.filter((subject) => isUnseen(subject, binding, ledger));
    if (binding.keeper !== undefined || unseen.length < binding.subjects.length) continue;
    const { kind, metadata } = binding;
    const about = `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
    for (const subject of unseen) ledger.note("unused", about, subjectText(subject));
  }
}

function isUnseen(subject: RbacSubject, { metadata }: KnownBinding, { subjects }: Ledger): boolean {
  if (subject.kind === "User" || (subject.kind === "Group" && !isPeoplesGroup(subject.name))) return false;
  const namespace = subject.namespace ?? metadata.namespace;
  const key = subject.kind === "Group" || namespace === undefined ? subject : { ...subject, namespace };
  return subjects.get(subjectText(key))?.isSeen !== true;
}

/** On what it rests that nothing else is needed. */
function evidenceOf(subjects: readonly RbacSubject[], ledger: Ledger): string {
  const booked = subjects.map((subject) => ledger.subjects.get(subjectText(subject)));
  const texts = booked.filter((one) => one !== undefined).map(evidenceText);
  return `its subjects have roles of their own (${texts.join("; ")})`;
}

function evidenceText({ subject, requests, hours }: BookedSubject): string {
  return `${subjectText(subject)}: ${counted(requests, "request")} on ${counted(daysOf(hours), "day")}`;
}

function keptText(kept: readonly RbacSubject[]): string {
  return kept.length === 0 ? "" : `; ${counted(kept.length, "other subject")} keep it`;
}
