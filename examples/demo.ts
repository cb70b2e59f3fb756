import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

/** Shows the main job on the bundled shop: what `make demo` runs. */
const root = path.resolve(import.meta.dirname, "..");
const flows = "examples/shop/flows.jsonl";
const output = ".cache/demo/policies";
const report = ".cache/demo/report.md";

rmSync(path.join(root, ".cache/demo"), { recursive: true, force: true });
console.log(`$ netlearn suggest ${flows} -o ${output} --report ${report}\n`);
const { status } = spawnSync(
  process.execPath,
  [path.join(root, "bin/netlearn.js"), "suggest", flows, "-o", output, "--report", report],
  { cwd: root, stdio: "inherit" },
);
if (status !== 0) process.exit(status ?? 3);

const files = readdirSync(path.join(root, output), { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".yaml"),
);
console.log(`\n${files.length} policies in ${output}:`);
for (const file of files.toSorted()) console.log(`  ${file}`);
const shown = `${output}/shop/netlearn-cart.yaml`;
console.log(`\n$ cat ${shown}\n\n${readFileSync(path.join(root, shown), "utf8")}`);
console.log(`The report with the evidence for each rule: ${report}`);
console.log(
  `Next: npx netlearn graph ${flows}; npx netlearn explain ${flows} --to shop/cart; npx netlearn access examples/shop/audit.jsonl; npx netlearn suggest YOUR-FLOWS`,
);
