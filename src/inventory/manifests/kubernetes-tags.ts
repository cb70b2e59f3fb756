import type { CollectionTag, ScalarTag, Tags } from "yaml";

const BOOL = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const HEX = "0_*[xX]_*[0-9a-fA-F][0-9a-fA-F_]*";
const BINARY = "0_*[bB]_*[01][01_]*";
const OCTAL = "0_*[oO]_*[0-7][0-7_]*|0[0-7_]*";
const INT = new RegExp(`^(?:[-+]_*)?(?:${HEX}|${BINARY}|${OCTAL}|[1-9][0-9_]*)$`);
const EXPONENT = "(?:[eE](?:_*[-+])?_*[0-9][0-9_]*)?";
/** Behind a point that nothing stands before, underscores only part digits (strconv.ParseFloat). */
const DIGITS = "[0-9]+(?:_[0-9]+)*";
const FLOAT = new RegExp(
  `^(?:(?:[-+]_*)?[0-9][0-9_]*(?:\\.[0-9_]*)?${EXPONENT}|[-+]_*\\._*[0-9][0-9_]*${EXPONENT}|\\.${DIGITS}(?:[eE][-+]?${DIGITS})?)$`,
);

/**
 * What plain scalars are in YAML as Kubernetes reads it: mostly YAML 1.1, so `yes`, `on` and `n` are no texts, 010 is
 * eight and 1_000 a number; without its base 60 and its dates. kubectl turns such a label value into `true` or a number,
 * and the API server refuses it; a key it turns into the text `true`. Source: sigs.k8s.io/yaml goyaml.v2/resolve.go.
 *
 * @param tags the tags of the library's core schema
 */
export function kubernetesTags(tags: Tags): Tags {
  return [...tags.filter((tag) => typeof tag === "string" || isKept(tag)), ...OURS];
}

/** Also the floats that are infinite or no number, which are written alike everywhere. */
function isKept(tag: ScalarTag | CollectionTag): boolean {
  const isInfinite = "test" in tag && tag.test !== undefined && tag.test.test(".inf");
  return isInfinite || OURS.every((ours) => ours.tag !== tag.tag);
}

const OURS: readonly ScalarTag[] = [
  {
    tag: "tag:yaml.org,2002:bool",
    default: true,
    test: BOOL,
    resolve: (text) => /^(?:[yYtT]|on$|On$|ON$)/.test(text),
  },
  { tag: "tag:yaml.org,2002:int", default: true, test: INT, resolve: integerOf },
  {
    tag: "tag:yaml.org,2002:float",
    default: true,
    test: FLOAT,
    resolve: (text) => {
      const value = Number(text.replaceAll("_", ""));
      // Out of range it stays a text, as in Go.
      return Number.isFinite(value) ? value : text;
    },
  },
];

const RADIXES: ReadonlyMap<string, number> = new Map([
  ["0x", 16],
  ["0o", 8],
  ["0b", 2],
]);

function integerOf(text: string): number {
  const plain = text.replaceAll("_", "").toLowerCase();
  const digits = plain.replace(/^[-+]/, "");
  const radix = RADIXES.get(digits.slice(0, 2));
  const value =
    radix === undefined
      ? Number.parseInt(digits, digits.startsWith("0") ? 8 : 10)
      : Number.parseInt(digits.slice(2), radix);
  return plain.startsWith("-") && value !== 0 ? -value : value;
}
