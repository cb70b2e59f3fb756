import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/config-file.ts";
import { optionTable } from "../../src/config/option-table.ts";

const options = optionTable(["hubble"]);

async function read(text: string): Promise<Record<string, unknown>> {
  const given = await parseConfig(text, "netlearn.yaml", options);
  return Object.fromEntries([...given].map(([name, { value }]) => [name, value]));
}

async function problem(text: string): Promise<string> {
  const error: unknown = await read(text).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return error instanceof Error ? error.message : "no error";
}

describe("what a config file may say", () => {
  it.each([
    ["", {}],
    ["# only a comment\n", {}],
    ["---\n", {}],
    ["namespace: shop", { namespace: ["shop"] }],
    ["namespace: [shop, bank]", { namespace: ["shop", "bank"] }],
    ["namespace:\n", {}],
    ["namespace: [1e3]", { namespace: ["1e3"] }],
    ["entity: { host: open }", { entity: ["host=open"] }],
    ["entity: [host=open]", { entity: ["host=open"] }],
    ["widenExternal: 24", { widenExternal: ["24"] }],
    ["widenExternal: [24, 64]", { widenExternal: ["24,64"] }],
    ["progress: false", { progress: false }],
    ["since: 7d", { since: ["7d"] }],
    ["since: 2026-01-03", { since: ["2026-01-03"] }],
  ])("%j", async (text, expected) => {
    expect(await read(text)).toEqual(expected);
  });
});

describe("what it may not say is named with its line", () => {
  it.each([
    ["unobserved: deny\nnamespaces: shop\n", 'netlearn.yaml:2:1: unknown key "namespaces". Did you mean namespace?'],
    ["default-deny: true\n", 'netlearn.yaml:1:1: unknown key "default-deny". Did you mean defaultDeny?'],
    ["to: shop/cart\n", 'netlearn.yaml:1:1: unknown key "to". --to is given on the command line, run by run.'],
    ["\n\nunobserved: dney\n", 'netlearn.yaml:3:1: unobserved: "dney" is no choice here. Did you mean deny?'],
    ["defaultDeny: 1\n", "netlearn.yaml:1:1: defaultDeny must be true or false"],
    ["unobserved: [deny]\n", "netlearn.yaml:1:1: unobserved must be one value"],
    ["namespace: { a: b }\n", "netlearn.yaml:1:1: namespace must be one value or a list of values"],
    ["namespace: [[a]]\n", "netlearn.yaml:1:1: namespace must hold plain text"],
    ["- a\n", 'netlearn.yaml:1:1: the config file must be a mapping of options, such as "unobserved: deny"'],
    ["__proto__: { polluted: true }\n", 'netlearn.yaml:1:1: unknown key "__proto__"'],
    ["constructor: 1\n", 'netlearn.yaml:1:1: unknown key "constructor"'],
  ])("%j", async (text, expected) => {
    expect(await problem(text)).toContain(expected);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("broken YAML", async () => {
    expect(await problem("unobserved: [deny\nsince: 7d\n")).toMatch(/^(?:.*\n)?netlearn\.yaml:\d+:\d+: /u);
  });

  it("a key given twice", async () => {
    expect(await problem("since: 1d\nsince: 2d\n")).toMatch(/netlearn\.yaml:2:1: .*unique/u);
  });

  it("every mistake at once", async () => {
    const message = await problem("unobserved: x\nfoo: 1\nsince: soon\n");
    expect(message.split("\n")).toHaveLength(4);
    expect(message).toMatch(/:1:1: [^]*:2:1: [^]*:3:1: /u);
  });

  it("anchors are not followed, so a file cannot blow up", async () => {
    expect(await problem("namespace: &a [x]\nexclude: *a\n")).toContain("netlearn.yaml:2:1: exclude must be");
  });
});
