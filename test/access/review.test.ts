import { describe, expect, it } from "vitest";
import { INPUT_FORMATS } from "../../src/collectors/formats/input-format.ts";
import { observabilityOf } from "../../src/confidence/index.ts";
import { optionTable } from "../../src/config/option-table.ts";
import { suggestOptions } from "../../src/config/pipeline-options.ts";
import { resolveSettings } from "../../src/config/resolve.ts";
import type { AccessUse } from "../../src/model/access.ts";
import type { KnownBinding, KnownRole, PolicyRule } from "../../src/model/rbac.ts";
import { reviewOf } from "../../src/review.ts";
import {
  someAccessEvidence,
  someAccessGraph,
  someAttributes,
  someIdentity,
  someUse,
} from "../support/access-fixtures.ts";
import { MONDAY, someSuggestion } from "../support/fixtures.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
const own = { createdAt: undefined, keeper: undefined, place: "rbac.yaml:1" } as const;

function role(name: string, rules: readonly PolicyRule[]): KnownRole {
  return { apiVersion, kind: "ClusterRole", metadata: { name }, rules, isAggregated: false, ...own };
}

function binding(name: string, user: string): KnownBinding {
  return {
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup, kind: "ClusterRole", name },
    subjects: [{ kind: "User", apiGroup, name: user }],
    ...own,
  };
}

const table = optionTable(INPUT_FORMATS.map(({ name }) => name));
const sources = { flags: new Map(), environment: {}, cwd: import.meta.dirname, now: 0 };
const options = suggestOptions(await resolveSettings("access", table, sources));

/** How often each binding was needed. */
function needed(uses: readonly AccessUse[]): Readonly<Record<string, number>> {
  const read = { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] };
  const rbac = {
    roles: [
      role("reader", [read]),
      role("reader-too", [read]),
      role("impersonator", [{ apiGroups: [""], resources: ["users"], verbs: ["impersonate"] }]),
    ],
    bindings: [binding("reader", "bob"), binding("reader-too", "bob"), binding("impersonator", "proxy")],
  };
  const learned = { ...someSuggestion(), access: someAccessGraph({ uses, callers: [] }) };
  const granted = {
    rbac,
    auditPolicy: undefined,
    findings: [],
    existingNamespaces: undefined,
    stableNames: new Set<string>(),
    isObservable: observabilityOf(learned.access, undefined),
  };
  const { bindings } = reviewOf(learned, granted, [], options);
  return Object.fromEntries(bindings.map(({ binding: { metadata }, requests }) => [metadata.name, requests]));
}

const bob = someIdentity("bob", ["system:authenticated"]);

describe("which bindings in force were needed", () => {
  it("are all that would have let a request through, whichever of them did", () => {
    expect(needed([someUse({ identity: bob })])).toEqual({ reader: 120, "reader-too": 120, impersonator: 0 });
  });

  it("are those of whoever acted for somebody else, too: that check leaves no event", () => {
    const proxied = someUse({ identity: bob, impersonator: someIdentity("proxy") });
    expect(needed([proxied])).toMatchObject({ impersonator: 120 });
  });

  it("are none for what was refused", () => {
    expect(needed([someUse({ identity: bob, outcome: "denied" })])).toMatchObject({ reader: 0 });
  });

  it("count a use that no binding allows for nobody", () => {
    const other = someUse({
      identity: bob,
      attributes: someAttributes({ verb: "delete" }),
      evidence: someAccessEvidence({ lastSeen: MONDAY }),
    });
    expect(needed([other])).toEqual({ reader: 0, "reader-too": 0, impersonator: 0 });
  });
});
