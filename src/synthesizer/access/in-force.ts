import { byText } from "../../lib/sort.ts";
import type { AccessAttributes, Identity } from "../../model/access.ts";
import type { KnownBinding, PolicyRule, RbacState, RbacSubject } from "../../model/rbac.ts";
import { serviceAccountOf } from "../../model/service-account.ts";
import { resourceText, withName } from "./attributes.ts";

/** `unknown` where the state, or a part of it that could tell, was not given. */
export type InForceAnswer = "yes" | "no" | "unknown";

/** Who asks: an identity, or what all members of a group have in common. */
export interface Asker {
  /** Empty: nobody in particular. */
  readonly username: string;
  readonly groups: readonly string[];
}

/** A binding, what it is for, and through which of its subjects it was reached. */
interface Reached {
  readonly binding: KnownBinding;
  readonly subject: RbacSubject;
  /** Undefined: the role was not given. */
  readonly rules: readonly PolicyRule[] | undefined;
}

const EVERYBODY: ReadonlySet<string> = new Set([
  "system:authenticated",
  "system:serviceaccounts",
  "system:unauthenticated",
]);

/** What the RBAC in force allows, as far as deciding on roles depends on it. The evaluator judges independently. */
export class InForce {
  readonly isKnown: boolean;
  /** True where there may be more than was given. */
  readonly #isPartial: boolean;
  readonly #bindings = new Map<string, Reached[]>();
  readonly #answers = new Map<string, readonly Reached[]>();

  constructor(state: RbacState | undefined) {
    this.isKnown = state !== undefined;
    this.#isPartial = state?.gaps?.isPartial ?? false;
    const missing = new Set(
      (state?.gaps?.unknownRoles ?? []).map(({ kind, namespace, name }) => roleKey(kind, namespace, name)),
    );
    const roles = new Map(
      (state?.roles ?? []).map((role) => [
        roleKey(role.kind, role.metadata.namespace ?? "", role.metadata.name),
        role.rules,
      ]),
    );
    for (const binding of state?.bindings ?? []) {
      const { kind, name } = binding.roleRef;
      const role = roleKey(kind, kind === "Role" ? (binding.metadata.namespace ?? "") : "", name);
      // A role that is known not to exist grants nothing.
      const rules = roles.get(role) ?? (missing.has(role) ? undefined : []);
      for (const subject of binding.subjects) {
        const key = subjectKey(subject, binding);
        if (key !== undefined) push(this.#bindings, key, { binding, subject, rules });
      }
    }
  }

  allows(asker: Asker, attributes: AccessAttributes): InForceAnswer {
    if (!this.isKnown) return "unknown";
    const reached = this.#reached(asker).filter(({ binding }) => isInReach(binding, attributes));
    if (reached.some(({ rules }) => rules?.some((rule) => ruleAllows(rule, attributes)) === true)) return "yes";
    return this.#isPartial || reached.some(({ rules }) => rules === undefined) ? "unknown" : "no";
  }

  /** The bindings that let it pass, or may do so, and through which subject. */
  grantsOf(asker: Asker, attributes: AccessAttributes): readonly Pick<Reached, "binding" | "subject">[] {
    return this.#reached(asker).filter(
      ({ binding, rules }) =>
        isInReach(binding, attributes) && (rules === undefined || rules.some((rule) => ruleAllows(rule, attributes))),
    );
  }

  /** True where a binding that Kubernetes itself keeps is known to give it to everybody. */
  givesEverybody(asker: Asker, attributes: AccessAttributes): boolean {
    return this.#reached(asker).some(
      ({ binding, subject, rules }) =>
        subject.kind === "Group" &&
        EVERYBODY.has(subject.name) &&
        binding.metadata.name.startsWith("system:") &&
        isInReach(binding, attributes) &&
        rules?.some((rule) => ruleAllows(rule, attributes)) === true,
    );
  }

  /** Names (or paths, with patterns) that rules list for what differs in the name alone; sorted. */
  namesFor(asker: Asker, attributes: AccessAttributes): readonly string[] {
    const names = this.#reached(asker)
      .filter(({ binding }) => isInReach(binding, attributes))
      .flatMap(({ rules }) => rules ?? [])
      .flatMap((rule) => namesOfRule(rule, attributes));
    return [...new Set(names)].toSorted(byText);
  }

  /** The rules that somebody holds through a binding, each with it. */
  heldBy(asker: Asker): readonly Reached[] {
    return this.#reached(asker);
  }

  #reached({ username, groups }: Asker): readonly Reached[] {
    const key = JSON.stringify([username, groups]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const keys = [`User ${username}`, ...groups.map((group) => `Group ${group}`)];
    const reached = [...new Set(keys)].flatMap((one) => this.#bindings.get(one) ?? []);
    this.#answers.set(key, reached);
    return reached;
  }
}

/** The attributes themselves, and with each of the names. */
export function withNames(attributes: AccessAttributes, names: readonly string[]): readonly AccessAttributes[] {
  return [attributes, ...names.map((name) => withName(attributes, name))];
}

/** An identity with the groups that the API server adds to it. */
export function askerOf({ username, groups }: Identity): Asker {
  const account = serviceAccountOf(username);
  const own = account === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`];
  const all = username === "system:anonymous" ? [] : ["system:authenticated"];
  return { username, groups: [...new Set([...groups, ...own, ...all])].toSorted(byText) };
}

/** Whoever the subject of a binding is, with nothing that only some of its members have. */
export function askerOfSubject(subject: RbacSubject): Asker {
  if (subject.kind === "Group") return { username: "", groups: [subject.name] };
  return askerOf({ username: usernameOf(subject), groups: [] });
}

export function usernameOf({ kind, namespace = "", name }: RbacSubject): string {
  return kind === "ServiceAccount" ? `system:serviceaccount:${namespace}:${name}` : name;
}

/** `*`, exactly, or by the beginning before a trailing `*` (kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go). */
export function isUrlMatched(pattern: string, path: string): boolean {
  if (pattern === "*" || pattern === path) return true;
  return pattern.endsWith("*") && path.startsWith(pattern.replace(/\*+$/u, ""));
}

/** What a rule says of a request (kubernetes, plugin/pkg/auth/authorizer/rbac, RuleAllows). */
export function ruleAllows(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!holds(rule.verbs, attributes.verb)) return false;
  if (attributes.kind === "non-resource") {
    return (rule.nonResourceURLs ?? []).some((pattern) => isUrlMatched(pattern, attributes.path));
  }
  const names = rule.resourceNames ?? [];
  return isAboutResource(rule, attributes) && (names.length === 0 || names.includes(attributes.name));
}

function isAboutResource(rule: PolicyRule, attributes: AccessAttributes & { readonly kind: "resource" }): boolean {
  const resources = rule.resources ?? [];
  const { apiGroup, subresource } = attributes;
  return (
    holds(rule.apiGroups, apiGroup) &&
    (holds(resources, resourceText(attributes)) || (subresource !== "" && resources.includes(`*/${subresource}`)))
  );
}

function namesOfRule(rule: PolicyRule, attributes: AccessAttributes): readonly string[] {
  if (!holds(rule.verbs, attributes.verb)) return [];
  if (attributes.kind === "non-resource") return rule.nonResourceURLs ?? [];
  return isAboutResource(rule, attributes) ? (rule.resourceNames ?? []) : [];
}

function holds(list: readonly string[] | undefined, item: string): boolean {
  return list !== undefined && (list.includes("*") || list.includes(item));
}

/** RoleBindings reach their namespace, and no path that is no resource. */
function isInReach({ kind, metadata }: KnownBinding, attributes: AccessAttributes): boolean {
  if (kind === "ClusterRoleBinding") return true;
  return attributes.kind === "resource" && attributes.namespace !== "" && attributes.namespace === metadata.namespace;
}

function subjectKey(subject: RbacSubject, binding: KnownBinding): string | undefined {
  if (subject.kind !== "ServiceAccount") return `${subject.kind} ${subject.name}`;
  const namespace = subject.namespace ?? binding.metadata.namespace ?? "";
  return namespace === "" ? undefined : `User ${usernameOf({ ...subject, namespace })}`;
}

function roleKey(kind: string, namespace: string, name: string): string {
  return JSON.stringify([kind, namespace, name]);
}

function push<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
