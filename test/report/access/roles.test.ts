import { describe, expect, it } from "vitest";
import type { AccessUse } from "../../../src/model/access.ts";
import type { Suggestion } from "../../../src/pipeline.ts";
import { renderMarkdown } from "../../../src/report/markdown.ts";
import { renderSummary } from "../../../src/report/summary.ts";
import {
  SHOP_ROLES,
  SHOP_USES,
  someAccessGraph,
  someAttributes,
  someIdentity,
  someLine,
  someRoles,
  someUse,
} from "../../support/access-fixtures.ts";
import { HOSTILE, SOME_FACTS, someGraph, someReading, someSuggestion } from "../../support/fixtures.ts";

const NOTHING_FLOWED: Partial<Suggestion> = {
  graph: someGraph({ workloads: [], edges: [], denied: [], quarantine: [], facts: { ...SOME_FACTS, records: 0 } }),
  reading: someReading({ records: 0, used: 0, setAside: {}, rejected: [] }),
};

function suggestion(over: Partial<Suggestion> = {}): Suggestion {
  return someSuggestion({ access: someAccessGraph(), accessSuggestion: someRoles(), ...over });
}

function withUses(...uses: readonly AccessUse[]): Suggestion {
  return suggestion({ access: someAccessGraph({ uses }) });
}

function section(report: string, heading: string): string {
  const part = report.split(/^(?=#{1,3} )/mu).find((text) => text.startsWith(`${heading}\n`));
  return (part ?? `no section ${heading}`).slice(heading.length).trim();
}

function summary(of: Suggestion, width = 80): string {
  return renderSummary(of, { width, colour: false, verbose: false });
}

describe("the summary about roles", () => {
  it("says what was read, suggested, granted, risky, waiting and proved", () => {
    const shown = summary(suggestion(NOTHING_FLOWED));
    expect(shown).toContain("Audit       4,321 events, 2026-01-05 08:00 to 2026-01-09 17:00 UTC (4.4 days)");
    expect(shown).toContain("Access      3 identities, 4 uses of the API");
    expect(shown).toContain("Roles       1 role with 2 rules, 1 binding, for 1 subject");
    expect(shown).toContain("Granted     4 of 412 grants in force were used (a * counts as one)");
    expect(shown).toContain("1  read-secrets: system:serviceaccount:shop:cart get secrets in shop");
    expect(shown).toContain("1  the log spans 5 days, fewer than 14");
    expect(shown).toContain("Role proof  4 needs judged, none refused; nothing new is granted");
  });

  it("says nothing about flows where there are none, and nothing about roles where there is no audit log", () => {
    const rolesAlone = summary(suggestion(NOTHING_FLOWED));
    for (const label of ["Used", "Window", "Learned", "Complete", "Suggested", "Proof "]) {
      expect(rolesAlone).not.toMatch(new RegExp(`^${label}`, "mu"));
    }
    expect(summary(someSuggestion())).not.toMatch(/^(?:Audit|Access|Roles|Refused)/mu);
  });

  it.each([40, 60, 80, 110])("keeps to %i columns", (width) => {
    const lines = summary(suggestion(), width).split("\n");
    const long = lines.filter(
      (line) => line.length > width && line.trim().includes(" ") && !/^\s*\S+$/u.test(line.trim()),
    );
    expect(long.filter((line) => !/\S{25,}/u.test(line))).toEqual([]);
  });

  it("rule 5: names who was refused what and how often, and that nothing of it is granted", () => {
    const often = someUse({
      identity: someIdentity("mallory"),
      attributes: someAttributes({ verb: "delete", resource: "pods", name: "db-0" }),
      outcome: "denied",
      evidence: { ...SHOP_USES.malloryRefused.evidence, requests: 900 },
    });
    const shown = summary(withUses(SHOP_USES.malloryRefused, often));
    expect(shown).toContain(
      [
        "Refused     914 requests, not granted (--grant does)",
        "            900  mallory: delete pods in shop named db-0",
        "             14  system:serviceaccount:dev:debug: list secrets in shop",
      ].join("\n"),
    );
  });

  it("rule 50: names what the log can't show", () => {
    const blindSpots = [{ because: "the audit Policy leaves it out", verbs: ["get", "list"], what: ["events"] }];
    const shown = summary(suggestion({ accessSuggestion: someRoles({ blindSpots }) }));
    expect(shown).toContain("Not logged  the audit Policy leaves it out: get, list of events");
  });

  it("says that grants are not known without the objects in force", () => {
    const policies = { ...SHOP_ROLES, subjects: SHOP_ROLES.subjects.map((one) => ({ ...one, granted: undefined })) };
    expect(summary(suggestion({ accessSuggestion: someRoles({ policies }) }))).toContain(
      "Granted     not known: --rbac or --cluster tells what is in force",
    );
  });
});

describe("the report about roles", () => {
  const report = renderMarkdown(suggestion());

  it("has one title for both halves, and one for each alone", () => {
    expect(report).toMatch(/^# Network policies and roles: what was learned\n/u);
    expect(renderMarkdown(suggestion(NOTHING_FLOWED))).toMatch(/^# Roles: what was learned\n/u);
    expect(renderMarkdown(someSuggestion())).toMatch(/^# Network policies: what was learned\n/u);
    expect(renderMarkdown(suggestion(NOTHING_FLOWED))).not.toContain("## Who talks to whom");
  });

  it("rule 49: shows the evidence of each right: requests, first and last use, days", () => {
    expect(section(report, "### `ServiceAccount shop/cart`")).toContain(
      "| the same | `get secrets in shop named db` | 120 | 2026-01-05 | 2026-01-09 | 3 | **read-secrets** |",
    );
  });

  it("rule 54: shows what is granted beyond what was observed, by how much, and what was not observed at all", () => {
    const rows = section(report, "### `ServiceAccount shop/cart`").split("\n");
    expect(rows).toContain(
      "| 70 names | `get configmaps in shop` | 120 | 2026-01-05 | 2026-01-09 | 3 | any name, 70 seen |",
    );
    expect(rows).toContain("| not seen | `list configmaps in shop` |  |  |  |  | idiom: a watch begins with a list |");
    expect(rows).toContain("| not seen | `create configmaps in shop` |  |  |  |  | inferred: create-on-apply |");
  });

  it("rule 5: lists refused requests with how often, and that none is granted", () => {
    expect(section(report, "## Refused requests")).toContain(
      "| `system:serviceaccount:dev:debug` | `list secrets in shop` | 14 | 2026-01-05 08:00 | 2026-01-09 17:00 |",
    );
    expect(section(report, "## Refused requests")).toContain("none of it is granted, unless `--grant` names it");
  });

  it("rule 8: shows who was let through by another authorizer, with its reason", () => {
    const eks = someUse({
      identity: someIdentity("arn:aws"),
      citations: [{ kind: "other", reason: "EKS Access Policy: allowed" }],
    });
    const masters = someUse({ identity: someIdentity("admin"), citations: [{ kind: "other", reason: "" }] });
    const rows = section(renderMarkdown(withUses(eks, masters)), "## Let through by another authorizer");
    expect(rows).toContain("EKS Access Policy: allowed | 120 |");
    expect(rows).toContain("| `admin` | no reason given: system:masters, another privileged group, or a node | 120 |");
    expect(report).not.toContain("## Let through by another authorizer");
  });

  it("rule 50: shows what the log can't show, or that nobody knows", () => {
    expect(section(report, "## How much of the use of the API was seen")).toContain(
      "The audit Policy: not known, so what it leaves out is not known either.",
    );
    const blindSpots = [{ because: "no reads", verbs: ["get"], what: ["secrets"] }];
    const shown = renderMarkdown(suggestion({ accessSuggestion: someRoles({ blindSpots }) }));
    expect(section(shown, "## Not logged")).toContain("| `get` | `secrets` | no reads |");
  });

  it("shows replaced bindings with what is to be done about them", () => {
    expect(section(report, "## Replaced bindings")).toContain(
      "| `RoleBinding shop/cart` | `ClusterRole edit` | `ServiceAccount shop/cart` |  | stays: the log spans 5 days, fewer than 14 |",
    );
  });

  it("says what could not be judged", () => {
    const proof = {
      ...someRoles().proof,
      notJudged: [{ check: "no-new-power" as const, because: "nothing is known" }],
    };
    expect(renderMarkdown(suggestion({ accessSuggestion: someRoles({ proof }) }))).toContain(
      "- Not judged (no-new-power): nothing is known.",
    );
  });

  it("says which workloads need the API server", () => {
    const used = { kind: "used", serviceAccount: "shop/cart", requests: 3, exact: true, lastSeen: 0 } as const;
    const shown = renderMarkdown(suggestion({ apiUse: new Map([["shop/cart", used]]) }));
    expect(section(shown, "## Who needs the API server")).toContain(
      "| `shop/cart` | needed: ServiceAccount shop/cart called the API, 3 times, last on 1970-01-01 |",
    );
  });

  it("keeps hostile names text", () => {
    const identity = someIdentity(HOSTILE);
    const uses = [
      someUse({ identity, outcome: "denied", attributes: someAttributes({ name: HOSTILE, resource: HOSTILE }) }),
      someUse({ identity, citations: [{ kind: "other", reason: HOSTILE }] }),
    ];
    const roles = SHOP_ROLES.roles.map((role) => ({
      ...role,
      name: HOSTILE,
      subjectName: HOSTILE,
      lines: [
        someLine({
          attributes: someAttributes({ name: HOSTILE }),
          risk: "read-secrets",
          origin: { kind: "idiom", because: HOSTILE },
        }),
      ],
    }));
    const accessSuggestion = someRoles({ policies: { ...SHOP_ROLES, roles } });
    const shown = renderMarkdown(suggestion({ access: someAccessGraph({ uses }), accessSuggestion }));
    expect(shown).not.toContain("<img");
    expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(shown).not.toContain("](https://evil");
    expect(summary(suggestion({ access: someAccessGraph({ uses }), accessSuggestion }))).not.toMatch(
      /(?!\n)[\p{Cc}\u202e]/u,
    );
  });
});
