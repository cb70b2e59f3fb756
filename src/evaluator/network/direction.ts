import { isPolicyProtocol, type Protocol } from "../../model/flow.ts";
import type { Answer } from "./answer.ts";
import type { CompiledNetworkWorld, CompiledPod } from "./compile.ts";
import type { End } from "./end.ts";
import { firstPeer, firstPort } from "./match.ts";
import type { CompiledPolicy, CompiledRule } from "./policy.ts";
import type { AllowingRule, Direction, DirectionVerdict } from "./verdict.ts";

/** A connection with its ends looked up. */
export interface Attempt {
  readonly client: End;
  readonly server: End;
  readonly protocol: Protocol;
  readonly port: number | undefined;
}

/** Names in a sentence before "and n more". */
const NAMED = 3;

/** Judges one direction by the policies alone; exemptions for a pod's own node come later. */
export function judgeDirection(world: CompiledNetworkWorld, attempt: Attempt, direction: Direction): DirectionVerdict {
  const subject = direction === "egress" ? attempt.client : attempt.server;
  if (subject.kind !== "pod") {
    return notAPod(subject);
  }
  const policies = subject.pod.isolatedBy[direction];
  const isolated: Answer = subject.pod.hostNetwork ? world.profile.isolatesHostNetwork : "yes";
  if (policies.length === 0 || isolated === "no") {
    return notIsolated(subject, subject.pod, direction);
  }
  const isolatedBy = policies.map(({ id }) => id);
  const by = { isolated, isolatedBy };
  if (!isPolicyProtocol(attempt.protocol)) {
    const reason = `NetworkPolicy says nothing about ${attempt.protocol}, and ${listed(isolatedBy)} isolate${plural(isolatedBy)} ${subject.text} for ${direction}`;
    return { verdict: "undefined", ...by, allowedBy: [], reason };
  }
  const { allowedBy, doubtful } = allowingRules(world, policies, attempt, direction);
  const [first] = allowedBy;
  if (first !== undefined) {
    return { verdict: "allowed", ...by, allowedBy, reason: `${ruleText(first, direction)} allows it` };
  }
  if (doubtful !== undefined) {
    const reason = `whether ${ruleText(doubtful, direction)} matches is left open by the specification and not known for profile ${world.profileName}`;
    return { verdict: "undefined", ...by, allowedBy, reason };
  }
  return denied(attempt, { direction, subject, isolated, isolatedBy });
}

function notAPod(subject: Exclude<End, { kind: "pod" }>): DirectionVerdict {
  const none = { isolatedBy: [], allowedBy: [] };
  if (subject.kind === "address" && subject.shared) {
    const reason = `${subject.text} is the address of several pods, so which policies apply is not known`;
    return { verdict: "undefined", isolated: "unknown", ...none, reason };
  }
  const reason = `${subject.text} is not a pod, so no policy isolates it`;
  return { verdict: "allowed", isolated: "no", ...none, reason };
}

function notIsolated(subject: End, pod: CompiledPod, direction: Direction): DirectionVerdict {
  const reason = pod.hostNetwork
    ? `no policy isolates ${subject.text} for ${direction}: it uses its node's network`
    : `no policy of namespace ${pod.namespace} isolates ${subject.text} for ${direction}`;
  return { verdict: "allowed", isolated: "no", isolatedBy: [], allowedBy: [], reason };
}

function denied(
  attempt: Attempt,
  at: { direction: Direction; subject: End; isolated: Answer; isolatedBy: readonly string[] },
): DirectionVerdict {
  const { direction, subject, isolated, isolatedBy } = at;
  const other = direction === "egress" ? `to ${attempt.server.text}` : `from ${attempt.client.text}`;
  const port = `${attempt.protocol} ${attempt.port ?? ""}`;
  const isolation = `${listed(isolatedBy)} isolate${plural(isolatedBy)} ${subject.text} for ${direction}`;
  const reason = `${isolation}, and no rule allows new connections ${other} on ${port}`;
  if (isolated === "unknown") {
    const doubt = `whether policies select hostNetwork pods is left open by the specification: ${reason}`;
    return { verdict: "undefined", isolated, isolatedBy, allowedBy: [], reason: doubt };
  }
  return { verdict: "denied", isolated, isolatedBy, allowedBy: [], reason };
}

function allowingRules(
  world: CompiledNetworkWorld,
  policies: readonly CompiledPolicy[],
  attempt: Attempt,
  direction: Direction,
): { readonly allowedBy: readonly AllowingRule[]; readonly doubtful: AllowingRule | undefined } {
  const allowedBy: AllowingRule[] = [];
  let doubtful: AllowingRule | undefined;
  for (const policy of policies) {
    const rules = policy.rules[direction] ?? [];
    rules.forEach((rule, index) => {
      const { answer, peer, port } = judgeRule(world, { policy, rule, direction }, attempt);
      if (answer === "no") {
        return;
      }
      const found = { policy: policy.id, rule: index, peer, port };
      if (answer === "yes") {
        allowedBy.push(found);
      } else {
        doubtful ??= found;
      }
    });
  }
  return { allowedBy, doubtful };
}

interface RuleAnswer {
  readonly answer: Answer;
  readonly peer: number | undefined;
  readonly port: number | undefined;
}

const NO: RuleAnswer = { answer: "no", peer: undefined, port: undefined };

function judgeRule(
  world: CompiledNetworkWorld,
  at: { policy: CompiledPolicy; rule: CompiledRule; direction: Direction },
  attempt: Attempt,
): RuleAnswer {
  const found = firstPort(at.rule.ports, attempt);
  return at.rule.ports.length > 0 && found < 0 ? NO : judgePeers(world, at, attempt, found);
}

function judgePeers(
  world: CompiledNetworkWorld,
  { policy, rule, direction }: { policy: CompiledPolicy; rule: CompiledRule; direction: Direction },
  attempt: Attempt,
  port: number,
): RuleAnswer {
  const other = direction === "egress" ? attempt.server : attempt.client;
  const peer = firstPeer(rule.peers, policy.namespace, other, world.profile);
  return peer.answer === "no" ? NO : { answer: peer.answer, peer: peer.index, port: port < 0 ? undefined : port };
}

function ruleText(rule: AllowingRule, direction: Direction): string {
  const list = direction === "egress" ? "to" : "from";
  const peer = rule.peer === undefined ? "" : `.${list}[${rule.peer}]`;
  return `${rule.policy} spec.${direction}[${rule.rule}]${peer}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function plural(names: readonly string[]): string {
  return names.length === 1 ? "s" : "";
}
