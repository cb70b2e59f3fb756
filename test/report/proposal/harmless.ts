import { expect } from "vitest";

/** Lines that Markdown reads as such. */
export function outsideOfFences(text: string): readonly string[] {
  let fence: string | undefined;
  return text.split("\n").filter((line) => {
    const mark = /^`{3,}/u.exec(line)?.[0];
    if (mark === undefined) return fence === undefined;
    if (fence === undefined) fence = mark;
    else if (line === fence) fence = undefined;
    return false;
  });
}

/**
 * No mention, issue reference, address, comment or tag is in a line but ours.
 *
 * @param bars how many a row of a table may have
 */
export function expectHarmless(line: string, bars: readonly number[]): void {
  const ours = /<!-- netlearn:(?:state [\w+/=]+|reject:[0-9a-f]{12}|open:(?:all|[0-9a-f]{12})|snooze) -->$/u;
  // Who looks for hidden commands in the raw text knows of no code spans.
  expect(line.replace(ours, "")).not.toMatch(/<!--|-->/u);
  const prose = line.replace(ours, "").replaceAll(/`[^`]*`/gu, "CODE");
  expect(prose).not.toMatch(/@\w|(?<!&)#\d|<!--|-->|https?:\/\//u);
  expect(prose.replaceAll(/<\/?(?:code|details|summary)>/gu, "")).not.toMatch(/[<>]/u);
  if (line.startsWith("|")) expect(bars).toContain(line.split("|").length - 1);
}
