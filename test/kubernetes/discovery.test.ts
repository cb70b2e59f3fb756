import { describe, expect, it } from "vitest";
import { type ServedResource, type StandInOptions, sendJson, statusOf } from "../support/stand-in-api-server.ts";
import { open, startServer } from "./connection.ts";

const { signal } = new AbortController();

function served(apiVersion: string, resource: string, kind: string, namespaced = true): ServedResource {
  const [version = "", group = ""] = apiVersion.split("/").toReversed();
  return { group, version, resource, kind, namespaced, items: [] };
}

const RESOURCES = [
  served("v1", "pods", "Pod"),
  served("v1", "nodes", "Node", false),
  served("apps/v1", "deployments", "Deployment"),
  served("gateway.networking.k8s.io/v1", "httproutes", "HTTPRoute"),
  served("gateway.networking.k8s.io/v1beta1", "httproutes", "HTTPRoute"),
  served("gateway.networking.k8s.io/v1alpha2", "tcproutes", "TCPRoute"),
];

async function typesIn(group: string, options: StandInOptions = {}) {
  const server = await startServer({ resources: RESOURCES, ...options });
  const answer = await (await open(server)).typesIn(group, signal);
  return { answer, server };
}

describe.each(["aggregated", "plain"] as const)("discovery, %s", (discovery) => {
  it("says what a group has, preferred versions first, parts of resources left out", async () => {
    const { answer } = await typesIn("gateway.networking.k8s.io", { discovery });
    expect(answer).toEqual({
      kind: "types",
      types: [
        {
          group: "gateway.networking.k8s.io",
          version: "v1",
          resource: "httproutes",
          kind: "HTTPRoute",
          namespaced: true,
        },
        {
          group: "gateway.networking.k8s.io",
          version: "v1beta1",
          resource: "httproutes",
          kind: "HTTPRoute",
          namespaced: true,
        },
        {
          group: "gateway.networking.k8s.io",
          version: "v1alpha2",
          resource: "tcproutes",
          kind: "TCPRoute",
          namespaced: true,
        },
      ],
    });
  });

  it("knows the core group, and what belongs to no namespace", async () => {
    const { answer } = await typesIn("", { discovery });
    expect(answer).toMatchObject({
      types: [
        { kind: "Pod", namespaced: true },
        { kind: "Node", namespaced: false },
      ],
    });
  });

  it("knows that a group is not there", async () => {
    expect((await typesIn("nowhere.example", { discovery })).answer).toEqual({ kind: "types", types: [] });
  });
});

describe("discovery", () => {
  it("asks a server that tells all at once twice, however much is asked of it", async () => {
    const server = await startServer({ resources: RESOURCES });
    const connection = await open(server);
    const groups = ["", "apps", "apps", "gateway.networking.k8s.io", "nowhere.example"];
    await Promise.all(groups.map((group) => connection.typesIn(group, signal)));
    expect(server.asked.toSorted()).toEqual(["/api", "/apis"]);
  });

  it("asks an older server only about the groups that matter, once each", async () => {
    const server = await startServer({ resources: RESOURCES, discovery: "plain" });
    const connection = await open(server);
    await Promise.all(["apps", "apps"].map((group) => connection.typesIn(group, signal)));
    expect(server.asked).toEqual(["/apis", "/apis/apps/v1"]);
  });

  it("that is forbidden tells nothing, and says so", async () => {
    const { answer } = await typesIn("apps", { discovery: "forbidden" });
    expect(answer).toMatchObject({ kind: "untold", message: expect.stringContaining("cannot get path") });
  });

  it("does not take a group whose server is down for one that is not there", async () => {
    const stale = {
      kind: "APIGroupDiscoveryList",
      items: [
        { metadata: { name: "projectcalico.org" }, versions: [{ version: "v3", freshness: "Stale", resources: [] }] },
      ],
    };
    const { answer } = await typesIn("projectcalico.org", {
      intercept: (request, response) => {
        sendJson(request, response, 200, stale);
        return true;
      },
    });
    expect(answer).toMatchObject({ kind: "untold", message: expect.stringContaining("down") });
  });

  it("of an older server tells nothing of a version that can't be asked for", async () => {
    const { answer } = await typesIn("apps", {
      discovery: "plain",
      intercept: (request, response) => {
        if (request.url !== "/apis/apps/v1") return false;
        sendJson(request, response, 404, statusOf(404, "NotFound", "gone"));
        return true;
      },
    });
    expect(answer).toEqual({ kind: "untold", message: "gone" });
  });

  it.each([{ kind: "Other" }, { kind: "APIGroupDiscoveryList", items: 7 }, { kind: "APIGroupList", groups: [null] }])(
    "takes nothing from %j",
    async (value) => {
      const { answer } = await typesIn("apps", {
        intercept: (request, response) => {
          sendJson(request, response, 200, value);
          return true;
        },
      });
      expect(answer.kind === "untold" || answer.types.length === 0).toBe(true);
    },
  );

  it("leaves out what can't be listed", async () => {
    const resource = (name: string, verbs: unknown) => ({
      resource: name,
      responseKind: { kind: "X" },
      scope: "Namespaced",
      verbs,
    });
    const value = {
      kind: "APIGroupDiscoveryList",
      items: [
        {
          metadata: { name: "apps" },
          versions: [{ version: "v1", resources: [resource("reviews", ["create"]), resource("xs", ["list"]), null] }],
        },
      ],
    };
    const { answer } = await typesIn("apps", {
      intercept: (request, response) => {
        sendJson(request, response, 200, value);
        return true;
      },
    });
    expect(answer).toMatchObject({ types: [{ resource: "xs" }] });
  });
});
