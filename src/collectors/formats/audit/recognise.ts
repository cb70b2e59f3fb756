import type { AccessRecord } from "../../../model/access.ts";
import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";
import { isKubernetesEntry } from "./gke.ts";

/** An audit event, told by its shape. */
export interface AuditObject {
  /** An Event of audit.k8s.io, or an entry of Cloud Logging that stands for one. */
  readonly kind: "audit-event" | "audit-log-entry";
  readonly fields: Fields;
  readonly source: AuditSource;
}

/** What envelopes say of the log an event is from: see `AccessRecord`. */
export type AuditSource = Pick<AccessRecord, "origin" | "cluster">;

const GROUP = "audit.k8s.io/";

/**
 * True for an Event of audit.k8s.io. Items of lists lack apiVersion and kind, and some writers leave out either, so the audit id
 * tells as well: what has one is an event, and whatever else is wrong with it, nothing is looked for in it.
 */
export function isAuditEvent(fields: Fields): boolean {
  const version = fields["apiVersion"];
  if (typeof version === "string" && version.startsWith(GROUP)) {
    return fields["kind"] === "Event" || (fields["auditID"] !== undefined && fields["items"] === undefined);
  }
  return fields["auditID"] !== undefined && (fields["stage"] !== undefined || fields["verb"] !== undefined);
}

/** The items of an EventList of audit.k8s.io, all of them events; undefined when it is none. */
export function eventListItems(fields: Fields): readonly unknown[] | undefined {
  const items = fields["items"];
  const version = fields["apiVersion"];
  const isList = fields["kind"] === "EventList" && typeof version === "string" && version.startsWith(GROUP);
  return isList && (Array.isArray(items) || items === null || items === undefined) ? (items ?? []) : undefined;
}

/** An entry of Cloud Logging with a payload of an audit log; `other` when it is not of a Kubernetes API server. */
export function logEntryKind(fields: Fields): "kubernetes" | "other" | undefined {
  if (!isFields(fields["protoPayload"])) {
    return undefined;
  }
  return isKubernetesEntry(fields) ? "kubernetes" : "other";
}
