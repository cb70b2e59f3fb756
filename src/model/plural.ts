/** Kinds whose resource is not formed like the others. */
const IRREGULAR: Readonly<Record<string, string>> = { endpoints: "endpoints" };

/** The resource of a kind as API machinery guesses it (apimachinery, meta.UnsafeGuessKindToResource). */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  const irregular = Object.entries(IRREGULAR).find(([one]) => one === singular)?.[1];
  if (irregular !== undefined) return irregular;
  if (/(?:s|x|z|ch|sh)$/u.test(singular)) return `${singular}es`;
  return singular.endsWith("y") ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
