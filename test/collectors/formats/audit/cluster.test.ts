import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aksCluster, eksCluster, gkeCluster } from "../../../../src/collectors/formats/audit/cluster.ts";
import { auditEvent } from "../../support/audit.ts";
import { collectBytes } from "../../support/collect.ts";

const AKS = "/SUBSCRIPTIONS/0A1B/RESOURCEGROUPS/RG-1/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/PROD";
const STREAM = `kube-apiserver-audit-${"a".repeat(32)}`;

describe("the cluster of an audit log", () => {
  it("is the one of the log group under EKS, wherever shippers put it", async () => {
    const event = { message: JSON.stringify(auditEvent()) };
    const forms = [
      { logGroup: "/aws/eks/prod/cluster", logStream: STREAM, logEvents: [event] },
      { logGroupName: "/aws/eks/prod/cluster", logStreamName: STREAM, ...event },
      { log_group: "/aws/eks/prod/cluster", log_stream: STREAM, ...event },
    ];
    for (const form of forms) {
      const { accesses } = await collectBytes(`${JSON.stringify(form)}\n`);
      expect(accesses.map(({ cluster, origin }) => [cluster, origin])).toEqual([["prod", "eks"]]);
    }
  });

  it("is the one of the resource id under AKS, with its resource group, since names are unique there only", async () => {
    const record = { category: "kube-audit", resourceId: AKS, properties: { log: JSON.stringify(auditEvent()) } };
    const { accesses } = await collectBytes(`${JSON.stringify({ records: [record] })}\n`);
    expect(accesses.map(({ cluster }) => cluster)).toEqual(["prod (0a1b/rg-1)"]);
    expect(aksCluster(AKS.toLowerCase())).toBe(aksCluster(AKS));
  });

  it("is the one of the resource's labels under GKE, with its project and location", () => {
    const labels = { cluster_name: "prod", project_id: "acme-1", location: "europe-west1" };
    expect(gkeCluster({ type: "k8s_cluster", labels })).toBe("prod (acme-1/europe-west1)");
    expect(gkeCluster({ labels: { cluster_name: "prod" } })).toBe("prod");
  });

  it("is told by no event itself, and what stands beside an envelope takes nothing over from it", async () => {
    const eks = {
      logGroup: "/aws/eks/prod/cluster",
      logStream: STREAM,
      logEvents: [{ message: JSON.stringify(auditEvent()) }],
    };
    const { accesses } = await collectBytes(`${JSON.stringify([eks, auditEvent()])}\n`);
    expect(accesses.map(({ cluster }) => cluster)).toEqual(["prod", undefined]);
  });

  it("is never a text that its cloud would not give: short, and without control characters, whatever stands there", () => {
    const hostile = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.constant("x".repeat(10_000)));
    fc.assert(
      fc.property(hostile, (text) => {
        const names = [
          eksCluster(`/aws/eks/${text}/cluster`),
          eksCluster(text),
          aksCluster(AKS.replace("PROD", () => text)),
          gkeCluster({ labels: { cluster_name: text, project_id: text, location: text } }),
        ];
        for (const name of names) if (name !== undefined) expect(name).toMatch(/^[\w .:()/-]{1,400}$/u);
      }),
    );
    for (const odd of [undefined, null, 1, {}, [], ""]) {
      expect([eksCluster(odd), aksCluster(odd), gkeCluster(odd)]).toEqual([undefined, undefined, undefined]);
    }
  });
});
