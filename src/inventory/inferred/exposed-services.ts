import type { Directory } from "../../model/directory.ts";
import type { InferredClient } from "../../model/inferred.ts";
import { fieldAt, fieldOf, textsOf } from "../objects/fields.ts";
import { type Gathering, promising } from "./gathering.ts";
import type { ObjectsByType } from "./objects-by-type.ts";
import { serversOf } from "./service-servers.ts";

/** Reads Services that are open to the outside: by a load balancer, on every node, or at an address of their own. */
export function gatherExposedServices(objects: ObjectsByType, directory: Directory, gathering: Gathering): void {
  for (const object of objects.of("", "Service")) {
    const spec = fieldOf(object.value, "spec");
    const type = fieldOf(spec, "type");
    const kind = type === "LoadBalancer" ? "loadbalancers" : "nodeports";
    const isExposed =
      type === "LoadBalancer" || type === "NodePort" || textsOf(fieldAt(spec, "externalIPs")).length > 0;
    if (object.name === undefined || !isExposed) continue;
    const reference = { namespace: object.namespace, name: object.name, port: undefined, protocol: undefined };
    gathering.promise(promising(kind, object), [clientOf(spec)], serversOf(directory, reference));
  }
}

/** With the policy `Cluster`, the default, a node that passes a connection on to another puts its own address on it. */
function clientOf(spec: unknown): InferredClient {
  return { kind: fieldOf(spec, "externalTrafficPolicy") === "Local" ? "outside" : "outside-or-nodes" };
}
