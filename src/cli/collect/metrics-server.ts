import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { NetlearnError } from "../../lib/errors.ts";
import type { Metrics } from "./metrics.ts";
import type { Pulse } from "./pulse.ts";

/** A server for Prometheus and for an orchestrator's probes. */
export interface MetricsServer {
  /** The one that the system chose, where it was to choose. */
  readonly port: number;
  close(): void;
}

/** An answer takes less, and whoever is slower holds nobody up. */
const PATIENCE = 30_000;

/**
 * Serves `/metrics`, `/healthz` and `/readyz` on all addresses.
 *
 * @param port 0: any that is free
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` when it can't be listened on
 */
export async function serveMetrics(port: number, metrics: Metrics, pulse: Pulse): Promise<MetricsServer> {
  const server = createServer((request, response) => void answer(request, response, metrics, pulse));
  server.requestTimeout = PATIENCE;
  server.headersTimeout = PATIENCE;
  try {
    server.listen(port);
    await once(server, "listening");
  } catch (cause) {
    throw notListening(port, cause);
  }
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: portOf(server) ?? port, close };
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === "object" ? address?.port : undefined;
}

async function answer(
  { method, url = "/" }: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  pulse: Pulse,
): Promise<void> {
  if (method !== "GET" && method !== "HEAD") return send(response, 405, "only GET is answered\n");
  switch (url.split("?", 1).join("")) {
    case "/metrics":
      response.setHeader("content-type", metrics.contentType);
      return send(response, 200, await metrics.scrape());
    case "/healthz":
      return pulse.isAlive ? send(response, 200, "ok\n") : send(response, 503, "nothing has moved for minutes\n");
    case "/readyz":
      return pulse.isReady
        ? send(response, 200, "ok\n")
        : send(response, 503, "no partitions yet, or the state hangs\n");
    default:
      return send(response, 404, "there are /metrics, /healthz and /readyz\n");
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.statusCode = status;
  // A HEAD's body is left out by the server.
  response.end(text);
}

function notListening(port: number, cause: unknown): NetlearnError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "it is reserved for the system",
    EADDRINUSE: "another process listens there",
  };
  return new NetlearnError(
    "NETLEARN_OUTPUT_UNWRITABLE",
    `metrics can't be served on port ${port}: ${reasons[code] ?? code}`,
    { hint: "Choose another port with --metrics-port, or 0 for any that is free.", cause },
  );
}
