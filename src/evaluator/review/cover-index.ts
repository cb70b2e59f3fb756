import type { LabelSelector, NetworkPolicyPeer } from "../../model/manifest.ts";
import { namespaceSelectorOf, requirementsOf } from "./covers.ts";

/**
 * Finds what may cover something without looking at everything. What is wide is filed under its first requirement,
 * which a requirement of what is narrow has to imply, so it is looked for under each of those. What is found need not
 * cover; what covers is found.
 */
export interface CoverIndex<T> {
  /** Those that may cover what has these keys; one that was filed under several comes several times. */
  readonly find: (narrowKeys: readonly string[]) => readonly T[];
}

/** Files items under keys of what is wide. */
export function coverIndex<T>(items: Iterable<T>, wideKeysOf: (item: T) => readonly string[]): CoverIndex<T> {
  const filed = new Map<string, T[]>();
  for (const item of items) {
    for (const key of new Set(wideKeysOf(item))) {
      const same = filed.get(key);
      if (same === undefined) filed.set(key, [item]);
      else same.push(item);
    }
  }
  return { find: (keys) => keys.flatMap((key) => filed.get(key) ?? []) };
}

const ANY = "*";

/** Where a selector is filed as the wide one. */
export function wideKeys(selector: LabelSelector): readonly string[] {
  const [first] = requirementsOf(selector);
  if (first === undefined) return [ANY];
  const { key, operator, values } = first;
  return operator === "In" ? values.map((value) => keyOf(key, value)) : [keyOf(key)];
}

/** Where everything that covers a selector is filed. */
export function narrowKeys(selector: LabelSelector): readonly string[] {
  const keys = requirementsOf(selector).flatMap(({ key, operator, values: [value] }) =>
    operator === "In" && value !== undefined ? [keyOf(key), keyOf(key, value)] : [keyOf(key)],
  );
  return [ANY, ...new Set(keys)];
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

const EVERYONE = "everyone";
const BLOCK = "block";

/** Where the peers of a rule are filed as the wide ones: one of them has to cover each of the narrow rule's. */
export function widePeerKeys(peers: readonly NetworkPolicyPeer[], namespace: string): readonly string[] {
  if (peers.length === 0) return [EVERYONE];
  return peers.flatMap((peer) => {
    if (peer.ipBlock !== undefined) return [BLOCK];
    const pods = wideKeys(peer.podSelector ?? {});
    if (!pods.includes(ANY)) return pods.map(inPods);
    return wideKeys(namespaceSelectorOf(peer, namespace)).map(inNamespaces);
  });
}

/** Where everything that covers the peers of a rule of the namespace is filed. */
export function narrowPeerKeys([first]: readonly NetworkPolicyPeer[], namespace: string): readonly string[] {
  if (first === undefined) return [EVERYONE];
  if (first.ipBlock !== undefined) return [EVERYONE, BLOCK];
  const pods = narrowKeys(first.podSelector ?? {}).map(inPods);
  return [EVERYONE, ...pods, ...narrowKeys(namespaceSelectorOf(first, namespace)).map(inNamespaces)];
}

function inPods(key: string): string {
  return `pods ${key}`;
}

function inNamespaces(key: string): string {
  return `namespaces ${key}`;
}
