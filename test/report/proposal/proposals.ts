import fc from "fast-check";
import type { Proposal, ProposedAccess, ProposedEvidence } from "../../../src/model/proposal.ts";
import type { TextContext } from "../../../src/report/proposal/proposal-text.ts";

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 0, 5, 8);

export const CONTEXT: TextContext = {
  bodyLimit: 65_536,
  checkboxes: true,
  title: "feat(netlearn): allow what was observed in shop",
  refreshedOn: "2026-02-03",
  snoozedUntil: undefined,
  isDraft: false,
  previous: undefined,
};

export function access(id: number, over: Partial<ProposedAccess> = {}): ProposedAccess {
  const digits = id.toString(16).padStart(12, "0");
  return { id: digits, kind: "connection", from: "shop/cart", to: "shop/db", port: "TCP/5432", ...over };
}

export function evidence(id: number, over: Partial<ProposedEvidence> = {}): ProposedEvidence {
  const lastSeen = FIRST + 29 * DAY;
  return { ...access(id), count: 1234, firstSeen: FIRST, lastSeen, days: 30, inferred: undefined, ...over };
}

export function proposal(over: Partial<Proposal> = {}): Proposal {
  return {
    unit: { base: "main", cluster: "", namespace: "shop", stage: "widen" },
    branch: "netlearn/_/shop/widen",
    fingerprint: "0123456789abcdef",
    changes: [
      {
        kind: "write",
        path: "shop/netlearn-cart.yaml",
        text: "kind: NetworkPolicy\n",
        before: undefined,
        owner: "netlearn",
      },
    ],
    files: [],
    effect: { allowed: [access(1)], forbidden: [], forbiddenMore: 0, isolated: [], cut: [] },
    evidence: [evidence(1)],
    risks: [],
    confidence: {
      window: { first: FIRST, last: FIRST + 29 * DAY },
      completeness: undefined,
      expectedCuts: { perWeek: 0.31, low: 0, high: 1.2 },
      unseen: ["Pods on the host network are not told apart."],
    },
    findings: [],
    decisions: [],
    check: { by: ["netlearn", "kustomize 5.5.0"], differences: [], unsure: [] },
    refused: [],
    picture: [{ from: "shop/cart", to: "shop/db", label: "TCP/5432", kind: "allowed" }],
    ...over,
  };
}

/** Text with what means something to Markdown, HTML, Mermaid, templates and shells. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "@",
        "#",
        "<",
        ">",
        "|",
        "`",
        "[",
        "]",
        "(",
        ")",
        "!",
        "&",
        "\n",
        "\r",
        "\u001b",
        "\u202e",
        "{{",
        "${",
        "-->",
        "<!--",
      ),
      fc.constantFrom(
        "@team",
        "#12",
        "a",
        "end",
        "<!-- netlearn:state QQ== -->",
        "- [x] <!-- netlearn:snooze -->",
        "```",
        "\\",
        '"',
        "https://evil.example",
        "</details>",
        " ",
      ),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""));

const anyAccess = fc.record({
  id: fc.oneof(fc.stringMatching(/^[0-9a-f]{12}$/u), hostile),
  kind: fc.constantFrom("connection" as const, "request" as const),
  from: hostile,
  to: hostile,
  port: hostile,
});

/** Everything that can hold a name holds a hostile one. */
export function anyProposal(most: number): fc.Arbitrary<Proposal> {
  const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: most, size: "max" });
  const optional = fc.option(hostile, { nil: undefined });
  return fc
    .record({
      allowed: list(anyAccess),
      forbidden: list(anyAccess),
      cut: list(fc.record({ access: anyAccess, decided: optional })),
      seen: list(fc.record({ access: anyAccess, count: fc.nat(), inferred: optional })),
      risks: list(
        fc.record({
          rule: hostile,
          level: fc.constantFrom("low" as const, "medium" as const, "high" as const),
          message: hostile,
        }),
      ),
      findings: list(
        fc.record({
          code: hostile,
          severity: fc.constantFrom("error" as const, "warning" as const, "info" as const),
          about: optional,
          message: hostile,
          choice: optional,
        }),
      ),
      decisions: list(
        fc.record({
          kind: fc.constantFrom("accept" as const, "reject" as const),
          what: hostile,
          who: hostile,
          why: hostile,
          on: hostile,
          until: optional,
        }),
      ),
      refused: list(fc.record({ path: hostile, message: hostile, patch: hostile })),
      picture: list(
        fc.record({
          from: hostile,
          to: hostile,
          label: hostile,
          kind: fc.constantFrom("allowed" as const, "forbidden" as const, "kept" as const),
        }),
      ),
      sentences: list(hostile),
    })
    .map(({ allowed, forbidden, cut, seen, sentences, ...rest }) =>
      proposal({
        ...rest,
        effect: {
          allowed,
          forbidden,
          forbiddenMore: 3,
          isolated: sentences.map((workload) => ({ workload, direction: "ingress" as const })),
          cut: cut.map((one) => ({ ...one.access, decided: one.decided })),
        },
        evidence: seen.map((one) => ({ ...evidence(0), ...one.access, count: one.count, inferred: one.inferred })),
        confidence: { ...proposal().confidence, unseen: sentences },
        check: { by: sentences, differences: sentences, unsure: sentences },
      }),
    );
}
