import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedPatch } from "../../../src/report/proposal/patch.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "\n", "a\n", "b\n", "-\n", "+\r\n"), { minLength: 1, maxLength: 20 })
  .map((all) => all.join(""));

describe("patches", () => {
  it("make of the old text the new one, as git applies them", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        const folder = mkdtempSync(join(tmpdir(), "netlearn-patch-"));
        try {
          writeFileSync(join(folder, "a.yaml"), before);
          const input = unifiedPatch([{ kind: "write", path: "a.yaml", text: after, before, owner: "person" }]);
          execFileSync("git", ["apply", "--whitespace=nowarn", "-"], {
            cwd: folder,
            input,
            env: { GIT_CEILING_DIRECTORIES: tmpdir() },
          });
          expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(after);
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 40 },
    );
  });
});
