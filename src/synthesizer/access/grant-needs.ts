import type { AccessAttributes, AccessGraph, AccessUse } from "../../model/access.ts";
import { attributesText, withName } from "../../model/access-attributes.ts";
import type { RbacSubject } from "../../model/rbac.ts";
import { hasLiteralWildcard, scopeOf } from "./attributes.ts";
import type { Ledger } from "./ledger.ts";
import { accountSubject, groupSubject, isNamespaceName, isPeoplesGroup, isSystem } from "./subjects.ts";

/**
 * Adds the denied needs that the operator names: `SUBJECT:VERB RESOURCE[.GROUP][/SUBRESOURCE][ in NAMESPACE][ named NAME]`, or
 * `SUBJECT:VERB /PATH`. SUBJECT is a username or a group; without `named`, any name is granted; without `in`, the whole cluster.
 * Each has to name something that was refused.
 */
export function grantNeeds(graph: AccessGraph, grant: readonly string[], ledger: Ledger): void {
  const denied = graph.uses.filter(({ outcome }) => outcome === "denied");
  for (const need of new Set(grant)) {
    const found = denied.map((use) => matchOf(need, use)).filter((match) => match !== undefined);
    if (found.length === 0) ledger.note("grant-unmatched", need, need);
    for (const { subject, attributes, use } of found) {
      if (subject === undefined) {
        ledger.note("grant-refused", need, use.identity.username);
        continue;
      }
      ledger.subject(subject).members.add(use.identity.username);
      const origin = { kind: "granted", because: need } as const;
      ledger.want({ subject, attributes, isMany: false, origin, evidence: use.evidence });
    }
  }
}

interface Match {
  /** Undefined: nobody who may get a binding. */
  readonly subject: RbacSubject | undefined;
  readonly attributes: AccessAttributes;
  readonly use: AccessUse;
}

function matchOf(need: string, use: AccessUse): Match | undefined {
  const who = [use.identity.username, ...use.identity.groups].find((one) => need.startsWith(`${one}:`));
  if (who === undefined) return undefined;
  const wanted = need.slice(who.length + 1);
  const { attributes } = use;
  const unnamed = attributes.kind === "resource" ? withName(attributes, "") : attributes;
  const granted = [unnamed, attributes].find((one) => attributesText(one) === wanted);
  if (granted === undefined || (granted === unnamed && attributes.kind === "non-resource" && use.isMany))
    return undefined;
  const isSafe = !hasLiteralWildcard(attributes, false) && isNamespaceName(scopeOf(attributes));
  return { subject: isSafe ? subjectNamed(who, use) : undefined, attributes: granted, use };
}

function subjectNamed(who: string, { identity }: AccessUse): RbacSubject | undefined {
  if (who !== identity.username) return isPeoplesGroup(who) ? groupSubject(who) : undefined;
  return isSystem(who) ? undefined : accountSubject(who);
}
