import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { optionTable } from "../../src/config/option-table.ts";
import { resolveSettings } from "../../src/config/resolve.ts";
import type { CommandName, OptionName, Settings } from "../../src/config/settings.ts";

const NOW = Date.UTC(2026, 0, 10, 12);
const options = optionTable(["hubble", "hubble-dict"]);
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-config-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

interface Given {
  readonly flags?: Partial<Record<OptionName, boolean | readonly string[]>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly command?: CommandName;
}

async function resolve({ flags = {}, env = {}, file, command = "suggest" }: Given): Promise<Settings> {
  if (file !== undefined) {
    await writeFile(path.join(directory, "netlearn.yaml"), file);
  }
  const given = new Map(Object.entries(flags) as [OptionName, boolean | readonly string[]][]);
  return await resolveSettings(command, options, { flags: given, environment: env, cwd: directory, now: NOW });
}

describe("the stronger source wins: flag, environment, config file, default", () => {
  const flag = { unobserved: ["deny"] };
  const env = { NETLEARN_UNOBSERVED: "deny" };
  const denyFile = "unobserved: deny\n";
  const cases: readonly (Given & { name: string; expected: string })[] = [
    { name: "nothing given", expected: "open" },
    { name: "the file alone", file: denyFile, expected: "deny" },
    { name: "the environment alone", env, expected: "deny" },
    { name: "the flag alone", flags: flag, expected: "deny" },
    { name: "the environment over the file", file: denyFile, env: { NETLEARN_UNOBSERVED: "open" }, expected: "open" },
    { name: "the flag over the environment", env, flags: { unobserved: ["open"] }, expected: "open" },
    { name: "the flag over the file", file: denyFile, flags: { unobserved: ["open"] }, expected: "open" },
    { name: "the last of two flags", flags: { unobserved: ["open", "deny"] }, expected: "deny" },
    { name: "the file when the variable is empty", file: denyFile, env: { NETLEARN_UNOBSERVED: "" }, expected: "deny" },
  ];

  it.each(cases)("$name gives $expected", async ({ expected, ...given }) => {
    const settings = await resolve(given);
    expect(settings.unobserved).toBe(expected);
  });

  it("a flag can switch off what the file switched on, and on what it switched off", async () => {
    const file = "defaultDeny: true\ndnsOverTcp: false\n";
    expect(await resolve({ file })).toMatchObject({ defaultDeny: true, dnsOverTcp: false });
    const settings = await resolve({ file, flags: { defaultDeny: false, dnsOverTcp: true } });
    expect(settings).toMatchObject({ defaultDeny: false, dnsOverTcp: true });
  });

  it("a list is replaced as a whole, not appended to", async () => {
    const file = "namespace: [shop, bank]\n";
    expect((await resolve({ file })).namespace).toEqual(["shop", "bank"]);
    expect((await resolve({ file, env: { NETLEARN_NAMESPACE: "a, b" } })).namespace).toEqual(["a", "b"]);
    expect((await resolve({ file, flags: { namespace: ["dev"] } })).namespace).toEqual(["dev"]);
  });

  it("entities are merged name by name", async () => {
    const settings = await resolve({
      file: "entity:\n  host: open\n  ingress: omit\n",
      env: { NETLEARN_ENTITY: "ingress=address" },
      flags: { entity: ["unmanaged=omit"] },
    });
    expect(settings.entity).toEqual({ host: "open", ingress: "address", unmanaged: "omit" });
  });
});

describe("values are read into what the pipeline needs", () => {
  it.each([
    ["7d", NOW - 7 * 86_400_000],
    ["1d12h", NOW - 36 * 3_600_000],
    ["90m", NOW - 5_400_000],
    ["2w", NOW - 14 * 86_400_000],
    ["2026-01-03", Date.UTC(2026, 0, 3)],
    ["2026-01-03T08:00:00+02:00", Date.UTC(2026, 0, 3, 6)],
  ])("--since %s", async (text, expected) => {
    expect((await resolve({ flags: { since: [text] } })).since).toBe(expected);
  });

  it.each(["yesterday", "", "2026-02-30", "2026-01-03T08:00:00", "7", "d", "-1d", "2026-13-01"])(
    "--since %j is refused with the forms that work",
    async (text) => {
      await expect(resolve({ flags: { since: [text] } })).rejects.toMatchObject({
        code: "NETLEARN_USAGE",
        hint: expect.stringContaining("2026-01-31T08:00:00Z"),
      });
    },
  );

  it("--allow names kinds with commas or again and again, in any order, each once", async () => {
    const expected = ["webhooks", "ingress", "scrapes"];
    expect((await resolve({})).allow).toEqual([]);
    expect((await resolve({ flags: { allow: ["scrapes,webhooks", "ingress", "webhooks"] } })).allow).toEqual(expected);
    expect((await resolve({ env: { NETLEARN_ALLOW: "scrapes, ingress\nwebhooks" } })).allow).toEqual(expected);
    expect((await resolve({ file: "allow: [ingress, scrapes, webhooks]\n" })).allow).toEqual(expected);
    expect((await resolve({ file: "allow: ingress,scrapes,webhooks\n" })).allow).toEqual(expected);
  });

  it.each([
    ["webhook", "Did you mean webhooks?"],
    ["scrapes,ingres", "Did you mean ingress?"],
    ["everything", "Choices: webhooks, apiservices, ingress, gateways, loadbalancers, nodeports, scrapes."],
    [",", "Choices: webhooks"],
    ["", "Choices: webhooks"],
  ])("--allow %j is refused with what was meant", async (text, hint) => {
    await expect(resolve({ flags: { allow: [text] } })).rejects.toMatchObject({
      code: "NETLEARN_USAGE",
      hint: expect.stringContaining(hint),
    });
  });

  it.each([
    ["24", { v4: 24, v6: 128 }],
    ["24,64", { v4: 24, v6: 64 }],
    ["/16,/48", { v4: 16, v6: 48 }],
  ])("--widen-external %s", async (text, expected) => {
    expect((await resolve({ flags: { widenExternal: [text] } })).widenExternal).toEqual(expected);
  });

  it.each(["15", "33", "24,47", "24,129", "0", "24,64,1", "x"])(
    "--widen-external %s opens too much or is no prefix",
    async (text) => {
      await expect(resolve({ flags: { widenExternal: [text] } })).rejects.toThrow(/--widen-external/);
    },
  );

  it.each([
    ["53/udp", { port: 53, protocol: "UDP" }],
    ["8080", { port: 8080, protocol: undefined }],
  ])("--port %s", async (text, expected) => {
    expect((await resolve({ command: "explain", flags: { port: [text] } })).port).toEqual(expected);
  });

  it.each(["0", "65536", "http", "80/ICMP", "80/"])("--port %s is no port", async (text) => {
    await expect(resolve({ command: "explain", flags: { port: [text] } })).rejects.toThrow(/is no port/);
  });

  it.each([
    "shop/cart",
    "203.0.113.7",
    "a/b -> c/d",
    "*->[2001:db8::1]:443",
    "*->shop/cart",
    "a/b->c/d:80",
    "shop/*",
    "10.0.0.1->shop/cart:443",
  ])("--exclude %s", async (text) => {
    expect((await resolve({ flags: { exclude: [text] } })).exclude).toEqual([text]);
  });

  it.each(["a/b->", "->a/b", "a->b->c", "a b->c/d", "a/b=>c/d", ""])("--exclude %j is no pattern", async (text) => {
    await expect(resolve({ flags: { exclude: [text] } })).rejects.toThrow(/is no pattern/);
  });

  it("a wrong choice names the flag and what was meant", async () => {
    await expect(resolve({ flags: { unobserved: ["dney"] } })).rejects.toMatchObject({
      message: '--unobserved: "dney" is no choice here',
      hint: "Did you mean deny?",
    });
  });

  it("a wrong variable is named, not the flag", async () => {
    await expect(resolve({ env: { NETLEARN_DEFAULT_DENY: "maybe" } })).rejects.toThrow(
      /^NETLEARN_DEFAULT_DENY: "maybe"/,
    );
  });

  it.each([
    ["host"],
    ["host="],
    ["hosts=open"],
    ["host=opne"],
    ["icmp=address"],
    ["other-cluster=address"],
    ["world=open"],
    ["__proto__=open"],
  ])("--entity %s is refused", async (text) => {
    await expect(resolve({ flags: { entity: [text] } })).rejects.toMatchObject({ code: "NETLEARN_USAGE" });
  });
});

describe("contradictions are refused", () => {
  it("a window that ends before it begins", async () => {
    await expect(resolve({ flags: { since: ["1d"], until: ["2d"] } })).rejects.toThrow(/--since is not before --until/);
  });

  it("quiet and verbose", async () => {
    await expect(resolve({ flags: { quiet: true }, file: "verbose: true\n" })).rejects.toThrow(/contradict/);
  });
});

it("options of other commands stand at their default, whatever the file says", async () => {
  const settings = await resolve({ command: "graph", file: "unobserved: deny\ngraphFormat: dot\n" });
  expect(settings).toMatchObject({ unobserved: "open", graphFormat: "dot" });
});

it("--force is never read from the environment or a file: it is a decision for one run", async () => {
  expect((await resolve({ env: { NETLEARN_FORCE: "true" } })).force).toBe(false);
  await expect(resolve({ file: "force: true\n" })).rejects.toMatchObject({ code: "NETLEARN_CONFIG_INVALID" });
});

it("a config file that was named and is missing is an error; the default one may be missing", async () => {
  await expect(resolve({})).resolves.toMatchObject({ unobserved: "open" });
  await expect(resolve({ flags: { config: ["other.yaml"] } })).rejects.toMatchObject({
    code: "NETLEARN_CONFIG_INVALID",
    message: expect.stringContaining("other.yaml"),
  });
  await writeFile(path.join(directory, "other.yaml"), "unobserved: deny\n");
  expect(await resolve({ env: { NETLEARN_CONFIG: "other.yaml" } })).toMatchObject({ unobserved: "deny" });
});
