import { hashText } from "../../lib/hash.ts";
import { byText } from "../../lib/sort.ts";

/** What a short list of samples is made of. */
export interface FewRules<Item> {
  readonly limit: number;
  /** Equal exactly for items that are the same. */
  readonly text: (item: Item) => string;
  readonly isSame: (one: Item, other: Item) => boolean;
}

/** Texts, at most so many. */
export function fewTexts(limit: number): FewRules<string> {
  return { limit, text: (item) => item, isSame: (one, other) => one === other };
}

/**
 * Adds an item to a list that keeps those whose texts have the smallest hashes: the same ones whatever the order.
 *
 * @param held in the order of hashes, as this function gave it
 * @returns `held` itself when nothing changed
 */
export function addToFew<Item>(held: readonly Item[], item: Item, rules: FewRules<Item>): readonly Item[] {
  for (const known of held) if (known === item || rules.isSame(known, item)) return held;
  const { limit, text } = rules;
  const last = held[limit - 1];
  if (last !== undefined && order(text(last), text(item)) < 0) return held;
  return [...held, item].toSorted((a, b) => order(text(a), text(b))).slice(0, limit);
}

/** Adds all items of another such list. */
export function mergeFew<Item>(held: readonly Item[], added: readonly Item[], rules: FewRules<Item>): readonly Item[] {
  return added.reduce((items, item) => addToFew(items, item, rules), held);
}

function order(a: string, b: string): number {
  return hashText(a) - hashText(b) || byText(a, b);
}
