import { chmodSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readDirectory } from "../../../src/gitops/hosts/read-directory.ts";
import { BLOB_FILTER, readTree } from "../../../src/gitops/hosts/read-tree.ts";
import { commitAll, gitIn, repositoryOf, scratchFolder, writeFiles } from "./scratch.ts";

const FILES = {
  "apps/shop/cart.yaml": "\uFEFFkind: Deployment\r\n",
  "apps/shop/Kustomization": "resources: []\n",
  "apps/shop/latin.yaml": Buffer.from([0x61, 0xe9, 0x0a]),
  "apps/shop/große straße\n.yaml": "a: 1",
  "big.yaml": "x".repeat(1024 * 1024 + 1),
  "empty.yaml": "",
  "photo.png": Buffer.from([1, 2, 3]),
};

/** Files, and one of each kind besides. */
function kinds(): { folder: string; commit: string } {
  const { folder } = repositoryOf(FILES);
  symlinkSync("apps/shop/cart.yaml", path.join(folder, "link.yaml"));
  writeFileSync(path.join(folder, "run.yaml"), "run\n");
  chmodSync(path.join(folder, "run.yaml"), 0o755);
  const other = repositoryOf({ "a.yaml": "a" });
  gitIn(folder, ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.folder, "third"]);
  return { folder, commit: commitAll(folder) };
}

const asData = (files: ReadonlyMap<string, { kind: string; text: string | undefined; size: number }>) =>
  Object.fromEntries([...files].map(([name, { kind, size, text }]) => [name, { kind, size, text }]));

const EXPECTED = {
  "apps/shop/cart.yaml": { kind: "file", size: 21, text: FILES["apps/shop/cart.yaml"] },
  "apps/shop/Kustomization": { kind: "file", size: 14, text: "resources: []\n" },
  "apps/shop/latin.yaml": { kind: "file", size: 3, text: undefined },
  "apps/shop/große straße\n.yaml": { kind: "file", size: 4, text: "a: 1" },
  "big.yaml": { kind: "file", size: 1024 * 1024 + 1, text: undefined },
  "empty.yaml": { kind: "file", size: 0, text: "" },
  "link.yaml": { kind: "symlink", size: 19, text: undefined },
  "photo.png": { kind: "file", size: 3, text: undefined },
  "run.yaml": { kind: "executable", size: 4, text: "run\n" },
  third: { kind: "submodule", size: 0, text: undefined },
};

describe("a commit's files", () => {
  test("are there byte for byte, by kind, sorted by path", async () => {
    const { folder, commit } = kinds();
    const read = await readTree({ folder, userConfig: false, env: process.env }, commit);
    expect(read.commit).toBe(commit);
    expect(asData(read.files)).toMatchObject(EXPECTED);
    expect([...read.files.keys()]).toEqual([...read.files.keys()].toSorted());
    expect(read.files.size).toBe(Object.keys(EXPECTED).length + 1);
  });

  test.each([BLOB_FILTER, "blob:none"])("are the same in a partial clone (%s)", async (filter) => {
    const { folder, commit } = repositoryOf({ "a.yaml": "a: 1\n", "b/c.json": "{}", "big.yaml": FILES["big.yaml"] });
    gitIn(folder, ["config", "uploadpack.allowFilter", "true"]);
    gitIn(folder, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
    const clone = scratchFolder();
    gitIn(clone, ["clone", "--quiet", "--bare", `--filter=${filter}`, `file://${folder}`, "."]);
    expect(gitIn(clone, ["rev-list", "--objects", "--all", "--missing=print"])).toContain("?");
    const read = await readTree({ folder: clone, userConfig: false, env: process.env }, commit);
    const texts = [...read.files.values()].map((file) => file.text);
    expect(texts).toEqual(["a: 1\n", "{}", undefined]);
  });

  test("a commit that is not there is an error", async () => {
    const { folder } = repositoryOf({ "a.yaml": "a" });
    const place = { folder, userConfig: false, env: process.env };
    await expect(readTree(place, "0123456789".repeat(4))).rejects.toMatchObject({ code: "NETLEARN_HOST_UNAVAILABLE" });
    await expect(readTree(place, "--output=x")).rejects.toThrow("is no commit's id");
  });
});

describe("a directory's files", () => {
  test("are those of its commit when nothing was changed", async () => {
    const { folder, commit } = kinds();
    const read = await readDirectory(folder, { env: process.env });
    expect(read).toMatchObject({ commit, isDirty: false });
    expect(asData(read.files)).toEqual(
      asData((await readTree({ folder, userConfig: false, env: process.env }, commit)).files),
    );
  });

  test("ignored files are left out; new, changed and deleted ones are as they are, which is dirty", async () => {
    const { folder, commit } = repositoryOf({ ".gitignore": "out/\n", "a.yaml": "a", "b.yaml": "b" });
    writeFiles(folder, { "out/x.yaml": "x", "new.yaml": "new", "a.yaml": "changed" });
    unlinkSync(path.join(folder, "b.yaml"));
    const read = await readDirectory(folder, { env: process.env });
    expect(read).toMatchObject({ commit, isDirty: true });
    expect([...read.files.values()].map(({ path: name, text }) => [name, text])).toEqual([
      [".gitignore", undefined],
      ["a.yaml", "changed"],
      ["new.yaml", "new"],
    ]);
  });

  test("below a clone's root, paths are told from there", async () => {
    const { folder } = repositoryOf({ "x.yaml": "x", "apps/a.yaml": "a" });
    writeFiles(folder, { "x.yaml": "changed" });
    const read = await readDirectory(path.join(folder, "apps"), { env: process.env });
    expect([...read.files.keys()]).toEqual(["a.yaml"]);
    expect(read.isDirty).toBe(false);
  });

  test("what is no clone is read whole, without following links", async () => {
    const folder = scratchFolder();
    writeFiles(folder, { "a/b.yaml": "b", "c.yaml": "c" });
    mkdirSync(path.join(folder, "d"));
    symlinkSync("../a", path.join(folder, "d/loop"));
    const read = await readDirectory(folder, { env: process.env });
    expect(read).toMatchObject({ commit: undefined, isDirty: false });
    expect([...read.files.keys()]).toEqual(["a/b.yaml", "c.yaml", "d/loop"]);
    expect(read.files.get("d/loop")?.kind).toBe("symlink");
  });

  test("a directory that is not there is an error", async () => {
    await expect(readDirectory(path.join(scratchFolder(), "no"), { env: process.env })).rejects.toMatchObject({
      code: "NETLEARN_INPUT_MISSING",
    });
  });
});
