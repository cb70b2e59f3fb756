import { mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Measured, measured, median, ROOT } from "./measured-process.ts";

/**
 * Measures `netlearn suggest` beside a plain loop over the same generated file, in turns, and prints the ratio of the
 * medians; then a file four times as large with the same edges, for the memory.
 */
const { values } = parseArgs({
  options: {
    bytes: { type: "string", default: "1GB" },
    large: { type: "string", default: "4GB" },
    rounds: { type: "string", default: "3" },
  },
});

async function generated(bytes: string): Promise<string> {
  const folder = path.join(ROOT, ".cache/bench");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `flows-${bytes}.jsonl`);
  await measured([path.join(ROOT, "test/bench/generate.ts"), "--bytes", bytes, "--out", file]);
  return file;
}

function row(name: string, runs: readonly Measured[], bytes: number, records: number): string {
  const seconds = median(runs.map((one) => one.seconds));
  const peak = Math.max(...runs.map((one) => one.peakMib));
  const speed = [
    `${seconds.toFixed(1)} s`,
    `${Math.round(records / seconds / 1000)} thousand records/s`,
    `${Math.round(bytes / seconds / 1e6)} MB/s`,
  ];
  return `${name.padEnd(24)} ${speed.map((text) => text.padStart(26)).join("")} ${`${Math.round(peak)} MiB at the most`.padStart(24)}`;
}

const suggestArgs = (file: string): string[] => [path.join(ROOT, "bin/netlearn.js"), "suggest", file, "--quiet"];
const plainArgs = (file: string): string[] => [path.join(ROOT, "test/bench/plain-loop.ts"), file];

const small = await generated(values.bytes);
const bytes = statSync(small).size;
const suggests: Measured[] = [];
const plains: Measured[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  plains.push(await measured(plainArgs(small)));
  suggests.push(await measured(suggestArgs(small)));
}
const records = Number.parseInt(plains[0]?.output ?? "0", 10);
console.log(`${values.bytes}: ${records} records, medians of ${values.rounds} runs in turns`);
console.log(row("readline + JSON.parse", plains, bytes, records));
console.log(row("netlearn suggest", suggests, bytes, records));
const ratio = median(plains.map((one) => one.seconds)) / median(suggests.map((one) => one.seconds));
console.log(`netlearn suggest is ${ratio.toFixed(2)} times as fast as the plain loop`);
rmSync(small);

const large = await generated(values.large);
const once = await measured(suggestArgs(large));
const largeBytes = statSync(large).size;
console.log(`${values.large}: the same edges`);
console.log(row("netlearn suggest", [once], largeBytes, Math.round((records * largeBytes) / bytes)));
const same = once.output === suggests[0]?.output;
console.log(
  `the policies are ${same ? "the same bytes" : "DIFFERENT"}; memory grew by ${Math.round(once.peakMib - Math.max(...suggests.map((one) => one.peakMib)))} MiB`,
);
rmSync(large);
