import { describe, expect, it } from "vitest";
import { readSelector } from "../../src/config/selector-syntax.ts";
import { matchesSelector } from "../../src/inventory/objects/label-selector.ts";
import { NetlearnError } from "../../src/lib/errors.ts";

const ORIGIN = { label: "--selector", code: "NETLEARN_USAGE" } as const;
const NAMESPACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  shop: { env: "prod", team: "a" },
  bank: { env: "prod", team: "b", "example.com/tier": "gold" },
  dev: { env: "dev", team: "a" },
  bare: {},
};

function selected(text: string): readonly string[] {
  const selector = readSelector(text, ORIGIN);
  return Object.keys(NAMESPACES).filter((name) => matchesSelector(selector, NAMESPACES[name] ?? {}));
}

describe("a label selector, as kubectl get -l reads it", () => {
  it.each([
    ["env=prod", ["shop", "bank"]],
    ["env==prod", ["shop", "bank"]],
    ["env = prod", ["shop", "bank"]],
    ["env!=prod", ["dev", "bare"]],
    ["env=prod,team!=a", ["bank"]],
    ["team in (a,b)", ["shop", "bank", "dev"]],
    ["team in (a),env in (dev, prod)", ["shop", "dev"]],
    ["team notin (a)", ["bank", "bare"]],
    ["example.com/tier", ["bank"]],
    ["!example.com/tier,env", ["shop", "dev"]],
  ])("%s picks %j", (text, names) => {
    expect(selected(text)).toEqual(names);
  });

  it.each(["a b", "=prod", "env in a", "env in (a", ",", "", "env=a b", "env=ä", "a,,b", "-x=1", "env=(a)"])(
    "%j is refused, with the way to write one",
    (text) => {
      expect(() => readSelector(text, ORIGIN)).toThrow(NetlearnError);
      expect(() => readSelector(text, ORIGIN)).toThrow(/^--selector: /u);
    },
  );
});
