import type { IHeaders, KafkaMessage } from "kafkajs";
import type { KafkaRecord } from "./port.ts";

/** A record as kafkajs has it -> as everyone else reads it. */
export function toRecord({ offset, timestamp, value, headers }: KafkaMessage): KafkaRecord {
  const time = Number(timestamp);
  return { offset: Number(offset), timestamp: time >= 0 ? time : undefined, value, headers: headersOf(headers) };
}

const NONE: KafkaRecord["headers"] = Object.freeze({});

/** kafkajs takes what every object inherits, `constructor` say, for an earlier header of that name. */
function headersOf(headers: IHeaders | undefined): KafkaRecord["headers"] {
  const entries = Object.entries(headers ?? NONE);
  return entries.length === 0
    ? NONE
    : Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.filter(isValue) : value]));
}

function isValue(value: unknown): value is Buffer | string {
  return Buffer.isBuffer(value) || typeof value === "string";
}
