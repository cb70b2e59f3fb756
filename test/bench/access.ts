import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { AUDIT_DEFAULTS, writeAuditEvents } from "./audit-events.ts";
import { type Measured, measured, median, ROOT } from "./measured-process.ts";
import { speedRow } from "./speed-row.ts";

/**
 * Measures `netlearn suggest --audit` beside a plain loop over the same generated audit log, in turns, and prints the ratio
 * of the medians; then the same log with as many refused probes, each for a name of its own, for the memory.
 */
const { values } = parseArgs({
  options: { events: { type: "string", default: "1000000" }, rounds: { type: "string", default: "3" } },
});
const events = Number(values.events);
const folder = path.join(ROOT, ".cache/bench");
mkdirSync(folder, { recursive: true });
const file = path.join(folder, "audit.jsonl");

const suggest = [path.join(ROOT, "bin/netlearn.js"), "suggest", "--audit", file, "--quiet"];
const plain = [path.join(ROOT, "test/bench/plain-audit-loop.ts"), file];

const bytes = writeAuditEvents({ ...AUDIT_DEFAULTS, events }, file);
const suggests: Measured[] = [];
const plains: Measured[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  plains.push(await measured(plain));
  suggests.push(await measured(suggest));
}
console.log(`${events} audit events, ${(bytes / 1e9).toFixed(2)} GB, medians of ${values.rounds} runs in turns`);
console.log(speedRow("readline + JSON.parse", plains, { bytes, count: events, unit: "events" }));
console.log(speedRow("netlearn suggest --audit", suggests, { bytes, count: events, unit: "events" }));
const ratio = median(plains.map((one) => one.seconds)) / median(suggests.map((one) => one.seconds));
console.log(`netlearn suggest --audit is ${ratio.toFixed(2)} times as fast as the plain loop`);

const probed = writeAuditEvents({ ...AUDIT_DEFAULTS, events: events * 2, probes: 0.5 }, file);
const once = await measured(suggest);
console.log(`${events * 2} events, about half of them refused probes with names of their own`);
console.log(speedRow("netlearn suggest --audit", [once], { bytes: probed, count: events * 2, unit: "events" }));
rmSync(file);
