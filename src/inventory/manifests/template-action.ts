const OPENING = "{{";
const DASH = 45;
const CLOSING = 125;
const BLANKS: readonly (number | undefined)[] = [9, 10, 13, 32];

/**
 * Where the first action of a Go template begins: `{{ .Values.name }}`, `{{- if }}`. What Prometheus writes in
 * annotations looks the same, but parses.
 *
 * @returns the offset in bytes; undefined when there is none
 */
export function templateAction(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(OPENING); at >= 0; at = bytes.indexOf(OPENING, at + 1)) {
    let inside = at + OPENING.length;
    if (bytes[inside] === DASH) inside++;
    while (BLANKS.includes(bytes[inside])) inside++;
    if (inside < bytes.length && bytes[inside] !== CLOSING) return at;
  }
  return undefined;
}
