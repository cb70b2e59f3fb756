import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import type { AccessAttributes, Identity } from "../../src/model/access.ts";
import { AUDIT_DATA } from "./audit-data.ts";

/** What a real authorizer decided. */
export interface Decision {
  readonly identity: Identity;
  readonly attributes: AccessAttributes;
  readonly decision: "allow" | "forbid";
  readonly reason: string;
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: User;
  readonly impersonatedUser?: User;
  readonly objectRef?: Readonly<
    Record<"apiGroup" | "resource" | "subresource" | "namespace" | "name", string | undefined>
  >;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface User {
  readonly username: string;
  readonly groups?: readonly string[];
}

/**
 * The decisions in the log of the real API server, decoded as plainly as can be: the judge is not to be tested with the
 * program's own decoder.
 */
export function realDecisions(): readonly Decision[] {
  const log = gunzipSync(readFileSync(path.join(AUDIT_DATA, "real-apiserver/audit.log.gz"))).toString();
  return log
    .split("\n")
    .filter((line) => line !== "")
    .map((line): AuditEvent => JSON.parse(line))
    .flatMap((event) => {
      const decision = event.annotations?.["authorization.k8s.io/decision"];
      if (decision !== "allow" && decision !== "forbid") return [];
      const user = event.impersonatedUser ?? event.user;
      return [
        {
          identity: { username: user.username, groups: user.groups ?? [] },
          attributes: attributesOf(event),
          decision,
          reason: event.annotations?.["authorization.k8s.io/reason"] ?? "",
        },
      ];
    });
}

function attributesOf({ verb, requestURI, objectRef }: AuditEvent): AccessAttributes {
  if (objectRef === undefined) return { kind: "non-resource", verb, path: requestURI.replace(/\?.*/su, "") };
  const { apiGroup = "", resource = "", subresource = "", namespace = "", name = "" } = objectRef;
  // Filled from the body after the authorizer had seen none.
  const isNameless = verb === "create" && subresource === "";
  return { kind: "resource", verb, apiGroup, resource, subresource, namespace, name: isNameless ? "" : name };
}
