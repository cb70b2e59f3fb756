import { byText } from "../../lib/sort.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type { Place } from "../../model/manifest-object.ts";
import { parseAddress } from "../network/address.ts";
import { evaluateConnection } from "../network/evaluate.ts";
import type { AllowingRule, Direction, DirectionVerdict, VerdictKind } from "../network/verdict.ts";
import type { ConnectionEnd } from "../network/world.ts";
import { placeOf } from "./finding.ts";
import { podId, type ReviewWorld, type Subject } from "./world.ts";

/** An end somebody asks about: a pod, all pods of a workload, or an address. */
export interface AskedEnd {
  /** As it was written. */
  readonly text: string;
  /** Never empty. */
  readonly ends: readonly ConnectionEnd[];
}

/** Why a text names no end; `names` are those it may mean, or all that are known. Sorted. */
export interface UnknownEnd {
  readonly problem: "none" | "several";
  readonly names: readonly string[];
}

/** What decides in one direction: rules that allow it, or else the policies that isolate the end. */
export interface AnsweredDirection {
  readonly verdict: VerdictKind;
  readonly reason: string;
  /** Rules count from 0; undefined is the policy as a whole. Empty: the end is not isolated. */
  readonly by: readonly { readonly policy: string; readonly rule: number | undefined; readonly place: Place }[];
}

/** An answer for every pair of pods meant; the directions are those of the pair that decided. */
export interface QuestionAnswer {
  readonly verdict: VerdictKind;
  readonly reason: string;
  readonly egress: AnsweredDirection;
  readonly ingress: AnsweredDirection;
}

/**
 * Finds who is meant.
 *
 * @param text an address, `namespace/name` of a workload or a pod, `namespace/Kind/name` where flows or manifests know
 *   two kinds by one name, or a name alone where it is unique
 */
export function findAskedEnd(world: ReviewWorld, text: string): AskedEnd | UnknownEnd {
  if (parseAddress(text) !== undefined) return { text, ends: [{ ip: text }] };
  const { subjects } = world;
  const named = subjects.filter((subject) => namesOfSubject(subject).includes(text));
  if (named.length > 0) return { text, ends: named.flatMap(({ pods }) => pods) };
  const pod = subjects.flatMap(({ pods }) => pods).find((reference) => podId(reference) === text);
  if (pod !== undefined) return { text, ends: [pod] };
  const short = subjects.filter((subject) => namesOfSubject(subject).some((name) => name.endsWith(`/${text}`)));
  const keys = sortedKeys(short);
  if (text.includes("/") || keys.length === 0) return { problem: "none", names: sortedKeys(subjects) };
  return keys.length > 1 ? { problem: "several", names: keys } : { text, ends: short.flatMap(({ pods }) => pods) };
}

function namesOfSubject({ key, namespace, manifest }: Subject): readonly string[] {
  const [, kind = "", name] = key.split("/");
  return [
    key,
    ...(name === undefined ? [] : [`${namespace}/${name}`, `${namespace}/${kind.toLowerCase()}/${name}`]),
    ...(manifest === undefined
      ? []
      : [`${namespace}/${manifest.name}`, `${namespace}/${manifest.kind}/${manifest.name}`, manifest.owner]),
  ];
}

function sortedKeys(subjects: readonly Subject[]): readonly string[] {
  return [...new Set(subjects.map(({ key }) => key))].toSorted(byText);
}

const ORDER: readonly VerdictKind[] = ["denied", "undefined", "allowed"];

/** Would every pod of the client reach every pod of the server? One denied pair denies, then one undefined counts. */
export function answerQuestion(
  world: ReviewWorld,
  { client, server }: { readonly client: AskedEnd; readonly server: AskedEnd },
  { port, protocol }: { readonly port: number; readonly protocol: PolicyProtocol },
): QuestionAnswer {
  const pairs = client.ends.flatMap((from) => server.ends.map((to) => ({ from, to })));
  // A pod always reaches itself, which is not what is asked about a workload of several.
  const apart = pairs.filter(({ from, to }) => from !== to);
  const verdicts = (apart.length > 0 ? apart : pairs).map(({ from, to }) =>
    evaluateConnection(world.compiled, { from, to, protocol, port }),
  );
  const decisive = ORDER.flatMap((kind) => verdicts.find(({ verdict }) => verdict === kind) ?? [])[0];
  if (decisive === undefined) throw new Error("an end without pods");
  const { verdict, reason, egress, ingress } = decisive;
  return {
    verdict,
    reason,
    egress: directionOf(world, "egress", egress),
    ingress: directionOf(world, "ingress", ingress),
  };
}

function directionOf(world: ReviewWorld, direction: Direction, judged: DirectionVerdict): AnsweredDirection {
  const { verdict, reason, allowedBy, isolatedBy } = judged;
  const rules = allowedBy.flatMap((rule) => deciderOf(world, direction, rule.policy, rule));
  const policies = isolatedBy.flatMap((id) => deciderOf(world, direction, id, undefined));
  return { verdict, reason, by: rules.length > 0 ? rules : policies };
}

function deciderOf(
  { policies }: ReviewWorld,
  direction: Direction,
  id: string,
  allowing: AllowingRule | undefined,
): AnsweredDirection["by"] {
  const found = policies.find((policy) => policy.id === id);
  if (found === undefined) return [];
  const path = allowing === undefined ? ["spec"] : ["spec", direction, allowing.rule];
  return [{ policy: id, rule: allowing?.rule, place: placeOf(found.object, path) }];
}
