import type { Connection } from "./plan.ts";
import type { Profile } from "./profile.ts";

/** Which part of a connection the client's agent sends through its proxy; decides what the node itself then opens. */
export function proxied(connection: Connection, profile: Profile): "dns" | "http" | undefined {
  const { client, server } = connection;
  if (client.kind !== "pod" || !client.pod.workload.proxied || server.kind !== "pod" || profile.proxy === "none") {
    return undefined;
  }
  if (connection.via !== undefined && profile.services === "kube-proxy") return undefined;
  if (connection.life !== "short" || connection.denied !== undefined) return undefined;
  if (connection.protocol === "UDP") return "dns";
  return connection.http !== undefined && profile.proxy === "dns-and-http" ? "http" : undefined;
}
