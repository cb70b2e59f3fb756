import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type EmitOptions, type Simulation, shop, simulate, text } from "./simulator/index.ts";

/** Where the example lies. */
export const EXAMPLE_FILE: string = fileURLToPath(new URL("../../examples/shop/flows.jsonl", import.meta.url));

const OPTIONS: EmitOptions = { seed: "examples/shop", start: "2026-03-04T06:00:00Z", hours: 26, proxy: "dns" };

/** The window of the shop that the example shows: a day and two hours. */
export function simulateExample(): Simulation {
  return simulate(shop(), OPTIONS);
}

/** The bytes of `examples/shop/flows.jsonl`. */
export function exampleText(): string {
  return text(simulateExample().lines);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dirname(EXAMPLE_FILE), { recursive: true });
  writeFileSync(EXAMPLE_FILE, exampleText());
}
