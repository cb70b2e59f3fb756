import { readFile } from "node:fs/promises";
import path from "node:path";
import { NetlearnError } from "../lib/errors.ts";

/** Secrets are short; what is longer is some other file, given by mistake. */
const LONGEST = 64 * 1024;

/**
 * Reads a secret from a file, as Kubernetes mounts them; one line break at its end is not part of it.
 *
 * @param what names it in errors, with its flag: `the password of --sasl-password-file`
 * @throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE` when it can't be read or is empty; the secret is not in the message
 */
export async function readSecretFile(file: string, cwd: string, what: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path.resolve(cwd, file), "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw unusable(file, what, `can't be read: ${REASONS[reason] ?? reason}`, cause);
  }
  const secret = text.replace(/\r?\n$/u, "");
  if (secret === "") throw unusable(file, what, "is empty");
  if (secret.length > LONGEST) throw unusable(file, what, `is longer than ${LONGEST} characters`);
  return secret;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file",
};

function unusable(file: string, what: string, problem: string, cause?: unknown): NetlearnError {
  return new NetlearnError("NETLEARN_KAFKA_UNAVAILABLE", `${what}: ${JSON.stringify(file)} ${problem}`, {
    hint: "Name a file with nothing but the secret in it, readable by this process.",
    cause,
  });
}
