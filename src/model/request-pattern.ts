import type { AccessAttributes } from "./access.ts";
import { attributesText } from "./access-attributes.ts";

/** Who asks for what. */
export interface Request {
  readonly identity: { readonly username: string; readonly groups: readonly string[] };
  readonly attributes: AccessAttributes;
}

/**
 * Reads `SUBJECT:VERB RESOURCE[.GROUP][/SUBRESOURCE][ in NAMESPACE][ named NAME]`. A subject is a username or a group; without a name
 * any is meant. A colon in the subject is part of it: what is asked for has none before its first space.
 *
 * @returns whether a request is meant
 */
export function requestPattern(text: string): (request: Request) => boolean {
  const space = text.indexOf(" ");
  const colon = text.lastIndexOf(":", space < 0 ? text.length : space);
  const [subject, what] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1).trim()];
  return ({ identity, attributes }) => {
    if (identity.username !== subject && !identity.groups.includes(subject)) return false;
    const own = attributesText(attributes);
    return own === what || own.startsWith(`${what} named `);
  };
}
