import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { INFERRED_KINDS } from "../../src/model/inferred.ts";

it("docs/promised-traffic.md has a row for each kind that --allow knows, in their order", () => {
  const text = readFileSync(path.resolve(import.meta.dirname, "../../docs/promised-traffic.md"), "utf8");
  const kinds = [...text.matchAll(/^\| `([a-z]+)` \|/gmu)].map(([, kind]) => kind);
  expect(kinds).toEqual([...INFERRED_KINDS]);
});
