import { yamlString } from "../../lib/yaml-string.ts";
import type { ProposedAccess } from "../../model/proposal.ts";

/**
 * An entry of `.github/netlearn-decisions.yaml` that rejects an access, to be pasted below `decisions:`. Who, why and on
 * which day are left empty, which the file's reader refuses until somebody says so.
 *
 * @returns undefined where names have characters that would make a pattern for something else of them
 */
export function decisionEntry(access: ProposedAccess): string | undefined {
  const what = rejectionOf(access);
  return what === undefined
    ? undefined
    : [
        `  - reject: ${yamlString(what)}`,
        '    who: "" # your name',
        '    why: "" # the reason, in one line',
        '    on: "" # the day, YYYY-MM-DD',
      ].join("\n");
}

/** An access as a decision names it; undefined where names would make a pattern for something else. */
export function rejectionOf(access: ProposedAccess): string | undefined {
  return access.kind === "request" ? `${access.from}:${access.to}` : connectionText(access);
}

// As graph/edge-pattern.ts reads it: an asterisk is a wildcard, an arrow or a colon ends a name.
const PLAIN = /^[^\s<>=*:[\]]+$/u;
const ADDRESS_V6 = /^[0-9a-f:.]*:[0-9a-f:.]*(?:\/\d+)?$/iu;

function connectionText({ from, to, port }: ProposedAccess): string | undefined {
  const [, protocol, number] = /^(TCP|UDP|SCTP)\/(\d+)$/u.exec(port) ?? [];
  const isV6 = ADDRESS_V6.test(to);
  if (!(PLAIN.test(from) || ADDRESS_V6.test(from)) || !(PLAIN.test(to) || isV6)) return undefined;
  if (number === undefined) return port === "" ? `${from}->${to}` : undefined;
  return `${from}->${isV6 ? `[${to}]` : to}:${number}/${protocol ?? ""}`;
}
