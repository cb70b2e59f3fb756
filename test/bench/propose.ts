import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeFleet } from "./fleet.ts";
import { type Measured, measured, median, ROOT } from "./measured-process.ts";

/**
 * Measures `netlearn propose` on a repository of 10,000 manifests and 500 workloads beside `netlearn suggest` of the same flows,
 * in turns, and prints the ratio of the medians: what is dearer is the way into the repository. Then both stages once they
 * are merged, when nothing is to be changed any more.
 */
const { values } = parseArgs({
  options: {
    namespaces: { type: "string", default: "25" },
    workloads: { type: "string", default: "20" },
    manifests: { type: "string", default: "10000" },
    rounds: { type: "string", default: "3" },
  },
});
const folder = path.join(ROOT, ".cache/bench/fleet");
const flows = path.join(ROOT, ".cache/bench/fleet.jsonl");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const fleet = writeFleet(folder, {
  namespaces: Number(values.namespaces),
  workloads: Number(values.workloads),
  manifests: Number(values.manifests),
});
writeFileSync(flows, fleet.flows);
git("init", "-q");
commit();

const program = path.join(ROOT, "bin/netlearn.js");
const propose = [program, "propose", flows, "--repo", folder, "--quiet", "-o", "patch"];
const suggest = [program, "suggest", flows, "--quiet"];

const suggests: Measured[] = [];
const proposes: Measured[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  suggests.push(await measured(suggest));
  proposes.push(await measured(propose));
}
console.log(`${fleet.files} files, ${fleet.workloads} workloads, medians of ${values.rounds} runs in turns`);
console.log(row("netlearn suggest", suggests));
console.log(row("netlearn propose, all new", proposes));
const patch = proposes[0]?.output ?? "";
if (!patch.startsWith("diff --git ")) throw new Error("nothing was proposed");
execFileSync("git", ["-C", folder, "apply"], { input: patch });
commit();
const again: Measured[] = [];
for (let round = 0; round < Number(values.rounds); round++) again.push(await measured(propose));
if (again.some(({ output }) => output !== "")) throw new Error("something was proposed twice");
console.log(row("netlearn propose, no change", again));
const ratio = seconds(proposes) / seconds(suggests);
console.log(`netlearn propose takes ${ratio.toFixed(2)} times as long as netlearn suggest`);
rmSync(folder, { recursive: true });
rmSync(flows);

function git(...args: readonly string[]): void {
  execFileSync("git", ["-C", folder, ...args]);
}

function commit(): void {
  git("add", "-A");
  git("-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "-q", "-m", "state");
}

function seconds(runs: readonly Measured[]): number {
  return median(runs.map((run) => run.seconds));
}

function row(name: string, runs: readonly Measured[]): string {
  const peak = Math.round(Math.max(...runs.map(({ peakMib }) => peakMib)));
  return `${name.padEnd(30)} ${`${seconds(runs).toFixed(1)} s`.padStart(10)} ${`${peak} MiB at the most`.padStart(22)}`;
}
