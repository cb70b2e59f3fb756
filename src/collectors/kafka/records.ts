import type { KafkaMessage } from "kafkajs";
import type { KafkaRecord } from "./port.ts";

/** A record as kafkajs has it -> as everyone else reads it. */
export function toRecord({ offset, timestamp, value, headers }: KafkaMessage): KafkaRecord {
  const time = Number(timestamp);
  return { offset: Number(offset), timestamp: time >= 0 ? time : undefined, value, headers: headers ?? {} };
}
