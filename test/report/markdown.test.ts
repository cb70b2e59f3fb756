import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Suggestion } from "../../src/pipeline.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import {
  CART_DENIED,
  HOSTILE,
  LOAD_TEST,
  SHOP_EDGES,
  SHOP_POLICIES,
  SOME_FACTS,
  someEdge,
  someFinding,
  someGraph,
  someReading,
  someSuggestion,
  someWorkload,
} from "../support/fixtures.ts";

/** The text of one section, without its heading. */
function section(report: string, heading: string): string {
  const parts = report.split(/^(?=#{1,3} )/mu);
  const part = parts.find((text) => text.startsWith(`${heading}\n`));
  return (part ?? `no section ${heading}`).slice(heading.length).trim();
}

const report = renderMarkdown(someSuggestion());

describe("the verdict comes first", () => {
  const opening = (suggestion: Suggestion): string => renderMarkdown(suggestion).split("\n")[2] ?? "";
  const proof = someSuggestion().proof;

  it.each([
    [
      "cut traffic",
      { proof: { ...proof, cut: [{ edge: SHOP_EDGES.frontendToCart, direction: "egress" as const, reason: "x" }] } },
      "**Do not merge: traffic",
    ],
    ["an error", { findings: [someFinding({ severity: "error" })] }, "**Do not merge yet"],
    ["a warning", { findings: [someFinding()] }, "**Look at the warnings"],
    ["only notes", { findings: [someFinding({ severity: "info" })] }, "**Nothing that was seen would be cut.**"],
  ])("with %s", (_name, over, expected) => {
    expect(opening(someSuggestion(over))).toContain(expected);
  });

  it("an error weighs more than a warning beside it", () => {
    expect(opening(someSuggestion({ findings: [someFinding(), someFinding({ severity: "error" })] }))).toContain(
      "Do not merge yet",
    );
  });
});

describe("what it rests on", () => {
  it("is said in plain words, with the gaps that are known", () => {
    expect(section(report, "## How much was seen")).toContain(
      "About 94 % of the traffic, counted by days, runs over edges already seen.",
    );
    expect(section(report, "## How much was seen")).toContain("Known gaps: none reported.");
    const gaps = renderMarkdown(
      someSuggestion({
        graph: someGraph({ facts: { ...SOME_FACTS, lostEvents: 28, unavailableNodes: ["node-c"] } }),
        reading: someReading({ unreadable: [{ source: "a.gz", message: "cut" }] }),
      }),
    );
    expect(section(gaps, "## How much was seen")).toContain(
      "the source reported 28 lost events; nothing was heard from `node-c`; 1 input could not be read to the end",
    );
  });

  it.each([
    ["too short a window", { estimate: undefined, units: 1 }, "The records fall into 1 day: too short a time"],
    [
      "one rare edge",
      { estimate: { coverage: 0.9, unseen: 0, horizon: 7, expected: 0, low: 0, high: 0, uncertain: true } },
      "too little to estimate",
    ],
    [
      "full coverage",
      { once: 0, estimate: { coverage: 1, unseen: 0, horizon: 7, expected: 0, low: 0, high: 0, uncertain: false } },
      "which is no proof that there are none",
    ],
    [
      "nearly full coverage",
      { estimate: { coverage: 0.9999, unseen: 1, horizon: 7, expected: 0.4, low: 0, high: 2, uncertain: false } },
      "More than 99 % of the traffic",
    ],
    ["no edge", { edges: 0 }, "Nothing was learned"],
  ])("claims no more than it can with %s", (_name, over, expected) => {
    const { completeness } = someSuggestion();
    const text = section(
      renderMarkdown(someSuggestion({ completeness: { ...completeness, ...over } })),
      "## How much was seen",
    );
    expect(text).toContain(expected);
    expect(text).not.toMatch(/100 %/u);
  });
});

describe("every rule has its evidence", () => {
  it("as a row for each edge, with peer, port, connections, days and kinds", () => {
    const frontend = section(report, "### `shop/frontend`");
    expect(frontend).toContain("- ingress 1: from `203.0.113.7/32` on `8080/TCP`");
    expect(frontend).toContain(
      "| ingress 1 | `203.0.113.7` | `8080/TCP` | 90,210 | 2026-01-05 | 2026-01-09 | 3 | policy-verdict |",
    );
    expect(frontend).toContain(
      "| egress 2 | `shop/payments` | `50051/TCP` | 3 | 2026-01-05 | 2026-01-09 | 1 | trace, reply |",
    );
  });

  it("and inferred ports are marked as not seen", () => {
    expect(section(report, "### `shop/frontend`")).toContain(
      "| egress 3 | not seen; inferred by `dns-over-tcp` | `53/TCP` |",
    );
  });

  it("and an open direction says why it is open", () => {
    expect(section(report, "### `shop/cart`")).toContain("- egress: left open: nothing was seen in this direction");
  });

  it("and a closed direction without rules says so", () => {
    const closed = SHOP_POLICIES.map((policy) => ({ ...policy, egress: { mode: "isolated" as const, rules: [] } }));
    const text = renderMarkdown(
      someSuggestion({
        policies: {
          policies: closed,
          denies: [{ namespace: "shop", name: "default-deny" }],
          inferred: [],
          findings: [],
        },
      }),
    );
    expect(section(text, "### `shop/cart`")).toContain("- egress: closed; nothing was seen");
    expect(section(text, "### `shop/default-deny`")).toContain("Closes every pod");
  });

  it("and the names of outside addresses are there", () => {
    expect(section(report, "### `shop/payments`")).toContain("`198.51.100.20 (api.bank.example)`");
  });
});

describe("what is not in the policies is in the report", () => {
  it("refused attempts, with who refused them", () => {
    const denied = section(report, "## Refused attempts");
    expect(denied).toContain("| `dev/debug -> shop/cart 7070/TCP` | `POLICY_DENIED` | a policy | 14 |");
    const trouble = renderMarkdown(
      someSuggestion({ graph: someGraph({ denied: [{ ...CART_DENIED, byPolicy: false }] }) }),
    );
    expect(section(trouble, "## Refused attempts")).toContain("| the datapath |");
  });

  it("what is allowed beyond what was seen", () => {
    expect(section(report, "## Allowed beyond what was seen")).toContain(
      "| `shop/frontend -> kube-system/coredns 53/TCP` | `shop/frontend` |",
    );
  });

  it("what was set aside, rejected, uncertain and excluded, with examples", () => {
    const aside = section(report, "## Set aside");
    expect(aside).toContain("| health check | 300 |");
    expect(aside).toContain(
      "| uncertain: nothing tells which workload an end is | 2 pairs | `10.0.9.9:8080 <-> 10.0.1.5:8081 TCP`",
    );
    expect(aside).toContain("`flows/monday.jsonl:812`: the line ends inside a JSON object");
    expect(aside).toContain("`load/generator -> shop/frontend 8080/TCP`");
  });

  it("findings, errors first, each with its choice, none twice", () => {
    const findings = [
      someFinding({ severity: "info", code: "a" }),
      someFinding({ severity: "error", code: "z", choice: "do that" }),
      someFinding({ severity: "info", code: "a" }),
    ];
    const text = section(renderMarkdown(someSuggestion({ findings })), "## Findings");
    expect(text).toBe("- **error** (`z`) look at this\n  - Choice: do that\n- **note** (`a`) look at this");
  });

  it("long tables say how many rows they leave out", () => {
    const excluded = Array.from({ length: 450 }, () => LOAD_TEST);
    expect(section(renderMarkdown(someSuggestion({ excluded })), "## Set aside")).toMatch(/… and \d+ more rows\.$/u);
  });
});

it("equal suggestions give equal text", () => {
  expect(renderMarkdown(someSuggestion())).toBe(report);
});

describe("hostile names", () => {
  const hostileSuggestion = (name: string): Suggestion => {
    const edge = someEdge(name, name);
    const workload = someWorkload("a/b", { key: name, namespace: name, name });
    const rule = {
      peers: [{ kind: "pods" as const, namespace: name, labels: { [name]: name } }],
      ports: [{ protocol: "TCP" as const, port: 80 }],
      because: [edge],
      promised: [],
      inferred: [],
    };
    const policy = {
      name,
      namespace: name,
      selector: { [name]: name },
      workloads: [name],
      ingress: { mode: "isolated" as const, rules: [rule] },
      egress: { mode: "isolated" as const, rules: [] },
    };
    const finding = someFinding({ code: name, about: name, message: name, choice: name });
    return someSuggestion({
      graph: someGraph({
        edges: [edge],
        workloads: [workload],
        denied: [{ ...CART_DENIED, client: edge.client, reason: name }],
        quarantine: [{ reason: "no-port", pairs: 1, samples: [name] }],
        facts: { ...SOME_FACTS, unavailableNodes: [name] },
      }),
      reading: someReading({
        setAside: Object.fromEntries([[name, 1]]),
        unreadable: [{ source: name, message: name }],
        rejected: [
          {
            reason: "invalid-flow",
            count: 1,
            sample: { reason: "invalid-flow", place: { source: name, line: 1 }, detail: name },
          },
        ],
      }),
      policies: { policies: [policy], denies: [{ name, namespace: name }], inferred: [], findings: [finding] },
      proof: {
        checked: 1,
        allowed: 1,
        cut: [],
        promised: { checked: 0, refused: [] },
        needless: [],
        unused: [{ client: name, server: name, port: 1, protocol: name, policy: name }],
      },
      excluded: [edge],
      findings: [finding],
    });
  };

  /** Headings, rows and their cells: the form a name must not change. */
  function formOf(text: string): readonly string[] {
    const withoutCode = text.replaceAll(/`[^`\n]+`/gu, "`x`");
    return withoutCode.split("\n").flatMap((line) => {
      if (/^#{1,6} /u.test(line)) return [line.replace(/<code>.*<\/code>|`x`/u, "NAME")];
      return line.startsWith("|") ? [`row of ${line.split(/(?<!\\)\|/u).length}`] : [];
    });
  }

  const plainForm = formOf(renderMarkdown(hostileSuggestion("x")));

  it("change no heading, no row and no cell, and bring no tag, mention or link", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(HOSTILE), fc.string({ unit: "binary", minLength: 1 })), (name) => {
        const text = renderMarkdown(hostileSuggestion(name));
        expect(formOf(text)).toEqual(plainForm);
        const visible = text.replaceAll(/```mermaid[^]*?```/gu, "").replaceAll(/`[^`\n]+`/gu, "");
        expect(visible).not.toMatch(/<(?!\/?code>|br>)/u);
        expect(visible).not.toMatch(/@\w/u);
        expect(visible).not.toMatch(/\]\(|:\/\//u);
        expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
      { numRuns: 60 },
    );
  });

  it("that are names of Object's own are plain names", () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      const text = renderMarkdown(hostileSuggestion(name));
      expect(text).toContain(`| ${name.replaceAll("_", "&#95;")} | 1 |`);
      expect(text).not.toContain("[object");
      expect(text).not.toContain("native code");
    }
  });
});
