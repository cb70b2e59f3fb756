import type { OptionSpec } from "./option-spec.ts";
import { ENTITY_CHOICE_NAMES, ENTITY_CHOICES } from "./settings.ts";

/** As much of JSON Schema as the config file needs. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly default?: string | boolean;
  readonly minLength?: number;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean;
}

/** A JSON schema (2020-12) for `netlearn.yaml`, for editors; netlearn itself checks more (dates, prefix lengths). */
export function configSchema(options: readonly OptionSpec[]): JsonSchema {
  const properties = options.flatMap((option) =>
    option.key === undefined ? [] : [[option.key, schemaOf(option)] as const],
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "netlearn.yaml",
    description: "Options of netlearn; flags and NETLEARN_* variables win over this file.",
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  };
}

function schemaOf(option: OptionSpec): JsonSchema {
  const described = {
    description: option.description,
    ...(option.fallback === undefined || option.repeatable ? {} : { default: option.fallback }),
  };
  if (option.syntax === "switch") {
    return { ...described, type: "boolean" };
  }
  if (option.syntax === "prefixes") {
    const pair: JsonSchema = { type: "array", items: { type: "integer" } };
    return { ...described, oneOf: [{ type: "integer" }, { type: "string", pattern: "^\\d+(,\\d+)?$" }, pair] };
  }
  const single: JsonSchema =
    option.choices.length > 0 ? { type: "string", enum: option.choices } : { type: "string", minLength: 1 };
  if (!option.repeatable) {
    return { ...described, ...single };
  }
  const list: JsonSchema = { type: "array", items: single };
  return { ...described, oneOf: option.syntax === "entity" ? [entityMap(), single, list] : [single, list] };
}

function entityMap(): JsonSchema {
  const choice: JsonSchema = { type: "string", enum: ENTITY_CHOICES };
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(ENTITY_CHOICE_NAMES.map((name) => [name, choice])),
  };
}
