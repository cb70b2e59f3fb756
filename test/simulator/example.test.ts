import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AUDIT_EXAMPLE_FILE, auditExampleText } from "../support/generate-audit-example.ts";
import { EXAMPLE_FILE, exampleText, simulateExample } from "../support/generate-example.ts";
import { edgeName } from "../support/simulator/index.ts";

const EXAMPLE = simulateExample();
const LINES = readFileSync(EXAMPLE_FILE, "utf8");
const README = readFileSync(new URL("README.md", `file://${EXAMPLE_FILE}`), "utf8");

describe("examples/shop", () => {
  it("is what generate-example.ts writes, byte for byte", () => {
    // Compared before expecting: a difference of megabytes would be no message.
    const same = exampleText() === LINES;
    expect(same, "run: node test/support/generate-example.ts").toBe(true);
  });

  it("covers a day and stays small enough for a repository", () => {
    const hours = new Set(
      LINES.trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { time: string }).time.slice(0, 13)),
    );
    expect(hours.size).toBeGreaterThanOrEqual(25);
    expect(LINES.length).toBeLessThan(5_000_000);
  });

  it("describes in its README every server, port and client that the truth has", () => {
    for (const edge of [...EXAMPLE.truth.edges, ...EXAMPLE.truth.denied]) {
      for (const peer of [edge.client, edge.server]) {
        if (peer.kind === "workload") expect(README, edgeName(edge)).toContain(peer.name);
      }
      expect(README, edgeName(edge)).toMatch(new RegExp(`${edge.protocol} ${edge.port}|database three times`));
    }
  });

  it("does not grant the probe of the forgotten pod", () => {
    expect(EXAMPLE.truth.denied.map(edgeName)).toEqual(["default/debug -> shop/db TCP 5432"]);
    expect(EXAMPLE.truth.edges.map(edgeName).join()).not.toContain("default/debug");
  });

  it("has an audit log that is what generate-audit-example.ts writes, byte for byte", () => {
    const same = auditExampleText() === readFileSync(AUDIT_EXAMPLE_FILE, "utf8");
    expect(same, "run: npm run example").toBe(true);
  });
});
