/** A box that a reader can tick. */
export type Box =
  /** An access, by its identity: 12 hexadecimal digits. */
  { readonly command: "reject"; readonly id: string } | { readonly command: "overwrite" | "refresh" | "snooze" };

/** Days that the box for snoozing stands for. */
export const SNOOZE_DAYS = 30;

/** @param label one line, escaped for Markdown already */
export function boxLine(box: Box, label: string): string {
  const id = box.command === "reject" ? `:${box.id}` : "";
  return `- [ ] ${label} <!-- netlearn:${box.command}${id} -->`;
}

const TICKED =
  /^\s*[-*] \[[xX]\] .*<!-- netlearn:(?:reject:(?<id>[0-9a-f]{12})|(?<command>overwrite|refresh|snooze)) -->\s*$/u;

/** What is ticked in a text, as the git writer takes it. */
export interface TickedBoxes {
  /** Sorted, each once. */
  readonly rejected: readonly string[];
  /** Undefined: not to be left alone. */
  readonly snoozeDays: number | undefined;
  readonly refresh: boolean;
  /** Commits of people may go. */
  readonly overwrite: boolean;
}

/** What readers ticked; a box counts only where its marker ends the line. */
export function tickedBoxes(body: string): TickedBoxes {
  const ticks = body.split(/\r?\n/u).flatMap((line) => {
    const groups = TICKED.exec(line)?.groups;
    return groups === undefined ? [] : [{ id: groups["id"], command: groups["command"] }];
  });
  const has = (wanted: string): boolean => ticks.some(({ command }) => command === wanted);
  const ids = ticks.flatMap(({ id }) => id ?? []);
  return {
    rejected: [...new Set(ids)].toSorted(),
    snoozeDays: has("snooze") ? SNOOZE_DAYS : undefined,
    refresh: has("refresh"),
    overwrite: has("overwrite"),
  };
}
