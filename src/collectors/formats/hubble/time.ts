import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";
import { parseTime } from "../time.ts";
import { field } from "./fields.ts";

/** A google.protobuf.Timestamp: text, or `{seconds, nanos}` as other writers have it; undefined when it is unreadable. */
export function timestamp(fields: Fields, name: string): number | undefined {
  const value = field(fields, name);
  if (typeof value === "string") {
    return parseTime(value);
  }
  if (!isFields(value)) {
    return undefined;
  }
  const seconds = Number(value["seconds"] ?? 0);
  const nanos = Number(value["nanos"] ?? 0);
  const time = seconds * 1000 + Math.trunc(nanos / 1_000_000);
  return Number.isSafeInteger(time) && Number.isInteger(seconds) ? time : undefined;
}
