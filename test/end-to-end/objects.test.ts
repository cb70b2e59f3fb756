import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { dumpsOf } from "../support/known-world.ts";
import { OBJECT_PROFILES, OBJECT_WORLDS, simulate, text } from "../support/simulator/index.ts";
import { netlearn } from "./command.ts";

const ADDRESSES = OBJECT_PROFILES["addresses only, kube-proxy"];

let directory = "";
const at = (name: string): string => path.join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "netlearn-objects-"));
  const world = OBJECT_WORLDS.openshift;
  const simulation = simulate(world, { seed: 3, hours: 2, ...ADDRESSES });
  const items = dumpsOf(world, simulation, 1).map(({ value }) => value);
  writeFileSync(at("flows.jsonl"), text(simulation.lines));
  writeFileSync(at("labelled.jsonl"), text(simulate(world, { seed: 3, hours: 2 }).lines));
  writeFileSync(at("dump.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  writeFileSync(at("dump.yaml"), items.map((item) => stringify(item)).join("---\n"));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("netlearn suggest --manifests", () => {
  it("writes pods and their ports where the records show addresses of pods and Services, the same from JSON and from YAML", async () => {
    const json = await netlearn(["suggest", at("flows.jsonl"), "--manifests", at("dump.json")]);
    const yaml = await netlearn(["suggest", at("flows.jsonl"), "--manifests", at("dump.yaml")]);
    expect(json.code).toBe(0);
    expect(json.stdout).toContain("port: 5353");
    expect(json.stdout).not.toMatch(/port: 53$/mu);
    expect(json.stdout).not.toMatch(/port: 80$/mu);
    expect(yaml.stdout).toBe(json.stdout);
    expect(json.stderr).toMatch(/^Objects +\d+ objects of the cluster: \d+ workloads, \d+ Services/mu);
  });

  it("judges with the policies in force, and names those that refuse what was seen", async () => {
    const closed = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "closed", namespace: "works" },
      spec: { podSelector: {}, policyTypes: ["Egress"] },
    };
    writeFileSync(at("closed.yaml"), stringify(closed));
    const given = ["--manifests", at("dump.json"), "--manifests", at("closed.yaml"), "--log-format", "json"];
    const { stderr } = await netlearn(["suggest", at("flows.jsonl"), ...given]);
    const codes = stderr
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [(JSON.parse(line) as { code?: string }).code]));
    expect(codes).toContain("learned-under-policy");
    expect(codes).toContain("refused-in-force");
  });
});

describe("objects that can't be relied on", () => {
  const suggest = async (name: string, content: string): Promise<Awaited<ReturnType<typeof netlearn>>> => {
    writeFileSync(at(name), content);
    return netlearn(["suggest", at("labelled.jsonl"), "--manifests", at(name)]);
  };

  it("are named when they are still templates, and nothing is made of them", async () => {
    const { code, stderr } = await suggest("template.yaml", "kind: Service\nmetadata:\n  name: {{ .Values.name }}\n");
    expect(code).toBe(0);
    expect(stderr).toContain("template.yaml:");
    expect(stderr).toContain("{{ ... }}");
  });

  it("are named with the line when they are no YAML, and the run ends with 1", async () => {
    const { code, stderr } = await suggest("broken.yaml", "kind: Service\nmetadata: {name: web\n");
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken\.yaml:\d+/u);
  });

  it("are named when they are of another cluster", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "stranger", namespace: "elsewhere" }, spec: {} };
    const { code, stderr } = await suggest("other.yaml", stringify({ ...pod, spec: { containers: [{ name: "c" }] } }));
    expect(code).toBe(0);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain("they may be of another cluster");
  });

  it("are of another cluster, and nothing in the records says who is who: nothing is written", async () => {
    const { code, stdout, stderr } = await netlearn(["suggest", at("flows.jsonl"), "--manifests", at("other.yaml")]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain("they may be of another cluster");
  });

  it("are missing: a usage error that names them", async () => {
    const { code, stderr } = await netlearn(["suggest", at("flows.jsonl"), "--manifests", at("nowhere")]);
    expect(code).toBe(3);
    expect(stderr).toContain("nowhere");
  });
});
