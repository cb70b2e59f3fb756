const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "it vanished before it was read",
  EISDIR: "it is a directory now",
  ELOOP: "its links go in a circle",
  EIO: "the device failed to read it",
  ESTALE: "the file server no longer has it",
  Z_BUF_ERROR: "the compressed data ends too early; what comes before is used",
};

const DAMAGED = "the compressed data is damaged; what comes before is used";

/** The code of a system or zlib error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** True for what zlib and zstd say of bytes they can't unpack. */
export function isPackingError(error: unknown): boolean {
  return /^(?:Z_|ZSTD_)/.test(errorCode(error) ?? "");
}

/** One line that says why something could not be read. */
export function reasonOf(error: unknown): string {
  const code = errorCode(error);
  const text = error instanceof Error ? error.message : String(error);
  const known = REASONS[code ?? ""] ?? (isPackingError(error) ? DAMAGED : undefined);
  return known === undefined ? text.replaceAll(/\s+/g, " ") : `${known} (${code})`;
}
