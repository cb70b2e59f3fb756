import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { terraformObstacle, terraformText } from "../../../generators/index.ts";
import type { NetworkPolicy } from "../../../src/model/manifest.ts";
import type { ProposedManifest } from "../../../src/model/placement.ts";
import { randomManifest } from "../../support/random-manifests.ts";
import { readHcl } from "./read-hcl.ts";
import { readManifests } from "./read-manifests.ts";

const sayable = randomManifest.filter((manifest) => terraformObstacle(manifest) === undefined);

function policy(spec: NetworkPolicy["spec"], metadata = { name: "netlearn-cart", namespace: "shop" }): NetworkPolicy {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec };
}

describe("terraformText", () => {
  it("says the same as the manifests, whatever is in their names", () => {
    fc.assert(
      fc.property(fc.array(sayable, { maxLength: 4 }), (manifests) => {
        expect(readManifests(terraformText(manifests))).toEqual(manifests);
      }),
      { numRuns: 500 },
    );
  });

  it("gives objects of a kind names of their own that are identifiers", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(sayable, {
          maxLength: 6,
          selector: ({ kind, metadata }) => JSON.stringify([kind, metadata.namespace ?? "", metadata.name]),
        }),
        (manifests) => {
          const labels = readHcl(terraformText(manifests)).map((block) => block.labels);
          for (const [, name] of labels) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_-]*$/);
          expect(new Set(labels.map((label) => label.join(".")))).toHaveLength(manifests.length);
        },
      ),
    );
  });

  it("has no block for a direction that is closed, and an empty one for a direction that is open", () => {
    const closed = terraformText([
      policy({ podSelector: {}, policyTypes: ["Ingress", "Egress"], egress: [], ingress: [] }),
    ]);
    expect(closed).toContain('policy_types = ["Ingress", "Egress"]');
    expect(closed).toContain("pod_selector {}");
    expect(closed).not.toMatch(/ingress|egress/);
    expect(terraformText([policy({ podSelector: {}, policyTypes: ["Egress"], egress: [{}] })])).toContain("egress {}");
  });

  it("writes a policy as people would", () => {
    const written = policy({
      podSelector: { matchLabels: { app: "cart", "app.kubernetes.io/name": "cart" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ protocol: "TCP", port: 8080 }] }],
    });
    expect(terraformText([written])).toBe(`resource "kubernetes_network_policy_v1" "netlearn_shop_netlearn-cart" {
  metadata {
    name      = "netlearn-cart"
    namespace = "shop"
  }

  spec {
    policy_types = ["Ingress"]

    pod_selector {
      match_labels = {
        "app"                    = "cart"
        "app.kubernetes.io/name" = "cart"
      }
    }

    ingress {
      from {
        pod_selector {
          match_labels = {
            "app" = "web"
          }
        }
      }

      ports {
        protocol = "TCP"
        port     = "8080"
      }
    }
  }
}
`);
  });

  it.each<[string, ProposedManifest]>([
    ["normal form C", policy({}, { name: "e\u0301", namespace: "shop" })],
    ["surrogate", policy({}, { name: "\ud800", namespace: "shop" })],
    ["no rules", { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "a" }, rules: [] }],
  ])("names what Terraform would not take as it is: %s", (said, manifest) => {
    expect(terraformObstacle(manifest)).toContain(said);
  });
});

const terraform = spawnSync("terraform", ["version"], { encoding: "utf8" });
const isAbsent = terraform.status !== 0;
const isCi = !["", "0", "false"].includes(process.env["CI"] ?? "");

it.runIf(isAbsent && isCi)("needs terraform on the PATH under CI", () => {
  expect(terraform.error).toBeUndefined();
});

describe.skipIf(isAbsent)(isAbsent ? "terraform, WHICH IS NOT ON THE PATH: NOT TESTED" : "terraform", () => {
  it("finds nothing to format", () => {
    const samples = fc.sample(fc.array(sayable, { minLength: 20, maxLength: 40 }), { numRuns: 12, seed: 7 });
    for (const manifests of samples) {
      const input = terraformText(manifests);
      const { status, stdout } = spawnSync("terraform", ["fmt", "-check", "-diff", "-"], {
        input,
        encoding: "utf8",
      });
      expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    }
  });

  it("reads every name as it was, and evaluates nothing", () => {
    const names = [
      "${1+1}",
      "$${a}",
      "$$${a}",
      "%{ if true }x%{ endif }",
      "%%{",
      "$%{a}",
      '"\\n\\',
      "\n\r\t\u0000",
      "é \u{1f600} \u202e",
    ];
    const label = (name: string): string =>
      /^ {4}name = (.*)$/mu.exec(
        terraformText([policy({}, { name, namespace: "a" })]).replaceAll(/ {2,}=/g, " ="),
      )?.[1] ?? "";
    const input = `base64encode(jsonencode([${names.map(label).join(", ")}]))\n`;
    const { stdout } = spawnSync("terraform", ["console"], { input, encoding: "utf8", cwd: import.meta.dirname });
    const read: unknown = JSON.parse(Buffer.from(stdout.trim(), "base64").toString());
    expect(read).toEqual(names);
  });
});
