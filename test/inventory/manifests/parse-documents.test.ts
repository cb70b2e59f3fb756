import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type ParsedText, parseDocuments } from "../../../src/inventory/manifests/parse-documents.ts";

function parse(text: string, more: { readonly isInChart?: boolean; readonly namespace?: string } = {}): ParsedText {
  return parseDocuments(text, { file: "a.yaml", namespace: "default", isInChart: false, ...more });
}

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: cart
  namespace: shop
spec:
  podSelector: {}
  ingress:
    - from:
        - podSelector:
            matchLabels: {app: frontend}
        - ipBlock:
            cidr: 10.0.0.0/8
`;

describe("the documents of a text", () => {
  it("are objects with their kind, name, namespace, document and line", () => {
    const { objects, problems } = parse(
      `# a comment\n---\n${POLICY}---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n`,
    );
    expect(problems).toEqual([]);
    expect(objects.map(({ kind, name, namespace, lineOf }) => ({ kind, name, namespace, line: lineOf([]) }))).toEqual([
      { kind: "NetworkPolicy", name: "cart", namespace: "shop", line: 3 },
      { kind: "Pod", name: "a", namespace: "default", line: 17 },
    ]);
  });

  it("know the line of every part, and of the nearest part around one that is missing", () => {
    const [policy] = parse(POLICY).objects;
    expect(policy?.lineOf(["spec", "ingress", 0, "from", 1])).toBe(12);
    expect(policy?.lineOf(["spec", "ingress", 0, "from", 1, "ipBlock", "cidr"])).toBe(13);
    expect(policy?.lineOf(["spec", "ingress", 0, "ports"])).toBe(9);
    expect(policy?.lineOf(["spec", "egress"])).toBe(6);
  });

  it("are put into the namespace that was asked for when they name none", () => {
    const [object] = parse("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", { namespace: "shop" }).objects;
    expect(object?.namespace).toBe("shop");
    expect(object?.value["metadata"]).toEqual({ name: "a", namespace: "shop" });
  });

  it("are taken out of Lists, also of typed ones whose items have no kind, with their own lines", () => {
    const list = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicyList
items:
  - metadata: {name: a}
  - metadata: {name: b}
---
{"apiVersion":"v1","kind":"List","items":[
  {"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}]}
`;
    const { objects } = parse(list);
    expect(objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["NetworkPolicy a", "NetworkPolicy b", "Pod c"]);
    expect(objects.map(({ lineOf }) => lineOf(["metadata"]))).toEqual([4, 5, 8]);
  });

  it.each([
    ["PodList", "v1", {}, "Pod v1"],
    ["DeploymentList", "apps/v1", {}, "Deployment apps/v1"],
    ["PodList", "v1", { kind: "Pod" }, "Pod v1"],
    ["PodList", "v1", { kind: null, apiVersion: null }, "Pod v1"],
    ["List", "v1", { kind: "Pod", apiVersion: "v1" }, "Pod v1"],
  ])("in a %s %s have its kind and version where they name none: %j", (kind, apiVersion, own, expected) => {
    const list = {
      kind,
      apiVersion,
      items: [
        { ...own, metadata: { name: "a" } },
        { ...own, metadata: { name: "b" } },
      ],
    };
    for (const text of [JSON.stringify(list), stringify(list), stringify({ list }).replace("list:", "--- !x")]) {
      expect(parse(text).objects.map((object) => `${object.kind} ${object.apiVersion}`)).toEqual([expected, expected]);
    }
  });

  it("are found in JSON that stands one after the other, on lines or not", () => {
    const pods = ["a", "b", "c"].map((name) => JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name } }));
    const { objects } = parse(`${pods[0]}${pods[1]}\n${pods[2]}\n`);
    expect(objects.map(({ name, document, lineOf }) => [name, document, lineOf(["metadata"])])).toEqual([
      ["a", 0, 1],
      ["b", 1, 1],
      ["c", 2, 2],
    ]);
  });

  it("begin at a marker, wherever it stands, and with the directives before it", () => {
    const text = [
      "\ufeff%YAML 1.1\n# first\n--- # a comment",
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    x: |\n      text\n     ",
      "---\t",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\n...",
      "---",
      '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "c", "labels": {"a": "---"}}}',
      "---text: 1",
    ].join("\n");
    const { objects, problems } = parse(text.replaceAll("\n", "\r\n"));
    expect(objects.map(({ name, lineOf }) => `${name} ${lineOf(["metadata"])}`)).toEqual(["a 6", "b 15"]);
    expect(problems).toMatchObject([{ line: 19 }]);
  });

  it("count when they are no objects", () => {
    expect(parse("replicas: 3\n---\n- 1\n---\n# nothing\n").others).toBe(2);
  });

  it("include a NetworkPolicy without apiVersion, so that somebody hears of it", () => {
    expect(parse("kind: NetworkPolicy\nmetadata: {name: a}\n").objects).toHaveLength(1);
  });

  it("resolve anchors and merge keys, with lines of where they are written", () => {
    const { objects } = parse(`apiVersion: v1
kind: Pod
metadata:
  name: a
  labels: &labels
    app: cart
spec:
  copy: *labels
  merged:
    <<: *labels
`);
    expect(objects[0]?.value["spec"]).toEqual({ copy: { app: "cart" }, merged: { app: "cart" } });
    expect(objects[0]?.lineOf(["spec", "copy", "app"])).toBe(6);
  });
});

describe("what is wrong with a text", () => {
  it("is told with line, column and a caret, and the other documents count", () => {
    const { objects, problems } = parse(`${POLICY}---\nkind: [Pod\nmetadata: x\n---\n${POLICY.replace("cart", "db")}`);
    expect(objects.map(({ name }) => name)).toEqual(["cart", "db"]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: "manifest-unparsable", file: "a.yaml" });
    expect(problems[0]?.line).toBeGreaterThanOrEqual(15);
    expect(problems[0]?.excerpt).toMatch(/\n *\^$/u);
  });

  it("is a key that stands twice, as for the API server", () => {
    const { problems } = parse("apiVersion: v1\nkind: Pod\nkind: Job\n");
    expect(problems[0]).toMatchObject({ code: "manifest-unparsable", line: 3 });
    expect(problems[0]?.message).toContain('the key "kind" stands twice');
    expect(parse("a: &a {b: 1}\nc:\n  <<: *a\n  <<: *a\n").problems).toEqual([]);
  });

  it("is told of an item of a List, and the others count", () => {
    const good = (name: string): string => `- apiVersion: v1\n  kind: Pod\n  metadata: {name: ${name}}\n`;
    const list = `kind: List\nitems:\n${good("a")}- kind: Pod\n  kind: Job\n${good("b")}apiVersion: v1\n`;
    const { objects, problems } = parse(list);
    expect(objects.map(({ name, lineOf }) => `${name} ${lineOf([])}`)).toEqual(["a 3", "b 8"]);
    expect(problems).toMatchObject([{ code: "manifest-unparsable", line: 7, excerpt: "  kind: Job\n  ^" }]);
    expect(problems[0]?.choice).toContain("nothing in this item");
  });

  it("is told of an item of a List in JSON, and the others count", () => {
    const list = `{"kind": "PodList", "apiVersion": "v1", "items": [
      {"metadata": {"name": "a"}},
      {"metadata": {"name": "x", "name": "y"}},
      {"metadata": {"name": "b"}}]}`;
    const { objects, problems } = parse(list);
    expect(objects.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(problems).toMatchObject([{ code: "manifest-unparsable", line: 3 }]);
    expect(problems[0]?.message).toBe('the key "name" stands twice (column 34)');
  });

  it("is a mistake around the items of a List: then none of them can be believed", () => {
    expect(parse('{"kind": "List", "items": [{"kind": "Pod", "apiVersion": "v1"}], "kind": "X"}')).toMatchObject({
      objects: [],
      problems: [{ line: 1 }],
    });
    expect(parse("kind: List\nitems:\n- {kind: Pod, apiVersion: v1}\nkind: X\n")).toMatchObject({
      objects: [],
      problems: [{ line: 4 }],
    });
  });

  it("is not an alias of another item", () => {
    const list = `kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: &m {name: a}
- apiVersion: v1
  kind: Pod
  metadata: *m
`;
    expect(parse(list)).toMatchObject({ objects: [{ name: "a" }, { name: "a" }], problems: [] });
  });

  it("is told by its byte where a line is too long to count columns", () => {
    const item = JSON.stringify({ kind: "Pod", apiVersion: "v1", metadata: { name: "a".repeat(70_000) } });
    const { objects, problems } = parse(`{"items": [${item}, {"a": 1, "a": 2}], "kind": "List"}`);
    expect(objects).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/^the key "a" stands twice \(byte 700\d\d\)$/u);
  });

  it("is not a mapping of very many keys: each is looked at once", () => {
    const data = Array.from({ length: 100_000 }, (_, key) => `  k${key}: v`).join("\n");
    expect(parse(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n${data}\n`)).toMatchObject({
      objects: [{ name: "big" }],
      problems: [],
    });
  });

  it("is a bomb of aliases, in no time", () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`,
    );
    const { objects, problems } = parse(["apiVersion: v1", "kind: Pod", "l0: &l0 [x]", ...levels].join("\n"));
    expect(objects).toEqual([]);
    expect(problems[0]?.message).toContain("aliases");
  });

  it("is nesting without end", () => {
    expect(parse("[".repeat(100_000)).problems).toHaveLength(1);
  });

  it("is a Helm template: once, with the way to render it", () => {
    const { problems } = parse(
      "kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n  {{- range .Values.x }}\n- a: {{ . }}\n",
    );
    expect(problems.map(({ code, line }) => ({ code, line }))).toEqual([{ code: "template-not-rendered", line: 3 }]);
    expect(problems[0]?.choice).toContain("helm template");
  });

  it("is a template that YAML can read as a mapping of mappings, but not text with braces in it", () => {
    const text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n";
    expect(parse(text)).toMatchObject({ objects: [], problems: [{ code: "template-not-rendered", line: 4 }] });
    const alert = "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    x: {{ $labels.pod }}\n";
    expect(parse(alert)).toMatchObject({ objects: [{ kind: "ConfigMap" }], problems: [] });
  });

  it("is a template in a chart even where it happens to parse", () => {
    const text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: "{{ .Values.name }}"}\n';
    expect(parse(text).problems).toEqual([]);
    expect(parse(text, { isInChart: true }).problems[0]?.code).toBe("template-not-rendered");
  });

  it("never throws, and never harms a prototype, whatever the text", () => {
    const pieces = fc.constantFrom(
      "a: ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "&x ",
      "*x",
      "<<: ",
      "\n",
      "  ",
      "---\n",
      "kind: List\n",
      "items:\n",
      "__proto__: ",
      "!!map ",
      "'",
      '"',
      "|\n",
      "\t",
      "#",
      "null",
      "\u0000",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const { objects, problems } = parse(parts.join(""));
        const lines = [...objects.map(({ lineOf }) => lineOf([])), ...problems.map(({ line }) => line)];
        expect(lines.every((line) => line >= 1)).toBe(true);
        expect("polluted" in {}).toBe(false);
      }),
      { numRuns: 300 },
    );
    parse('{"apiVersion":"v1","kind":"Pod","__proto__":{"polluted":true},"metadata":{"name":"a"}}');
    expect("polluted" in {}).toBe(false);
  });
});
