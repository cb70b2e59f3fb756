import { createHash } from "node:crypto";

/** Before every policy name: nobody's own policy is called so, and `kubectl get netpol` shows them together. */
export const NAME_PREFIX = "netlearn-";

/** The default-deny of a namespace: no workload's policy is ever called so, whether there is one or not. */
export const DEFAULT_DENY_NAME = `${NAME_PREFIX}default-deny`;

/** Longest name that still fits wherever Kubernetes derives another from it. */
const LONGEST = 63;

/**
 * Makes a DNS-1123 label of any text: stable, and different texts that would fall together get a short hash.
 *
 * @returns at most 63 characters of `a-z`, `0-9` and `-`
 */
export function dnsName(prefix: string, text: string): string {
  const plain = `${prefix}${text}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  if (plain === `${prefix}${text}` && plain.length <= LONGEST) return plain;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 6);
  return `${plain.slice(0, LONGEST - 7).replace(/-+$/, "")}-${hash}`;
}
