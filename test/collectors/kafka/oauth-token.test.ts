import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { requestToken, type TokenRequest } from "../../../src/collectors/kafka/oauth-token.ts";

interface Asked {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Endpoint {
  readonly url: string;
  readonly asked: Asked[];
  readonly close: () => Promise<void>;
}

/** A token endpoint that gives one answer; `asked` is what it heard. */
async function endpoint(status: number, answer: string): Promise<Endpoint> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ method: request.method, headers: request.headers, body });
      response.writeHead(status, status === 302 ? { location: "https://login.example/" } : {}).end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}/token`, asked, close };
}

const SECRET = "s3cr3t:&ü";
const asking = (url: string, over: Partial<TokenRequest> = {}): Promise<string> =>
  requestToken({ url, clientId: "net learn", clientSecret: SECRET, scope: undefined, ...over });

describe("a token by client credentials", () => {
  it("is what the endpoint gives, which is asked as RFC 6749 has it", async () => {
    const { url, asked } = await endpoint(200, JSON.stringify({ access_token: "abc.def", token_type: "Bearer" }));
    expect(await asking(url, { scope: "kafka read" })).toBe("abc.def");
    const [{ method, headers, body } = { method: "", headers: {}, body: "" }] = asked;
    expect(method).toBe("POST");
    expect(headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/u);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: "client_credentials",
      scope: "kafka read",
    });
    const [scheme, credentials = ""] = (headers["authorization"] ?? "").split(" ");
    expect(scheme).toBe("Basic");
    // Section 2.3.1: id and secret are form-encoded, each for itself.
    expect(Buffer.from(credentials, "base64").toString()).toBe("net+learn:s3cr3t%3A%26%C3%BC");
  });

  it("asks for no scope unless told to", async () => {
    const { url, asked } = await endpoint(200, JSON.stringify({ access_token: "abc" }));
    await asking(url);
    expect(asked[0]?.body).toBe("grant_type=client_credentials");
  });

  it.each([
    [
      "a refusal",
      401,
      JSON.stringify({ error: "invalid_client", error_description: "who?" }),
      "401 (invalid_client: who?)",
    ],
    ["an error page", 500, "<html>", "500"],
    ["a login page in place of an answer", 302, "", "302"],
    ["an answer without a token", 200, "{}", "holds no access_token"],
    ["no JSON", 200, "welcome", "holds no access_token"],
  ])("says what is wrong with %s, and no secret", async (_name, status, answer, said) => {
    const { url } = await endpoint(status, answer);
    const error: unknown = await asking(url).catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      code: "NETLEARN_KAFKA_UNAVAILABLE",
      message: expect.stringContaining(said),
      hint: expect.stringContaining("--sasl-token-url"),
    });
    expect(String(error)).not.toContain("s3cr3t");
  });

  it("says that nobody listens", async () => {
    const { url, close } = await endpoint(200, "");
    await close();
    await expect(asking(url)).rejects.toMatchObject({
      code: "NETLEARN_KAFKA_UNAVAILABLE",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
