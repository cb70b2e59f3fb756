import { describe, expect, it } from "vitest";
import { INPUT_FORMATS } from "../../src/collectors/formats/input-format.ts";
import { optionTable } from "../../src/config/option-table.ts";
import { suggestOptions } from "../../src/config/pipeline-options.ts";
import { resolveSettings } from "../../src/config/resolve.ts";
import type { OptionName, Settings } from "../../src/config/settings.ts";

const options = optionTable(INPUT_FORMATS.map(({ name }) => name));

async function settings(
  command: "access" | "suggest",
  flags: Readonly<Partial<Record<OptionName, boolean | readonly string[]>>> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Settings> {
  const given = new Map(Object.entries(flags) as [OptionName, boolean | readonly string[]][]);
  return await resolveSettings(command, options, { flags: given, environment, cwd: import.meta.dirname, now: 0 });
}

const DAY = 86_400_000;

describe("the options about the use of the API", () => {
  it("have careful defaults", async () => {
    const { idioms, minDays, grant, applier, rbac } = suggestOptions(await settings("suggest"));
    expect({ idioms, minDays, grant, applier, rbac }).toEqual({
      idioms: true,
      minDays: 14,
      grant: [],
      applier: undefined,
      rbac: [],
    });
    const access = await settings("access");
    expect(access).toMatchObject({ by: "namespace", accessFormat: "text", unusedFor: undefined, selector: undefined });
  });

  it("reach the pipeline from flags and the environment", async () => {
    const flags = { minDays: ["0"], idioms: false, grant: ["shop/cart:get secrets in shop"] } as const;
    const read = suggestOptions(
      await settings("suggest", flags, { NETLEARN_RBAC: "a.yaml,b/", NETLEARN_APPLIER: "x" }),
    );
    expect(read).toMatchObject({
      minDays: 0,
      idioms: false,
      grant: ["shop/cart:get secrets in shop"],
      rbac: ["a.yaml", "b/"],
      applier: "x",
    });
  });

  it("take lengths of time beyond a month", async () => {
    expect((await settings("access", { unusedFor: ["90d"] })).unusedFor).toBe(90 * DAY);
    expect((await settings("access", { unusedFor: ["12w"] })).unusedFor).toBe(84 * DAY);
  });

  it.each([
    ["minDays", "-1"],
    ["minDays", "soon"],
    ["minDays", "4000"],
    ["unusedFor", "0d"],
    ["unusedFor", "a month"],
    ["unusedFor", "99999w"],
    ["grant", " "],
  ] as const)("refuse %s %j", async (name, text) => {
    const command = name === "unusedFor" ? "access" : "suggest";
    await expect(settings(command, { [name]: [text] })).rejects.toMatchObject({ code: "NETLEARN_USAGE" });
  });
});
