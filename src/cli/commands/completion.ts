import type { OptionSpec } from "../../config/option-spec.ts";
import { SHELLS } from "../../config/settings.ts";
import type { ExitCode } from "../../lib/errors.ts";
import { completionScript } from "../completion-script.ts";
import { type CliIo, writeAll } from "../io.ts";

/** `netlearn completion`: prints a script that completes commands, options and their values. */
export async function runCompletion(shell: string, options: readonly OptionSpec[], io: CliIo): Promise<ExitCode> {
  const known = SHELLS.find((candidate) => candidate === shell) ?? "bash";
  await writeAll(io.stdout, completionScript(known, options));
  return 0;
}
