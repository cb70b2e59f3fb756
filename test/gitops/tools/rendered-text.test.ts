import { expect, it } from "vitest";
import { at } from "../../../src/gitops/fields.ts";
import { RenderedTexts } from "../../../src/gitops/tools/rendered-text.ts";

const CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ";

it("documents end where a line begins with three dashes, and nowhere else", () => {
  const texts = new RenderedTexts();
  const names = (text: string) => texts.read(text)?.map(({ object }) => at(object, "metadata", "name"));
  expect(names(`---\n${CONFIG}a\n--- # second\n${CONFIG}b\n`)).toEqual(["a", "b"]);
  expect(names(`${CONFIG}a\ndata: {x: "1\u2028--- 2\u2029--- 3"}\n`)).toEqual(["a"]);
  expect(texts.read("---\n{")).toBeUndefined();
});
