import { shortHash } from "../../lib/safe-name.ts";
import { boxLine, withoutOverwriteBox } from "./boxes.ts";

/** What the text of a pull request remembers between runs; all of it can be found out again from the branch. */
export interface ProposalState {
  /** The branch of the unit. */
  readonly unit: string;
  readonly base: string;
  readonly stage: string;
  readonly fingerprint: string;
  /** Hash of the decisions that counted. */
  readonly decisions: string;
  /** The branch's head that the box for overwriting commits of people speaks of; undefined: there is no such box. */
  readonly offeredHead: string | undefined;
  /** As it was last written by netlearn: another one is a person's. */
  readonly title: string | undefined;
  /** Day of the counts in the text, `YYYY-MM-DD`. */
  readonly refreshedOn: string | undefined;
  /** Last day on which it is left alone, `YYYY-MM-DD`. */
  readonly snoozedUntil: string | undefined;
  /** Whether it was a draft, as far as netlearn said so last. */
  readonly isDraft: boolean;
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
    state.offeredHead,
    state.title,
    state.refreshedOn,
    state.snoozedUntil,
    state.isDraft,
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

/** A text's words with its state below: what netlearn writes of a state that offers nothing to overwrite. */
export function withState(text: string, state: Omit<ProposalState, "bodyHash" | "offeredHead">): string {
  return `${text}\n\n${stateBlock({ ...state, offeredHead: undefined, bodyHash: bodyHash(text) })}\n`;
}

/** Characters that {@link withState} and {@link withOverwriteBox} add at most to a text. */
export function hiddenLength(state: Omit<ProposalState, "bodyHash" | "offeredHead">): number {
  const longest = "f".repeat(64);
  const block = stateBlock({ ...state, offeredHead: longest, bodyHash: bodyHash("") });
  return overwriteLine(longest).length + block.length + 5;
}

/**
 * A text of ours as it is, but that its box for overwriting commits of people speaks of this head, unticked.
 *
 * @returns undefined where the text has no state block of ours: people changed it
 */
export function withOverwriteBox(body: string, head: string): string | undefined {
  const state = readState(body);
  if (state === undefined || !/^[0-9a-z]{1,64}$/u.test(head)) return undefined;
  const text = withoutOverwriteBox(body.replaceAll(BLOCK, "")).trimEnd();
  const offered = `${text}\n\n${overwriteLine(head)}`;
  return `${offered}\n\n${stateBlock({ ...state, offeredHead: head, bodyHash: bodyHash(offered) })}\n`;
}

function overwriteLine(head: string): string {
  const label = `Overwrite the commits of people on this branch, up to \`${head.slice(0, 7)}\``;
  return boxLine({ command: "overwrite", head }, label);
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
  if (!Array.isArray(found) || found.length !== 12 || found[0] !== VERSION) return undefined;
  const values: readonly unknown[] = found;
  const [unit, base, stage, fingerprint, decisions, hash] = values.slice(1, 7).map(textOf);
  const [offeredHead, title, refreshedOn, snoozedUntil] = values.slice(7, 11).map(textOf);
  const isDraft = values[11] === true;
  if (unit === undefined || base === undefined || stage === undefined) return undefined;
  if (fingerprint === undefined || decisions === undefined || hash === undefined) return undefined;
  const words = { unit, base, stage, fingerprint, decisions, offeredHead, title, refreshedOn, snoozedUntil };
  return { ...words, isDraft, bodyHash: hash };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
