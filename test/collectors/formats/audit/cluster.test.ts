import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterOfEntry, clusterOfEnvelope } from "../../../../src/collectors/formats/audit/cluster.ts";
import { auditEvent } from "../../support/audit.ts";
import { collectBytes } from "../../support/collect.ts";
import { jsonLines } from "../../support/flows.ts";

const AKS_ID =
  "/SUBSCRIPTIONS/0B1F6471/RESOURCEGROUPS/SHOP/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/PROD-EU";
const GROUP = "/aws/eks/prod/cluster";
const STREAM = "kube-apiserver-audit-7d5c5a3e8a0f4e0f9a3d8f3b1c2d3e4f";
const message = JSON.stringify(auditEvent());

async function clustersOf(...envelopes: readonly unknown[]): Promise<readonly (string | undefined)[]> {
  const { accesses, rejections } = await collectBytes(jsonLines(envelopes));
  expect(rejections).toEqual([]);
  return accesses.map(({ cluster }) => cluster);
}

function gke(labels: unknown): { readonly resource: unknown } {
  return { resource: { type: "k8s_cluster", labels } };
}

describe("the cluster of an audit log", () => {
  it.each(["logGroup", "logGroupName", "log_group"])("is in the log group of EKS, under %s", async (member) => {
    expect(await clustersOf({ [member]: GROUP, logStream: STREAM, message })).toEqual(["prod"]);
    expect(await clustersOf({ [member]: GROUP, message })).toEqual(["prod"]);
  });

  it("of a subscription is told apart by its account too", async () => {
    const logEvents = [{ id: "1", timestamp: 1, message }];
    const subscription = { messageType: "DATA_MESSAGE", owner: "123456789012", logGroup: GROUP, logStream: STREAM };
    expect(await clustersOf({ ...subscription, logEvents })).toEqual(["123456789012/prod"]);
    expect(await clustersOf({ ...subscription, owner: "me/you", logEvents })).toEqual(["prod"]);
  });

  it("is the resource of AKS, in whichever case Azure writes it", async () => {
    const record = { category: "kube-audit", properties: { log: message } };
    const ids = [AKS_ID, AKS_ID.toLowerCase()];
    expect(await clustersOf({ records: ids.map((resourceId) => ({ ...record, resourceId })) })).toEqual([
      AKS_ID.toLowerCase(),
      AKS_ID.toLowerCase(),
    ]);
  });

  it("is in the labels of GKE's resource, told apart by project and place", () => {
    expect(clusterOfEntry(gke({ cluster_name: "prod", project_id: "shop", location: "europe-west1" }))).toBe(
      "projects/shop/locations/europe-west1/clusters/prod",
    );
    expect(clusterOfEntry(gke({ cluster_name: "prod" }))).toBe("clusters/prod");
    expect(clusterOfEntry(gke({ cluster_name: "a/b%2F", project_id: "" }))).toBe("clusters/a%2Fb%252F");
  });

  it("is not told by plain events, by other members, nor by what only looks alike", async () => {
    expect(await clustersOf(auditEvent())).toEqual([undefined]);
    expect(await clustersOf({ message, cluster: "prod", cluster_name: "prod", clusterName: "prod" })).toEqual([
      undefined,
    ]);
    for (const group of [
      "/aws/eks/prod/pods",
      "/aws/eks//cluster",
      "/aws/eks/a/b/cluster",
      "/aws/lambda/prod",
      5,
      {},
    ]) {
      expect(await clustersOf({ logGroup: group, message })).toEqual([undefined]);
    }
    for (const resourceId of ["/subscriptions/1/resourceGroups/shop", "prod", "", 7, `${AKS_ID}/x`]) {
      expect(await clustersOf({ resourceId, message })).toEqual([undefined]);
    }
    for (const labels of [{}, { cluster_name: "" }, { cluster_name: 5 }, undefined, []]) {
      expect(clusterOfEntry(gke(labels))).toBeUndefined();
    }
    expect(clusterOfEntry({ resource: "prod" })).toBeUndefined();
  });

  it("is that of the innermost envelope that names one, and of none beside it", async () => {
    const inner = { logGroup: "/aws/eks/inner/cluster", message };
    expect(await clustersOf({ logGroup: GROUP, records: [inner, { message }] }, { message })).toEqual([
      "inner",
      "prod",
      undefined,
    ]);
  });

  it("is no endless text, and different ones stay different", () => {
    const name = (text: string) => clusterOfEnvelope({ logGroup: `/aws/eks/${text}/cluster` });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const cluster = name(text + "x".repeat(10_000)) ?? "";
        expect(cluster.length).toBeLessThan(100);
        expect(cluster.isWellFormed()).toBe(true);
        expect(name(`${text}${"x".repeat(9999)}y`) === cluster && cluster !== "").toBe(false);
      }),
    );
  });
});
