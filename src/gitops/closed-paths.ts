/** What some file systems leave out of names, so that `.g\u200Cit` is `.git` there. */
const IGNORABLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu;

/**
 * Why a path must not be written in a repository; undefined: it may. Git's own folder, workflows and what leads outside
 * are closed whatever the plan says, in every spelling a file system takes for them.
 */
export function whyNotWritten(path: string): string | undefined {
  if (path === "" || path.startsWith("/") || path.endsWith("/")) return "is no path of a file below the root";
  if (/[\p{Cc}\\]/u.test(path) || !path.isWellFormed()) return "has a backslash or a control character in it";
  const parts = path.split("/").map((part) => part.replaceAll(IGNORABLE, "").toLowerCase());
  if (parts.some((part) => part === "" || part === "." || part === "..")) return "leads outside or is not normal";
  // Windows leaves dots and blanks at the end out, takes git~1 for .git, and reads what follows a colon as a stream.
  const plain = parts.map((part) => part.replace(/:.*$/u, "").replace(/[. ]+$/u, ""));
  if (plain.some((part) => part === ".git" || /^git~\d+$/u.test(part) || part === ".gitmodules")) {
    return "is git's own";
  }
  return plain[0] === ".github" && plain[1] === "workflows"
    ? "is a workflow, which would run with the repository's secrets"
    : undefined;
}
