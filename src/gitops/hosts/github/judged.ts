import type { WriteResult } from "../../host.ts";
import { type Answer, writeResult } from "./answer.ts";

export const DONE = { kind: "done", value: undefined } as const;

/** What a write came to: where it may have happened, a look tells, once. */
export async function judged(answer: Answer, isThere: () => Promise<Answer<boolean>>): Promise<WriteResult> {
  if (answer.kind === "ok") return DONE;
  if (answer.kind !== "unsure") return writeResult(answer);
  const looked = await isThere();
  return looked.kind === "ok" && looked.data ? DONE : writeResult(answer);
}

/** Undefined: its text is as it was expected. */
export function editedMeanwhile(number: number, isExpected: boolean): WriteResult | undefined {
  return isExpected ? undefined : { kind: "lost-race", because: `Somebody edited #${number} meanwhile.` };
}

/** GitHub writes line ends as it likes, and cuts blanks at the end. */
export function isSameText(one: string | null | undefined, other: string): boolean {
  return plainText(one ?? "") === plainText(other);
}

function plainText(text: string): string {
  return text.replaceAll("\r\n", "\n").trim();
}
