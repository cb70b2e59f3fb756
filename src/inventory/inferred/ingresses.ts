import type { Directory } from "../../model/directory.ts";
import type { InferredClient } from "../../model/inferred.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt, fieldOf, listOf, portNumber, textOf } from "../objects/fields.ts";
import { controllerClients, installedWith } from "./controllers.ts";
import { type FrontEnds, publishedAt } from "./front-ends.ts";
import { type Gathering, promising } from "./gathering.ts";
import type { ObjectsByType } from "./objects-by-type.ts";
import { serversOf } from "./service-servers.ts";

/** What forwarders are looked for with. */
export interface Forwarding {
  readonly objects: ObjectsByType;
  readonly directory: Directory;
  readonly frontEnds: FrontEnds;
}

export const UNKNOWN_CLIENT: readonly InferredClient[] = [{ kind: "unknown" }];

/** Reads Ingresses, of networking.k8s.io/v1 and what came before it, and OpenShift's Routes. */
export function gatherIngresses(forwarding: Forwarding, gathering: Gathering): void {
  const { objects, directory } = forwarding;
  const ofClass = classForwarders(forwarding);
  const ingresses = ["networking.k8s.io", "extensions"].flatMap((group) => objects.of(group, "Ingress"));
  for (const object of ingresses) {
    const published = forwarding.frontEnds.at(publishedAt(fieldAt(object.value, "status", "loadBalancer", "ingress")));
    const clients = published.length > 0 ? published : ofClass(classOf(object));
    for (const { name, port } of backendsOf(object)) {
      const servers = serversOf(directory, { namespace: object.namespace, name, port, protocol: "TCP" });
      gathering.promise(promising("ingress", object), clients, servers);
    }
  }
  const routers = controllerClients(directory, "openshift.io/ingress-to-route", undefined);
  for (const object of objects.of("route.openshift.io", "Route")) gatherRoute(object, routers, directory, gathering);
}

interface IngressBackend {
  readonly name: string;
  readonly port: number | string | undefined;
}

function backendsOf({ value }: ManifestObject): readonly IngressBackend[] {
  const spec = fieldOf(value, "spec");
  const paths = listOf(fieldOf(spec, "rules")).flatMap((rule) => listOf(fieldAt(rule, "http", "paths")));
  const backends = [
    fieldOf(spec, "defaultBackend"),
    // networking.k8s.io/v1beta1 and extensions/v1beta1
    fieldOf(spec, "backend"),
    ...paths.map((path) => fieldOf(path, "backend")),
  ];
  return backends.flatMap(readBackend);
}

function readBackend(backend: unknown): readonly IngressBackend[] {
  const service = fieldOf(backend, "service");
  const name = textOf(service, "name");
  if (name !== undefined) {
    const port = textOf(fieldOf(service, "port"), "name") ?? portNumber(fieldAt(service, "port", "number"));
    return [{ name, port }];
  }
  const old = textOf(backend, "serviceName");
  if (old === undefined) return [];
  const written = textOf(backend, "servicePort");
  const isNumber = written !== undefined && /^\d+$/u.test(written);
  return [{ name: old, port: isNumber ? Number(written) : (written ?? portNumber(fieldOf(backend, "servicePort"))) }];
}

/** The class that an Ingress names; undefined where it leaves that to the default. */
function classOf({ value }: ManifestObject): string | undefined {
  const annotations = fieldAt(value, "metadata", "annotations");
  return textOf(fieldOf(value, "spec"), "ingressClassName") ?? textOf(annotations, "kubernetes.io/ingress.class");
}

/** Who forwards for a class: what was installed with it, or its controller by name; else nobody knows. */
function classForwarders({ objects, directory }: Forwarding): (name: string | undefined) => readonly InferredClient[] {
  const classes = objects.of("networking.k8s.io", "IngressClass");
  const known = new Map<string | undefined, readonly InferredClient[]>();
  return (name) => {
    const own = known.get(name);
    if (own !== undefined) return own;
    const found = classes.find((one) => (name === undefined ? isDefault(one) : one.name === name));
    const controller = textOf(fieldOf(found?.value, "spec"), "controller");
    const clients = [
      installedWith(directory, fieldAt(found?.value, "metadata", "labels")),
      controllerClients(directory, controller, name),
      // Of a class that nothing tells of, any controller that is there may take care.
      found === undefined ? controllerClients(directory, undefined, undefined) : [],
    ];
    const first = clients.find((some) => some.length > 0) ?? UNKNOWN_CLIENT;
    known.set(name, first);
    return first;
  };
}

function isDefault({ value }: ManifestObject): boolean {
  const annotations = fieldAt(value, "metadata", "annotations");
  return textOf(annotations, "ingressclass.kubernetes.io/is-default-class") === "true";
}

function gatherRoute(
  object: ManifestObject,
  routers: readonly InferredClient[],
  directory: Directory,
  gathering: Gathering,
): void {
  const spec = fieldOf(object.value, "spec");
  const target = fieldAt(spec, "port", "targetPort");
  for (const to of [fieldOf(spec, "to"), ...listOf(fieldOf(spec, "alternateBackends"))]) {
    const name = textOf(to, "name");
    const kind = textOf(to, "kind") ?? "Service";
    if (name === undefined || kind !== "Service") continue;
    const port = typeof target === "string" ? target : portNumber(target);
    const servers = serversOf(directory, { namespace: object.namespace, name, port, protocol: "TCP" });
    gathering.promise(promising("ingress", object), routers.length > 0 ? routers : UNKNOWN_CLIENT, servers);
  }
}
