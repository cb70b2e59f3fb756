import type { Directory, KnownWorkload } from "../../model/directory.ts";
import type { InferredClient } from "../../model/inferred.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt, fieldOf, listOf, portNumber, textOf } from "../objects/fields.ts";
import { controllerClients } from "./controllers.ts";
import { distinctClients, workloadsWith } from "./front-ends.ts";
import { clientOf, type Gathering, promising } from "./gathering.ts";
import { type Forwarding, UNKNOWN_CLIENT } from "./ingresses.ts";
import { serversOf } from "./service-servers.ts";

const GROUP = "gateway.networking.k8s.io";
const ROUTES = ["GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"] as const;

/** Reads the routes of the Gateway API. */
export function gatherRoutes(forwarding: Forwarding, gathering: Gathering): void {
  const { objects, directory } = forwarding;
  const gateways = new Map(
    objects.of(GROUP, "Gateway").map((object) => [`${object.namespace}/${object.name}`, object]),
  );
  const classes = new Map(objects.of(GROUP, "GatewayClass").map((object) => [object.name, object]));
  const clientsOf = new Map([...gateways].map(([name, gateway]) => [name, forwardersOf(gateway, classes, forwarding)]));
  for (const object of ROUTES.flatMap((kind) => objects.of(GROUP, kind))) {
    const parents = parentsOf(object);
    // A route of Services alone is for pods of a mesh, who are seen like all others.
    if (parents.length === 0) continue;
    const clients = distinctClients(parents.flatMap((parent) => clientsOf.get(parent) ?? UNKNOWN_CLIENT));
    const protocol = object.kind === "UDPRoute" ? "UDP" : "TCP";
    for (const backend of backendsOf(object)) {
      gathering.promise(promising("gateways", object), clients, serversOf(directory, { ...backend, protocol }));
    }
  }
}

/** Gateways a route is of, as `namespace/name`; what is no Gateway and no Service stands for one that is not known. */
function parentsOf({ value, namespace }: ManifestObject): readonly string[] {
  return listOf(fieldAt(value, "spec", "parentRefs")).flatMap((parent) => {
    const kind = textOf(parent, "kind") ?? "Gateway";
    if (kind === "Service") return [];
    return [`${textOf(parent, "namespace") ?? namespace}/${textOf(parent, "name") ?? ""}`];
  });
}

function backendsOf({ value, namespace }: ManifestObject) {
  const rules = listOf(fieldAt(value, "spec", "rules"));
  const references = rules.flatMap((rule) => listOf(fieldOf(rule, "backendRefs")));
  const filters = [...rules, ...references].flatMap((part) => listOf(fieldOf(part, "filters")));
  const mirrors = filters.map((filter) => fieldAt(filter, "requestMirror", "backendRef"));
  return [...references, ...mirrors].flatMap((reference) => {
    const name = textOf(reference, "name");
    const isService =
      (textOf(reference, "kind") ?? "Service") === "Service" && textOf(reference, "group") === undefined;
    if (name === undefined || !isService) return [];
    const port = portNumber(fieldOf(reference, "port"));
    return [{ namespace: textOf(reference, "namespace") ?? namespace, name, port }];
  });
}

/** By what is published, by the labels that implementations put on the pods they make for a Gateway, by the class. */
function forwardersOf(
  { namespace, name, value }: ManifestObject,
  classes: ReadonlyMap<string | undefined, ManifestObject>,
  { directory, frontEnds }: Forwarding,
): readonly InferredClient[] {
  const addresses = listOf(fieldAt(value, "status", "addresses")).map((address) => fieldOf(address, "value"));
  const className = textOf(fieldOf(value, "spec"), "gatewayClassName");
  const controller = textOf(fieldOf(classes.get(className)?.value, "spec"), "controllerName");
  const found = [
    frontEnds.at(addresses),
    name === undefined ? [] : workloadsOf(directory, namespace, name).map(clientOf),
    controllerClients(directory, controller, className),
  ];
  return found.find((clients) => clients.length > 0) ?? UNKNOWN_CLIENT;
}

function workloadsOf(directory: Directory, namespace: string, name: string): readonly KnownWorkload[] {
  const owned = {
    "gateway.envoyproxy.io/owning-gateway-name": name,
    "gateway.envoyproxy.io/owning-gateway-namespace": namespace,
  };
  return [
    // gateway-api.sigs.k8s.io, GEP-1762
    ...workloadsWith(directory, { "gateway.networking.k8s.io/gateway-name": name }, namespace),
    ...workloadsWith(directory, owned),
  ];
}
