import type { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { isFields, preview } from "../json.ts";
import { object, text } from "./fields.ts";
import type { UriTarget } from "./request-uri.ts";
import { targetOf } from "./request-uri.ts";

/**
 * GKE writes its audit log as entries of Cloud Logging (google.cloud.audit.AuditLog) that hold what an Event does in other
 * places and words. There are no groups and no URI; `resourceName` and `methodName` tell what was asked for.
 */

/** True for an entry of a Kubernetes API server's; other services of the cloud log in the same shape. */
export function isKubernetesEntry(entry: Fields): boolean {
  const payload = entry["protoPayload"];
  return isFields(payload) && payload["serviceName"] === "k8s.io";
}

/** `gke:activity`, `gke:data_access`: which of the logs an entry is from, as they hold different requests. */
export function originOfEntry(entry: Fields): string {
  const name = entry["logName"];
  const log = typeof name === "string" ? /%2F([a-z_]{1,30})$/i.exec(name)?.[1] : undefined;
  return log === undefined ? "gke" : `gke:${log.toLowerCase()}`;
}

/** The Event that an entry stands for. */
export function eventOfEntry(entry: Fields, faults: Faults): Fields {
  const payload = object(entry["protoPayload"], "protoPayload", faults) ?? NOTHING;
  const who = object(payload["authenticationInfo"], "protoPayload.authenticationInfo", faults) ?? NOTHING;
  const client = object(payload["requestMetadata"], "protoPayload.requestMetadata", faults) ?? NOTHING;
  const operation = object(entry["operation"], "operation", faults) ?? NOTHING;
  return {
    auditID: operation["id"] ?? entry["insertId"],
    stage: operation["first"] === true && operation["last"] !== true ? "ResponseStarted" : "ResponseComplete",
    ...askedOf(payload, faults),
    ...userOf(who, faults),
    sourceIPs: text(client["callerIp"], "protoPayload.requestMetadata.callerIp", faults),
    userAgent: text(client["callerSuppliedUserAgent"], "protoPayload.requestMetadata.callerSuppliedUserAgent", faults),
    responseStatus: { code: httpCode(object(payload["status"], "protoPayload.status", faults), faults) },
    requestReceivedTimestamp: entry["timestamp"],
    annotations: annotationsOf(entry, payload, faults),
    requestObject: payload["request"],
    responseObject: payload["response"],
  };
}

const NOTHING: Fields = {};

/** The authority selector is who was impersonated. */
function userOf(who: Fields, faults: Faults): Fields {
  const selected = text(who["authoritySelector"], "protoPayload.authenticationInfo.authoritySelector", faults);
  return {
    user: { username: text(who["principalEmail"], "protoPayload.authenticationInfo.principalEmail", faults) },
    ...(selected === "" ? {} : { impersonatedUser: { username: selected } }),
  };
}

/** The decision stands in the labels; where it doesn't, the permission that was granted tells as much. */
function annotationsOf(entry: Fields, payload: Fields, faults: Faults): Fields {
  const labels = object(entry["labels"], "labels", faults) ?? NOTHING;
  const permissions = payload["authorizationInfo"];
  const first: unknown = Array.isArray(permissions) ? permissions[0] : undefined;
  const isGranted = isFields(first) && first["granted"] === true;
  const isTold = Object.keys(labels).some((key) => key.endsWith("/decision"));
  return isGranted && !isTold ? { ...labels, "authorization.k8s.io/decision": "allow" } : labels;
}

/** `io.k8s.get` of `readyz`: a path that is no resource. */
const PLAIN_METHOD = /^io\.k8s\.([a-z]+)$/;

function askedOf(payload: Fields, faults: Faults): Fields {
  const method = text(payload["methodName"], "protoPayload.methodName", faults);
  const name = text(payload["resourceName"], "protoPayload.resourceName", faults);
  const verb = PLAIN_METHOD.exec(method)?.[1];
  if (verb !== undefined) {
    return { verb, requestURI: `/${name.replaceAll("%", "%25").replaceAll("?", "%3F")}` };
  }
  const [group = "", version = "", ...rest] = name.split("/");
  const target = targetOf(group === "core" ? ["api", version, ...rest] : ["apis", group, version, ...rest]);
  if (target === undefined) {
    faults.add("protoPayload.resourceName", name, "GROUP/VERSION/... of a resource");
    return NOTHING;
  }
  const { prefix: _, ...objectRef } = target;
  return { verb: verbOf(method, { name, target, stem: `${reversed(group)}.${version}.` }, faults), objectRef };
}

interface Named {
  readonly name: string;
  readonly target: UriTarget;
  readonly stem: string;
}

/** `io.k8s.core.v1.pods.exec.create`: the group backwards, the version, the resource and its subresource, the verb. */
function verbOf(method: string, { name, target, stem }: Named, faults: Faults): string {
  const { resource, subresource } = target;
  const start = `${stem}${resource}.${subresource === "" ? "" : `${subresource}.`}`;
  const verb = method.startsWith(start) ? method.slice(start.length) : "";
  if (verb === "" || verb.includes(".")) {
    faults.add("protoPayload.methodName", method, `${start}VERB, as resourceName ${preview(name)} says`);
  }
  return verb;
}

/** Groups without a dot are Kubernetes' own. */
function reversed(group: string): string {
  return group.includes(".") ? group.split(".").toReversed().join(".") : `io.k8s.${group}`;
}

/** Status codes of gRPC (google.rpc.Code) and what they are in HTTP; UNKNOWN says nothing, and so do the others. */
const HTTP_CODES: ReadonlyMap<unknown, number> = new Map([
  [0, 200],
  [3, 400],
  [5, 404],
  [6, 409],
  [7, 403],
  [8, 429],
  [9, 400],
  [10, 409],
  [12, 501],
  [13, 500],
  [14, 503],
  [16, 401],
]);

/** An empty status is success; without one the request goes on. */
function httpCode(status: Fields | undefined, faults: Faults): number | undefined {
  if (status === undefined) {
    return undefined;
  }
  const code = status["code"] ?? 0;
  if (typeof code !== "number" && typeof code !== "string") {
    faults.add("protoPayload.status.code", code, "a status of gRPC");
  }
  return HTTP_CODES.get(typeof code === "string" ? Number(code) : code);
}
