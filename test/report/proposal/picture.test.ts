import fc from "fast-check";
import { JSDOM } from "jsdom";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { PictureEdge } from "../../../src/model/proposal.ts";
import { drawPicture } from "../../../src/report/proposal/picture.ts";
import { hostile } from "./proposals.ts";

const KINDS = ["allowed", "forbidden", "kept"] as const;
const anyEdge = fc.record({ from: hostile, to: hostile, label: hostile, kind: fc.constantFrom(...KINDS) });

function edges(count: number): readonly PictureEdge[] {
  return Array.from({ length: count }, (_, index) => ({
    from: `shop/c${index}`,
    to: "10.0.0.0/8",
    label: "TCP/1",
    kind: "allowed" as const,
  }));
}

describe("picture", () => {
  beforeAll(() => {
    const { window } = new JSDOM("");
    vi.stubGlobal("window", window);
    vi.stubGlobal("document", window.document);
    return () => {
      vi.unstubAllGlobals();
    };
  });

  it("git rule 35: Mermaid reads it, whatever the names are", async () => {
    const { default: mermaid } = await import("mermaid");
    await fc.assert(
      fc.asyncProperty(fc.array(anyEdge, { minLength: 1, maxLength: 50 }), async (any) => {
        const drawn = drawPicture(any);
        if (drawn.kind === "left-out") expect(drawn.because).toContain("8 KB");
        else expect(await mermaid.parse(drawn.source)).toMatchObject({ diagramType: "flowchart-v2" });
      }),
      { numRuns: 40 },
    );
  });

  it("takes namespaces together above 40 arrows, and addresses never", () => {
    expect(drawPicture(edges(40))).toMatchObject({ source: expect.stringContaining("shop/c39") });
    const source = 'flowchart LR\n  n0["10.0.0.0/8"]\n  n1["namespace shop"]\n  n1 ==>|"41 connections"| n0';
    expect(drawPicture(edges(41))).toEqual({ kind: "drawn", source });
  });

  it("is left out above 120 arrows, with the reason", () => {
    expect(drawPicture(edges(121))).toMatchObject({ kind: "left-out", because: expect.stringContaining("121 arrows") });
  });

  it("is the same in any order of its arrows", () => {
    fc.assert(
      fc.property(fc.array(anyEdge, { maxLength: 60 }), (any) => {
        expect(drawPicture(any.toReversed())).toEqual(drawPicture(any));
      }),
    );
  });
});
