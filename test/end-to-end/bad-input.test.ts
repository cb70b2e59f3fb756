import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { netlearn, type Outcome, ROOT } from "./command.ts";

let directory = "";
let good = "";
/** What the good records alone give. */
let expected = "";

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-bad-input-"));
  const lines = (await readFile(path.join(ROOT, "examples/shop/flows.jsonl"), "utf8")).split("\n");
  good = `${lines.slice(0, 300).join("\n")}\n`;
  await put("good.jsonl", good);
  const alone = await netlearn(["suggest", "good.jsonl"], { cwd: directory });
  expected = alone.stdout;
  expect(alone.code).toBe(0);
  expect(alone.stderr).not.toContain("Rejected");
  expect(expected).toContain("kind: NetworkPolicy");
});

afterAll(() => rm(directory, { recursive: true }));

async function put(name: string, content: string | Buffer): Promise<string> {
  await writeFile(path.join(directory, name), content);
  return name;
}

/** Runs `netlearn suggest` where the files are; text is unfolded, so that sentences can be looked for. */
async function suggest(...args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await netlearn(["suggest", ...args], { cwd: directory });
  return { code, stdout, stderr: unfolded(stderr) };
}

function unfolded(text: string): string {
  return text.replaceAll(/\s+/gu, " ");
}

/** Bytes that are no flow log, whole files of them, with what is said and what to do. */
const UNREADABLE: readonly (readonly [
  what: string,
  name: string,
  content: () => Buffer,
  said: RegExp,
  wayOut: string,
])[] = [
  [
    "a binary file",
    "ls.bin",
    () => Buffer.from("\u007fELF\u0002\u0001\u0001\0\0\0\u0003\0>\0"),
    /no text/u,
    "JSON lines",
  ],
  ["UTF-16", "utf16.jsonl", () => Buffer.from(`\ufeff${good}`, "utf16le"), /UTF-16LE/u, "iconv -f UTF-16LE -t UTF-8"],
  [
    "protobuf",
    "otlp.bin",
    () => Buffer.from("0ab3010a2b0a290a0c736572766963652e6e616d651219", "hex"),
    /protobuf, where JSON is due/u,
    "encoding: otlp_json",
  ],
  [
    "msgpack",
    "fluent.msgpack",
    () => Buffer.concat([Buffer.from([0x82, 0xa3]), Buffer.from("log")]),
    /msgpack, where JSON is due/u,
    "set the shipper's format to json",
  ],
  ["what gzip never wrote", "no.gz", () => Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), /damaged/u, ""],
];

describe("a source that can't be read at all", () => {
  it.each(UNREADABLE)("%s alone ends with 3, its name and the way out", async (...[, name, content, said, wayOut]) => {
    const { code, stdout, stderr } = await suggest(await put(name, content()));
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(`error[NETLEARN_INPUT_UNREADABLE]: no flow record or audit event was found in ${name}: `);
    expect(stderr).toMatch(said);
    expect(stderr).toContain(wayOut);
    expect(stderr).toContain("Nothing was written.");
  });

  it("beside good ones each is named, the good records count, and the run ends with 1", async () => {
    const names = await Promise.all(UNREADABLE.map(([, name, content]) => put(name, content())));
    const { code, stdout, stderr } = await suggest("good.jsonl", ...names, "no-such-*.jsonl");
    expect(code).toBe(1);
    expect(stdout).toBe(expected);
    for (const name of names) expect(stderr).toContain(`Unreadable ${name}: `);
    expect(stderr).toContain("Unreadable no-such-*.jsonl: no file matches this pattern");
  });

  it("keeps --prune from removing a policy that the unread part may need", async () => {
    const output = path.join(directory, "pruned");
    await suggest("good.jsonl", "-o", output);
    const before = await readdir(path.join(output, "shop"));
    await put("few.jsonl", `${good.split("\n").slice(0, 40).join("\n")}\n`);
    const name = await put("rest.jsonl", Buffer.from(`\ufeff${good}`, "utf16le"));
    const { code, stderr } = await suggest("few.jsonl", name, "-o", output, "--prune");
    expect(code).toBe(1);
    expect(stderr).toContain("They stay, since an input could not be read to its end.");
    expect(await readdir(path.join(output, "shop"))).toEqual(before);
  });
});

describe("a source with some bad records", () => {
  it("a truncated last line is said with its number, and nothing else is lost", async () => {
    const { code, stdout, stderr } = await suggest(
      await put("truncated.jsonl", good + (good.split("\n")[1] ?? "").slice(0, 300)),
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: expected });
    expect(stderr).toMatch(
      /1 truncated: truncated\.jsonl:301: .* ends in the middle of a record; was the writer still at work\?/u,
    );
  });

  it("a line of 50 MB is left out, said with its number, and does not end up in memory whole", async () => {
    const name = await put("long.jsonl", `${good}{"flow":{"Summary":"${"x".repeat(50 * 2 ** 20)}"}}\n${good}`);
    const { code, stdout, stderr } = await suggest(name);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expected });
    expect(stderr).toMatch(/1 too-long: long\.jsonl:301: a record that begins with .* is longer than 16777216 bytes/u);
    expect(stderr.length).toBeLessThan(10_000);
  });

  it("a text log in between is counted, its first line shown", async () => {
    const name = await put("text.log", `level=info msg=up\n${good}level=info msg="going down"\n`);
    const { code, stdout, stderr } = await suggest(name);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expected });
    expect(stderr).toMatch(
      /2 not-a-flow: text\.log:1: "level=info msg=up" holds no Hubble flow and no audit event; use the Hubble exporter/u,
    );
  });

  it.each([
    ["gzip", (): Buffer => gzipSync(good)],
    ["zstd", (): Buffer => zstdCompressSync(good)],
  ])("%s cut off gives what came before, and ends with 1", async (kind, pack) => {
    const packed = pack();
    const name = await put(`cut.${kind}`, packed.subarray(0, Math.floor(packed.length * 0.9)));
    const { code, stdout, stderr } = await suggest(name);
    expect(code).toBe(1);
    expect(stdout).toContain("kind: NetworkPolicy");
    expect(stderr).toContain(`Unreadable cut.${kind}: the compressed data ends too early; what comes before is used`);
  });

  it("gzip damaged in its middle gives what came before, and ends with 1", async () => {
    const packed = gzipSync(good);
    packed.fill(0x55, Math.floor(packed.length / 2), Math.floor(packed.length / 2) + 200);
    const { code, stdout, stderr } = await suggest(await put("damaged.gz", packed));
    expect(code).toBe(1);
    expect(stdout).toContain("kind: NetworkPolicy");
    expect(stderr).toContain("Unreadable damaged.gz: the compressed data is damaged; what comes before is used");
  });
});

describe("nothing to learn from", () => {
  it.each([
    ["an empty file", "empty.jsonl", "", "0 bytes were read"],
    ["a text log", "only-text.log", "level=info msg=up\n", "only-text.log:1:"],
    ["half a record", "half.jsonl", '{"flow":{"time":"2026', "half.jsonl:1:"],
  ])("%s ends with 1, its name and what to give", async (_, name, content, said) => {
    const { code, stdout, stderr } = await suggest(await put(name, content));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`error[NETLEARN_INPUT_EMPTY]: no flow record or audit event was found in ${name}`);
    expect(stderr).toContain(said);
    expect(stderr).toContain("`hubble observe");
    expect(stderr).toContain("Nothing was written.");
  });

  it("an empty standard input is called that", async () => {
    const { code, stderr } = await suggest("-", "--quiet");
    expect(code).toBe(1);
    expect(stderr).toContain("no flow record or audit event was found in standard input: 0 bytes were read");
  });

  it("records that are all refused say that none was let through", async () => {
    const drop = good.split("\n").find((line) => line.includes('"SYN":true')) ?? "";
    const refused = JSON.parse(drop);
    Object.assign(refused.flow, { verdict: "DROPPED", drop_reason_desc: "POLICY_DENIED", event_type: { type: 1 } });
    const { code, stdout, stderr } = await suggest(await put("drops.jsonl", `${JSON.stringify(refused)}\n`));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("none of 1 flow record shows a connection that was let through");
    expect(stderr).toContain("take the verdict filter out of the exporter");
  });

  it("a directory without files says what a directory stands for", async () => {
    await mkdir(path.join(directory, "nothing"));
    const { code, stderr } = await suggest("nothing");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "no flow record or audit event was found in nothing: there is no file that looks like a flow log or an audit log",
    );
    expect(stderr).toContain("a file that is named is read whatever it looks like");
  });

  it("a pattern that matches nothing ends with 3", async () => {
    const { code, stdout, stderr } = await suggest("flows-*.jsonl");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(
      "no flow record or audit event was found in flows-*.jsonl: no file matches this pattern; check its spelling",
    );
  });

  it("a name of nothing ends with 3 before anything is read", async () => {
    const { code, stdout, stderr } = await suggest("good.jsonl", "godo.jsonl");
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain("error[NETLEARN_INPUT_MISSING]: no such file or directory: godo.jsonl");
    expect(stderr).not.toContain("Read");
  });
});

describe("a directory of all sorts", () => {
  it("gives what its flow logs hold; what is none of them is passed over, and a dead link named", async () => {
    const sorts = path.join(directory, "sorts");
    await mkdir(sorts);
    await writeFile(path.join(sorts, "a.jsonl"), good);
    await writeFile(path.join(sorts, "notes.txt"), "call Ann\n");
    await writeFile(path.join(sorts, "photo.png"), Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"));
    await writeFile(path.join(sorts, ".hidden"), "not looked at\n");
    await symlink("gone.jsonl", path.join(sorts, "z.jsonl"));
    const { code, stdout, stderr } = await suggest("sorts");
    expect({ code, stdout }).toEqual({ code: 1, stdout: expected });
    expect(stderr).toContain("sorts/notes.txt is skipped: nothing in it looks like a flow log or an audit log");
    expect(stderr).toContain("sorts/photo.png is skipped");
    expect(stderr).toContain("Unreadable sorts/z.jsonl: the link leads nowhere");
    expect(stderr).not.toContain(".hidden");
  });
});

it("a file that vanishes after it was found is named, and the rest counts", async () => {
  const fifo = path.join(directory, "first.fifo");
  execFileSync("mkfifo", [fifo]);
  const vanishing = await put("second.jsonl", good);
  const running = suggest("first.fifo", vanishing);
  // Somebody reads the pipe now, so all inputs were found; and that is as far as the run gets until the pipe ends.
  const pipe = await open(fifo, "w");
  await rm(path.join(directory, vanishing));
  await pipe.writeFile(good);
  await pipe.close();
  const { code, stdout, stderr } = await running;
  expect({ code, stdout }).toEqual({ code: 1, stdout: expected });
  expect(stderr).toContain("Unreadable second.jsonl: it vanished before it was read");
});

describe("a file one may not read", () => {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) console.warn("the test of a file without permission is skipped: root may read everything");

  it.skipIf(isRoot)("is named with the reason, and the rest counts", async () => {
    const name = await put("secret.jsonl", good);
    await chmod(path.join(directory, name), 0);
    const { code, stdout, stderr } = await suggest("good.jsonl", name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expected });
    expect(stderr).toContain("Unreadable secret.jsonl: permission denied");
  });
});
