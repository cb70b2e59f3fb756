import { isMap, isSeq, parseDocument, stringify } from "yaml";
import { z } from "zod";
import { yamlString } from "../../lib/yaml-string.ts";
import type { Decision } from "../../model/proposal.ts";
import { invalid, readCheckedYaml } from "./checked-yaml.ts";

/** Where decisions stand. */
export const DECISIONS_FILE = ".github/netlearn-decisions.yaml";

/** Argo CD would take the file for a manifest where it reads the root of the repository. */
const HEADER = "# +argocd:skip-file-rendering\n";

const Line = z.string("must be text").min(1, "must not be empty");
const Day = z.iso.date("must be a day, such as 2026-03-01");

const DecisionText = z
  .strictObject(
    { reject: Line.optional(), accept: Line.optional(), who: Line, why: Line, on: Day, until: Day.optional() },
    "must be a mapping",
  )
  .refine(({ reject, accept }) => (reject === undefined) !== (accept === undefined), "needs either reject or accept");

const DecisionsText = z.strictObject(
  { decisions: z.array(DecisionText, "must be a list").nullish() },
  "must be a mapping with decisions",
);

/** Decisions in the order of the file. */
export interface Decisions {
  readonly valid: readonly Decision[];
  readonly expired: readonly Decision[];
}

/**
 * Reads `.github/netlearn-decisions.yaml` of the base branch.
 *
 * @param text undefined: there is no such file
 * @param today the run's day, `YYYY-MM-DD`: what was decided until today holds today
 * @throws NetlearnError `NETLEARN_CONFIG_INVALID` that lists every mistake with its line
 */
export function parseDecisions(text: string | undefined, today: string): Decisions {
  const { value } = readCheckedYaml(text ?? "", DECISIONS_FILE, DecisionsText);
  const decisions = (value.decisions ?? []).map(({ reject, accept, who, why, on, until }): Decision => {
    const what = reject ?? accept ?? "";
    return { kind: reject === undefined ? "accept" : "reject", what, who, why, on, until };
  });
  return {
    valid: decisions.filter(({ until }) => until === undefined || until >= today),
    expired: decisions.filter(({ until }) => until !== undefined && until < today),
  };
}

/**
 * Adds decisions at the end of the file.
 *
 * @param text the file as it is, of which no byte changes; undefined: it is written anew
 * @returns the same text when all of them are in it
 * @throws NetlearnError `NETLEARN_CONFIG_INVALID` when the file has mistakes, or is written so that nothing can be added
 *   at its end
 */
export function addDecisions(text: string | undefined, decisions: readonly Decision[]): string {
  const known = parseDecisions(text, "0000-00-00").valid;
  const isNew = (decision: Decision): boolean =>
    !known.some(
      ({ kind, what, until }) => kind === decision.kind && what === decision.what && until === decision.until,
    );
  const added = decisions.filter(isNew);
  if (added.length === 0) {
    return text ?? "";
  }
  const { start, indent } = endOf(text ?? HEADER);
  const lineEnd = start.includes("\r\n") ? "\r\n" : "\n";
  const entries = added.map((decision) => entryOf(decision, indent)).join("");
  const result = start + entries.replaceAll("\n", lineEnd);
  if (countOf(result) !== known.length + added.length) {
    throw closedList();
  }
  return result;
}

/** Where the next entry goes, with how many spaces before its dash. */
function endOf(text: string): { readonly start: string; readonly indent: number } {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const start = text === "" || text.endsWith("\n") ? text : `${text}${lineEnd}`;
  const { contents } = parseDocument(text);
  if (contents === null) {
    return { start: `${start}decisions:${lineEnd}`, indent: 2 };
  }
  const list = isMap(contents) ? contents.get("decisions", true) : undefined;
  if (isSeq(list) && !(list.flow ?? false)) {
    return { start, indent: columnOf(text, list.range?.[0] ?? 0) };
  }
  // `decisions:` with nothing after it; a flow list is found out by reading the result again.
  return { start, indent: 2 };
}

function countOf(text: string): number | undefined {
  try {
    return parseDecisions(text, "0000-00-00").valid.length;
  } catch {
    return undefined;
  }
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

function entryOf({ kind, what, who, why, on, until }: Decision, indent: number): string {
  const lines = [
    `- ${kind}: ${scalarOf(what)}`,
    `  who: ${scalarOf(who)}`,
    `  why: ${scalarOf(why)}`,
    `  on: ${on}`,
    ...(until === undefined ? [] : [`  until: ${until}`]),
  ];
  return lines.map((line) => `${" ".repeat(indent)}${line}\n`).join("");
}

/** As a person would write it, in one line: without quotes where nothing in it needs them. */
function scalarOf(text: string): string {
  if (!/^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text)) return yamlString(text);
  const written = stringify(text, { lineWidth: 0 }).trimEnd();
  return written.includes("\n") ? yamlString(text) : written;
}

function closedList(): Error {
  return invalid(DECISIONS_FILE, [
    `${DECISIONS_FILE}: nothing can be added at the end of this file. Let "decisions:" be its last key, with a list of one dash a line`,
  ]);
}
