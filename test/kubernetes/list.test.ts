import { describe, expect, it } from "vitest";
import { namedItems, type ServedResource, sendJson, statusOf } from "../support/stand-in-api-server.ts";
import { namesIn, open, PODS, readEvents, startServer } from "./connection.ts";

function pods(items: readonly object[]): ServedResource {
  return { group: "", version: "v1", resource: "pods", kind: "Pod", namespaced: true, items };
}

describe("a list", () => {
  it("is read page by page, five hundred objects each, as the cluster is now", async () => {
    const items = namedItems(1234);
    const server = await startServer({ resources: [pods(items)] });
    const events = await readEvents(await open(server));
    expect(events.map((event) => (event.kind === "page" ? event.items.length : event.kind))).toEqual([500, 500, 234]);
    expect(namesIn(events)).toEqual(items.map((item) => (item as { metadata: { name: string } }).metadata.name));
    expect(server.asked.every((asked) => !asked.includes("resourceVersion"))).toBe(true);
  });

  it("comes over one connection", async () => {
    const server = await startServer({ resources: [pods(namedItems(2500))] });
    await readEvents(await open(server));
    expect(server.asked).toHaveLength(5);
    expect(server.connections()).toBe(1);
  });

  it("gives its objects the kind and version that only the list has", async () => {
    const server = await startServer({ resources: [pods([{ metadata: { name: "a" } }])] });
    const [page] = await readEvents(await open(server));
    expect(page).toMatchObject({ items: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }] });
  });

  it("leaves kind and version to objects that have their own", async () => {
    const own = { apiVersion: "v2", kind: "Special", metadata: { name: "a" } };
    const server = await startServer({ resources: [pods([own])] });
    expect(await readEvents(await open(server))).toMatchObject([{ items: [own] }]);
  });

  it("of mixed kinds takes the kind that was asked for", async () => {
    const server = await startServer({
      intercept: (request, response) => {
        sendJson(request, response, 200, { kind: "List", apiVersion: "v1", metadata: {}, items: [{}] });
        return true;
      },
    });
    expect(await readEvents(await open(server))).toMatchObject([{ items: [{ kind: "Pod", apiVersion: "v1" }] }]);
  });

  it("is pruned as it arrives, with kind and version in sight", async () => {
    const server = await startServer({ resources: [pods(namedItems(3))] });
    const seen: unknown[] = [];
    const events = await readEvents(await open(server), {
      prune: (value) => {
        seen.push(value["kind"]);
        return { only: value["kind"] };
      },
    });
    expect(seen).toEqual(["Pod", "Pod", "Pod"]);
    expect(events).toMatchObject([{ items: [{ only: "Pod" }, { only: "Pod" }, { only: "Pod" }] }]);
  });

  it("of one namespace asks for that namespace", async () => {
    const resources = [pods([...namedItems(2, "shop"), ...namedItems(3, "bank")])];
    const server = await startServer({ resources });
    expect(namesIn(await readEvents(await open(server), { namespace: "bank" }))).toHaveLength(3);
    expect(server.asked[0]).toMatch(/^\/api\/v1\/namespaces\/bank\/pods\?/u);
  });

  it("of what is no namespace asks for nothing else", async () => {
    const server = await startServer();
    await readEvents(await open(server), { namespace: "../../secrets?" });
    expect(server.asked[0]).toMatch(/^\/api\/v1\/namespaces\/\.\.%2F\.\.%2Fsecrets%3F\/pods\?/u);
  });

  it("of a named group goes to that group", async () => {
    const server = await startServer();
    const type = { ...PODS, group: "apps", resource: "deployments", kind: "Deployment" };
    await readEvents(await open(server), { type });
    expect(server.asked[0]).toMatch(/^\/apis\/apps\/v1\/deployments\?/u);
  });

  it("may be empty, also as Go writes an empty list", async () => {
    const server = await startServer({
      intercept: (request, response) => {
        sendJson(request, response, 200, { kind: "PodList", apiVersion: "v1", metadata: {}, items: null });
        return true;
      },
    });
    expect(await readEvents(await open(server))).toMatchObject([{ kind: "page", items: [] }]);
  });

  it("counts entries that are no objects, and keeps the others", async () => {
    const items = [null, "text", [], { metadata: { name: "a" } }] as unknown as readonly object[];
    const server = await startServer({ resources: [pods(items)] });
    const events = await readEvents(await open(server));
    expect(events).toMatchObject([{ malformed: 3, items: [{ metadata: { name: "a" } }] }]);
  });

  it("keeps a field that looks like a prototype a field", async () => {
    const server = await startServer({
      intercept: (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"kind":"PodList","items":[{"__proto__":{"polluted":true},"metadata":{"name":"a"}}]}');
        return true;
      },
    });
    const [page] = await readEvents(await open(server));
    const item = page?.kind === "page" ? page.items[0] : undefined;
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
    expect(Object.keys(item ?? {})).toContain("__proto__");
  });
});

describe("a list whose place the server forgets", () => {
  const expired = (token?: string) =>
    statusOf(
      410,
      "Expired",
      "The provided continue parameter is too old",
      token === undefined ? {} : { continue: token },
    );

  it("goes on from the token that comes with the refusal, and hands nothing over twice", async () => {
    let isForgotten = false;
    const server = await startServer({
      resources: [pods(namedItems(1200))],
      intercept: (request, response) => {
        if (isForgotten || !String(request.url).includes("continue=500")) return false;
        isForgotten = true;
        sendJson(request, response, 410, expired("500"));
        return true;
      },
    });
    const events = await readEvents(await open(server));
    expect(events.map(({ kind }) => kind)).toEqual(["page", "page", "page"]);
    expect(new Set(namesIn(events)).size).toBe(1200);
  });

  it("may forget it after each page", async () => {
    const forgotten = new Set<string>();
    const server = await startServer({
      resources: [pods(namedItems(1200))],
      intercept: (request, response) => {
        const [, token] = /continue=(\d+)$/u.exec(String(request.url)) ?? [];
        if (token === undefined || forgotten.has(token)) return false;
        forgotten.add(token);
        sendJson(request, response, 410, expired(token));
        return true;
      },
    });
    const events = await readEvents(await open(server));
    expect(events.map(({ kind }) => kind)).toEqual(["page", "page", "page"]);
    expect(forgotten).toEqual(new Set(["500", "1000"]));
  });

  it("begins again where there is no such token", async () => {
    let isForgotten = false;
    const server = await startServer({
      resources: [pods(namedItems(1200))],
      intercept: (request, response) => {
        if (isForgotten || !String(request.url).includes("continue=1000")) return false;
        isForgotten = true;
        sendJson(request, response, 410, expired());
        return true;
      },
    });
    const events = await readEvents(await open(server));
    expect(events.map(({ kind }) => kind)).toEqual(["page", "page", "restart", "page", "page", "page"]);
    expect(namesIn(events)).toHaveLength(1200);
  });

  it.each([
    ["with a token", "500"],
    ["without one", undefined],
  ])("again and again %s is given up", async (_, token) => {
    const server = await startServer({
      resources: [pods(namedItems(1200))],
      intercept: (request, response) => {
        if (!String(request.url).includes("continue=500")) return false;
        sendJson(request, response, 410, expired(token));
        return true;
      },
    });
    const events = await readEvents(await open(server));
    expect(events.at(-1)).toEqual({ kind: "failed", message: "the list expired twice while it was read" });
    expect(server.asked.length).toBeLessThan(10);
  });
});

describe("a list from a server that misbehaves", () => {
  it("ends when the server sends in circles", async () => {
    const server = await startServer({
      intercept: (request, response) => {
        const token = String(request.url).includes("continue=a") ? "b" : "a";
        sendJson(request, response, 200, { kind: "PodList", metadata: { continue: token }, items: [{}] });
        return true;
      },
    });
    const events = await readEvents(await open(server));
    expect(events.at(-1)).toEqual({ kind: "failed", message: "the server sends the same page again and again" });
  });

  it("is asked for in smaller pages when one is too large to hold", async () => {
    const items = namedItems(300).map((item) => ({ ...item, text: "x".repeat(1000) }));
    const server = await startServer({ resources: [pods(items)] });
    const events = await readEvents(await open(server, { limits: { largest: 100_000 } }));
    expect(namesIn(events)).toHaveLength(300);
    expect(events.every((event) => event.kind === "page" && event.bytes <= 100_000)).toBe(true);
    expect(server.asked.slice(0, 3).map((asked) => asked.replace(/.*limit=/u, ""))).toEqual(["500", "100", "20"]);
  });

  it("is given up when one object alone is too large, or `limit` means nothing to the server", async () => {
    const huge = [{ metadata: { name: "a", text: "x".repeat(200_000) } }];
    const server = await startServer({ resources: [pods(huge)] });
    const events = await readEvents(await open(server, { limits: { largest: 100_000 } }));
    expect(events).toMatchObject([{ kind: "failed", message: expect.stringContaining("too large") }]);
  });

  it.each([
    ["another kind", { kind: "Pod", items: [] }, "Pod was sent"],
    ["something without a kind", { message: "hello" }, "something else was sent"],
    ["items that are no list", { kind: "PodList", items: 7 }, "PodList was sent"],
  ])("is refused when %s comes", async (_, value, message) => {
    const server = await startServer({
      intercept: (request, response) => {
        sendJson(request, response, 200, value);
        return true;
      },
    });
    expect(await readEvents(await open(server))).toMatchObject([
      { kind: "failed", message: expect.stringContaining(message) },
    ]);
  });

  it.each([
    [403, "Forbidden", 'pods is forbidden: User "learner" cannot list', "forbidden"],
    [404, "NotFound", "the server could not find the requested resource", "absent"],
    [405, "MethodNotAllowed", "the server does not allow this method", "failed"],
    [400, "BadRequest", "continue key is not valid", "failed"],
  ])("says %i %s as what it is", async (code, reason, message, kind) => {
    const server = await startServer({
      intercept: (request, response) => {
        sendJson(request, response, code, statusOf(code, reason, message));
        return true;
      },
    });
    const events = await readEvents(await open(server));
    expect(events).toMatchObject([{ kind, message: expect.stringContaining(message) }]);
    expect(server.asked).toHaveLength(1);
  });

  it("takes the plain text that comes with an unknown group for what it means", async () => {
    const server = await startServer();
    expect(await readEvents(await open(server))).toEqual([{ kind: "absent", message: "404 page not found" }]);
  });
});
