import { describe, expect, it } from "vitest";
import { readEndpointSlice, readEndpoints } from "../../../src/inventory/objects/endpoints.ts";
import { manifest } from "../directory/objects.ts";

const METADATA = { name: "db-x1", namespace: "shop", labels: { "kubernetes.io/service-name": "db" } };
const slice = (rest: object) =>
  readEndpointSlice(
    manifest({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: METADATA, ...rest }),
  );

describe("an EndpointSlice", () => {
  it("names its Service, and of each endpoint addresses, node and pod", () => {
    const targetRef = { kind: "Pod", name: "db-0", uid: "u" };
    const [read] = slice({
      addressType: "IPv6",
      ports: [{ name: "sql", port: 5432 }, { name: "dns", port: 53, protocol: "UDP" }, { name: "all" }],
      endpoints: [{ addresses: ["2001:DB8::1"], nodeName: "n1", targetRef }, { addresses: ["none"] }, 7],
    });
    expect(read).toEqual({
      namespace: "shop",
      service: "db",
      ports: [
        { name: "sql", port: 5432, protocol: "TCP" },
        { name: "dns", port: 53, protocol: "UDP" },
      ],
      endpoints: [
        { addresses: ["2001:db8::1"], node: "n1", pod: { namespace: "shop", name: "db-0", uid: "u" } },
        { addresses: [], node: undefined, pod: undefined },
        { addresses: [], node: undefined, pod: undefined },
      ],
    });
  });

  it("of host names says nothing of addresses", () => {
    expect(slice({ addressType: "FQDN", endpoints: [{ addresses: ["db.example"] }] })).toEqual([]);
  });
});

it("Endpoints have the name of their Service, and those that are not ready are behind it too", () => {
  const found = readEndpoints(
    manifest({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "db", namespace: "shop" },
      subsets: [{ addresses: [{ ip: "10.0.0.1" }], notReadyAddresses: [{ ip: "10.0.0.2" }], ports: [{ port: 5432 }] }],
    }),
  );
  expect(found).toMatchObject([
    { service: "db", endpoints: [{ addresses: ["10.0.0.1"] }, { addresses: ["10.0.0.2"] }] },
  ]);
});
