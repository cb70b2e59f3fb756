import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxLine, tickedBoxes } from "../../../src/report/proposal/boxes.ts";
import { commentText, hasComment } from "../../../src/report/proposal/comments.ts";
import { commitMessage, proposalTitle } from "../../../src/report/proposal/commit-message.ts";
import { bodyHash, readState, stateBlock } from "../../../src/report/proposal/state.ts";
import { hostile, proposal } from "./proposals.ts";

const optional = fc.option(hostile, { nil: undefined });
const anyState = fc.record({
  unit: hostile,
  base: hostile,
  stage: hostile,
  fingerprint: hostile,
  decisions: hostile,
  offeredHead: optional,
  title: optional,
  refreshedOn: optional,
  snoozedUntil: optional,
  isDraft: fc.boolean(),
  bodyHash: hostile,
});

describe("what a text remembers", () => {
  it("git rule 3: reads back what was written, in any text without another one", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(readState(`before\n${stateBlock(state)}\nafter`)).toEqual(state);
      }),
    );
  });

  it("git rule 3: nothing is read where it is missing, there twice, or changed, and nothing is thrown", () => {
    fc.assert(
      fc.property(anyState, fc.string(), fc.nat(), (state, junk, at) => {
        const block = stateBlock(state);
        expect(readState(block + block)).toBeUndefined();
        expect(readState(`${block} <!-- netlearn:state -->`)).toBeUndefined();
        expect(readState(junk)).toBeUndefined();
        expect(readState(`<!-- netlearn:state ${Buffer.from(junk).toString("base64")} -->`)).toBeUndefined();
        const cut = at % block.length;
        expect(readState(block.slice(0, cut) + block.slice(cut + 1))).not.toEqual(state);
      }),
    );
  });

  it("git rule 22: white space and the block are no part of a text's hash, words are", () => {
    const block = stateBlock({
      unit: "u",
      base: "b",
      stage: "s",
      fingerprint: "f",
      decisions: "d",
      offeredHead: undefined,
      title: undefined,
      refreshedOn: undefined,
      snoozedUntil: undefined,
      isDraft: false,
      bodyHash: "h",
    });
    expect(bodyHash(`one  two\r\n${block}`)).toBe(bodyHash("one\ntwo"));
    expect(bodyHash("one three")).not.toBe(bodyHash("one two"));
  });

  it("finds what is ticked, each once, and nothing that is not", () => {
    const reject = boxLine({ command: "reject", id: "0123456789ab" }, "a");
    const lines = [
      reject,
      boxLine({ command: "snooze" }, "b"),
      boxLine({ command: "overwrite", head: "c0ffee" }, "c"),
    ].join("\r\n");
    expect(tickedBoxes(lines)).toEqual({ rejected: [], snoozeDays: undefined, overwrite: undefined });
    const ticked = lines.replaceAll("[ ]", "[x]");
    expect(tickedBoxes(`${ticked}\n${ticked}`)).toEqual({
      rejected: ["0123456789ab"],
      snoozeDays: 30,
      overwrite: "c0ffee",
    });
  });
});

describe("commit messages", () => {
  it("names of the cluster write no trailer, no second line and no mention", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (namespace, cluster, branch) => {
        const any = proposal({ branch, unit: { base: "main", cluster, namespace, stage: "narrow" } });
        const lines = commitMessage(any).split("\n");
        expect(lines).toHaveLength(7);
        expect(lines.filter((line) => line.startsWith("Netlearn-"))).toHaveLength(2);
        expect(lines[5]).toBe("Netlearn-Fingerprint: 0123456789abcdef");
        expect(proposalTitle(any)).toMatch(/^feat\(netlearn\): [\w .-]{1,230}$/u);
      }),
    );
  });
});

describe("comments", () => {
  it("git rule 18: the patch stands in a comment that is made once, whatever is in it", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const any = proposal({
          changes: [{ kind: "write", path: "a.yaml", text, before: undefined, owner: "netlearn" }],
        });
        const own = [{ body: commentText("human-commits", any), isOwn: true }];
        expect(hasComment(own, "human-commits", any.fingerprint)).toBe(true);
        expect(hasComment(own, "human-commits", undefined)).toBe(true);
        expect(hasComment(own, "human-commits", "ffff")).toBe(false);
        expect(hasComment(own, "stays-closed", undefined)).toBe(false);
      }),
    );
  });

  it("git rule 10: a marker that somebody pasted is not ours", () => {
    const body = commentText("stays-closed", proposal());
    expect(hasComment([{ body, isOwn: false }], "stays-closed", proposal().fingerprint)).toBe(false);
    expect(hasComment([{ body: `${body} said somebody`, isOwn: true }], "stays-closed", undefined)).toBe(false);
  });
});
