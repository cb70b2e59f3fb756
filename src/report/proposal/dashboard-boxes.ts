import { shortHash } from "../../lib/safe-name.ts";

/**
 * A box that asks for a unit now, whatever limits and schedule say.
 *
 * @param branch of the unit; `all`: of every one
 * @param label one line, escaped for Markdown already
 */
export function openBox(branch: string, label: string, isTicked: boolean): string {
  const id = branch === "all" ? branch : shortHash(branch);
  return `- [${isTicked ? "x" : " "}] ${label} <!-- netlearn:open:${id} -->`;
}

const TICKED = /^\s*[-*] \[[xX]\] .*<!-- netlearn:open:(?<id>all|[0-9a-f]{12}) -->\s*$/u;

/**
 * Which units somebody ticked in the dashboard.
 *
 * @param issue ticks in a closed one speak for nobody
 * @returns whether the unit with this branch is asked for
 */
export function askedFor(
  issue: { readonly state: "open" | "closed"; readonly body: string } | undefined,
): (branch: string) => boolean {
  const body = issue?.state === "open" ? issue.body : "";
  const ids = new Set(body.split(/\r?\n/u).flatMap((line) => TICKED.exec(line)?.groups?.["id"] ?? []));
  return (branch) => ids.has("all") || ids.has(shortHash(branch));
}
