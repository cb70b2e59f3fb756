import { readFile } from "node:fs/promises";
import { NetlearnError } from "../../lib/errors.ts";

/** The text of a snapshot file; throws NetlearnError `NETLEARN_INPUT_MISSING` when it can't be read. */
export async function readSnapshot(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new NetlearnError("NETLEARN_INPUT_MISSING", `snapshot ${file} can't be read`, {
      hint: "give a file that `netlearn graph --format json` or `netlearn state export` wrote",
      cause,
    });
  }
}
