import type { RejectionReason } from "../../model/observation.ts";
import type { AuditObject } from "./audit/recognise.ts";
import type { HubbleObject } from "./hubble/event.ts";
import type { FormatRule } from "./input-format.ts";
import type { Fields } from "./json.ts";
import { previewValue } from "./json.ts";

/** A record of a kind that is known and holds nothing to read, such as a log of another part of the control plane. */
export interface PassedOver {
  readonly kind: "passed-over";
  /** What it is, for the count of its kind. */
  readonly name: string;
}

/** What was found inside a record, or why there is nothing at that place. */
export type Leaf =
  | { readonly found: HubbleObject | AuditObject | PassedOver; readonly reason: undefined; readonly detail: undefined }
  | UnreadLeaf;

export interface UnreadLeaf {
  readonly found: undefined;
  readonly reason: RejectionReason;
  readonly detail: string;
}

/** A leaf with something in it. */
export function foundLeaf(found: HubbleObject | AuditObject | PassedOver): Leaf {
  return { found, reason: undefined, detail: undefined };
}

/** True for a leaf with something in it. */
export function isTaken(leaf: Leaf): boolean {
  return leaf.found !== undefined;
}

/** Envelopes in each other, more than `deepest`. */
export function tooDeep(deepest: number): Leaf {
  return unread("too-deep", `more than ${deepest} envelopes in each other; ship the records with fewer`);
}

/** @param shown the beginning of what looks like JSON */
export function brokenJson(shown: string): Leaf {
  return unread("invalid-json", `${shown} is broken JSON; the record is left out`);
}

/** @param shown the beginning of what was found */
export function notAFlow(shown: string): Leaf {
  return unread(
    "not-a-flow",
    `${shown} holds no Hubble flow and no audit event; use the Hubble exporter or \`hubble observe -o jsonpb\`, or the API server's audit log`,
  );
}

/** A record that is none of the format somebody asked for. */
export function wrongFormat(format: FormatRule, fields: Fields): Leaf {
  return unread(
    "not-a-flow",
    `${previewValue(fields)} is no ${format.name} record (${format.description}); drop --format to have it recognised`,
  );
}

function unread(reason: RejectionReason, detail: string): UnreadLeaf {
  return { found: undefined, reason, detail };
}
