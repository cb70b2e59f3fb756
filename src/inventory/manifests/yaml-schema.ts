import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mergeTag,
  NOT_RESOLVED,
  Schema,
  seqTag,
  strTag,
} from "js-yaml";
import type { PlainValue } from "../../model/manifest-object.ts";
import { FIRST_CHARACTERS, misreadOf, readPlain } from "./plain-scalar.ts";

type Mapping = Record<string, unknown>;

const YAML = "tag:yaml.org,2002:";

/** A scalar that names its type (`!!int "3"`) must be of it. */
function typed(name: string, isRight: (value: PlainValue) => boolean) {
  return defineScalarTag<PlainValue>(`${YAML}${name}`, {
    resolve: (text) => {
      const value = readPlain(text);
      return isRight(value) ? value : NOT_RESOLVED;
    },
    identify: () => false,
  });
}

function plain(onMisread: () => void) {
  return defineScalarTag<PlainValue>("!plain", {
    implicit: true,
    implicitFirstChars: FIRST_CHARACTERS,
    resolve: (text) => {
      const value = readPlain(text);
      if (misreadOf(text) !== undefined) onMisread();
      return typeof value === "string" ? NOT_RESOLVED : value;
    },
    identify: () => false,
  });
}

/** What go-yaml and sigs.k8s.io/yaml make of a key: text, or a number or boolean as text; undefined for anything else. */
export function keyText(key: unknown): string | undefined {
  if (typeof key === "string") return key;
  return typeof key === "number" || typeof key === "boolean" ? String(key) : undefined;
}

function addPair(mapping: Mapping, key: unknown, value: unknown): string {
  const text = keyText(key);
  if (text === undefined) {
    return key === null ? "a key is empty (null)" : "a key is a mapping or a list";
  }
  // A key `__proto__` stays a plain key.
  if (text === "__proto__") {
    Object.defineProperty(mapping, text, { value, enumerable: true, configurable: true, writable: true });
  } else {
    mapping[text] = value;
  }
  return "";
}

const MAPPING_OPTIONS = {
  create: (): Mapping => ({}),
  addPair,
  has: (mapping: Mapping, key: unknown) => {
    const text = keyText(key);
    return text !== undefined && Object.hasOwn(mapping, text);
  },
  keys: (mapping: Mapping) => Object.keys(mapping),
  get: (mapping: Mapping, key: unknown) => mapping[String(key)],
  identify: () => false,
};

/** Tags of other tools (`!Ref`) say nothing to Kubernetes: what they stand at is read as if they were not there. */
const FOREIGN = [
  defineScalarTag("", { matchByTagPrefix: true, resolve: (text) => text, identify: () => false }),
  defineSequenceTag<unknown[]>("", {
    matchByTagPrefix: true,
    create: () => [],
    addItem: (list, item) => {
      list.push(item);
    },
    identify: () => false,
  }),
  defineMappingTag<Mapping>("", { ...MAPPING_OPTIONS, matchByTagPrefix: true }),
];

/**
 * YAML as Kubernetes' own tools read it (see {@link readPlain}), merge keys included.
 *
 * @param onMisread called for each scalar that others read differently
 */
export function kubernetesSchema(onMisread: () => void): Schema {
  return new Schema([
    strTag,
    plain(onMisread),
    mergeTag,
    seqTag,
    defineMappingTag<Mapping>(`${YAML}map`, MAPPING_OPTIONS),
    typed("null", (value) => value === null),
    typed("bool", (value) => typeof value === "boolean"),
    typed("int", (value) => Number.isInteger(value)),
    typed("float", (value) => typeof value === "number"),
    ...FOREIGN,
  ]);
}
