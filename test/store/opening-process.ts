import { writeFileSync } from "node:fs";
import { NetlearnError } from "../../src/lib/errors.ts";
import { openState } from "../../src/store/open.ts";
import { mergeToys } from "./toy-facts.ts";

/** Opens the state its arguments name, as they say, and prints what comes of it as JSON. */
const [location = "", mode = ""] = process.argv.slice(2);
try {
  const store = await openState(location, { mode: mode === "read" ? "read" : "write", mergeCells: mergeToys });
  for await (const cells of store.cells()) cells.at(0);
  await store.close();
  writeFileSync(1, JSON.stringify({ kind: "opened" }));
} catch (error) {
  if (!(error instanceof NetlearnError)) throw error;
  const { code, message, hint, exitCode } = error;
  writeFileSync(1, JSON.stringify({ kind: "failed", code, message, hint, exitCode }));
}
