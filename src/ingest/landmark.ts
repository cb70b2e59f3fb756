import { crc32 } from "node:zlib";
import type { KafkaRecord } from "../collectors/kafka/port.ts";

/**
 * Tells a record from another one at its offset: `OFFSET TIMESTAMP LENGTH CRC32`. Not proof against somebody who wants to
 * deceive, who could as well write what he likes into the topic.
 */
export function landmarkOf({ offset, timestamp, value }: Pick<KafkaRecord, "offset" | "timestamp" | "value">): string {
  return [offset, timestamp ?? "", value?.length ?? "", value === null ? "" : crc32(value)].join(" ");
}
