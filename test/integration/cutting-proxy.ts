import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/**
 * What happens to a connection at a message of the client's: the message is lost, or its answer is, or the message arrives
 * only when the client is long gone.
 */
export type Cut = "answer" | "late" | "message";

/** Stands between a client and a server, and cuts a connection when told. */
export interface CuttingProxy {
  /** The server's URL with the proxy's port. */
  readonly url: string;
  /** Cuts at the n-th message that clients send from now on, beginning with 1, or at the n-th that contains a text. */
  readonly cut: (how: Cut, nth: number, text?: string) => void;
  /** Whether the last cut that was ordered has been made. */
  readonly hasCut: () => boolean;
  readonly close: () => Promise<void>;
}

const LATE_MS = 700;

/** @param server URL of a server of one's own, spoken to without TLS */
export async function startCuttingProxy(server: string): Promise<CuttingProxy> {
  let pending: { how: Cut; left: number; text: string } | undefined;
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(Number(new URL(server).port), new URL(server).hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay(true));
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    upstream.on("data", (chunk) => client.write(chunk));
    upstream.on("close", () => client.destroy());
    let isCut = false;
    client.on("close", () => {
      if (!isCut) upstream.destroy();
    });
    client.on("data", (chunk) => {
      if (pending === undefined || !chunk.includes(pending.text) || --pending.left > 0) {
        upstream.write(chunk);
        return;
      }
      const { how } = pending;
      pending = undefined;
      isCut = true;
      cutOff(client, upstream, how, chunk);
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const url = new URL(server);
  url.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: url.href,
    cut: (how, nth, text = "") => {
      pending = { how, left: nth, text };
    },
    hasCut: () => pending === undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}

function cutOff(client: Socket, upstream: Socket, how: Cut, message: Buffer): void {
  switch (how) {
    case "message":
      upstream.destroy();
      client.destroy();
      return;
    case "answer":
      upstream.removeAllListeners("data");
      upstream.once("data", () => {
        upstream.destroy();
        client.destroy();
      });
      upstream.write(message);
      return;
    case "late":
      upstream.removeAllListeners("close");
      client.destroy();
      setTimeout(() => upstream.end(message), LATE_MS);
  }
}
