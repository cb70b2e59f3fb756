import type { Misread, PlainValue } from "../../model/manifest-object.ts";

// The tables of YAML 1.2's Core Schema, and what go-yaml's (resolve.go) has beside them: YAML 1.1's booleans, without
// its base 60 numbers.
const WORDS: ReadonlyMap<string, PlainValue> = new Map([
  ...words(true, ["true", "True", "TRUE"]),
  ...words(false, ["false", "False", "FALSE"]),
  ...words(null, ["", "~", "null", "Null", "NULL"]),
  ...words(Number.NaN, [".nan", ".NaN", ".NAN"]),
  ...words(Infinity, [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"]),
  ...words(-Infinity, ["-.inf", "-.Inf", "-.INF"]),
]);
const OLD_WORDS: ReadonlyMap<string, PlainValue> = new Map([
  ...words(true, ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"]),
  ...words(false, ["n", "N", "no", "No", "NO", "off", "Off", "OFF"]),
]);

function words(value: PlainValue, texts: readonly string[]): readonly (readonly [string, PlainValue])[] {
  return texts.map((text) => [text, value]);
}

/** What a scalar that is no text can begin with; the empty text is one. */
export const FIRST_CHARACTERS: readonly string[] = ["", ...Array.from("yYnNtTfFoO~.+-0123456789")];

// Most numbers, which everybody reads alike.
const ORDINARY = /^(?:0|-?[1-9][0-9]{0,14})$/u;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/u;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/u;
// Here underscores stand between digits only (strconv.ParseFloat).
const FLOAT_FROM_POINT = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/u;
const OTHER_BASE = /^(?:0o[0-7]+|0x[0-9a-fA-F]+)$/u;
const SIGNED_BINARY = /^0b([-+][01]+)$/u;

/**
 * A scalar without quotes as kubectl, Helm, Argo CD and Flux read it: sigs.k8s.io/yaml, which is go-yaml v2 (checked
 * against go.yaml.in/yaml/v2 v2.4.2, resolve.go). `yes`, `on` and `n` are booleans, `0123` is octal, `1_000` is a
 * thousand, dates and `12:30` are text.
 *
 * @param text of the scalar, folded to one line
 */
export function readPlain(text: string): PlainValue {
  const word = WORDS.has(text) ? WORDS.get(text) : OLD_WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  if (first === POINT) return FLOAT_FROM_POINT.test(text) ? readFloat(text) : text;
  return isDigit(first) || isSign(first) ? readNumber(text) : text;
}

/** What kubectl and YAML 1.2 take a scalar for, where that differs. */
export function misreadOf(written: string): Misread | undefined {
  const byKubectl = readPlain(written);
  const byYaml12 = readCore(written);
  // Not Object.is: 0 and -0 are one number to JSON.
  const isSame = byKubectl === byYaml12 || (Number.isNaN(byKubectl) && Number.isNaN(byYaml12));
  return isSame ? undefined : { written, byKubectl, byYaml12 };
}

/** A scalar as YAML 1.2 reads it (its Core Schema, 10.3.2). */
function readCore(text: string): PlainValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  if (first !== POINT && !isDigit(first) && !isSign(first)) return text;
  return FLOAT.test(text) || OTHER_BASE.test(text) ? Number(text) : text;
}

const POINT = 46;
const PLUS = 43;
const MINUS = 45;

function isSign(code: number): boolean {
  return code === PLUS || code === MINUS;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function readNumber(text: string): number | string {
  if (ORDINARY.test(text)) return Number(text);
  // Underscores may stand anywhere behind the first character.
  const plain = text.replaceAll("_", "");
  const integer = readInteger(plain);
  if (integer !== undefined) return integer;
  if (FLOAT.test(plain)) return readFloat(text);
  const [, binary] = SIGNED_BINARY.exec(plain) ?? [];
  return binary === undefined ? text : Number.parseInt(binary, 2);
}

const LARGEST = 2n ** 64n - 1n;
const SMALLEST = -(2n ** 63n);

/** Undefined for no integer, and for one of more than 64 bits, which may still be a float. */
function readInteger(text: string): number | undefined {
  const [, sign, hexadecimal, binary, octal, decimal] = INTEGER.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const digits = BigInt(digitsOf({ hexadecimal, binary, octal, decimal }));
  const value = sign === "-" ? -digits : digits;
  const largest = sign === "+" ? 2n ** 63n - 1n : LARGEST;
  return value >= SMALLEST && value <= largest ? Number(value) : undefined;
}

interface Digits {
  readonly hexadecimal: string | undefined;
  readonly binary: string | undefined;
  readonly octal: string | undefined;
  readonly decimal: string | undefined;
}

function digitsOf({ hexadecimal, binary, octal, decimal }: Digits): string {
  if (hexadecimal !== undefined) return `0x${hexadecimal}`;
  if (binary !== undefined) return `0b${binary}`;
  return octal === undefined ? (decimal ?? "0") : `0o${octal}`;
}

/** What is too large for 64 bits stays text. */
function readFloat(text: string): number | string {
  const value = Number(text.replaceAll("_", ""));
  return Number.isFinite(value) ? value : text;
}
