import { serviceAccountOf } from "../../model/service-account.ts";
import { MS_PER_HOUR } from "../hour-set.ts";
import type { AccessCell, OfCluster } from "./access-cell.ts";
import type { AccessLogText, CallerText, DeniedText, FamilyText, UsesText } from "./access-schema.ts";

/**
 * Forgets uses of the API, allowed and denied: those last seen before a time, those in namespaces, and those of ServiceAccounts
 * of these namespaces, also where they acted as somebody else. What stays loses its older hours. Callers go with their last use.
 */
export class AccessPruning {
  readonly #before: number | undefined;
  readonly #namespaces: ReadonlySet<string>;
  /** Who asked for something that stays, and of which cluster. */
  readonly #needed = new Set<string>();

  constructor(before: number | undefined, namespaces: readonly string[]) {
    this.#before = before;
    this.#namespaces = new Set(namespaces);
  }

  survey(read: AccessCell): void {
    if (read.kind === "caller") return;
    const body = read.kind === "access" ? this.#uses(read.body) : this.#denied(read.body);
    if (body !== undefined)
      this.#needed.add(callerKey(read.body.cluster, (body.impersonator ?? body.identity).username));
  }

  /**
   * @param body as it stands in the cell
   * @returns the body from now on: the same where nothing goes, `undefined` where all of it does
   */
  decide(read: AccessCell, body: string): string | undefined {
    if (read.kind === "caller") return this.#keepsCaller(read.body) ? body : undefined;
    const stays = read.kind === "access" ? this.#uses(read.body) : this.#denied(read.body);
    if (stays === undefined || stays === read.body) return stays && body;
    return JSON.stringify(stays);
  }

  #keepsCaller({ username, cluster }: OfCluster<CallerText>): boolean {
    if (this.#isForgotten(username)) return false;
    return this.#before === undefined || this.#needed.has(callerKey(cluster, username));
  }

  #uses(uses: UsesText): UsesText | undefined {
    if (this.#isOfForgotten(uses)) return undefined;
    const family = this.#family(uses.family);
    if (family === uses.family) return uses;
    return family && { ...uses, family };
  }

  #denied(denied: DeniedText): DeniedText | undefined {
    if (this.#isOfForgotten(denied)) return undefined;
    const families = denied.families.map((family) => this.#family(family));
    const further = denied.further && this.#log(denied.further);
    if (further === denied.further && families.every((family, at) => family === denied.families[at])) return denied;
    const stay = families.filter((family) => family !== undefined);
    return stay.length === 0 && further === undefined ? undefined : { ...denied, families: stay, further };
  }

  #family(family: FamilyText): FamilyText | undefined {
    const { attributes, names, many } = family;
    if (attributes.kind === "resource" && this.#namespaces.has(attributes.namespace)) return undefined;
    if (this.#before === undefined) return family;
    const logs = names.map(({ log }) => this.#log(log));
    const manyLeft = many && this.#log(many);
    if (manyLeft === many && names.every(({ log }, at) => log === logs[at])) return family;
    const stay = names.flatMap(({ name }, at) => {
      const log = logs[at];
      return log === undefined ? [] : [{ name, log }];
    });
    return stay.length === 0 && manyLeft === undefined ? undefined : { attributes, names: stay, many: manyLeft };
  }

  #log(log: AccessLogText): AccessLogText | undefined {
    const before = this.#before;
    if (before === undefined) return log;
    if (log.lastSeen !== undefined && log.lastSeen < before) return undefined;
    const first = Math.floor(before / MS_PER_HOUR);
    if (log.hours.every((hour) => hour >= first)) return log;
    return { ...log, hours: log.hours.filter((hour) => hour >= first) };
  }

  #isOfForgotten({ identity, impersonator }: Pick<UsesText, "identity" | "impersonator">): boolean {
    return (
      this.#isForgotten(identity.username) || (impersonator !== undefined && this.#isForgotten(impersonator.username))
    );
  }

  #isForgotten(username: string): boolean {
    const namespace = serviceAccountOf(username)?.namespace;
    return namespace !== undefined && this.#namespaces.has(namespace);
  }
}

function callerKey(cluster: string | undefined, username: string): string {
  return JSON.stringify([cluster, username]);
}
