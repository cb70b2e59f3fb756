import { shortHash } from "../../lib/safe-name.ts";

/** What the text of a pull request remembers between runs; all of it can be found out again from the branch. */
export interface ProposalState {
  /** The branch of the unit. */
  readonly unit: string;
  readonly base: string;
  readonly stage: string;
  readonly fingerprint: string;
  /** Hash of the decisions that counted. */
  readonly decisions: string;
  /** The commit last written; undefined where the text was written before it. */
  readonly head: string | undefined;
  /** As it was last written by netlearn: another one is a person's. */
  readonly title: string | undefined;
  /** Day of the counts in the text, `YYYY-MM-DD`. */
  readonly refreshedOn: string | undefined;
  /** Last day on which it is left alone, `YYYY-MM-DD`. */
  readonly snoozedUntil: string | undefined;
  /** {@link bodyHash} of the text above the block. */
  readonly bodyHash: string;
}

const VERSION = 1;
const BLOCK = /<!-- netlearn:state (?<base64>[A-Za-z0-9+/=]{0,8000}) -->/gu;

/** The state as an HTML comment of one line: base64 of JSON, so nothing in it can end the comment. */
export function stateBlock(state: ProposalState): string {
  const json = JSON.stringify([
    VERSION,
    state.unit,
    state.base,
    state.stage,
    state.fingerprint,
    state.decisions,
    state.bodyHash,
    state.head,
    state.title,
    state.refreshedOn,
    state.snoozedUntil,
  ]);
  return `<!-- netlearn:state ${Buffer.from(json, "utf8").toString("base64")} -->`;
}

/**
 * The state in a text; undefined where it is missing, there twice, of another version, or not as {@link stateBlock} writes
 * it. Never throws. It is no signature: who can edit the text can write another state.
 */
export function readState(body: string): ProposalState | undefined {
  const [match, ...more] = body.matchAll(BLOCK);
  // A second one that is broken is somebody's doing as well.
  if (match === undefined || more.length > 0 || body.split("<!-- netlearn:state").length !== 2) return undefined;
  const state = stateOf(parsed(match.groups?.["base64"] ?? ""));
  return state !== undefined && stateBlock(state) === match[0] ? state : undefined;
}

/** Of a text without its state block and whatever white space is in it: a host that reflows lines changes nothing. */
export function bodyHash(body: string): string {
  return shortHash(body.replaceAll(BLOCK, "").replaceAll(/\s+/gu, ""));
}

function parsed(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, "base64").toString("utf8"));
  } catch {
    return undefined;
  }
}

function stateOf(found: unknown): ProposalState | undefined {
  if (!Array.isArray(found) || found.length !== 11 || found[0] !== VERSION) return undefined;
  const values: readonly unknown[] = found;
  const [unit, base, stage, fingerprint, decisions, hash] = values.slice(1, 7).map(textOf);
  const [head, title, refreshedOn, snoozedUntil] = values.slice(7).map(textOf);
  if (unit === undefined || base === undefined || stage === undefined) return undefined;
  if (fingerprint === undefined || decisions === undefined || hash === undefined) return undefined;
  return { unit, base, stage, fingerprint, decisions, head, title, refreshedOn, snoozedUntil, bodyHash: hash };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
