import { mkdir, open, realpath, rename, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { NetlearnError } from "./errors.ts";

/**
 * Writes a file so that whoever looks sees the old or the new text, never half of it. Folders are made as needed;
 * a link is followed, permissions are kept.
 *
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE`
 */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    const existing = await stat(file).catch(() => undefined);
    if (existing !== undefined && !existing.isFile()) {
      // /dev/stdout, a named pipe: a rename would put a file in its place.
      await writeFile(file, text);
      return;
    }
    await replaceFile(existing === undefined ? file : await realpath(file), text, existing?.mode);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/**
 * Puts a text in the place of a file, at once; what stands there is not followed when it is a link.
 *
 * @param mode of the new file; undefined: as the process makes files
 */
export async function replaceFile(target: string, text: string, mode: number | undefined): Promise<void> {
  // Beside the target, since a rename is atomic only within a file system.
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.tmp`);
  await unlink(temporary).catch(() => {});
  try {
    // "wx" never follows a link that somebody put there.
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.writeFile(text);
      // Without this a crash of the machine can leave an empty file under the new name.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

/** The error for a place that cannot be written, whatever the reason. */
export function unwritable(place: string, cause: unknown): NetlearnError {
  if (cause instanceof NetlearnError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NetlearnError("NETLEARN_OUTPUT_UNWRITABLE", `cannot write ${JSON.stringify(place)}: ${reason}`, {
    hint: "Choose another place, or mend its permissions.",
    cause,
  });
}
