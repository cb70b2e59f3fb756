import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type Mutant, mutantsOf, mutated } from "./mutants.ts";

/**
 * Plants one mistake after the other into the evaluators and runs their tests: each must fail. Mistakes that no test can
 * notice stand in survivors.json with the reason; any other survivor, and a reason that is not needed any more, ends
 * the run with 1. The real conformance tables and logs are left out, so that the project's own tests have to do it.
 */
const root = path.resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    target: { type: "string" },
    only: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
  },
});

/** Tests in the order they are run in; quick ones first: most mistakes need no more. */
type Stages = readonly (readonly string[])[];

const NETWORK: Stages = [
  ["rules", "reasons", "problems", "profile", "address", "names", "present"].map(
    (name) => `test/evaluator/network/${name}.test.ts`,
  ),
  ["test/evaluator/network/laws.test.ts", "test/evaluator/proof.test.ts"],
];
const ACCESS: Stages = [
  ["authorizer", "prove"].map((name) => `test/evaluator/access/${name}.test.ts`),
  ["test/evaluator/access/laws.test.ts"],
];

/** The folders in which mistakes are planted, with the tests that have to notice. */
const TARGETS: Readonly<Record<string, Stages>> = {
  "src/evaluator/network": NETWORK,
  "src/evaluator/access": ACCESS,
};
const TIMEOUT_MS = 120_000;

interface Task {
  readonly stages: Stages;
  readonly file: string;
  readonly text: string;
  readonly mutant: Mutant;
}

interface Survivor {
  readonly key: string;
  readonly reason: string;
}

const targets = Object.entries(TARGETS).filter(([target]) => values.target === undefined || values.target === target);

function tasks(): Task[] {
  return targets.flatMap(([target, stages]) => {
    const names = readdirSync(path.join(root, target)).filter((name) => name.endsWith(".ts"));
    return names.toSorted().flatMap((name) => {
      const file = path.posix.join(target, name);
      if (values.only !== undefined && !file.includes(values.only)) return [];
      const text = readFileSync(path.join(root, file), "utf8");
      return mutantsOf(file, text).map((mutant) => ({ stages, file, text, mutant }));
    });
  });
}

/** A copy of the project for one worker, so that nobody's working tree is ever wrong. */
function copyOf(worker: number): string {
  const folder = path.join(root, ".cache/mutation", String(worker));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ["src", "generators", "test", "package.json", "tsconfig.json", "vitest.config.ts"]) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  return folder;
}

async function pass(folder: string, tests: readonly string[]): Promise<boolean> {
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  // One process for all files: these modules keep nothing, and starting a process takes longer than their tests do.
  const quick = ["--bail", "1", "--reporter", "dot", "--no-isolate", "--no-file-parallelism", "--pool", "threads"];
  const child = spawn(process.execPath, [vitest, "run", ...quick, ...tests], {
    cwd: folder,
    stdio: "ignore",
    env: { ...process.env, NETLEARN_SHARED_DATA: path.join(folder, "none"), CI: "" },
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0));
  });
}

async function survives(folder: string, { stages, file, text, mutant }: Task): Promise<boolean> {
  const target = path.join(folder, file);
  writeFileSync(target, mutated(text, mutant));
  try {
    for (const stage of stages) if (!(await pass(folder, stage))) return false;
    return true;
  } finally {
    writeFileSync(target, text);
  }
}

const queue = tasks();
const total = queue.length;
const folders = Array.from({ length: Number(values.workers) }, (_, worker) => copyOf(worker));
const [first] = folders;
if (
  first === undefined ||
  !(await pass(
    first,
    targets.flatMap(([, stages]) => stages.flat()),
  ))
) {
  console.error("the tests fail before anything is changed: mend them first");
  process.exit(1);
}
const survivors: string[] = [];
let done = 0;
await Promise.all(
  folders.map(async (folder) => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      if (await survives(folder, task)) {
        survivors.push(`${path.basename(task.file)} | ${task.mutant.key}`);
        console.log(`survived  ${task.file}:${task.mutant.line}  ${task.mutant.key}`);
      }
      done++;
      if (done % 50 === 0) console.log(`${done} of ${total} tried`);
    }
  }),
);
rmSync(path.join(root, ".cache/mutation"), { recursive: true, force: true });

const file = path.join(import.meta.dirname, "survivors.json");
const known: readonly Survivor[] = JSON.parse(readFileSync(file, "utf8"));
const unexplained = survivors.filter((key) => !known.some((survivor) => survivor.key === key)).toSorted();
const tried = new Set(targets.flatMap(([target]) => readdirSync(path.join(root, target))));
const inScope = ({ key }: Survivor): boolean => {
  const name = key.split(" | ")[0] ?? "";
  return tried.has(name) && (values.only === undefined || name.includes(values.only));
};
const needless = known.filter((survivor) => inScope(survivor) && !survivors.includes(survivor.key));
console.log(
  `${total} mistakes planted, ${total - survivors.length} caught, ${survivors.length} survived, ${survivors.length - unexplained.length} of them with a known reason`,
);
for (const key of unexplained) console.log(`no reason known: ${key}`);
for (const { key } of needless) console.log(`caught or gone, take it off the list: ${key}`);
process.exitCode = unexplained.length + needless.length === 0 ? 0 : 1;
