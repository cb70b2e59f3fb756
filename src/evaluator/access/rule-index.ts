import type { AccessAttributes, ResourceAttributes } from "../../model/access.ts";
import type { PolicyRule } from "../../model/rbac.ts";

/** Some rules, and whose they are. */
export interface RuleSource {
  readonly rules: readonly PolicyRule[];
}

/** A rule as it is asked: undefined stands for any. */
interface Condition<Source> {
  readonly source: Source;
  readonly verbs: ReadonlySet<string> | undefined;
  readonly groups: ReadonlySet<string> | undefined;
  readonly names: ReadonlySet<string> | undefined;
}

const ANY = "*";

/**
 * Rules by what they are about. They are compared letter by letter, as the API server does (RuleAllows in kubernetes,
 * plugin/pkg/auth/authorizer/rbac/rbac.go, with pkg/apis/rbac/v1/evaluation_helpers.go). Scope is for others to see to.
 *
 * What is asked may have wildcards itself (verb `*`, resource `*`, a path that ends in `*`): then a rule allows it where it
 * allows all that the wildcard stands for.
 */
export class RuleIndex<Source extends RuleSource> {
  /** By resource as rules write it: `pods`, `pods/log`, `*`, or `*` with a subresource. */
  readonly #byResource = new Map<string, Condition<Source>[]>();
  readonly #byPath = new Map<string, Condition<Source>[]>();
  /** Of paths that end in `*`, what stands before. */
  readonly #byPrefix = new Map<string, Condition<Source>[]>();

  constructor(sources: Iterable<Source>) {
    for (const source of sources) for (const rule of source.rules) this.#add(rule, source);
  }

  #add(
    { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs }: PolicyRule,
    source: Source,
  ) {
    const names = resourceNames.length === 0 ? undefined : new Set(resourceNames);
    const condition = { source, verbs: setOf(verbs), groups: setOf(apiGroups), names };
    for (const resource of new Set(resources)) push(this.#byResource, resource, condition);
    for (const path of new Set(nonResourceURLs)) {
      push(this.#byPath, path, condition);
      if (path.endsWith(ANY)) push(this.#byPrefix, path.replace(/\*+$/u, ""), condition);
    }
  }

  /** Whether a rule allows a request. */
  allows(asked: AccessAttributes): boolean {
    return this.#candidates(asked).some((conditions) => conditions.some((condition) => isMet(condition, asked)));
  }

  /**
   * Whether a rule allows all that is meant, where no name means any name: a rule that lists the empty name, as the API
   * server lets it, allows requests without a name and no others.
   */
  covers(meant: AccessAttributes): boolean {
    if (meant.kind === "non-resource" || meant.name !== "") return this.allows(meant);
    return this.#candidates(meant).some((conditions) =>
      conditions.some((condition) => condition.names === undefined && isMet(condition, meant)),
    );
  }

  /** Calls for each rule that allows it, so for one source perhaps more than once. */
  each(asked: AccessAttributes, visit: (source: Source) => void): void {
    for (const conditions of this.#candidates(asked)) {
      for (const condition of conditions) if (isMet(condition, asked)) visit(condition.source);
    }
  }

  /** The rules that are about it, whatever else they ask for. */
  #candidates(asked: AccessAttributes): readonly (readonly Condition<Source>[])[] {
    if (asked.kind === "resource") {
      return writtenAs(asked).flatMap((resource) => {
        const conditions = this.#byResource.get(resource);
        return conditions === undefined ? [] : [conditions];
      });
    }
    const { path } = asked;
    const found = [...this.#byPrefix].filter(([prefix]) => path.startsWith(prefix)).map(([, conditions]) => conditions);
    const exact = this.#byPath.get(path);
    return exact === undefined ? found : [exact, ...found];
  }
}

function setOf(texts: readonly string[]): ReadonlySet<string> | undefined {
  return texts.includes(ANY) ? undefined : new Set(texts);
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** How rules may write what is asked for. `pods/*` is none of them, and `pods` is not `pods/log`. */
export function writtenAs({ resource, subresource }: ResourceAttributes): readonly string[] {
  return subresource === "" ? [resource, ANY] : [`${resource}/${subresource}`, ANY, `${ANY}/${subresource}`];
}

function isMet({ verbs, groups, names }: Condition<unknown>, asked: AccessAttributes): boolean {
  if (verbs !== undefined && !verbs.has(asked.verb)) return false;
  if (asked.kind === "non-resource") return true;
  if (groups !== undefined && !groups.has(asked.apiGroup)) return false;
  return names === undefined || names.has(asked.name);
}
