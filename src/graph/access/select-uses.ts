import type { AccessGraph, AccessUse } from "../../model/access.ts";
import { attributesText } from "../../model/access-attributes.ts";

/** Use of the API after the operator's word. */
export interface SelectedUses {
  readonly access: AccessGraph;
  /** What matched nothing that was seen. */
  readonly idle: readonly string[];
}

/**
 * Takes the uses out that somebody rejected, `SUBJECT:VERB RESOURCE[.GROUP][/SUBRESOURCE][ in NAMESPACE][ named NAME]`. A subject is a
 * username or a group; without a name any is meant. A colon in the subject is part of it: what is asked for has none before its
 * first space.
 */
export function selectUses(access: AccessGraph, rejected: readonly string[]): SelectedUses {
  if (rejected.length === 0) return { access, idle: [] };
  const patterns = rejected.map((text) => ({ text, matches: usePattern(text) }));
  const uses = access.uses.filter((use) => !patterns.some(({ matches }) => matches(use)));
  const idle = patterns.filter(({ matches }) => !access.uses.some(matches)).map(({ text }) => text);
  return { access: { ...access, uses }, idle };
}

function usePattern(text: string): (use: AccessUse) => boolean {
  const space = text.indexOf(" ");
  const colon = text.lastIndexOf(":", space < 0 ? text.length : space);
  const [subject, what] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1).trim()];
  return ({ identity, attributes }) => {
    if (identity.username !== subject && !identity.groups.includes(subject)) return false;
    const own = attributesText(attributes);
    return own === what || own.startsWith(`${what} named `);
  };
}
