import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { netlearn } from "../end-to-end/command.ts";
import {
  applicable,
  clusterObjects,
  type KubeObject,
  OBJECT_PROFILES,
  OBJECT_WORLDS,
  type Profile,
  simulate,
  text,
} from "../support/simulator/index.ts";
import { type ApiClient, objectPath } from "../testbed/api-client.ts";
import { type Apiserver, startApiserver } from "../testbed/apiserver.ts";

const part = inject("apiserver");
const WORLD = OBJECT_WORLDS.everything;
const WINDOW = { seed: 5, hours: 2 } as const;
/** What a custom resource needs its definition for is served a moment later. */
const PATIENCE = { timeout: 30_000, interval: 200 };

const PROFILES: Readonly<Record<string, Partial<Profile>>> = {
  default: {},
  "addresses only, kube-proxy": { ...OBJECT_PROFILES["addresses only, kube-proxy"], kubernetesService: false },
};

function dump(): readonly KubeObject[] {
  const { population, connections } = simulate(WORLD, WINDOW);
  return clusterObjects(WORLD, population, { at: Math.max(...connections.map(({ time }) => time)) });
}

async function create(admin: ApiClient, objects: readonly KubeObject[]): Promise<number> {
  const made = applicable(objects);
  for (const object of made) {
    await vi.waitFor(async () => {
      const { status, body } = await admin.create(object);
      expect([201, 409], JSON.stringify(body)).toContain(status);
    }, PATIENCE);
  }
  const statuses = new Map(objects.map((object) => [objectPath(object), object["status"]]));
  for (const object of made) {
    const place = objectPath(object);
    const status = statuses.get(place);
    if (status === undefined || object.kind === "Namespace") continue;
    const { body } = await admin.get(place);
    const content = { type: "application/json", body: JSON.stringify({ ...(body as object), status }) };
    await admin.send({ method: "PUT", path: `${place}/status`, content });
  }
  return made.length;
}

describe.skipIf(part.state === "absent")("a simulated cluster, applied to a real API server", () => {
  let server: Apiserver;
  let directory = "";
  let applied = 0;
  const at = (name: string): string => path.join(directory, name);

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "netlearn-simulated-"));
    server = await startApiserver(part, { flags: ["--service-cluster-ip-range=10.96.0.0/12"] });
    const objects = dump();
    applied = await create(server.client("admin"), objects);
    await writeFile(at("dump.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    for (const [name, profile] of Object.entries(PROFILES)) {
      await writeFile(at(`${name}.jsonl`), text(simulate(WORLD, { ...WINDOW, ...profile }).lines));
    }
  }, 300_000);

  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("has a few hundred objects", () => {
    console.log(`${applied} objects of the simulator were applied`);
    expect(applied).toBeGreaterThan(150);
  });

  it.each(Object.keys(PROFILES))("gives the policies that its dump gives (%s)", async (name) => {
    const flows = at(`${name}.jsonl`);
    const kubeconfig = await server.kubeconfig("admin");
    const live = await netlearn(["suggest", flows, "--kubeconfig", kubeconfig]);
    const dumped = await netlearn(["suggest", flows, "--manifests", at("dump.json")]);
    expect(live.code, live.stderr).toBe(0);
    expect(live.stdout).toContain("kind: NetworkPolicy");
    expect(live.stdout).toBe(dumped.stdout);
  });
});
