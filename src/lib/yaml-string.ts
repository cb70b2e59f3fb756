/**
 * A text as a YAML scalar of one line, also in a comment: a JSON string, which YAML reads as it is. Escapes stand for what
 * JSON leaves raw and YAML or a reader's eyes would take for something else.
 */
export function yamlString(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
