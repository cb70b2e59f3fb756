/** The first few of a list in one line, with how many more there are. */
export function some(texts: readonly string[], most = 3): string {
  const distinct = [...new Set(texts)];
  const shown = distinct.slice(0, most).join(", ");
  return distinct.length > most ? `${shown} and ${distinct.length - most} more` : shown;
}
