import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { netlearn, type Outcome } from "./command.ts";

/** A webhook behind cart's Service, which leads to port 8080, and one for a server that nobody has. */
const PROMISES = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: cart}
webhooks:
  - {name: cart.shop.example, clientConfig: {service: {namespace: shop, name: cart, port: 80}}}
  - {name: gone.shop.example, clientConfig: {service: {namespace: shop, name: gone}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: weekly, namespace: shop}
spec:
  schedule: "0 3 * * 1"
  jobTemplate: {spec: {template: {metadata: {labels: {app: weekly}}, spec: {containers: [{name: main}]}}}}
`;

let directory = "";
const outcomes = new Map<string, Outcome>();

async function suggest(name: string, ...args: readonly string[]): Promise<void> {
  const shop = ["examples/shop/flows.jsonl", "--manifests", "examples/shop/manifests"];
  const out = ["-o", path.join(directory, name), "--log-format", "json"];
  outcomes.set(name, await netlearn(["suggest", ...shop, ...out, ...args]));
}

async function policiesOf(name: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(path.join(directory, name), { recursive: true });
  const policies = files.filter((file) => file.endsWith(".yaml")).toSorted();
  return new Map(
    await Promise.all(
      policies.map(async (file) => [file, await readFile(path.join(directory, name, file), "utf8")] as const),
    ),
  );
}

function codesOf(name: string): readonly string[] {
  const lines =
    outcomes
      .get(name)
      ?.stderr.split("\n")
      .filter((line) => line !== "") ?? [];
  const records = lines.map((line): { readonly event: string; readonly code?: string } => JSON.parse(line));
  return records.flatMap(({ event, code }) => (event === "finding" && code !== undefined ? [code] : []));
}

describe("netlearn suggest with objects that promise what no flow showed", () => {
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "netlearn-promises-"));
    const file = path.join(directory, "promises.yaml");
    await writeFile(file, PROMISES);
    await suggest("without");
    await suggest("with", "--manifests", file);
    await suggest("allowed", "--manifests", file, "--allow", "webhooks");
    await suggest("in-vain", "--allow", "gateways");
  }, 120_000);

  afterAll(() => rm(directory, { recursive: true }));

  it("writes the same policies, and says what they would cut, cannot know and did not see", async () => {
    expect(await policiesOf("with")).toEqual(await policiesOf("without"));
    expect(codesOf("without")).not.toContain("promised-traffic");
    expect(codesOf("with")).toEqual(
      expect.arrayContaining(["promised-traffic", "promise-unresolved", "schedule-not-seen"]),
    );
    expect(outcomes.get("with")?.code).toBe(0);
  });

  it("with --allow changes the policy of the one server", async () => {
    const [before, after] = [await policiesOf("without"), await policiesOf("allowed")];
    const changed = [...after].filter(([file, text]) => before.get(file) !== text).map(([file]) => file);
    expect(changed).toEqual(["shop/netlearn-cart.yaml"]);
    expect(after.get("shop/netlearn-cart.yaml")).toMatch(/^ {4}- ports:\n {8}- protocol: TCP\n {10}port: 8080$/mu);
    expect(codesOf("allowed")).toContain("promised-traffic-allowed");
    expect(codesOf("allowed")).not.toContain("promised-traffic");
  });

  it("says when --allow allows nothing", async () => {
    expect(codesOf("in-vain")).toContain("allow-without-match");
    expect(await policiesOf("in-vain")).toEqual(await policiesOf("without"));
  });
});
