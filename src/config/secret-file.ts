import { readFile } from "node:fs/promises";
import path from "node:path";
import { NetlearnError } from "../lib/errors.ts";

/** Secrets and certificates are short; what is longer is some other file, given by mistake. */
const LONGEST = 1024 * 1024;

/**
 * Reads a secret from a file, as Kubernetes mounts them; one line break at its end is not part of it.
 *
 * @param what names it in errors, with its flag: `the password of --sasl-password-file`
 * @throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE` when it can't be read or is empty; the secret is not in the message
 */
export async function readSecretFile(file: string, cwd: string, what: string): Promise<string> {
  const hint = "Name a file with nothing but the secret in it, readable by this process.";
  const secret = (await readSmallFile(file, cwd, { what, hint })).replace(/\r?\n$/u, "");
  if (secret === "") throw unusable(file, { what, hint }, "is empty");
  return secret;
}

/**
 * Reads certificates or a key.
 *
 * @param what as for {@link readSecretFile}
 * @returns what is in the file; whether it is PEM is seen when it is used
 * @throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE` when it can't be read
 */
export async function readPemFile(file: string, cwd: string, what: string): Promise<string> {
  return await readSmallFile(file, cwd, { what, hint: "Name a file in PEM, readable by this process." });
}

/** What a file is for, and what to do when it is of no use. */
interface Purpose {
  readonly what: string;
  readonly hint: string;
}

async function readSmallFile(file: string, cwd: string, purpose: Purpose): Promise<string> {
  let text: string;
  try {
    text = await readFile(path.resolve(cwd, file), "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw unusable(file, purpose, `can't be read: ${REASONS[reason] ?? reason}`, cause);
  }
  if (text.length > LONGEST) throw unusable(file, purpose, `is longer than ${LONGEST} characters`);
  return text;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file",
};

function unusable(file: string, { what, hint }: Purpose, problem: string, cause?: unknown): NetlearnError {
  return new NetlearnError("NETLEARN_KAFKA_UNAVAILABLE", `${what}: ${JSON.stringify(file)} ${problem}`, {
    hint,
    cause,
  });
}
