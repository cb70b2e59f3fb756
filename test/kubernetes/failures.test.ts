import { mkdir, readFile, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { NetlearnError } from "../../src/lib/errors.ts";
import { terminalSentence } from "../../src/report/escape.ts";
import {
  namedItems,
  type ServedResource,
  type StandInApiServer,
  sendJson,
  statusOf,
  tlsFile,
} from "../support/stand-in-api-server.ts";
import { errorOf, namesIn, open, openChoice, readEvents, startServer } from "./connection.ts";

const pods: ServedResource = {
  group: "",
  version: "v1",
  resource: "pods",
  kind: "Pod",
  namespaced: true,
  items: namedItems(1200),
};

/** A server that answers everything in one way. */
function always(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  return {
    intercept: (request: IncomingMessage, response: ServerResponse): boolean => {
      answer(request, response);
      return true;
    },
  };
}

function text(status: number, type: string, body: string, headers: object = {}) {
  return always((_request, response) => {
    response.writeHead(status, { "content-type": type, ...headers });
    response.end(body);
  });
}

/** An error of netlearn that ends with exit code 3, says one thing and not another. */
function expectEnvironmentError(error: unknown, ...says: readonly (string | RegExp)[]): void {
  if (!(error instanceof NetlearnError)) throw error;
  expect(error.exitCode).toBe(3);
  expect(error.hint).toBeDefined();
  const all = `${error.message} ${error.hint}`;
  for (const words of says) expect(all).toMatch(words);
  expect(all).not.toContain("secret");
}

describe("credentials that don't count", () => {
  it("end the run with a way out, and without the token", async () => {
    const server = await startServer({ resources: [pods], token: "another" });
    const error = await errorOf(readEvents(await open(server)));
    expectEnvironmentError(error, "401", /expired/u, /--context/u, /"learner"/u, /"stand-in"/u);
  });

  it("end the run when they run out on the way", async () => {
    const server = await startServer({
      resources: [pods],
      intercept: (request, response, seen) => {
        if (seen < 2) return false;
        sendJson(request, response, 401, statusOf(401, "Unauthorized", "token has expired"));
        return true;
      },
    });
    expectEnvironmentError(await errorOf(readEvents(await open(server))), "token has expired");
  });

  it("are asked for anew once when a plugin hands them out", async () => {
    const server = await startServer({ resources: [pods], token: "fresh" });
    const counter = path.join(path.dirname(await server.kubeconfig()), "count");
    const script = `
      const fs = require("node:fs");
      const isSecond = fs.existsSync(${JSON.stringify(counter)});
      fs.writeFileSync(${JSON.stringify(counter)}, "");
      const token = isSecond ? "fresh" : "stale";
      console.log(JSON.stringify({ kind: "ExecCredential", status: { token, expirationTimestamp: "2100-01-01T00:00:00Z" } }));`;
    const user = {
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: ["-e", script] },
    };
    expect(namesIn(await readEvents(await open(server, { user })))).toHaveLength(1200);
    expect(server.headers.map(({ authorization }) => authorization).slice(0, 2)).toEqual([
      "Bearer stale",
      "Bearer fresh",
    ]);
  });
});

describe("a credential plugin", () => {
  const exec = (command: string, args: readonly string[], more: object = {}) => ({
    exec: { apiVersion: "client.authentication.k8s.io/v1", command, args, ...more },
  });

  it("that is not there is named, with the way to get it", async () => {
    const server = await startServer();
    const user = exec("no-such-plugin", [], { installHint: "Install it with apt." });
    expectEnvironmentError(await errorOf(readEvents(await open(server, { user }))), "no-such-plugin", "ENOENT", "apt");
  });

  it("that fails is quoted by the first line of its standard error", async () => {
    const server = await startServer();
    const user = exec(process.execPath, ["-e", 'console.error("not logged in\\nat line 7"); process.exit(1)']);
    const error = await errorOf(readEvents(await open(server, { user })));
    expectEnvironmentError(error, "failed: not logged in");
    expect(String(error)).not.toContain("line 7");
  });

  it.each([
    ["a bare token", "secret-token"],
    ["an empty object", "{}"],
    ["nothing", ""],
  ])("that prints %s shows nothing of it", async (_, printed) => {
    const server = await startServer();
    const user = exec(process.execPath, ["-e", `process.stdout.write(${JSON.stringify(printed)})`]);
    expectEnvironmentError(await errorOf(readEvents(await open(server, { user }))), "printed no ExecCredential");
  });

  it("gets the variables its kubeconfig names, and lies where that says", async () => {
    const server = await startServer({ resources: [pods], token: "of-learner" });
    const directory = path.dirname(await server.kubeconfig());
    const script = '#!/bin/sh\nprintf \'{"status":{"token":"of-%s"}}\' "$WHO"\n';
    await mkdir(path.join(directory, "bin"));
    await writeFile(path.join(directory, "bin/plugin"), script, { mode: 0o755 });
    const user = exec("./bin/plugin", [], { env: [{ name: "WHO", value: "learner" }] });
    expect(namesIn(await readEvents(await open(server, { user })))).toHaveLength(1200);
  });

  it("that waits for somebody to log in is left when the run is interrupted", async () => {
    const stop = new AbortController();
    const server = await startServer();
    const started = path.join(path.dirname(await server.kubeconfig()), "started");
    const script = `require("node:fs").writeFileSync(${JSON.stringify(started)}, ""); setTimeout(() => {}, 3000);`;
    const reading = readEvents(await open(server, { user: exec(process.execPath, ["-e", script]) }), {
      signal: stop.signal,
    });
    const ended = errorOf(reading);
    await vi.waitFor(async () => await readFile(started), { timeout: 20_000 });
    stop.abort();
    expect(await ended).toBe(stop.signal.reason);
  });

  it("runs once for lists at one time, and is told which cluster it is for", async () => {
    const server = await startServer({ resources: [pods] });
    const calls = path.join(path.dirname(await server.kubeconfig()), "calls");
    const script = `
      require("node:fs").appendFileSync(${JSON.stringify(calls)}, "x");
      const { spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      console.log(JSON.stringify({ status: { token: Buffer.from(spec.cluster.server).toString("hex") } }));`;
    const user = exec(process.execPath, ["-e", script], { provideClusterInfo: true });
    const connection = await open(server, { user });
    await Promise.all([readEvents(connection), readEvents(connection), readEvents(connection)]);
    expect(await readFile(calls, "utf8")).toBe("x");
    expect(server.headers[0]?.authorization).toBe(`Bearer ${Buffer.from(server.url).toString("hex")}`);
  });
});

describe("what is no API server", () => {
  it.each([200, 401, 403, 404])("is told by the title of its page (HTTP %i)", async (status) => {
    const page = "<!DOCTYPE html><html><head><title>\n Sign in \u202e– Corp\u001b[31m SSO</title>";
    const server = await startServer(text(status, "text/html; charset=utf-8", page));
    const error = await errorOf(readEvents(await open(server)));
    if (status === 401) {
      // Whoever says 401 doesn't know who asks, a proxy included.
      expectEnvironmentError(error, "401", 'web page, "Sign in');
      return;
    }
    expectEnvironmentError(error, "web page", /Sign in/u, "proxy");
    const shown = terminalSentence(String(error));
    expect(["\u001b", "\u202e"].filter((unsafe) => shown.includes(unsafe))).toEqual([]);
  });

  it("is told by its page even when it calls it JSON", async () => {
    const server = await startServer(text(200, "application/json", "  <html><title>Portal</title></html>"));
    expectEnvironmentError(await errorOf(readEvents(await open(server))), "web page", "Portal");
  });

  it("is told by where it sends on, without what follows the path", async () => {
    const server = await startServer(
      text(302, "text/plain", "", { location: "https://login.example/start?state=secret" }),
    );
    expectEnvironmentError(await errorOf(readEvents(await open(server))), "login.example/start", "302");
  });

  it("is told by JSON that is cut off", async () => {
    const server = await startServer(
      text(200, "application/json", '{"kind":"PodList","items":[{"metadata":{"name":"secret'),
    );
    expectEnvironmentError(await errorOf(readEvents(await open(server))), "cut off or no JSON", "54 bytes");
  });

  it("is told by JSON that is no object", async () => {
    const server = await startServer(text(200, "application/json", "[1]"));
    expectEnvironmentError(await errorOf(readEvents(await open(server))), "no object");
  });

  it("is told by packed data that is none", async () => {
    const server = await startServer(text(200, "application/json", "plain", { "content-encoding": "gzip" }));
    expectEnvironmentError(await errorOf(readEvents(await open(server))), "gzip");
  });
});

describe("a server that is busy", () => {
  it.each([429, 500, 502, 503, 504])("is asked again after %i", async (status) => {
    const server = await startServer({
      resources: [pods],
      intercept: (_request, response, seen) => {
        if (seen !== 2 && seen !== 3) return false;
        response.writeHead(status, { "retry-after": "0" }).end();
        return true;
      },
    });
    expect(namesIn(await readEvents(await open(server)))).toHaveLength(1200);
    expect(server.asked).toHaveLength(5);
  });

  it.each([
    ["as long as it asks", "0", { backoff: 600_000, longestWait: 600_000 }],
    ["not for as long as it asks when that is too long", "3600", { longestWait: 10 }],
    ["as long as usual when it says nothing that can be read", "soon", {}],
  ])("is waited for %s", async (_, after, limits) => {
    const server = await startServer({
      resources: [pods],
      intercept: (_request, response, seen) => {
        if (seen > 1) return false;
        response.writeHead(429, { "retry-after": after }).end();
        return true;
      },
    });
    expect(namesIn(await readEvents(await open(server, { limits })))).toHaveLength(1200);
  });

  it("may say until when, by its own clock", async () => {
    const server = await startServer({
      resources: [pods],
      intercept: (_request, response, seen) => {
        if (seen > 1) return false;
        response
          .writeHead(503, { date: "Mon, 01 Jan 2001 00:00:00 GMT", "retry-after": "Mon, 01 Jan 2001 00:00:00 GMT" })
          .end();
        return true;
      },
    });
    expect(
      namesIn(await readEvents(await open(server, { limits: { backoff: 600_000, longestWait: 600_000 } }))),
    ).toHaveLength(1200);
  });

  it("is given up after some attempts, which is no failure of the whole", async () => {
    const server = await startServer(
      always((request, response) =>
        sendJson(request, response, 503, statusOf(503, "ServiceUnavailable", "no endpoints")),
      ),
    );
    expect(await readEvents(await open(server, { limits: { attempts: 3 } }))).toEqual([
      { kind: "failed", message: "HTTP 503: no endpoints" },
    ]);
    expect(server.asked).toHaveLength(3);
  });
});

describe("a connection that breaks", () => {
  it("before the answer is made again", async () => {
    const server = await startServer({
      resources: [pods],
      intercept: (request, _response, seen) => {
        if (seen !== 2) return false;
        request.socket.destroy();
        return true;
      },
    });
    expect(namesIn(await readEvents(await open(server)))).toHaveLength(1200);
  });

  it.each(["identity", "gzip"])("in the middle of an answer (%s) is made again", async (encoding) => {
    const server = await startServer({
      resources: [pods],
      intercept: (request, response, seen) => {
        if (seen !== 2) return false;
        response.writeHead(200, {
          "content-type": "application/json",
          "content-length": 1000,
          ...(encoding === "gzip" ? { "content-encoding": "gzip" } : {}),
        });
        response.write(encoding === "gzip" ? Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]) : '{"kind":');
        setTimeout(() => request.socket.destroy(), 20);
        return true;
      },
    });
    expect(namesIn(await readEvents(await open(server)))).toHaveLength(1200);
  });

  it("because the server restarts is made again", async () => {
    const server: StandInApiServer = await startServer({
      resources: [pods],
      intercept: (_request, _response, seen) => {
        if (seen !== 2) return false;
        server.restart(30);
        return true;
      },
    });
    expect(namesIn(await readEvents(await open(server, { limits: { backoff: 20 } })))).toHaveLength(1200);
  });

  it("every time is an error", async () => {
    const server = await startServer(always((request) => request.socket.destroy()));
    const error = await errorOf(readEvents(await open(server, { limits: { attempts: 3 } })));
    expectEnvironmentError(error, "can't be reached", /kubectl/u);
    expect(server.asked).toHaveLength(3);
  });
});

describe("a server that says nothing", () => {
  it("is an error after a while", async () => {
    const server = await startServer(always(() => {}));
    expectEnvironmentError(
      await errorOf(readEvents(await open(server, { limits: { idle: 100 } }))),
      "no answer for 0.1 s",
    );
  });

  it("in the middle of an answer is an error too", async () => {
    const server = await startServer(
      always((_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write('{"kind":');
      }),
    );
    expectEnvironmentError(await errorOf(readEvents(await open(server, { limits: { idle: 100 } }))), "no answer");
  });

  it("once, and answers when it is asked again, is no error", async () => {
    const server = await startServer({ resources: [pods], intercept: (_request, _response, seen) => seen === 2 });
    expect(namesIn(await readEvents(await open(server, { limits: { idle: 200 } })))).toHaveLength(1200);
  });

  it("for long, but piece by piece, is listened to", async () => {
    const pieces = ['{"kind":', '"PodList"', ',"items":', "[{}", ",{}", "]", "}"];
    const server = await startServer(
      always((_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        pieces.forEach((piece, index) => setTimeout(() => response.write(piece), index * 100));
        setTimeout(() => response.end(), pieces.length * 100);
      }),
    );
    const events = await readEvents(await open(server, { limits: { idle: 400 } }));
    expect(events).toMatchObject([{ items: [{ kind: "Pod" }, { kind: "Pod" }] }]);
    expect(server.asked).toHaveLength(1);
  });

  it("even about TLS is an error", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void silent.close());
    const server = await startServer();
    const { port } = silent.address() as AddressInfo;
    const connection = await open(server, {
      cluster: { server: `https://127.0.0.1:${port}` },
      limits: { connect: 100 },
    });
    expectEnvironmentError(await errorOf(readEvents(connection)), "no connection for 0.1 s");
  });

  it("is left when the run is interrupted", async () => {
    const stop = new AbortController();
    const server = await startServer(always(() => setTimeout(() => stop.abort(), 20)));
    const error = await errorOf(readEvents(await open(server, { limits: { idle: 30_000 } }), { signal: stop.signal }));
    expect(error).toBe(stop.signal.reason);
  });

  it("is left while it is waited for", async () => {
    const stop = new AbortController();
    const server = await startServer(
      always((_request, response) => {
        response.writeHead(429, { "retry-after": "30" }).end();
        setTimeout(() => stop.abort(), 20);
      }),
    );
    const connection = await open(server, { limits: { longestWait: 30_000 } });
    expect(await errorOf(readEvents(connection, { signal: stop.signal }))).toMatchObject({ name: "AbortError" });
    expect(server.asked).toHaveLength(1);
  });

  it("is not even asked after an interruption", async () => {
    const server = await startServer({ resources: [pods] });
    await errorOf(readEvents(await open(server), { signal: AbortSignal.abort() }));
    expect(server.asked).toEqual([]);
  });
});

describe("a server that can't be reached", () => {
  it("is named when nobody listens", async () => {
    const server = await startServer();
    const connection = await open(server, { cluster: { server: "https://127.0.0.1:1" } });
    expectEnvironmentError(await errorOf(readEvents(connection)), "127.0.0.1:1", "ECONNREFUSED");
  });

  it("is named when there is no such name", async () => {
    const server = await startServer();
    const connection = await open(server, { cluster: { server: "https://api.netlearn.invalid:6443" } });
    expectEnvironmentError(await errorOf(readEvents(connection)), "api.netlearn.invalid:6443", /ENOTFOUND|EAI_AGAIN/u);
  });
});

describe("TLS", () => {
  it.each([
    ["a certificate that ran out", "expired", {}, /expired/u],
    ["a certificate for another name", "elsewhere", {}, /altnames|tls-server-name/u],
    [
      "a certificate nobody vouches for",
      "server",
      { "certificate-authority": tlsFile("client.crt") },
      /can't be trusted/u,
    ],
  ])("with %s is refused", async (_, certificate, cluster, says) => {
    const server = await startServer({ resources: [pods], certificate });
    expectEnvironmentError(await errorOf(readEvents(await open(server, { cluster }))), says, "certificate");
    expect(server.asked).toEqual([]);
  });

  it("takes the name the kubeconfig gives", async () => {
    const server = await startServer({ resources: [pods], certificate: "elsewhere" });
    const connection = await open(server, { cluster: { "tls-server-name": "elsewhere.example" } });
    expect(namesIn(await readEvents(connection))).toHaveLength(1200);
  });

  it("checks nothing where the kubeconfig says so", async () => {
    const server = await startServer({ resources: [pods], certificate: "expired" });
    const cluster = { "insecure-skip-tls-verify": true, "certificate-authority": undefined };
    expect(namesIn(await readEvents(await open(server, { cluster })))).toHaveLength(1200);
  });

  it("with a server that speaks none says so", async () => {
    const server = await startServer({ resources: [pods], certificate: undefined });
    const connection = await open(server, { cluster: { server: server.url.replace("http:", "https:") } });
    expectEnvironmentError(await errorOf(readEvents(connection)), "no TLS connection", "port");
  });

  it("shows the client's certificate", async () => {
    const server = await startServer({ resources: [pods], wantsClientCertificate: true });
    const user = { "client-certificate": tlsFile("client.crt"), "client-key": tlsFile("client.key") };
    expect(namesIn(await readEvents(await open(server, { user })))).toHaveLength(1200);
  });

  it("without the certificate a server wants is an error", async () => {
    const server = await startServer({ resources: [pods], wantsClientCertificate: true });
    expectEnvironmentError(await errorOf(readEvents(await open(server))), /TLS|reached/u);
  });

  it.each([
    ["a key that is none", { "client-certificate": tlsFile("client.crt"), "client-key-data": "c2VjcmV0" }],
    ["a certificate that is not there", { "client-certificate": "missing.crt", "client-key": tlsFile("client.key") }],
  ])("with %s is an error", async (_, user) => {
    const server = await startServer({ resources: [pods] });
    expectEnvironmentError(await errorOf(readEvents(await open(server, { user }))), /TLS|missing\.crt/u);
  });

  it("with an authority that is not there is an error", async () => {
    const server = await startServer({ resources: [pods] });
    const connection = await open(server, { cluster: { "certificate-authority": "missing-ca.crt" } });
    expectEnvironmentError(await errorOf(readEvents(connection)), "missing-ca.crt");
  });
});

describe("a token", () => {
  it("from a file is taken without the line break at its end, and counts before the other", async () => {
    const server = await startServer({ resources: [pods], token: "from-file" });
    const directory = path.dirname(await server.kubeconfig());
    await writeFile(path.join(directory, "token"), "from-file\n");
    expect(namesIn(await readEvents(await open(server, { user: { token: "old", tokenFile: "token" } })))).toHaveLength(
      1200,
    );
  });

  it("that no header can carry is an error that does not show it", async () => {
    const server = await startServer({ resources: [pods] });
    expectEnvironmentError(
      await errorOf(readEvents(await open(server, { user: { token: "secret\u0001x" } }))),
      "credentials",
    );
  });

  it("goes with the user, groups and extras somebody acts as", async () => {
    const server = await startServer({ resources: [pods] });
    const user = {
      token: "t",
      as: "alice",
      "as-groups": ["a", "b"],
      "as-uid": "7",
      "as-user-extra": { "x/y": ["1", "2"] },
    };
    await readEvents(await open(server, { user }));
    expect(server.headers[0]).toMatchObject({
      "impersonate-user": "alice",
      "impersonate-group": "a, b",
      "impersonate-uid": "7",
      "impersonate-extra-x%2fy": "1, 2",
    });
  });
});

describe("plain HTTP", () => {
  it("to this machine, as from kubectl proxy, works", async () => {
    const server = await startServer({ resources: [pods], certificate: undefined });
    expect(namesIn(await readEvents(await open(server, { user: {} })))).toHaveLength(1200);
  });

  it("to anywhere else is refused before anything is sent", async () => {
    const server = await startServer();
    const kubeconfig = await server.kubeconfig({ token: "secret" }, { server: "http://10.0.0.1:8080" });
    expectEnvironmentError(await errorOf(openChoice({ kubeconfig })), "without TLS", "https");
  });
});
