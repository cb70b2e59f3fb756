/**
 * One escaper per sink. Text from the cluster (names, labels, DNS names, addresses) is written by whoever can start
 * a pod, so it passes through exactly one of these before anybody looks at it.
 */

// Control characters (escape sequences), format characters (UAX 9's bidirectional ones: "Trojan Source"), halves of
// surrogate pairs, line and paragraph separators, and everything else that shows as nothing.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

// Longer than any name Kubernetes or DNS allows (253); what is longer is no name.
const LONGEST = 300;

/**
 * Text for a terminal or a log: control, invisible and bidirectional characters become `\u{1b}`, and what is longer
 * than any name is cut. The result is one line.
 */
export function terminalText(text: string): string {
  return shorten(text, LONGEST).replaceAll(UNSAFE, visible);
}

/** Like {@link terminalText} for sentences, which may be longer than a name. */
export function terminalSentence(text: string): string {
  return shorten(text, LONGEST * 10).replaceAll(UNSAFE, (character) => (character === "\n" ? " " : visible(character)));
}

/**
 * Prose for Markdown, in a paragraph, a list item or a table cell: nothing in it is markup, a mention, an issue
 * reference or a link any more (as GitHub and GitLab read it).
 */
export function markdownText(text: string): string {
  // One pass, so that no replacement is replaced again.
  return terminalSentence(text).replaceAll(MARKDOWN, (match) => {
    if (/^[@#!]/u.test(match)) return breakable(match);
    return replaceEach(match, (character) => (/[\p{L}\p{N}\s/]/u.test(character) ? character : entity(character)));
  });
}

// A list or a rule begins only at the start, an autolink only with these (GFM 6.9).
const MARKDOWN = /^\s*(?:[-+](?=\s)|[-=]{3,}|\d+[.)](?=\s))|[&<>|`*_[\]\\~$]|[@#!]|:\/\/|www\./giu;

/** A name as inline code in Markdown, also inside a table cell. */
export function markdownCode(text: string): string {
  const shown = terminalText(text);
  // A code span cannot hold every text in a table: a backslash before a bar ends the cell (GFM 4.10). No entity can stand for
  // a character in it, and who looks for hidden comments in the raw text does not know of spans.
  const plain = /^[^`|\\\s](?:[^`|\\]*[^`|\\\s])?$/u.test(shown) && !/<!--|-->/u.test(shown);
  return plain ? `\`${shown}\`` : `<code>${replaceEach(shown, codeCharacter)}</code>`;
}

/** The inside of a quoted Mermaid label: everything but letters, digits and a few marks is an entity code (`#35;`). */
export function mermaidLabel(text: string): string {
  return replaceEach(shorten(terminalText(text), 80), (character) =>
    /[\p{L}\p{N} ./:,()+-]/u.test(character) ? character : `#${character.codePointAt(0) ?? 0};`,
  );
}

/** A sentence after `%%`: braces there would be read as a directive. */
export function mermaidComment(sentence: string): string {
  return terminalSentence(sentence).replaceAll(/[{}]/gu, "");
}

/** A double-quoted DOT string (graphviz.org/doc/info/lang.html): a backslash would start an escape such as `\N`. */
export function dotString(text: string): string {
  return `"${terminalText(text).replaceAll(/[\\"]/gu, String.raw`\$&`)}"`;
}

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function entity(character: string): string {
  return `&#${character.codePointAt(0) ?? 0};`;
}

// Mentions and issue numbers are found in the rendered text, where an entity is a character again; a zero-width
// space after it is not part of one.
function breakable(character: string): string {
  return `${entity(character)}&#8203;`;
}

// Addresses are made links even inside <code>, so colons and full stops are entities as well.
function codeCharacter(character: string): string {
  return /[A-Za-z0-9/,-]/u.test(character) ? character : entity(character);
}

function replaceEach(text: string, replace: (character: string) => string): string {
  return Array.from(text, replace).join("");
}

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
