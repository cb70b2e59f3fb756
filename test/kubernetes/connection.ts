import { onTestFinished } from "vitest";
import { type Connection, connect } from "../../src/kubernetes/connect.ts";
import { type ClusterChoice, REQUEST_LIMITS, type RequestLimits } from "../../src/kubernetes/connect-options.ts";
import type { JsonObject, ListEvent, ResourceType } from "../../src/model/kubernetes-api.ts";
import { StandInApiServer, type StandInOptions } from "../support/stand-in-api-server.ts";

/** Waits as long as a test has limits. */
export const SHORT: RequestLimits = { ...REQUEST_LIMITS, connect: 2000, idle: 400, backoff: 2, longestWait: 60 };

export const PODS: ResourceType = { group: "", version: "v1", resource: "pods", kind: "Pod", namespaced: true };

/** Starts a stand-in that ends with the test. */
export async function startServer(options: StandInOptions = {}): Promise<StandInApiServer> {
  const server = await StandInApiServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

/** Connects to it, with a token unless another user is given. */
export async function open(
  server: StandInApiServer,
  { user, cluster, limits = {} }: { user?: object; cluster?: object; limits?: Partial<RequestLimits> } = {},
): Promise<Connection> {
  const kubeconfig = await server.kubeconfig(user, cluster);
  return await openChoice({ kubeconfig }, limits);
}

export async function openChoice(choice: ClusterChoice, limits: Partial<RequestLimits> = {}): Promise<Connection> {
  const connection = await connect(choice, { env: {}, cwd: "/" }, { ...SHORT, ...limits });
  onTestFinished(() => connection.close());
  return connection;
}

export interface ReadOptions {
  readonly type?: ResourceType;
  readonly namespace?: string;
  readonly prune?: (value: JsonObject) => JsonObject;
  readonly signal?: AbortSignal;
}

/** Everything that happens while a list is read. */
export async function readEvents(connection: Connection, options: ReadOptions = {}): Promise<readonly ListEvent[]> {
  const { type = PODS, namespace, prune = (value) => value, signal = new AbortController().signal } = options;
  const events: ListEvent[] = [];
  for await (const event of connection.list(type, { namespace, prune, signal })) events.push(event);
  return events;
}

/** Names of the objects a list ends up with. */
export function namesIn(events: readonly ListEvent[]): readonly unknown[] {
  const last = events.findLastIndex(({ kind }) => kind === "restart");
  return events
    .slice(last + 1)
    .flatMap((event) => (event.kind === "page" ? event.items : []))
    .map((item) => (item["metadata"] as { name?: string }).name);
}

/** The error something ends with; a test fails without one. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => {
      throw new Error("it worked");
    },
    (error: unknown) => error,
  );
}
