import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { auditEvent, variedEvents } from "../support/audit.ts";
import { collectBytes } from "../support/collect.ts";
import { jsonLines } from "../support/flows.ts";

const EVENTS = variedEvents(5);
const DOCUMENTS = EVENTS.map((event) => stringify(event));

describe("YAML", () => {
  it.each([
    ["one after the other", DOCUMENTS.join("---\n")],
    ["between marks", DOCUMENTS.map((text) => `---\n${text}...\n`).join("\n")],
    ["with comments and empty documents", `# of today\n---\n---\n# none\n---\n${DOCUMENTS.join("--- # next\n")}---\n`],
    ["with line breaks of Windows", DOCUMENTS.join("---\n").replaceAll("\n", "\r\n")],
    ["without a break at the end", DOCUMENTS.join("---\n").trimEnd()],
    ["a list", stringify(EVENTS)],
  ])("holds events in documents %s", async (_name, text) => {
    const expected = (await collectBytes(jsonLines(EVENTS))).accesses;
    for (const pieceLength of [1e9, 61]) {
      const collected = await collectBytes(text, { pieceLength });
      expect(collected.rejections).toEqual([]);
      expect(collected.accesses).toEqual(expected);
      expect(collected.summary.lines).toBe(text.replace(/\n$/u, "").split("\n").length);
    }
  });

  it("that is broken is named with its line, and what is good beside it counts", async () => {
    const broken = "auditID: [\n";
    const text = [DOCUMENTS[0], broken, "kind: Policy\n", DOCUMENTS[1]].join("---\n");
    const collected = await collectBytes(text);
    const line = DOCUMENTS[0]?.split("\n").length ?? 0;
    expect(collected.accesses.length).toBe(2);
    expect(collected.reasons).toEqual([`invalid-event@${line}`, `not-a-flow@${line + 2}`]);
    expect(collected.rejections[0]?.detail).toMatch(/^"---\\u000aauditID: \[.* is broken YAML: /u);
  });

  it("whose documents are too long is left out piece by piece", async () => {
    const long = stringify(auditEvent({ requestObject: { data: "y".repeat(20_000) } }));
    const text = [DOCUMENTS[0], long, DOCUMENTS[1]].join("---\n");
    for (const pieceLength of [1e9, 500]) {
      const collected = await collectBytes(text, { pieceLength, maxRecordBytes: 5000 });
      expect(collected.accesses.length).toBe(2);
      expect(collected.reasons).toEqual([`too-long@${DOCUMENTS[0]?.split("\n").length}`]);
      expect(collected.summary.lines).toBe(text.split("\n").length - 1);
    }
  });

  it("does not unfold small texts into huge ones, or nest deeper than can be followed", async () => {
    const laughs = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++) {
      const [name, before] = ["abcdefghij"[level], "abcdefghij"[level - 1]];
      laughs.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(", ")}]`);
    }
    for (const bomb of [laughs.join("\n"), `a: ${"[".repeat(100_000)}`]) {
      const collected = await collectBytes(`auditID: x\n${bomb}\n---\n${DOCUMENTS[0]}`);
      expect(collected.accesses.length).toBe(1);
      expect(collected.reasons).toEqual(["invalid-event@1"]);
    }
  });

  it("of other things is text like any other", async () => {
    const collected = await collectBytes("apiVersion: v1\nkind: Pod\n");
    expect(collected.reasons).toEqual(["not-a-flow@1", "not-a-flow@2"]);
  });
});
