import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import { type GeneratedFile, generate } from "../../generators/index.ts";
import { resolve } from "../../src/graph/resolve.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { DEFAULT_SYNTHESIS, type SynthesisOptions } from "../../src/synthesizer/network/options.ts";
import { netlearn } from "../end-to-end/command.ts";
import { policiesOf } from "../support/flow-record.ts";
import { learnLines } from "../support/read-lines.ts";
import { PROFILES, randomWorld, simulate } from "../support/simulator/index.ts";
import type { ApiClient } from "../testbed/api-client.ts";
import { type Apiserver, startApiserver } from "../testbed/apiserver.ts";

const part = inject("apiserver");

/** A manifest as it lies in the output directory. */
type Written = Pick<GeneratedFile, "path" | "yaml">;

/** What netlearn writes for the shop when it is called like this. */
async function suggested(...options: readonly string[]): Promise<readonly Written[]> {
  const directory = await mkdtemp(path.join(tmpdir(), "netlearn-generated-"));
  try {
    const { code, stderr } = await netlearn(["suggest", "examples/shop/flows.jsonl", "-o", directory, ...options]);
    expect(code, stderr).toBe(0);
    const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith(".yaml")).toSorted();
    return await Promise.all(
      files.map(async (file) => ({ path: file, yaml: await readFile(path.join(directory, file), "utf8") })),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Everything an operator can ask for that shows in a manifest. */
const THOROUGH: SynthesisOptions = {
  ...DEFAULT_SYNTHESIS,
  systemNamespaces: true,
  unobserved: "deny",
  defaultDeny: true,
  inexpressible: {
    ...DEFAULT_SYNTHESIS.inexpressible,
    "kube-apiserver": "address",
    "remote-node": "address",
    host: "omit",
  },
  externalPrefix: { v4: 20, v6: 48 },
};

/** What netlearn writes for a made-up cluster, sparing and thorough. */
function learned(seed: string, profile: string): readonly Written[] {
  const { lines } = simulate(randomWorld(seed, 14), { seed, hours: 1, ...PROFILES[profile] });
  const { graph } = resolve(learnLines(lines).observations);
  return [DEFAULT_SYNTHESIS, THOROUGH].flatMap((options) => generate(policiesOf(graph, options), "network-policy"));
}

const SETS: readonly (readonly [name: string, write: () => Promise<readonly Written[]> | readonly Written[]])[] = [
  ["the shop", () => suggested()],
  ["the shop, everything closed", () => suggested("--unobserved", "deny", "--default-deny", "--system-namespaces")],
  [
    "the shop, widened and with addresses",
    () => suggested("--widen-external", "24", "--entity", "kube-apiserver=address"),
  ],
  ...Object.keys(PROFILES).map(
    (profile) => [`a cluster, ${profile}`, () => learned(`generated/${profile}`, profile)] as const,
  ),
];

/** An object as the server stores it. */
interface Stored {
  readonly metadata: { readonly resourceVersion: string; readonly generation: number; readonly labels: unknown };
  readonly spec: unknown;
}

describe.skipIf(part.state === "absent")("the policies that netlearn writes", () => {
  let server: Apiserver;
  let client: ApiClient;
  let count = 0;
  beforeAll(async () => {
    server = await startApiserver(part);
    client = server.client("admin");
  });
  afterAll(async () => {
    console.log(`${count} manifests were applied`);
    await server?.stop();
  });

  async function ensureNamespaces(policies: readonly NetworkPolicy[]): Promise<void> {
    for (const name of new Set(policies.map(({ metadata }) => metadata.namespace ?? ""))) {
      const { status } = await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
      expect([201, 409]).toContain(status);
    }
  }

  it.each(SETS)("for %s are taken as they are, and stay as they are", async (_name, write) => {
    const files = await write();
    expect(files.length).toBeGreaterThan(0);
    const policies = files.map(({ yaml }): NetworkPolicy => parse(yaml));
    await ensureNamespaces(policies);
    for (const [index, { yaml, path: file }] of files.entries()) {
      const policy = policies[index]!;
      const tried = await client.apply(policy, yaml, "dryRun=All");
      expect(tried, file).toMatchObject({ warnings: [], body: { kind: "NetworkPolicy" } });
      const first = await client.apply(policy, yaml);
      expect([200, 201], file).toContain(first.status);
      const { spec, metadata } = (await client.read(policy)).body as Stored;
      expect(spec, file).toStrictEqual(policy.spec);
      expect(metadata.labels, file).toStrictEqual(policy.metadata.labels);
      const again = (await client.apply(policy, yaml)).body as Stored;
      expect(again.metadata.generation, file).toBe(metadata.generation);
      expect(again.metadata.resourceVersion, file).toBe(metadata.resourceVersion);
      count += 1;
    }
  });
});
