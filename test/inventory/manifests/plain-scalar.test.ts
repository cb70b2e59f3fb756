import { describe, expect, it } from "vitest";
import { misreadOf, readPlain } from "../../../src/inventory/manifests/plain-scalar.ts";
import { readYaml } from "../../../src/inventory/manifests/yaml-document.ts";
import { GO_YAML_KEYS, GO_YAML_SCALARS } from "./go-yaml-scalars.ts";

describe("a scalar without quotes", () => {
  it.each(GO_YAML_SCALARS)("%j is %j, as for kubectl", (text, value) => {
    expect(readPlain(text)).toBe(value);
    expect(readYaml(`a: ${text}\n`)).toMatchObject({ values: [{ a: value }] });
  });

  it.each(GO_YAML_KEYS)("%j as a key is %j, as for kubectl", (text, key) => {
    expect(readYaml(`${text}: x\n`)).toMatchObject({ values: [{ [key]: "x" }] });
  });

  it.each([
    ["yes", true, "yes"],
    ["N", false, "N"],
    ["0123", 83, 123],
    ["1_000", 1000, "1_000"],
    ["0b11", 3, "0b11"],
  ])("%s is misread: %j by kubectl, %j by YAML 1.2", (written, byKubectl, byYaml12) => {
    expect(misreadOf(written)).toEqual({ written, byKubectl, byYaml12 });
    expect(readYaml(`- ${written}\n`)).toMatchObject({ hasMisread: true });
  });

  it.each([
    "true",
    "12",
    "0",
    "-0",
    "0x1F",
    "0o17",
    "1.5",
    "1e3",
    "089",
    "~",
    "",
    "12:30",
    "2001-01-01",
    "app",
    ".inf",
    ".nan",
  ])("%j is the same to everyone", (text) => {
    expect(misreadOf(text)).toBeUndefined();
  });

  it.each(['"yes"', "'0123'", "!!str yes"])("%s is text", (written) => {
    expect(readYaml(`- ${written}\n`)).toMatchObject({
      values: [[written.replaceAll(/!!str |['"]/gu, "")]],
      hasMisread: false,
    });
  });
});

describe("a document that Kubernetes can't take", () => {
  it.each([
    ["~: x\n", "a key is empty (null)"],
    ["? [a]\n: x\n", "a key is a mapping or a list"],
    ["a: .inf\n", "a number without end"],
    ["a: &a [*a]\n", "contains itself"],
    ["a: *b\n", 'unidentified alias "b"'],
    ["a: !!int x\n", "cannot resolve"],
  ])("%j is refused with the reason", (text, reason) => {
    const read = readYaml(text);
    expect("fault" in read ? read.fault.message : "").toContain(reason);
  });

  it("is not one with tags of other tools, which say nothing", () => {
    const text = "a: !Ref x\nb: !Sub [p]\nc: !If {z: 1}\nd: !<tag:example.com,2000:t> w\n";
    expect(readYaml(text)).toMatchObject({ values: [{ a: "x", b: ["p"], c: { z: 1 }, d: "w" }] });
  });

  it("is not one in which an anchor is set again inside what it names", () => {
    expect(readYaml("a: &x\n  b: &x 1\n  c: *x\n")).toMatchObject({ values: [{ a: { b: 1, c: 1 } }] });
  });
});
