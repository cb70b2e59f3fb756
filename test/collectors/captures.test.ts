import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { collect } from "./support/collect.ts";

const root = path.resolve(import.meta.dirname, "../..");
const hubble = path.join(process.env["NETLEARN_SHARED_DATA"] ?? path.resolve(root, "../shared/data"), "hubble");
const present = existsSync(hubble);
if (!present) {
  console.warn(`SKIPPED: real captures are not at ${hubble}; set NETLEARN_SHARED_DATA to their directory`);
}

describe.skipIf(!present)("real captures", () => {
  it("are 1,916 records of which none is rejected", async () => {
    const collected = await collect([hubble]);
    expect(collected.flows.length).toBe(1916);
    expect(collected.rejections).toEqual([]);
    expect(collected.summary).toMatchObject({ lines: 1916, unreadable: [], skipped: [] });
  });

  it("carry the figures their readers measured", async () => {
    const { flows } = await collect([hubble]);
    const unique = new Set(flows.map((record) => JSON.stringify(record)));
    expect(unique.size).toBeLessThanOrEqual(1849);
    expect(flows.filter(({ event }) => event === "policy-verdict").length).toBeGreaterThanOrEqual(400);
    expect(flows.filter(({ isReply }) => isReply === undefined).length).toBeGreaterThanOrEqual(131);
    expect(flows.every(({ sourceIp, destinationIp }) => sourceIp !== undefined && destinationIp !== undefined)).toBe(
      true,
    );
  });
});
