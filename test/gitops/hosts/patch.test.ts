import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editsBetween } from "../../../src/gitops/hosts/line-edits.ts";
import { patchText } from "../../../src/gitops/hosts/patch.ts";
import type { FileChange } from "../../../src/model/repository.ts";
import { gitIn, scratchFolder, writeFiles } from "./scratch.ts";

const lines = fc
  .array(
    fc.constantFrom("", "a", "b", "c", "a\r", "- x", "+ y", "\\ No newline", "@@ -1 +1 @@", "é🙂", "\u0000", "\t "),
    {
      maxLength: 30,
    },
  )
  .chain((all) => fc.constantFrom(all.join("\n"), all.map((line) => `${line}\n`).join("")));

const name = fc
  .array(fc.constantFrom("a", "b c", 'q"', "é", "\\", "\t", "x\ny", " ", "🙂", "-", "\u007F"), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => `dir/n${parts.join("")}.yaml`);

const change: fc.Arbitrary<FileChange> = fc
  .tuple(name, fc.option(lines, { nil: undefined }), fc.option(lines, { nil: undefined }))
  .filter(([, before, after]) => before !== undefined || after !== undefined)
  .map(([at, before, after]) =>
    after === undefined
      ? { kind: "delete", path: at, before: before ?? "", owner: "netlearn" }
      : { kind: "write", path: at, text: after, before, owner: "netlearn" },
  );

/** What real git makes of the patch. */
function expectApplied(changes: readonly FileChange[], root: string): void {
  rmSync(path.join(root, "dir"), { recursive: true, force: true });
  for (const { path: at, before } of changes) if (before !== undefined) writeFiles(root, { [at]: before });
  const patch = patchText(changes);
  if (patch !== "") {
    gitIn(root, ["apply", "--check", "-"], patch);
    gitIn(root, ["apply", "--whitespace=nowarn", "-"], patch);
  }
  for (const each of changes) {
    const file = path.join(root, each.path);
    const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    expect(text).toBe(each.kind === "write" ? each.text : undefined);
  }
}

describe("a patch", () => {
  test("git apply makes of it exactly what is meant, whatever is in texts and names", () => {
    const root = scratchFolder();
    gitIn(root, ["init", "--quiet"]);
    fc.assert(
      fc.property(fc.uniqueArray(change, { selector: (each) => each.path, maxLength: 3 }), (changes) => {
        expectApplied(changes, root);
      }),
      { numRuns: 150 },
    );
  });

  test("is as git writes it", () => {
    const numbers = Array.from({ length: 20 }, (_, index) => `${index + 1}\n`);
    const after = numbers.with(1, "two\n").with(18, "nineteen\n").join("");
    const root = scratchFolder();
    writeFiles(root, { "x/a b.yaml": numbers.join("") });
    gitIn(root, ["init", "--quiet"]);
    gitIn(root, ["add", "."]);
    writeFiles(root, { "x/a b.yaml": after });
    const byGit = gitIn(root, ["diff"])
      .replace(/^index .*\n/mu, "")
      .replaceAll(/^@@ (.*) @@.*$/gmu, "@@ $1 @@");
    const edit = {
      kind: "write",
      path: "x/a b.yaml",
      text: after,
      before: numbers.join(""),
      owner: "person",
    } as const;
    expect(patchText([edit])).toBe(byGit);
  });

  test("is empty when nothing differs", () => {
    expect(patchText([{ kind: "write", path: "a", text: "a", before: "a", owner: "person" }])).toBe("");
  });

  test("edits are the fewest: as many lines stay as the two have in common", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (old, made) => {
        const edits = editsBetween(old, made);
        const taken = edits.reduce((sum, edit) => sum + edit.to - edit.from, 0);
        expect(old.length - taken).toBe(longestCommon(old, made));
      }),
    );
  });

  test("texts with little in common are replaced whole", () => {
    const old = Array.from({ length: 3000 }, (_, index) => `old ${index}`);
    const made = Array.from({ length: 3000 }, (_, index) => `new ${index}`);
    expect(editsBetween(["x", ...old], ["x", ...made])).toEqual([{ from: 1, to: 3001, madeFrom: 1, madeTo: 3001 }]);
  });
});

/** By the textbook's table. */
function longestCommon(old: readonly string[], made: readonly string[]): number {
  let row = Array.from({ length: made.length + 1 }, () => 0);
  for (const line of old) {
    const next = [0];
    for (const [index, other] of made.entries()) {
      next.push(line === other ? (row[index] ?? 0) + 1 : Math.max(next[index] ?? 0, row[index + 1] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
