import { parse } from "yaml";

type Fields = Readonly<Record<string, unknown>>;

/** Where the template stands in a chart. */
export const CHART_TEMPLATE_FILE = "templates/netlearn.yaml";

/**
 * Renders whole objects out of values, once a chart: they are data, and no part of them is evaluated. Without the key, or with
 * `enabled: false`, it renders nothing.
 */
export const CHART_TEMPLATE = `{{- /* Written by netlearn, which writes it anew. The data are in the values files, under netlearn. */ -}}
{{- with .Values.netlearn }}
{{- if .enabled }}
{{- range .policies }}
---
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}
`;

/** Why a chart can't take a template and a key of ours, a sentence's end; undefined: it can. */
export function chartObstacle(chartYaml: string | undefined): string | undefined {
  if (chartYaml === undefined) return "is not there, or can't be read: the folder is no chart";
  const chart = readYaml(chartYaml);
  if (!isFields(chart)) return "is no YAML map";
  if (chart["type"] === "library") return "is a library, which renders nothing: name the chart that uses it";
  const dependencies = Array.isArray(chart["dependencies"]) ? chart["dependencies"] : [];
  const isTaken = dependencies.some(
    (one: unknown) => isFields(one) && [one["name"], one["alias"]].includes("netlearn"),
  );
  return isTaken ? "has a dependency netlearn, whose values stand under the same key" : undefined;
}

/** Keywords that say nothing of a key they do not name. */
const HARMLESS: ReadonlySet<string> = new Set(
  "$schema $id $comment title description type properties required definitions $defs default examples".split(" "),
);

/** Why the schema of a chart may not let the key in, a sentence's end; undefined: it does. */
export function schemaObstacle(schema: string): string | undefined {
  const read = readJson(schema);
  if (read === true) return undefined;
  if (!isFields(read)) return "is no JSON object";
  const properties = isFields(read["properties"]) ? read["properties"] : {};
  const own = Object.hasOwn(properties, "netlearn") ? properties["netlearn"] : undefined;
  if (own !== undefined && own !== true && !isOpenObject(own)) {
    return "says more of the key netlearn than that it is an object";
  }
  const more = read["additionalProperties"];
  if (own === undefined && more !== undefined && more !== true) return "does not let in keys that it does not name";
  const unclear = Object.keys(read).filter((word) => !HARMLESS.has(word) && word !== "additionalProperties");
  return unclear.length === 0 ? undefined : `may not let the key netlearn in (${unclear.join(", ")})`;
}

function isOpenObject(schema: unknown): boolean {
  if (!isFields(schema)) return false;
  const { type = "object", additionalProperties = true } = schema;
  const known = new Set(["type", "additionalProperties", "title", "description", "$comment"]);
  return type === "object" && additionalProperties === true && Object.keys(schema).every((word) => known.has(word));
}

function readYaml(text: string): unknown {
  try {
    const read: unknown = parse(text);
    return read;
  } catch {
    return undefined;
  }
}

function readJson(text: string): unknown {
  try {
    const read: unknown = JSON.parse(text);
    return read;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
