/** A box that a reader can tick. */
export type Box =
  /** An access, by its identity: 12 hexadecimal digits. */
  | { readonly command: "reject"; readonly id: string }
  /** Commits of people up to this head of the branch. */
  | { readonly command: "overwrite"; readonly head: string }
  | { readonly command: "snooze" };

/** Days that the box for snoozing stands for. */
export const SNOOZE_DAYS = 30;

/** @param label one line, escaped for Markdown already */
export function boxLine(box: Box, label: string): string {
  const about = box.command === "snooze" ? "" : `:${box.command === "reject" ? box.id : box.head}`;
  return `- [ ] ${label} <!-- netlearn:${box.command}${about} -->`;
}

const TICKED =
  /^\s*[-*] \[[xX]\] .*<!-- netlearn:(?:reject:(?<id>[0-9a-f]{12})|overwrite:(?<head>[0-9a-z]{1,64})|(?<snooze>snooze)) -->\s*$/u;

/** What is ticked in a text, as the git writer takes it. */
export interface TickedBoxes {
  /** Sorted, each once. */
  readonly rejected: readonly string[];
  /** Undefined: not to be left alone. */
  readonly snoozeDays: number | undefined;
  /** Commits of people up to this head may go. */
  readonly overwrite: string | undefined;
}

/** What readers ticked; a box counts only where its marker ends the line. */
export function tickedBoxes(body: string): TickedBoxes {
  const ticks = body.split(/\r?\n/u).flatMap((line) => {
    const groups = TICKED.exec(line)?.groups;
    return groups === undefined
      ? []
      : [{ id: groups["id"], head: groups["head"], isSnooze: groups["snooze"] !== undefined }];
  });
  const ids = ticks.flatMap(({ id }) => id ?? []);
  return {
    rejected: [...new Set(ids)].toSorted(),
    snoozeDays: ticks.some(({ isSnooze }) => isSnooze) ? SNOOZE_DAYS : undefined,
    overwrite: ticks.flatMap(({ head }) => head ?? []).at(-1),
  };
}

/** A text without the line of the box for overwriting, ticked or not. */
export function withoutOverwriteBox(body: string): string {
  return body.replaceAll(
    /^\s*[-*] \[[ xX]\] [^\r\n]*<!-- netlearn:overwrite:[0-9a-z]{1,64} -->[^\S\n]*(?:\n|$)/gmu,
    "",
  );
}
