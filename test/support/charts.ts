import type { Placement } from "../../src/model/placement.ts";

/** A chart as people write them, with the values file that netlearn writes to. */
export interface ChartCase {
  readonly placement: Extract<Placement, { kind: "helm" }>;
  readonly texts: Readonly<Record<string, string>>;
}

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  level: {{ .Values.level | default "info" | quote }}
  image: {{ printf "%s" (.Values.image | default dict) | quote }}
`;

function chartCase(values: string, texts: Readonly<Record<string, string>>): ChartCase {
  const chart = "charts/shop";
  return {
    placement: { kind: "helm", chart, values, by: { kind: "mapping", because: "so it is" } },
    texts: {
      [`${chart}/Chart.yaml`]: "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
      [`${chart}/templates/config.yaml`]: CONFIG,
      ...texts,
    },
  };
}

const VALUES = "charts/shop/values.yaml";

/** By what is special about them. */
export const CHARTS: Readonly<Record<string, ChartCase>> = {
  comments: chartCase(VALUES, {
    [VALUES]:
      "# Shop\n\nlevel: debug   # as long as it is new\nimage:\n    tag: 'v1'\n    # pullPolicy: Always\n\n# the end\n",
  }),
  "anchors and merge keys": chartCase(VALUES, {
    [VALUES]:
      "defaults: &defaults\n  cpu: 100m\n  tags: [a,  b]\ncart:\n  <<: *defaults\n  memory: 1Gi\nimage: *defaults\n",
  }),
  CRLF: chartCase(VALUES, { [VALUES]: "level: debug\r\nimage:\r\n  tag: v1\r\n" }),
  "no newline at the end": chartCase(VALUES, { [VALUES]: "level: debug\nimage:\n  tag: v1" }),
  "a block scalar at the end": chartCase(VALUES, { [VALUES]: "level: debug\nnote: |+\n  one\n\n  two\n\n" }),
  "braces in texts": chartCase(VALUES, {
    [VALUES]: "level: debug\nconfig: |\n  {{ if .x }}\n  {{ .y }}\n  {{ end }}\nimage:\n  tag: '{{ .tag }}'\n",
  }),
  "only comments": chartCase(VALUES, { [VALUES]: "# nothing is set here\n" }),
  "a byte order mark": chartCase(VALUES, { [VALUES]: "\ufefflevel: debug\n" }),
  "a values file of an environment": chartCase("env/prod/values-prod.yaml", {
    [VALUES]: "level: debug\n",
    "env/prod/values-prod.yaml": "---\nlevel: warn\n",
  }),
  "a values file that is not there yet": chartCase("env/new.yaml", { [VALUES]: "level: debug\n" }),
  "an umbrella with subcharts": chartCase(VALUES, {
    "charts/shop/Chart.yaml":
      "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies:\n- name: cart\n  version: 0.1.0\n  alias: basket\n",
    "charts/shop/charts/cart/Chart.yaml": "apiVersion: v2\nname: cart\nversion: 0.1.0\n",
    "charts/shop/charts/cart/templates/config.yaml": CONFIG.replace("-config", "-cart"),
    [VALUES]: "global: {}\nbasket:\n  level: error\n",
  }),
  "a schema that is open": chartCase(VALUES, {
    "charts/shop/values.schema.json":
      '{"type": "object", "properties": {"level": {"type": "string"}}, "required": ["level"]}',
    [VALUES]: "level: debug\n",
  }),
  "a schema that names the key": chartCase(VALUES, {
    "charts/shop/values.schema.json":
      '{"properties": {"level": {"type": "string"}, "netlearn": {"type": "object"}}, "additionalProperties": false}',
    [VALUES]: "level: debug\n",
  }),
};
