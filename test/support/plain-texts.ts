import { createHash } from "node:crypto";
import type { Texts, WrittenState } from "../../src/gitops/manners/texts.ts";

/** The plainest words that keep what the interface promises: for laws about when something is written, not what. */
export const PLAIN_TEXTS: Texts = {
  title: ({ branch }) => `feat: what ${branch} needs`,
  body: (proposal, { title, refreshedOn, snoozedUntil, previous }) => {
    const state: WrittenState = { fingerprint: proposal.fingerprint, title, refreshedOn, snoozedUntil };
    const counts = proposal.evidence.map(({ from, to, count }) => `${from} -> ${to}: ${count}`).join("\n");
    const link = previous === undefined ? "" : `after ${previous.url}\n`;
    return `${link}proposes ${proposal.fingerprint}\n${counts}\n<!-- state ${JSON.stringify(state)} -->`;
  },
  commitMessage: ({ branch, fingerprint }) =>
    `feat: what ${branch} needs\n\nNetlearn-Unit: ${branch}\nNetlearn-Fingerprint: ${fingerprint}\n`,
  comment: (kind, proposal) => `<!-- ${kind} ${proposal?.fingerprint ?? ""} -->`,
  hasComment: (comments, kind, fingerprint) =>
    comments.some(({ body }) => body.startsWith(`<!-- ${kind} ${fingerprint ?? ""}`)),
  readState: (body) => {
    const text = /<!-- state (?<state>\{.*\}) -->/u.exec(body)?.groups?.["state"];
    return text === undefined ? undefined : (JSON.parse(text) as WrittenState);
  },
  bodyHash: (body) =>
    createHash("sha256")
      .update(body.replaceAll(/<!-- state .* -->|\s/gu, ""))
      .digest("hex"),
};
