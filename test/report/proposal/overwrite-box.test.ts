import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tickedBoxes } from "../../../src/report/proposal/boxes.ts";
import { proposalBody } from "../../../src/report/proposal/proposal-text.ts";
import { bodyHash, readState, withOverwriteBox } from "../../../src/report/proposal/state.ts";
import { anyProposal, CONTEXT, proposal } from "./proposals.ts";

const head = fc.stringMatching(/^[0-9a-f]{40}$/u);

function ticked(body: string): string {
  return body.replaceAll(/^- \[ \] (?=.*<!-- netlearn:overwrite:)/gmu, "- [x] ");
}

describe("the box for overwriting commits of people", () => {
  it("git rule 18: names the commits it was offered for, once, and changes nothing else of the text", () => {
    fc.assert(
      fc.property(anyProposal(3), head, head, (any, first, second) => {
        const body = proposalBody(any, CONTEXT);
        const once = withOverwriteBox(body, first) ?? "";
        expect(tickedBoxes(once).overwrite).toBeUndefined();
        expect(tickedBoxes(ticked(once)).overwrite).toBe(first);
        expect(readState(once)).toEqual({ ...readState(body), offeredHead: first, bodyHash: bodyHash(once) });
        const again = withOverwriteBox(ticked(once), second) ?? "";
        expect(again).toBe(withOverwriteBox(body, second));
        expect(tickedBoxes(ticked(again)).overwrite).toBe(second);
        const lines = new Set(once.split("\n"));
        expect(body.split("\n").filter((line) => !lines.has(line) && !line.startsWith("<!-- netlearn:state"))).toEqual(
          [],
        );
      }),
    );
  });

  it("keeps the limit of the host", () => {
    fc.assert(
      fc.property(anyProposal(200), fc.constantFrom(4000, 65_536), (any, bodyLimit) => {
        const body = withOverwriteBox(proposalBody(any, { ...CONTEXT, bodyLimit }), "f".repeat(64)) ?? "";
        expect(body.length).toBeLessThanOrEqual(Math.min(bodyLimit, 58_000));
        expect(readState(body)).toBeDefined();
      }),
      { numRuns: 30 },
    );
  });

  it("leaves other ticks as they are, and is not put into what people wrote", () => {
    const body = proposalBody(proposal(), CONTEXT).replaceAll("- [ ]", "- [x]");
    expect(tickedBoxes(withOverwriteBox(body, "c1") ?? "")).toEqual(tickedBoxes(body));
    expect(withOverwriteBox("mine", "c1")).toBeUndefined();
    expect(withOverwriteBox(body, "--> @team")).toBeUndefined();
  });
});
