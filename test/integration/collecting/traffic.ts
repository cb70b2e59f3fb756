import { auditEvent, type EventDraft } from "../../support/audit-events.ts";
import { randomWorld, simulate } from "../../support/simulator/index.ts";
import { createRandom, type Random } from "../../support/simulator/random.ts";
import type { KafkaRecord } from "../../testbed/kafka-records.ts";

/**
 * What a shipper writes: flows and audit events, some several in one message, some twice, and now and then something that nobody
 * can read.
 */
export function traffic(topic: string, seed: number): readonly KafkaRecord[] {
  const random = createRandom(seed);
  const { lines } = simulate(randomWorld(seed, 10), { seed, hours: 4 });
  return lines.flatMap((line, at): readonly KafkaRecord[] => {
    const key = `10.0.${random.integer(0, 9)}.1`;
    if (random.chance(0.01)) return [{ topic, key, value: null }];
    if (random.chance(0.01)) return [{ topic, key, value: POISON[at % POISON.length] ?? "" }];
    if (random.chance(0.2)) return [{ topic, key, value: auditLine(random, at) }];
    if (random.chance(0.05)) return [{ topic, key, value: `${line}\n${lines[at + 1] ?? line}\n` }];
    const record = { topic, key, value: line };
    return random.chance(0.03) ? [record, record] : [record];
  });
}

const VERBS = ["get", "list", "watch", "update"] as const;

/** Some identities, who use some objects, of which one kind has more names than are kept; and are refused some. */
function auditLine(random: Random, at: number): string {
  const verb = random.pick(VERBS);
  const isNamed = verb === "get" || verb === "update";
  const draft: EventDraft = {
    user: `system:serviceaccount:shop:account-${random.integer(0, 5)}`,
    verb,
    namespace: "shop",
    ...(isNamed ? { name: `object-${random.integer(0, 90)}` } : {}),
    decision: random.chance(0.2) ? "forbid" : "allow",
    stage: random.chance(0.2) ? "ResponseStarted" : "ResponseComplete",
    pod: `account-${random.integer(0, 80)}`,
    time: new Date(Date.UTC(2026, 0, 5) + at * 1000).toISOString(),
    auditID: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
  };
  return JSON.stringify(auditEvent(draft));
}

const POISON: readonly (string | Uint8Array)[] = [
  "not json at all",
  '{"flow":{"time":"2026-01-05T00:00:00Z"',
  '{"hello":"world"}',
  "",
  new Uint8Array([0, 0, 0, 0, 7, 10, 20, 30]),
  new Uint8Array([0x0a, 0xff, 0xfe, 0x00]),
];
