import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GENERATE_DEFAULTS, type GenerateOptions, generate, parseBytes } from "../bench/generate.ts";
import type { Flow } from "./read-flows.ts";

const SMALL: GenerateOptions = { ...GENERATE_DEFAULTS, edges: 120, pods: 90, bytes: 3_000_000 };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "netlearn-bench-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function made(options: GenerateOptions): { text: string; flows: Flow[] } {
  const file = join(directory, "flows.jsonl");
  generate(options, file);
  const text = readFileSync(file, "utf8");
  const lines = text.trimEnd().split("\n");
  return { text, flows: lines.map((line) => (JSON.parse(line) as { flow: Flow }).flow) };
}

function edgesOf(flows: readonly Flow[]): Set<string> {
  const owner = (side: Flow["source"]): string => side?.pod_name?.replace(/(-[a-z0-9]+){2}$/, "") ?? "";
  const requests = flows.filter((flow) => flow.is_reply === false);
  return new Set(
    requests.map((flow) => `${owner(flow.source)} ${owner(flow.destination)} ${flow.l4?.TCP?.destination_port}`),
  );
}

describe("the generator of large files", () => {
  it("writes whole lines of a realistic length, as many bytes as asked and hardly more", () => {
    const { text, flows } = made(SMALL);
    expect(text.length).toBeGreaterThanOrEqual(SMALL.bytes);
    expect(text.length).toBeLessThan(SMALL.bytes + 40_000);
    expect(text.length / flows.length).toBeGreaterThan(1300);
    expect(text.length / flows.length).toBeLessThan(2600);
  });

  it("has the same edges in a file twice as large", () => {
    const edges = edgesOf(made(SMALL).flows);
    expect(edges.size).toBe(SMALL.edges);
    expect(edgesOf(made({ ...SMALL, bytes: SMALL.bytes * 2 }).flows)).toEqual(edges);
  });

  it("gives every connection its own client port, every record its own uuid and a valid time", () => {
    const { flows } = made(SMALL);
    expect(new Set(flows.map((flow) => flow.uuid)).size).toBe(flows.length);
    const ports = new Set(
      flows.map((flow) => (flow.is_reply === true ? flow.l4?.TCP?.destination_port : flow.l4?.TCP?.source_port)),
    );
    expect(ports.size).toBeGreaterThan(200);
    const times = flows.map((flow) => Date.parse(flow.time ?? ""));
    expect(times.every((time) => Number.isFinite(time))).toBe(true);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(20 * 3_600_000);
  });

  it("is the same for the same seed", () => {
    expect(made(SMALL).text === made(SMALL).text).toBe(true);
  });

  it("makes new pods for every connection when asked", () => {
    const podsOf = (flows: readonly Flow[]): number => new Set(flows.map((flow) => flow.source?.pod_name)).size;
    expect(podsOf(made(SMALL).flows)).toBeLessThanOrEqual(SMALL.pods);
    expect(podsOf(made({ ...SMALL, uniqueEndpoints: true }).flows)).toBeGreaterThan(300);
  });

  it.each([
    ["1GB", 1e9],
    ["2.5MB", 2_500_000],
    ["4000", 4000],
  ])("reads %s as bytes", (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it("says what a size must look like", () => {
    expect(() => parseBytes("1 gig")).toThrow("--bytes 1 gig: write a number with KB, MB or GB");
  });
});
