import { mkdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Measured, measured, median, ROOT } from "./measured-process.ts";
import { speedRow } from "./speed-row.ts";

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
console.log(speedRow("readline + JSON.parse", plains, { bytes, count: records, unit: "records" }));
console.log(speedRow("netlearn suggest", suggests, { bytes, count: records, unit: "records" }));
const ratio = median(plains.map((one) => one.seconds)) / median(suggests.map((one) => one.seconds));
console.log(`netlearn suggest is ${ratio.toFixed(2)} times as fast as the plain loop`);
rmSync(small);

const large = await generated(values.large);
const once = await measured(suggestArgs(large));
const largeBytes = statSync(large).size;
console.log(`${values.large}: the same edges`);
console.log(
  speedRow("netlearn suggest", [once], {
    bytes: largeBytes,
    count: Math.round((records * largeBytes) / bytes),
    unit: "records",
  }),
);
const same = once.output === suggests[0]?.output;
console.log(
  `the policies are ${same ? "the same bytes" : "DIFFERENT"}; memory grew by ${Math.round(once.peakMib - Math.max(...suggests.map((one) => one.peakMib)))} MiB`,
);
rmSync(large);
