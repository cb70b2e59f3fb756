import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import * as formats from "ajv-formats";

const FILE = path.join(import.meta.dirname, "sarif-2.1.0.schema.json");

/**
 * What the schema of OASIS says against a SARIF log; empty for a valid one.
 *
 * @param text of the log
 */
export function sarifFaults(text: string): readonly string[] {
  return validate(JSON.parse(text))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

// The schema is written in draft 4 and uses nothing that later drafts read differently but the name of its identifier.
const { $schema: _draft, id, ...schema } = JSON.parse(readFileSync(FILE, "utf8")) as Record<string, unknown>;
const ajv = new Ajv({ allErrors: true, strict: false });
formats.default.default(ajv);
const validate = ajv.compile({ ...schema, $id: String(id) });
