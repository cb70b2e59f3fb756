import { byText } from "../../lib/sort.ts";
import type { AccessAttributes } from "../../model/access.ts";
import { withName } from "../../model/access-attributes.ts";
import type { KnownBinding, PolicyRule, RbacState, RbacSubject } from "../../model/rbac.ts";
import { type Asker, usernameOf } from "./askers.ts";
import { namesOfRule, ruleAllows } from "./rule-matching.ts";

/** `unknown` where the state, or a part of it that could tell, was not given. */
export type InForceAnswer = "yes" | "no" | "unknown";

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
    if (state === undefined) return;
    const rulesFor = rulesOfRoles(state);
    for (const binding of state.bindings) {
      const rules = rulesFor(binding);
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

/** What the role of a binding holds; undefined where nobody gave it. */
function rulesOfRoles({ roles, gaps }: RbacState): (binding: KnownBinding) => readonly PolicyRule[] | undefined {
  const missing = new Set(gaps?.unknownRoles.map(({ kind, namespace, name }) => roleKey(kind, namespace, name)));
  const known = new Map(
    roles.map(({ kind, metadata, rules }) => [roleKey(kind, metadata.namespace ?? "", metadata.name), rules]),
  );
  return ({ metadata, roleRef }) => {
    const key = roleKey(roleRef.kind, roleRef.kind === "Role" ? (metadata.namespace ?? "") : "", roleRef.name);
    // A role that is known not to exist grants nothing.
    return known.get(key) ?? (missing.has(key) ? undefined : []);
  };
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
