import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { NetlearnError } from "../../../src/lib/errors.ts";
import { auditEvent } from "../support/audit.ts";
import { collect, collectBytes } from "../support/collect.ts";
import { jsonLines, variedFlows, wrapped } from "../support/flows.ts";

const FLOWS = variedFlows(300);
const TEXT = jsonLines(FLOWS);
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "netlearn-collect-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function put(name: string, content: Buffer | string): Promise<string> {
  const file = path.join(directory, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** A line that can be told apart by its node. */
function on(node: string): string {
  return jsonLines([wrapped({ node_name: node })]);
}

describe("inputs", () => {
  it("are read in the order of the arguments, directories and globs sorted", async () => {
    await put("logs/b.log", on("b"));
    await put("logs/a/2.log", on("a2"));
    await put("logs/a/10.log", on("a10"));
    await put("other.json", on("other"));
    const collected = await collect([path.join(directory, "other.json"), path.join(directory, "logs")]);
    expect(collected.flows.map(({ node }) => node)).toEqual(["other", "a10", "a2", "b"]);
    const globbed = await collect([path.join(directory, "logs/**/*.log")]);
    expect(globbed.flows.map(({ node }) => node)).toEqual(["a10", "a2", "b"]);
    expect(globbed.summary).toMatchObject({ sources: 3, lines: 3, unreadable: [], skipped: [] });
  });

  it("of directories leave out dotfiles and what is no flow log, and say so", async () => {
    await put("a.log", on("a"));
    await put(".hidden.log", on("hidden"));
    await put("README.md", "# Captures\nTaken in March.\n");
    await put("picture.png", Buffer.from("89504e470d0a1a0a0000000d", "hex"));
    await put("empty.log", "");
    const collected = await collect([directory]);
    expect(collected.flows.map(({ node }) => node)).toEqual(["a"]);
    expect(collected.reasons).toEqual([]);
    expect(collected.summary.skipped.map(({ source }) => path.basename(source))).toEqual(["README.md", "picture.png"]);
    expect(collected.notices.join("\n")).toContain("README.md is skipped");
  });

  it("of directories are audit logs too, in any envelope, and not what only speaks of them", async () => {
    const event = auditEvent();
    const text = JSON.stringify(event);
    await put("apiserver/audit.log", jsonLines([event]));
    await put("apiserver/audit-1.log.gz", gzipSync(jsonLines([event])));
    await put("azure.json", JSON.stringify({ records: [{ category: "kube-audit", properties: { log: text } }] }));
    await put(
      "batch.json",
      JSON.stringify({ kind: "EventList", items: [event], apiVersion: "audit.k8s.io/v1" }, undefined, 2),
    );
    await put("container.log", `2026-03-10T10:40:56Z stdout F ${text}\n`);
    await put("documents.yaml", stringify(event));
    await put("export.json", JSON.stringify({ events: [{ message: text }] }, undefined, 2));
    await put("policy.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{ level: Metadata }]\n");
    await put("role.json", JSON.stringify({ kind: "Role", rules: [{ apiGroups: ["audit.k8s.io"], verbs: ["get"] }] }));
    const collected = await collect([directory]);
    expect(collected.accesses.length).toBe(7);
    expect(collected.rejections).toEqual([]);
    expect(collected.summary.skipped.map(({ source }) => path.basename(source))).toEqual(["policy.yaml", "role.json"]);
  });

  it("are read once, however often and under whatever name they are given", async () => {
    const file = await put("a.log", on("a"));
    await symlink(directory, path.join(directory, "loop"));
    await symlink(file, path.join(directory, "link.log"));
    const collected = await collect([file, directory, path.join(directory, "*.log"), file]);
    expect(collected.flows.length).toBe(1);
    expect(collected.notices.join("\n")).toContain("is read once only: it is the same file as");
  });

  it("that exist are never taken for globs", async () => {
    const file = await put("a[1].log", on("bracket"));
    await put("a1.log", on("one"));
    expect((await collect([file])).flows.map(({ node }) => node)).toEqual(["bracket"]);
  });

  it("that are missing stop everything before anything is read, all of them named", async () => {
    const file = await put("a.log", on("a"));
    const missing = [path.join(directory, "x.log"), path.join(file, "y.log")];
    const error = await collect([file, ...missing]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetlearnError);
    expect(error).toMatchObject({ code: "NETLEARN_INPUT_MISSING" });
    for (const name of missing) {
      expect(String(error)).toContain(name);
    }
  });

  it("that match nothing are listed, and the others count", async () => {
    const file = await put("a.log", on("a"));
    const pattern = path.join(directory, "*.nothing");
    const collected = await collect([pattern, file]);
    expect(collected.flows.length).toBe(1);
    expect(collected.summary.unreadable).toEqual([
      { source: pattern, message: expect.stringContaining("no file matches this pattern") },
    ]);
  });

  it("that vanish before their turn are listed, and the others count", async () => {
    const first = await put("a.log", on("a"));
    const second = await put("b.log", on("b"));
    const third = await put("c.log", on("c"));
    let removed: Promise<void> | undefined;
    const collected = await collect([first, second, third], {
      progress: () => {
        removed ??= rm(second);
      },
    });
    await removed;
    expect(collected.flows.map(({ node }) => node)).toEqual(expect.arrayContaining(["a", "c"]));
    if (collected.flows.length === 2) {
      expect(collected.summary.unreadable).toEqual([
        { source: second, message: "it vanished before it was read (ENOENT)" },
      ]);
    }
  });

  it("that shrink while they are read give what was read", async () => {
    const file = await put("a.log", TEXT.repeat(20));
    let cut: Promise<void> | undefined;
    const collected = await collect([file], {
      progress: () => {
        cut ??= truncate(file, 1000);
      },
    });
    await cut;
    expect(collected.flows.length).toBeGreaterThan(0);
    expect(collected.summary.unreadable).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)("that may not be read are listed", async () => {
    const file = await put("a.log", on("a"));
    const { chmod } = await import("node:fs/promises");
    await chmod(file, 0);
    expect((await collect([file])).summary.unreadable).toEqual([
      { source: file, message: "permission denied (EACCES)" },
    ]);
  });

  it("come from stdin under the name of -, once", async () => {
    const collected = await collect(["-", "-"], { stdin: Readable.from([Buffer.from(on("in"))]) });
    expect(collected.flows.map(({ node }) => node)).toEqual(["in"]);
    expect(collected.notices.length).toBe(1);
  });

  it("tell how far they are", async () => {
    const file = await put("a.log.gz", gzipSync(TEXT));
    const seen: number[] = [];
    const collected = await collect([file], {
      progress: ({ bytesRead, bytesTotal }) => seen.push(bytesRead / (bytesTotal ?? 0)),
    });
    expect(seen.at(-1)).toBe(1);
    expect(collected.summary.bytes).toBe(gzipSync(TEXT).length);
  });

  it("stop when the signal says so, with its reason", async () => {
    const controller = new AbortController();
    const endless = new Readable({ read: () => {} });
    endless.push(TEXT);
    const reading = collect(["-"], { stdin: endless, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await expect(reading).rejects.toThrow("enough");
  });
});

describe("compressed input", () => {
  const half = TEXT.length / 2;
  const parts = [Buffer.from(TEXT.slice(0, half)), Buffer.from(TEXT.slice(half))];

  it.each([
    ["gzip", gzipSync(TEXT)],
    ["gzip in several members", Buffer.concat(parts.map((part) => gzipSync(part)))],
    ["gzip with padding behind", Buffer.concat([gzipSync(TEXT), Buffer.alloc(1000)])],
    ["zstd", zstdCompressSync(TEXT)],
    ["zstd in several frames", Buffer.concat(parts.map((part) => zstdCompressSync(part)))],
    ["zstd in a frame a line", Buffer.concat(FLOWS.map((object) => zstdCompressSync(jsonLines([object]))))],
  ])("%s is known by its bytes, whatever the name and the pieces", async (_, packed) => {
    const plain = (await collectBytes(TEXT)).flows;
    expect(plain.length).toBe(FLOWS.length);
    const file = await put("flows.log", packed);
    expect((await collect([file])).flows).toEqual(plain);
    for (const pieceLength of [3, 1000]) {
      const collected = await collectBytes(packed, { pieceLength });
      expect(collected.flows).toEqual(plain);
      expect(collected.reasons).toEqual([]);
      expect(collected.summary.unreadable).toEqual([]);
    }
  });

  /** Text that packs badly, so that its compressed form has many blocks. */
  const noise = jsonLines(
    variedFlows(3000).map((object, index) => ({
      ...object,
      noise: createHash("sha512").update(String(index)).digest("base64"),
    })),
  );

  it.each([
    ["gzip", gzipSync(noise)],
    ["zstd", zstdCompressSync(noise)],
  ])("%s cut off gives its good records and is listed as unreadable to its end", async (_, packed) => {
    const file = await put("flows.gz", packed.subarray(0, Math.floor(packed.length * 0.6)));
    const collected = await collect([file]);
    expect(collected.flows.length).toBeGreaterThan(50);
    expect(collected.flows.length).toBeLessThan(3000);
    expect(collected.reasons).toEqual([]);
    expect(collected.summary.unreadable).toEqual([
      { source: file, message: expect.stringContaining("ends too early") },
    ]);
  });

  it("damaged in its middle is listed as unreadable, and the others count", async () => {
    const packed = gzipSync(TEXT);
    packed.fill(0x55, Math.floor(packed.length / 2));
    const collected = await collect([await put("bad.gz", packed), await put("good.log", on("good"))]);
    expect(collected.flows.at(-1)?.node).toBe("good");
    expect(collected.summary.unreadable).toEqual([
      { source: expect.stringContaining("bad.gz"), message: expect.stringMatching(/is damaged|ends too early/u) },
    ]);
  });
});
