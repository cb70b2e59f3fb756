import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { duplicate, shuffle, split } from "../support/simulator/index.ts";
import { netlearn, ROOT } from "./command.ts";

describe("the same flows in another form give the same bytes", () => {
  let directory = "";
  let lines: readonly string[] = [];
  let expected = "";

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "netlearn-inputs-"));
    const flows = path.join(ROOT, "examples/shop/flows.jsonl");
    lines = (await readFile(flows, "utf8")).trimEnd().split("\n");
    expected = (await netlearn(["suggest", flows, "--quiet"])).stdout;
    expect(expected).toContain("kind: NetworkPolicy");
  });

  afterAll(() => rm(directory, { recursive: true }));

  const text = (some: readonly string[]): string => `${some.join("\n")}\n`;

  async function policiesOf(name: string, content: string | Buffer): Promise<string> {
    const file = path.join(directory, name);
    await writeFile(file, content);
    return (await netlearn(["suggest", file, "--quiet"])).stdout;
  }

  it("shuffled", async () => {
    expect(await policiesOf("shuffled.jsonl", text(shuffle(lines, 7)))).toBe(expected);
  });

  it("every line three times, shuffled", async () => {
    expect(await policiesOf("thrice.jsonl", text(shuffle([...lines, ...lines, ...lines], 8)))).toBe(expected);
  });

  it("some lines again", async () => {
    expect(await policiesOf("again.jsonl", text(duplicate(lines, 2, 9)))).toBe(expected);
  });

  it("packed with gzip, in two members", async () => {
    const half = Math.floor(lines.length / 2);
    const packed = Buffer.concat([gzipSync(text(lines.slice(0, half))), gzipSync(text(lines.slice(half)))]);
    expect(await policiesOf("flows.jsonl.gz", packed)).toBe(expected);
  });

  it("packed with zstd, under a name that does not say so", async () => {
    expect(await policiesOf("flows.log", zstdCompressSync(text(lines)))).toBe(expected);
  });

  it("as one JSON array on one line", async () => {
    expect(await policiesOf("array.json", `[${lines.join(",")}]`)).toBe(expected);
  });

  it("as concatenated pretty-printed objects with CRLF", async () => {
    const pretty = lines.map((line) => JSON.stringify(JSON.parse(line), undefined, 2)).join("\n");
    expect(await policiesOf("pretty.json", pretty.replaceAll("\n", "\r\n"))).toBe(expected);
  });

  it("wrapped by a log shipper", async () => {
    expect(
      await policiesOf("vector.jsonl", text(lines.map((message) => JSON.stringify({ message, host: "n1" })))),
    ).toBe(expected);
  });

  it("split over a directory, a glob and standard input", async () => {
    const [one = [], two = [], three = [], four = []] = split(shuffle(lines, 10), 4);
    await mkdir(path.join(directory, "parts/deep"), { recursive: true });
    await writeFile(path.join(directory, "parts/deep/one.jsonl"), text(one));
    await writeFile(path.join(directory, "parts/two.jsonl.gz"), gzipSync(text(two)));
    await writeFile(path.join(directory, "three.part"), text(three));
    const { stdout } = await netlearn(["suggest", "parts", "*.part", "-", "--quiet"], {
      cwd: directory,
      stdin: text(four),
    });
    expect(stdout).toBe(expected);
  });

  it("learned in parts and merged from snapshots, in either order", async () => {
    const parts = split(shuffle(lines, 11), 3);
    const snapshots: string[] = [];
    for (const [index, part] of parts.entries()) {
      const { stdout } = await netlearn(["graph", "-", "--format", "json", "--quiet"], { stdin: text(part) });
      const file = path.join(directory, `part-${index}.json`);
      await writeFile(file, stdout);
      snapshots.push("--snapshot", file);
    }
    const [a = "", b = "", c = ""] = snapshots.filter((argument) => argument !== "--snapshot");
    expect((await netlearn(["suggest", "--snapshot", a, "--snapshot", b, "--snapshot", c, "--quiet"])).stdout).toBe(
      expected,
    );
    expect(
      (await netlearn(["suggest", "--snapshot", c, "--snapshot", a, "--snapshot", b, "--snapshot", a, "--quiet"]))
        .stdout,
    ).toBe(expected);
  });
});
