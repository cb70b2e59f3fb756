import type { AccessAttributes } from "../../model/access.ts";
import type { AccessProof } from "../../model/access-policy.ts";
import type { BindingManifest, PolicyRule, RbacManifest, RoleManifest } from "../../model/rbac.ts";
import { Authorizer } from "./authorizer.ts";
import { isMet, type Need } from "./needs.ts";
import { writtenAs } from "./rule-index.ts";
import { bindingsIn, keyOf, labelOf, roleKeyOf, rolesIn } from "./states.ts";

const LISTS = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"] as const;

/** Something that could be taken away: a list's item of a rule, or a binding. */
interface Piece {
  readonly role: string;
  readonly what: string;
}

/**
 * What can be taken from the written roles and bindings without anything needed being refused.
 *
 * Each need rests on some ways of allowing it, each made of pieces (a verb, a group, a resource, a name, a binding). What all its
 * ways have in common can't be taken away, and what no need holds is not needed.
 *
 * @param standing what stays in force whatever is applied: what it allows needs no piece
 */
export function unneededIn(
  manifests: readonly RbacManifest[],
  needs: readonly Need[],
  standing: Authorizer,
): AccessProof["unneeded"] {
  const pieces = piecesOf(manifests);
  const roles = new Map(rolesIn(manifests).map((role) => [keyOf(role), role]));
  const written = new Authorizer(manifests);
  const needed = new Set<string>();
  for (const need of needs) {
    const { identity, attributes } = need;
    const { by } = written.decide(identity, attributes);
    if (by.length === 0 || isMet(need, standing)) continue;
    const ways = by.flatMap((binding) => waysOf(binding, roles.get(roleKeyOf(binding)), attributes));
    for (const piece of commonTo(ways)) needed.add(piece);
  }
  return [...pieces].filter(([key]) => !needed.has(key)).map(([, piece]) => piece);
}

function piecesOf(manifests: readonly RbacManifest[]): ReadonlyMap<string, Piece> {
  const pieces = new Map<string, Piece>();
  for (const role of rolesIn(manifests)) {
    for (const [index, rule] of role.rules.entries()) {
      for (const list of LISTS) {
        for (const item of rule[list] ?? []) {
          pieces.set(pieceKey(role, index, `${list}\0${item}`), {
            role: labelOf(role),
            what: `rules[${index}].${list}: ${JSON.stringify(item)}`,
          });
        }
      }
    }
  }
  for (const binding of bindingsIn(manifests)) {
    pieces.set(keyOf(binding), { role: `${binding.roleRef.kind} ${binding.roleRef.name}`, what: labelOf(binding) });
  }
  return pieces;
}

function pieceKey(role: RoleManifest, index: number, item: string): string {
  return `${keyOf(role)}\0${index}\0${item}`;
}

/** For each rule through which a binding allows something, the pieces without which that rule would not. */
function waysOf(
  binding: BindingManifest,
  role: RoleManifest | undefined,
  asked: AccessAttributes,
): readonly ReadonlySet<string>[] {
  if (role === undefined) return [];
  return role.rules.flatMap((rule, index) => {
    const items = itemsFor(rule, asked);
    return items === undefined ? [] : [new Set([keyOf(binding), ...items.map((item) => pieceKey(role, index, item))])];
  });
}

/**
 * The items of a rule's lists that alone let it allow something; undefined where it does not allow it. A rule asks of each of its
 * lists that one item fits, so an item that is not the only one that fits can go.
 */
function itemsFor(rule: PolicyRule, asked: AccessAttributes): readonly string[] | undefined {
  const only: string[] = [];
  for (const [list, fits] of testsFor(rule, asked)) {
    const fitting = (rule[list] ?? []).filter(fits);
    const [item] = fitting;
    if (item === undefined) return undefined;
    if (fitting.length === 1) only.push(`${list}\0${item}`);
  }
  return only;
}

type Test = readonly [list: (typeof LISTS)[number], fits: (item: string) => boolean];

function testsFor({ resourceNames = [] }: PolicyRule, asked: AccessAttributes): readonly Test[] {
  const isOr =
    (wanted: string) =>
    (item: string): boolean =>
      item === wanted || item === "*";
  if (asked.kind === "non-resource") {
    const { verb, path } = asked;
    return [
      ["verbs", isOr(verb)],
      [
        "nonResourceURLs",
        (item) => item === path || (item.endsWith("*") && path.startsWith(item.replace(/\*+$/u, ""))),
      ],
    ];
  }
  const { verb, apiGroup, name } = asked;
  const resources = new Set(writtenAs(asked));
  return [
    ["verbs", isOr(verb)],
    ["apiGroups", isOr(apiGroup)],
    ["resources", (item) => resources.has(item)],
    ...(resourceNames.length === 0 ? [] : [["resourceNames", (item: string) => item === name] as const]),
  ];
}

function commonTo([first, ...rest]: readonly ReadonlySet<string>[]): readonly string[] {
  return first === undefined ? [] : [...first].filter((piece) => rest.every((way) => way.has(piece)));
}
