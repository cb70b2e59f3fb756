import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Below the range that Linux takes ports of outgoing connections from, so that a stopped server finds its own again. */
const [FIRST, END] = [15_000, 32_000];

/** Ports of 127.0.0.1 that nobody listens on at the moment. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const taken: Server[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(FIRST, END);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
      taken.push(server);
      ports.push(port);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
  }
  await Promise.all(taken.map((server) => once(server.close(), "close")));
  return ports;
}
