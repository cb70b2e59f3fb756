import { shortHash } from "../../lib/safe-name.ts";

/** What the text of a pull request remembers between runs; all of it can be found out again from the branch. */
export interface ProposalState {
  readonly unit: string;
  readonly base: string;
  readonly stage: string;
  readonly fingerprint: string;
  /** Hash of the decisions that counted. */
  readonly decisions: string;
  /** The commit last written; empty before the first. */
  readonly head: string;
  /** {@link bodyHash} of the text above the block. */
  readonly bodyHash: string;
}

const VERSION = 1;
const BLOCK = /<!-- netlearn:state ([A-Za-z0-9+/=]{0,8000}) -->/gu;
const KEYS = ["unit", "base", "stage", "fingerprint", "decisions", "head", "bodyHash"] as const;

/** The state as an HTML comment of one line: base64 of JSON, so nothing in it can end the comment. */
export function stateBlock(state: ProposalState): string {
  const json = JSON.stringify([VERSION, ...KEYS.map((key) => state[key])]);
  return `<!-- netlearn:state ${Buffer.from(json, "utf8").toString("base64")} -->`;
}

/** The state in a text; undefined where it is missing, there twice, of another version, or changed by somebody. Never throws. */
export function readState(body: string): ProposalState | undefined {
  const [match, ...more] = body.matchAll(BLOCK);
  const mentions = body.split("netlearn:state").length - 1;
  if (match === undefined || more.length > 0 || mentions !== 1) return undefined;
  const values = parse(match[1] ?? "");
  if (values === undefined) return undefined;
  const [unit, base, stage, fingerprint, decisions, head, hash] = values;
  if (unit === undefined || base === undefined || stage === undefined || fingerprint === undefined) return undefined;
  if (decisions === undefined || head === undefined || hash === undefined) return undefined;
  const state = { unit, base, stage, fingerprint, decisions, head, bodyHash: hash };
  return stateBlock(state) === match[0] ? state : undefined;
}

/** Of a text without its state block and whatever white space is in it: a host that reflows lines changes nothing. */
export function bodyHash(body: string): string {
  return shortHash(body.replaceAll(BLOCK, "").replaceAll(/\s+/gu, ""));
}

function parse(base64: string): readonly string[] | undefined {
  try {
    const found: unknown = JSON.parse(Buffer.from(base64, "base64").toString("utf8"));
    if (!Array.isArray(found) || found.length !== KEYS.length + 1 || found[0] !== VERSION) return undefined;
    const values: unknown[] = found.slice(1);
    return values.every((value) => typeof value === "string") ? values : undefined;
  } catch {
    return undefined;
  }
}

/** A box that a reader can tick. */
export interface Tick {
  readonly command: "overwrite" | "refresh" | "reject" | "snooze";
  /** What is rejected; empty for the others. */
  readonly id: string;
}

const BOX = /^\s*[-*] \[[xX]\] .*<!-- netlearn:(?:(reject):([0-9a-f]{12})|(overwrite|refresh|snooze)) -->\s*$/u;

/** The boxes that are ticked, in the order of the text. */
export function tickedBoxes(body: string): readonly Tick[] {
  return body.split(/\r?\n/u).flatMap((line): readonly Tick[] => {
    const match = BOX.exec(line);
    if (match === null) return [];
    if (match[1] !== undefined) return [{ command: "reject", id: match[2] ?? "" }];
    const command = (["overwrite", "refresh", "snooze"] as const).find((one) => one === match[3]);
    return command === undefined ? [] : [{ command, id: "" }];
  });
}

/** A box to tick. `label` is escaped already and one line. */
export function box(tick: Tick, label: string): string {
  return `- [ ] ${label} <!-- netlearn:${tick.command}${tick.id === "" ? "" : `:${tick.id}`} -->`;
}
