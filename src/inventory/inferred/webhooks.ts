import type { Directory } from "../../model/directory.ts";
import type { InferredClient, InferredKind } from "../../model/inferred.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt, fieldOf, listOf, portNumber, textOf } from "../objects/fields.ts";
import { type Gathering, promising } from "./gathering.ts";
import type { ObjectsByType } from "./objects-by-type.ts";
import { serversOf, serviceOfHost } from "./service-servers.ts";

const API_SERVER: readonly InferredClient[] = [{ kind: "api-server" }];

/** Where the API server calls when no port is written (admissionregistration.k8s.io/v1 ServiceReference; APIService). */
const DEFAULT_PORT = 443;

/** Reads whom the API server calls: admission and conversion webhooks, and the servers behind APIServices. */
export function gatherApiServerCalls(objects: ObjectsByType, directory: Directory, gathering: Gathering): void {
  const call = (kind: InferredKind, object: ManifestObject, configs: readonly unknown[]): void => {
    for (const config of configs) {
      const called = calledService(config);
      if (called !== undefined)
        gathering.promise(promising(kind, object), API_SERVER, serversOf(directory, { ...called, protocol: "TCP" }));
    }
  };
  for (const type of ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"]) {
    for (const object of objects.of("admissionregistration.k8s.io", type)) {
      const webhooks = listOf(fieldOf(object.value, "webhooks"));
      call(
        "webhooks",
        object,
        webhooks.map((webhook) => fieldOf(webhook, "clientConfig")),
      );
    }
  }
  for (const object of objects.of("apiextensions.k8s.io", "CustomResourceDefinition")) {
    call("webhooks", object, [
      fieldAt(object.value, "spec", "conversion", "webhook", "clientConfig"),
      // apiextensions.k8s.io/v1beta1
      fieldAt(object.value, "spec", "conversion", "webhookClientConfig"),
    ]);
  }
  // One without a Service is answered by the API server itself.
  for (const object of objects.of("apiregistration.k8s.io", "APIService")) {
    call("apiservices", object, [{ service: fieldAt(object.value, "spec", "service") }]);
  }
}

function calledService(config: unknown): { namespace: string; name: string; port: number } | undefined {
  const service = fieldOf(config, "service");
  const [namespace, name] = [textOf(service, "namespace"), textOf(service, "name")];
  if (namespace !== undefined && name !== undefined) {
    return { namespace, name, port: portNumber(fieldOf(service, "port")) ?? DEFAULT_PORT };
  }
  return calledByUrl(textOf(config, "url"));
}

/** A URL may name a Service of the cluster all the same. */
function calledByUrl(text: string | undefined): { namespace: string; name: string; port: number } | undefined {
  const url = text === undefined ? null : URL.parse(text);
  const service = url === null ? undefined : serviceOfHost(url.hostname);
  if (url === null || service === undefined) return undefined;
  return { ...service, port: url.port === "" ? DEFAULT_PORT : Number(url.port) };
}
