import { randomWorld, simulate } from "../../support/simulator/index.ts";
import { createRandom } from "../../support/simulator/random.ts";
import type { KafkaRecord } from "../../testbed/kafka-records.ts";

/**
 * What a shipper writes: flows, some several in one message, some twice, and now and then something that nobody can
 * read.
 */
export function traffic(topic: string, seed: number): readonly KafkaRecord[] {
  const random = createRandom(seed);
  const { lines } = simulate(randomWorld(seed, 10), { seed, hours: 4 });
  return lines.flatMap((line, at): readonly KafkaRecord[] => {
    const key = `10.0.${random.integer(0, 9)}.1`;
    if (random.chance(0.01)) return [{ topic, key, value: null }];
    if (random.chance(0.01)) return [{ topic, key, value: POISON[at % POISON.length] ?? "" }];
    if (random.chance(0.05)) return [{ topic, key, value: `${line}\n${lines[at + 1] ?? line}\n` }];
    const record = { topic, key, value: line };
    return random.chance(0.03) ? [record, record] : [record];
  });
}

const POISON: readonly (string | Uint8Array)[] = [
  "not json at all",
  '{"flow":{"time":"2026-01-05T00:00:00Z"',
  '{"hello":"world"}',
  "",
  new Uint8Array([0, 0, 0, 0, 7, 10, 20, 30]),
  new Uint8Array([0x0a, 0xff, 0xfe, 0x00]),
];
