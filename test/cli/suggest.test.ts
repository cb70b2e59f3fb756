import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Suggestion } from "../../src/pipeline.ts";
import { HOSTILE, manifestFile, SHOP_EDGES, someGraph, someReading, someSuggestion } from "../support/fixtures.ts";
import { type Run, run, Sink } from "./world.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-suggest-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function suggest(args: readonly string[] = [], suggestion: Suggestion = someSuggestion()): Promise<Run> {
  return await run(["suggest", "flows.jsonl", ...args], { suggestion, io: { cwd: directory } });
}

async function toDirectory(
  args: readonly string[] = [],
  files: Suggestion["files"] = someSuggestion().files,
): Promise<Run> {
  return await suggest(["-o", "out", ...args], someSuggestion({ files }));
}

const at = (name: string): string => path.join(directory, "out", name);
const text = async (name: string): Promise<string> => await readFile(at(name), "utf8");

describe("standard output", () => {
  it("is one stream of policies, in their order, and nothing else", async () => {
    const { code, stdout } = await suggest();
    const documents = parseAllDocuments(stdout).map((document) => (document as { toJS(): unknown }).toJS());
    expect(code).toBe(0);
    expect(documents).toMatchObject(
      ["cart", "frontend", "payments"].map((name) => ({ kind: "NetworkPolicy", metadata: { name } })),
    );
  });

  it("is empty when there is nothing to suggest", async () => {
    expect((await suggest([], someSuggestion({ files: [] }))).stdout).toBe("");
  });

  it("is empty when nothing was learned, and says what was read", async () => {
    const nothing = someSuggestion({ graph: someGraph({ edges: [], denied: [] }), files: [] });
    const { code, stdout, stderr } = await suggest([], nothing);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("NETLEARN_INPUT_EMPTY");
    expect(stderr).toContain("flows/monday.jsonl:812");
  });

  it("is empty when the proof failed, and nothing is written", async () => {
    const cut = [{ edge: SHOP_EDGES.frontendToCart, direction: "egress", reason: "no rule" }] as const;
    const broken = someSuggestion({ proof: { ...someSuggestion().proof, cut } });
    const result = await suggest(["-o", "out", "--report", "review.md"], broken);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("NETLEARN_PROOF_BROKEN");
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("the exit code", () => {
  it("is 1 when a finding is an error", async () => {
    const findings = [{ code: "x", severity: "error", about: undefined, message: "m", choice: undefined }] as const;
    expect((await suggest([], someSuggestion({ findings }))).code).toBe(1);
  });

  it("is 1 when an input could not be read to its end: edges may be missing", async () => {
    const reading = someReading({ unreadable: [{ source: "a.gz", message: "unexpected end of file" }] });
    const { code, stderr } = await suggest(["-q"], someSuggestion({ reading, findings: [] }));
    expect(code).toBe(1);
    expect(stderr).toContain("a.gz: unexpected end of file");
  });
});

describe("a directory", () => {
  it("gets one file for each policy and a record that sha256sum can check", async () => {
    const { code, stdout } = await toDirectory();
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(await text("shop/cart.yaml")).toContain("name: cart");
    const lines = (await text(".netlearn.sha256")).trimEnd().split("\n");
    expect(lines.map((line) => line.slice(66))).toEqual(["shop/cart.yaml", "shop/frontend.yaml", "shop/payments.yaml"]);
    const hash = createHash("sha256")
      .update(await text("shop/cart.yaml"))
      .digest("hex");
    expect(lines[0]).toBe(`${hash}  shop/cart.yaml`);
    expect(await readdir(at("shop"))).toEqual(["cart.yaml", "frontend.yaml", "payments.yaml"]);
  });

  it("is not touched by a second run with the same result", async () => {
    await toDirectory();
    const past = new Date(1_000_000_000_000);
    for (const name of ["shop/cart.yaml", ".netlearn.sha256"]) await utimes(at(name), past, past);
    const { stderr } = await toDirectory();
    expect((await stat(at("shop/cart.yaml"))).mtime).toEqual(past);
    expect((await stat(at(".netlearn.sha256"))).mtime).toEqual(past);
    expect(stderr).toContain("0 files written, 3 unchanged");
  });

  it("gets what changed", async () => {
    await toDirectory();
    const { stderr } = await toDirectory(
      [],
      [manifestFile("shop", "cart", "new: true\n"), ...someSuggestion().files.slice(1)],
    );
    expect(await text("shop/cart.yaml")).toBe("new: true\n");
    expect(stderr).toContain("1 file written, 2 unchanged");
  });

  it("keeps a file a person edited, lists it, writes the others and ends with 1", async () => {
    await toDirectory();
    await writeFile(at("shop/cart.yaml"), "mine: true\n");
    const files = someSuggestion().files.map((file) => ({ ...file, yaml: `${file.yaml}# new\n` }));
    const { code, stderr } = await toDirectory([], files);
    expect(code).toBe(1);
    expect(stderr).toMatch(/NETLEARN_EDITED_FILE.*\n?.*shop\/cart\.yaml/u);
    expect(await text("shop/cart.yaml")).toBe("mine: true\n");
    expect(await text("shop/frontend.yaml")).toContain("# new");
    // It stays a person's in the next run, too.
    expect((await toDirectory([], files)).code).toBe(1);
    expect((await toDirectory(["--force"], files)).code).toBe(0);
    expect(await text("shop/cart.yaml")).toContain("# new");
    expect((await toDirectory([], files)).code).toBe(0);
  });

  it("keeps a file that was there before netlearn was", async () => {
    await mkdir(at("shop"), { recursive: true });
    await writeFile(at("shop/cart.yaml"), "mine: true\n");
    expect((await toDirectory()).code).toBe(1);
    expect(await text("shop/cart.yaml")).toBe("mine: true\n");
  });

  it("treats every file as a person's when the record is damaged", async () => {
    await toDirectory();
    await writeFile(at(".netlearn.sha256"), "<<<<<<< HEAD\n../../x  \n");
    const files = someSuggestion().files.map((file) => ({ ...file, yaml: `${file.yaml}# new\n` }));
    expect((await toDirectory([], files)).code).toBe(1);
    expect(await text("shop/cart.yaml")).not.toContain("# new");
  });

  it("lists what is no longer suggested and removes it only with --prune", async () => {
    await toDirectory();
    const fewer = someSuggestion().files.slice(1);
    const kept = await toDirectory([], fewer);
    expect(kept.code).toBe(0);
    expect(kept.stderr).toMatch(/1 file is no longer suggested: shop\/cart\.yaml/u);
    expect(existsSync(at("shop/cart.yaml"))).toBe(true);
    const pruned = await toDirectory(["--prune"], fewer);
    expect(pruned.code).toBe(0);
    expect(existsSync(at("shop/cart.yaml"))).toBe(false);
    expect(await text(".netlearn.sha256")).not.toContain("cart");
  });

  it("prunes nothing when nothing was learned", async () => {
    await toDirectory();
    const nothing = someSuggestion({ graph: someGraph({ edges: [] }), files: [] });
    expect((await suggest(["-o", "out", "--prune"], nothing)).code).toBe(1);
    expect(existsSync(at("shop/cart.yaml"))).toBe(true);
  });

  it("prunes nothing when an input could not be read to its end", async () => {
    await toDirectory();
    const reading = someReading({ unreadable: [{ source: "b.gz", message: "cut off" }] });
    const partly = someSuggestion({ reading, files: someSuggestion().files.slice(1) });
    const { code, stderr } = await suggest(["-o", "out", "--prune"], partly);
    expect(code).toBe(1);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain("shop/cart.yaml. They stay, since an input");
    expect(existsSync(at("shop/cart.yaml"))).toBe(true);
  });

  it("prunes no file that a person edited", async () => {
    await toDirectory();
    await writeFile(at("shop/cart.yaml"), "mine: true\n");
    const { code } = await toDirectory(["--prune"], someSuggestion().files.slice(1));
    expect(code).toBe(1);
    expect(await text("shop/cart.yaml")).toBe("mine: true\n");
  });

  it("does not prune other namespaces when only one was asked for", async () => {
    await toDirectory([], [...someSuggestion().files, manifestFile("bank", "ledger")]);
    await toDirectory(["--prune", "-n", "shop"]);
    expect(existsSync(at("bank/ledger.yaml"))).toBe(true);
    await toDirectory(["--prune"]);
    expect(existsSync(at("bank/ledger.yaml"))).toBe(false);
    expect(existsSync(at("bank"))).toBe(false);
  });

  it.each(["../evil", "..", "/etc", "shop/../..", ".hidden", "a\nb", "C:\\x", "shop\u0000"])(
    "is never left: a namespace called %j is refused",
    async (namespace) => {
      const result = await toDirectory([], [{ ...manifestFile("shop", "cart"), path: `${namespace}/cart.yaml` }]);
      expect(result.code).toBe(3);
      expect(result.stderr).toContain("NETLEARN_OUTPUT_UNWRITABLE");
      expect((await readdir(directory)).toSorted()).toEqual(["out"]);
    },
  );

  it("is not left through a link, neither of a folder nor of a file", async () => {
    const elsewhere = path.join(directory, "elsewhere");
    await mkdir(elsewhere);
    await mkdir(at(""), { recursive: true });
    await symlink(elsewhere, at("shop"));
    expect((await toDirectory(["--force"])).code).toBe(3);
    expect(await readdir(elsewhere)).toEqual([]);
    await rm(at("shop"));
    await mkdir(at("shop"));
    await writeFile(path.join(elsewhere, "target"), "precious\n");
    await symlink(path.join(elsewhere, "target"), at("shop/cart.yaml"));
    expect((await toDirectory(["--force"])).code).toBe(3);
    expect(await readFile(path.join(elsewhere, "target"), "utf8")).toBe("precious\n");
  });

  it("that is a file cannot be written to", async () => {
    await writeFile(path.join(directory, "out"), "a file\n");
    const { code, stderr } = await toDirectory();
    expect(code).toBe(3);
    expect(stderr).toContain("NETLEARN_OUTPUT_UNWRITABLE");
    expect(await readFile(path.join(directory, "out"), "utf8")).toBe("a file\n");
  });
});

describe("the report", () => {
  it("is written beside the policies, or to standard output with --output", async () => {
    await suggest(["--report", "reports/review.md"]);
    const report = await readFile(path.join(directory, "reports/review.md"), "utf8");
    expect(report).toMatch(/^# Network policies/u);
    expect((await toDirectory(["--report", "-"])).stdout).toBe(report);
  });

  it("may go to a device, which stays one", async () => {
    expect((await suggest(["--report", "/dev/null"])).code).toBe(0);
    expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
  });
});

describe("messages", () => {
  it("say what was read, left out, learned, proved and found", async () => {
    const { stderr } = await suggest();
    const said = stderr.replaceAll(/\s+/gu, " ");
    for (const part of [
      "2 sources, 7.3 MiB, 12,400 lines",
      "12,000 of 12,345 flow records",
      "300 health check",
      "truncated: flows/monday.jsonl:812: the line ends inside a JSON object",
      "2026-01-05 08:00 to 2026-01-09 17:00 UTC (4.4 days)",
      "5 workloads in 3 namespaces, 6 edges, 1 denied attempt",
      "About 94 % of the traffic",
      "3 policies with 8 rules",
      "6 of 6 observed edges pass",
      "1 edge left out by --exclude",
      "1 warning, 1 note",
      "close it with --unobserved deny",
    ]) {
      expect(said).toContain(part);
    }
    expect(said.indexOf("warning: shop/frontend")).toBeLessThan(said.indexOf("note: shop/cart"));
  });

  it("with --quiet are only what must be seen", async () => {
    const { stderr } = await suggest(["--quiet"]);
    expect(stderr).toContain("shop/frontend is reached from 1 address");
    expect(stderr).toContain("flows/monday.jsonl:812");
    expect(stderr).not.toContain("Learned");
    expect(stderr).not.toContain("shop/cart was never");
    const clean = someSuggestion({ findings: [], reading: someReading({ rejected: [] }) });
    expect((await suggest(["--quiet"], clean)).stderr).toBe("");
  });

  it("shorten long lists unless --verbose", async () => {
    const findings = Array.from({ length: 30 }, (_, index) => ({
      code: "many",
      severity: "warning" as const,
      about: undefined,
      message: `finding number ${index}.`,
      choice: undefined,
    }));
    const short = (await suggest([], someSuggestion({ findings }))).stderr;
    expect(short.match(/finding number/gu)).toHaveLength(10);
    expect(short).toContain("… and 20 more (see --report or --verbose)");
    const long = (await suggest(["-v"], someSuggestion({ findings }))).stderr;
    expect(long.match(/finding number/gu)).toHaveLength(30);
  });

  it("as JSON are one object a line, with the same facts", async () => {
    const { stderr } = await suggest(["--log-format", "json", "-o", "out"]);
    const records = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const events = records.map(({ event }) => event);
    expect(events).toEqual([
      "read",
      "rejected",
      "learned",
      "completeness",
      "finding",
      "finding",
      "suggested",
      "proof",
      "files",
    ]);
    expect(records.find(({ event }) => event === "proof")).toMatchObject({ checked: 6, allowed: 6, unused: 1 });
    expect(records.at(-1)).toMatchObject({ written: ["shop/cart.yaml", "shop/frontend.yaml", "shop/payments.yaml"] });
  });

  it.each([["text"], ["json"]])(
    "as %s never carry an escape sequence of the cluster to the terminal",
    async (format) => {
      const suggestion = someSuggestion({
        findings: [{ code: "c", severity: "error", about: HOSTILE, message: HOSTILE, choice: HOSTILE }],
        reading: someReading({ setAside: { [HOSTILE]: 1 }, unreadable: [{ source: HOSTILE, message: HOSTILE }] }),
      });
      const { stderr } = await suggest(["--log-format", format, "--color", "never"], suggestion);
      expect(stderr).toContain("everyone");
      expect(stderr.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    },
  );

  it.each([80, 40])("fit %i columns, coloured or not", async (columns) => {
    const plain = new Sink({ columns });
    await run(["suggest", "x", "--color", "never", "--no-progress"], { io: { stderr: plain } });
    const longest = Math.max(...plain.text.split("\n").map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(columns);
    const coloured = new Sink({ columns });
    await run(["suggest", "x", "--color", "always", "--no-progress"], { io: { stderr: coloured } });
    expect(coloured.text).toContain("\u001b[");
    expect(stripVTControlCharacters(coloured.text)).toBe(plain.text);
  });

  it.each([
    ["auto on a terminal", {}, true, true],
    ["auto elsewhere", {}, false, false],
    ["NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR, which means nothing", { NO_COLOR: "" }, true, true],
    ["FORCE_COLOR", { FORCE_COLOR: "1" }, false, true],
    ["FORCE_COLOR=0", { FORCE_COLOR: "0" }, true, false],
    ["NO_COLOR over FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["a dumb terminal", { TERM: "dumb" }, true, false],
    ["NETLEARN_COLOR over all of them", { NETLEARN_COLOR: "always", NO_COLOR: "1" }, false, true],
  ])("colours with %s", async (_name, env, isTerminal, expected) => {
    const stderr = new Sink(isTerminal ? {} : undefined);
    await run(["suggest", "x", "--no-progress"], { io: { stderr, env } });
    expect(stderr.text.includes("\u001b[")).toBe(expected);
  });
});
