import { directoryOf } from "../../../src/inventory/directory/directory.ts";
import { inferTraffic } from "../../../src/inventory/inferred/infer.ts";
import type { Inferred, InferredClient, InferredTraffic } from "../../../src/model/inferred.ts";
import { deployment, manifest, service, type Value } from "../directory/objects.ts";

export function infer(...values: readonly Value[]): Inferred {
  const objects = values.map((value) => manifest(value));
  return inferTraffic(objects, directoryOf(objects));
}

function client(of: InferredClient): string {
  return of.kind === "workload" ? `${of.workload.namespace}/${of.workload.name}` : of.kind;
}

/** `webhooks: api-server -> shop/cart 8443/TCP by ValidatingWebhookConfiguration/cart`. */
function line(traffic: InferredTraffic): string {
  const { kind, client: from, server, port, protocol } = traffic;
  return `${kind}: ${client(from)} -> ${server.namespace}/${server.name} ${port}/${protocol} by ${traffic.object}`;
}

export function lines(...values: readonly Value[]): readonly string[] {
  return infer(...values).traffic.map(line);
}

export function problems(...values: readonly Value[]): readonly string[] {
  return infer(...values).unresolved.map((one) => `${one.object}: ${one.problem}`);
}

/** A Deployment and a Service of its name with port 80 for its port `http`, 8080. */
export function served(name: string, spec: Value = {}, labels?: Value): readonly Value[] {
  return [
    deployment(name, { ports: [{ name: "http", containerPort: 8080 }] }),
    service(
      name,
      { selector: { app: name }, ports: [{ name: "web", port: 80, targetPort: "http" }], ...spec },
      labels === undefined ? {} : { labels },
    ),
  ];
}

/** Any object of a custom kind. */
export function object(apiVersion: string, kind: string, name: string, rest: Value = {}): Value {
  const { metadata, ...other } = rest as { metadata?: Value };
  return { apiVersion, kind, metadata: { name, namespace: "shop", ...metadata }, ...other };
}
