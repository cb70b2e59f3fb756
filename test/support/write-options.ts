import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { INPUT_FORMATS } from "../../src/collectors/formats/input-format.ts";
import { replaceOptionTables } from "../../src/config/option-docs.ts";
import { optionTable } from "../../src/config/option-table.ts";

// Writes the option tables into README.md, between their markers.
const readme = path.resolve(import.meta.dirname, "../../README.md");
writeFileSync(
  readme,
  replaceOptionTables(readFileSync(readme, "utf8"), optionTable(INPUT_FORMATS.map(({ name }) => name))),
);
