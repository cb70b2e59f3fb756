import fc from "fast-check";
import { describe, expect, it } from "vitest";
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
