import { shortHash } from "./safe-name.ts";

/** Who reaches what, in words. */
interface Words {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly port: string;
}

/** The same with an identity of 12 hexadecimal digits: equal words have equal ones. */
export function identified<Access extends Words>(words: Access): Access & { readonly id: string } {
  const { kind, from, to, port } = words;
  return { ...words, id: shortHash(JSON.stringify([kind, from, to, port])) };
}
