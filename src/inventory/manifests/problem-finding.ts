import type { Finding } from "../../model/finding.ts";
import type { ManifestProblem } from "./manifest-problem.ts";

/** What could not be read is lost to every decision: that must not go unseen. */
export function problemFinding({ code, file, line, message, choice }: ManifestProblem): Finding {
  const severity = code === "directory-loop" ? "info" : code === "template-not-rendered" ? "warning" : "error";
  return { code, severity, about: undefined, message: `${file}:${line}: ${message}.`, choice };
}
