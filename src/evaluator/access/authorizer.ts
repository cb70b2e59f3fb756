import { by } from "../../lib/sort.ts";
import type { AccessAttributes, Identity } from "../../model/access.ts";
import type { BindingManifest, PolicyRule, RbacManifest, RbacSubject, RoleManifest } from "../../model/rbac.ts";
import { accountUsername } from "../../model/service-account.ts";
import { RuleIndex, type RuleSource } from "./rule-index.ts";

/** The authorizer's answer, and each binding that lets the request pass. */
export interface AuthorizerAnswer {
  readonly isAllowed: boolean;
  /** ClusterRoleBindings before RoleBindings, each by namespace and name. */
  readonly by: readonly BindingManifest[];
}

/** A rule that somebody holds, and through what. */
export interface Grant {
  readonly rule: PolicyRule;
  /** Where it counts; empty: everywhere, and for what is of no namespace. */
  readonly namespace: string;
  readonly binding: BindingManifest;
  readonly role: RoleManifest;
}

/** A binding whose role exists. */
interface Bound extends RuleSource {
  /** Its place among all of them. */
  readonly at: number;
  readonly binding: BindingManifest;
  readonly role: RoleManifest;
}

/** What one user or group is bound to in one scope, perhaps twice. The index is made when somebody asks. */
interface Scope {
  readonly bounds: Bound[];
  index: RuleIndex<Bound> | undefined;
}

/** What one user or group is bound to: by namespace, those that count everywhere by the empty one. */
type Held = Map<string, Scope>;

const EVERYWHERE = "";

/**
 * RBAC's authorizer over some roles and bindings (kubernetes, plugin/pkg/auth/authorizer/rbac, and rule resolution of
 * pkg/registry/rbac/validation/rule.go). It knows no other authorizer: nothing is special about `system:masters` or nodes here.
 */
export class Authorizer {
  readonly #byUser = new Map<string, Held>();
  readonly #byGroup = new Map<string, Held>();

  /** @param objects in any order; of one kind, namespace and name the last counts */
  constructor(objects: readonly RbacManifest[]) {
    const roles = new Map<string, RoleManifest>();
    const bindings = new Map<string, BindingManifest>();
    for (const object of objects) {
      if ("rules" in object) roles.set(keyOf(object), object);
      else bindings.set(keyOf(object), object);
    }
    const sorted = [...bindings.values()].toSorted(by(keyOf));
    for (const [at, binding] of sorted.entries()) {
      // A role that does not exist grants nothing, and stops nothing else.
      const role = roles.get(roleKeyOf(binding));
      if (role !== undefined) this.#bind({ at, binding, role, rules: role.rules });
    }
  }

  #bind(bound: Bound): void {
    const own = scopeOf(bound.binding);
    // A RoleBinding of no namespace is in no cluster.
    if (own === EVERYWHERE && bound.binding.kind === "RoleBinding") return;
    for (const subject of bound.binding.subjects) {
      const held = this.#heldBy(subject, own);
      if (held === undefined) continue;
      scopeAt(held, own).bounds.push(bound);
    }
  }

  /** Undefined for a subject that is nobody. */
  #heldBy({ kind, name, namespace }: RbacSubject, own: string): Held | undefined {
    switch (kind) {
      case "User":
        return heldAt(this.#byUser, name);
      case "Group":
        return heldAt(this.#byGroup, name);
      case "ServiceAccount": {
        const where = namespace === undefined || namespace === "" ? own : namespace;
        return where === "" ? undefined : heldAt(this.#byUser, accountUsername({ namespace: where, name }));
      }
    }
  }

  /** Whether somebody may do something, and by which bindings: all of them, not only the first as the API server says. */
  decide(identity: Identity, attributes: AccessAttributes): AuthorizerAnswer {
    const allowing = new Set<Bound>();
    for (const scope of this.#scopesFor(identity, namespaceOf(attributes))) {
      indexOf(scope).each(attributes, (bound) => allowing.add(bound));
    }
    return { isAllowed: allowing.size > 0, by: inOrder(allowing).map(({ binding }) => binding) };
  }

  /** Whether somebody may do something. */
  allows(identity: Identity, attributes: AccessAttributes): boolean {
    return this.#scopesFor(identity, namespaceOf(attributes)).some((scope) => indexOf(scope).allows(attributes));
  }

  /** Whether somebody holds all that is meant, where no name means any name: as a rule grants it, not as a request asks. */
  holds(identity: Identity, meant: AccessAttributes): boolean {
    return this.#scopesFor(identity, namespaceOf(meant)).some((scope) => indexOf(scope).covers(meant));
  }

  /** Every rule that somebody holds, in the order of bindings and rules. */
  grantsOf(identity: Identity): readonly Grant[] {
    const bounds = this.#heldByAll(identity).flatMap((held) => [...held.values()].flatMap((scope) => scope.bounds));
    return inOrder(bounds).flatMap(({ binding, role }) =>
      role.rules.map((rule) => ({ rule, namespace: scopeOf(binding), binding, role })),
    );
  }

  /** The rules that count for somebody in a namespace; in none (empty), those that count everywhere. */
  rulesFor(identity: Identity, namespace: string): readonly PolicyRule[] {
    const bounds = this.#scopesFor(identity, namespace).flatMap((scope) => scope.bounds);
    return inOrder(bounds).flatMap(({ rules }) => rules);
  }

  #scopesFor(identity: Identity, namespace: string): readonly Scope[] {
    const found: Scope[] = [];
    for (const held of this.#heldByAll(identity)) {
      const everywhere = held.get(EVERYWHERE);
      if (everywhere !== undefined) found.push(everywhere);
      const local = namespace === EVERYWHERE ? undefined : held.get(namespace);
      if (local !== undefined) found.push(local);
    }
    return found;
  }

  #heldByAll({ username, groups }: Identity): readonly Held[] {
    const own = this.#byUser.get(username);
    const found = own === undefined ? [] : [own];
    for (const group of groups) {
      const held = this.#byGroup.get(group);
      if (held !== undefined) found.push(held);
    }
    return found;
  }
}

function namespaceOf(attributes: AccessAttributes): string {
  return attributes.kind === "resource" ? attributes.namespace : "";
}

function keyOf({ kind, metadata }: RbacManifest): string {
  const isEverywhere = kind === "ClusterRole" || kind === "ClusterRoleBinding";
  return `${kind}\0${isEverywhere ? "" : (metadata.namespace ?? "")}\0${metadata.name}`;
}

function roleKeyOf({ roleRef, metadata, kind }: BindingManifest): string {
  const own = roleRef.kind === "ClusterRole" || kind === "ClusterRoleBinding" ? "" : (metadata.namespace ?? "");
  return `${roleRef.kind}\0${own}\0${roleRef.name}`;
}

/** Where the rules of a binding count. */
function scopeOf({ kind, metadata }: BindingManifest): string {
  return kind === "ClusterRoleBinding" ? EVERYWHERE : (metadata.namespace ?? EVERYWHERE);
}

function heldAt(map: Map<string, Held>, name: string): Held {
  const known = map.get(name);
  if (known !== undefined) return known;
  const held: Held = new Map();
  map.set(name, held);
  return held;
}

function scopeAt(held: Held, namespace: string): Scope {
  const known = held.get(namespace);
  if (known !== undefined) return known;
  const scope: Scope = { bounds: [], index: undefined };
  held.set(namespace, scope);
  return scope;
}

function indexOf(scope: Scope): RuleIndex<Bound> {
  scope.index ??= new RuleIndex(scope.bounds);
  return scope.index;
}

/** Each once. */
function inOrder(bounds: Iterable<Bound>): readonly Bound[] {
  return [...new Set(bounds)].toSorted((a, b) => a.at - b.at);
}
