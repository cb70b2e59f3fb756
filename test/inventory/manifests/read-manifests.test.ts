import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Manifests, readManifests } from "../../../src/inventory/manifests/read-manifests.ts";

let cwd = "";

beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), "netlearn-manifests-"));
});

afterEach(async () => {
  await rm(cwd, { recursive: true });
});

async function read(paths: readonly string[], stdin = ""): Promise<Manifests> {
  const { signal } = new AbortController();
  return await readManifests(paths, { cwd, namespace: "default", stdin: Readable.from([Buffer.from(stdin)]), signal });
}

async function put(file: string, content: string | Uint8Array): Promise<void> {
  const absolute = path.join(cwd, file);
  await mkdir(path.dirname(absolute), { recursive: true });
  await writeFile(absolute, content);
}

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;

describe("reading manifests", () => {
  it("takes .yaml, .yml and .json of a directory and those below, in the order of their names", async () => {
    await put("d/b.yaml", pod("b"));
    await put("d/a/z.yml", pod("z"));
    await put("d/a/c.JSON", '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}');
    await put("d/README.md", "kind: no");
    await put("d/.git/x.yaml", pod("hidden"));
    await put("d/node_modules/x.yaml", pod("package"));
    const { objects, files, problems } = await read(["d"]);
    expect(objects.map(({ file, name }) => `${file} ${name}`)).toEqual(["d/a/c.JSON c", "d/a/z.yml z", "d/b.yaml b"]);
    expect({ files, problems }).toEqual({ files: 3, problems: [] });
  });

  it("reads a file once, whichever ways lead to it", async () => {
    await put("d/a.yaml", pod("a"));
    await symlink("a.yaml", path.join(cwd, "d/b.yaml"));
    expect((await read(["d", "d/a.yaml", "./d/../d"])).objects).toHaveLength(1);
  });

  it("reads standard input for a dash", async () => {
    const { objects } = await read(["-"], pod("piped"));
    expect(objects.map(({ file, name }) => `${file} ${name}`)).toEqual(["<stdin> piped"]);
  });

  it("says that a link leads back, and goes on", async () => {
    await put("d/a.yaml", pod("a"));
    await symlink("..", path.join(cwd, "d/again"));
    const { objects, problems } = await read(["d"]);
    expect(objects.map(({ name }) => name)).toContain("a");
    expect(problems.map(({ code }) => code)).toContain("directory-loop");
  });

  it.each([
    ["a binary file", new Uint8Array([0x6b, 0x00, 0x01]), "binary"],
    ["a text that is not UTF-8", new Uint8Array([0x6b, 0xff, 0xfe, 0x20]), "UTF-8"],
  ])("names %s, and the rest still counts", async (_what, bytes, reason) => {
    await put("d/a.yaml", bytes);
    await put("d/b.yaml", pod("b"));
    const { objects, problems } = await read(["d"]);
    expect(objects.map(({ name }) => name)).toEqual(["b"]);
    expect(problems).toMatchObject([{ code: "manifest-unreadable", file: "d/a.yaml", line: 1 }]);
    expect(problems[0]?.message).toContain(reason);
  });

  it.each([
    { kind: "yaml", begins: "a: ", mebibytes: 129, choice: "kubectl get -o json" },
    { kind: "json", begins: "{", mebibytes: 513, choice: "kubectl get -n NAMESPACE" },
  ])("does not read $mebibytes MiB of $kind, and says what to do", async ({ kind, begins, mebibytes, choice }) => {
    await put(`d/big.${kind}`, begins);
    await truncate(path.join(cwd, "d", `big.${kind}`), mebibytes * 1024 * 1024);
    const { objects, problems } = await read(["d"]);
    expect(objects).toEqual([]);
    expect(problems).toMatchObject([{ code: "manifest-unreadable", file: `d/big.${kind}`, line: 1 }]);
    expect(problems[0]?.message).toContain(
      `${mebibytes} MiB of ${kind.toUpperCase()}, more than the ${mebibytes - 1} MiB`,
    );
    expect(problems[0]?.choice).toContain(choice);
  });

  it("names a link that leads nowhere", async () => {
    await mkdir(path.join(cwd, "d"));
    await symlink("gone.yaml", path.join(cwd, "d/a.yaml"));
    expect((await read(["d"])).problems).toMatchObject([{ code: "manifest-unreadable", file: "d/a.yaml" }]);
  });

  it("does not go on once it was told to stop", async () => {
    const stop = new AbortController();
    async function* twoPods(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${pod("a")}---\n${pod("b")}`);
      stop.abort(new Error("told to stop"));
    }
    const options = { cwd, namespace: "default", stdin: Readable.from(twoPods()), signal: stop.signal };
    await expect(readManifests(["-"], options)).rejects.toThrow("told to stop");
  });

  it("refuses a document of YAML that would take gigabytes to parse, and reads what stands beside it", async () => {
    await put("d/a.yaml", `${pod("a")}---\na: "${"x".repeat(17 * 1024 * 1024)}"\n---\n${pod("b")}`);
    const { objects, problems } = await read(["d"]);
    expect(objects.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(problems).toMatchObject([{ code: "manifest-unreadable", file: "d/a.yaml", line: 4 }]);
    expect(problems[0]?.message).toContain("16 MiB");
    expect(problems[0]?.choice).toContain("-o json");
  });

  it("finds nothing in an empty directory, and says what is not there at all", async () => {
    await mkdir(path.join(cwd, "empty"));
    expect(await read(["empty"])).toEqual({ objects: [], problems: [], files: 0, others: 0 });
    await expect(read(["gone"])).rejects.toMatchObject({ code: "NETLEARN_INPUT_MISSING" });
  });

  it("knows the templates of a chart by its Chart.yaml", async () => {
    await put("chart/Chart.yaml", "name: shop\n");
    await put("chart/templates/a.yaml", 'apiVersion: v1\nkind: Pod\nmetadata: {name: "{{ .Values.name }}"}\n');
    const { problems, objects } = await read(["chart"]);
    expect(objects).toEqual([]);
    expect(problems).toMatchObject([{ code: "template-not-rendered", file: "chart/templates/a.yaml", line: 3 }]);
  });
});
