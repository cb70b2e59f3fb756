import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { applyChanges } from "../../../src/gitops/hosts/directory.ts";
import type { FileChange } from "../../../src/model/repository.ts";
import { scratchFolder, writeFiles } from "./scratch.ts";

const write = (name: string, text: string, before?: string): FileChange => ({
  kind: "write",
  path: name,
  text,
  before,
  owner: "netlearn",
});
const remove = (name: string, before: string): FileChange => ({
  kind: "delete",
  path: name,
  before,
  owner: "netlearn",
});

describe("delivery into a directory", () => {
  test("writes, changes and deletes; a second time nothing is left to do", async () => {
    const root = scratchFolder();
    writeFiles(root, { "a.yaml": "a\r\n", "old.yaml": "old" });
    const changes = [write("a.yaml", "a\r\nb\r\n", "a\r\n"), write("new/deep/b.yaml", "b"), remove("old.yaml", "old")];
    expect(await applyChanges(root, changes)).toEqual(["a.yaml", "new/deep/b.yaml", "old.yaml"]);
    expect(readFileSync(path.join(root, "a.yaml"), "utf8")).toBe("a\r\nb\r\n");
    expect(readdirSync(root, { recursive: true }).map(String).toSorted()).toEqual([
      "a.yaml",
      "new",
      "new/deep",
      "new/deep/b.yaml",
    ]);
    expect(await applyChanges(root, changes)).toEqual([]);
  });

  test("permissions stay as they are", async () => {
    const root = scratchFolder();
    writeFiles(root, { "a.yaml": "a" });
    const { mode } = statSync(path.join(root, "a.yaml"));
    await applyChanges(root, [write("a.yaml", "b", "a")]);
    expect(statSync(path.join(root, "a.yaml")).mode).toBe(mode);
  });

  test.each([
    ["is another", write("a.yaml", "new", "old")],
    ["is there already", write("a.yaml", "new")],
    ["is gone", write("gone.yaml", "new", "old")],
    ["to delete is another", remove("a.yaml", "old")],
  ])("git rule 19: when a file %s, nothing at all is written", async (_how, change) => {
    const root = scratchFolder();
    writeFiles(root, { "a.yaml": "of a person" });
    const applied = applyChanges(root, [write("first.yaml", "first"), change]);
    await expect(applied).rejects.toMatchObject({ code: "NETLEARN_EDITED_FILE" });
    expect(existsSync(path.join(root, "first.yaml"))).toBe(false);
    expect(readFileSync(path.join(root, "a.yaml"), "utf8")).toBe("of a person");
  });

  test.each([
    "",
    "/etc/passwd",
    "../x.yaml",
    "a/../../x.yaml",
    "a//x.yaml",
    "./x.yaml",
    "a/",
    ".git/hooks/post-checkout",
    "sub/.GIT/config",
    ".g\u200Cit/config",
    ".git./config",
    "git~1/config",
    ".git::$INDEX_ALLOCATION/config",
    ".gitmodules",
    ".github/workflows/x.yaml",
    ".GitHub/Workflows/x.yaml",
    "a\\..\\x.yaml",
    "a\u0000.yaml",
    "a\n.yaml",
  ])("git rule 36: %j is not written", async (name) => {
    const root = scratchFolder();
    await expect(applyChanges(root, [write(name, "x")])).rejects.toMatchObject({ code: "NETLEARN_OUTPUT_UNWRITABLE" });
    expect(readdirSync(root)).toEqual([]);
  });

  test("netlearn's own configuration may be written", async () => {
    const root = scratchFolder();
    await applyChanges(root, [write(".github/netlearn.yaml", "x")]);
    expect(readFileSync(path.join(root, ".github/netlearn.yaml"), "utf8")).toBe("x");
  });

  test("git rule 36: links are not followed, on the way or at the end", async () => {
    const outside = scratchFolder();
    const root = scratchFolder();
    writeFiles(outside, { "a.yaml": "a" });
    symlinkSync(outside, path.join(root, "apps"));
    symlinkSync(path.join(outside, "a.yaml"), path.join(root, "link.yaml"));
    symlinkSync(path.join(outside, "new.yaml"), path.join(root, "dangling.yaml"));
    mkdirSync(path.join(root, "folder.yaml"));
    const changes = [
      write("apps/a.yaml", "x", "a"),
      write("link.yaml", "x", "a"),
      write("dangling.yaml", "x"),
      write("folder.yaml", "x"),
    ];
    for (const change of changes) {
      await expect(applyChanges(root, [change])).rejects.toMatchObject({ code: "NETLEARN_OUTPUT_UNWRITABLE" });
    }
    expect(readdirSync(outside)).toEqual(["a.yaml"]);
    expect(readFileSync(path.join(outside, "a.yaml"), "utf8")).toBe("a");
  });
});
