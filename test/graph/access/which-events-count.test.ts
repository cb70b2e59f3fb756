import { describe, expect, it } from "vitest";
import { Learner } from "../../../src/graph/learner.ts";
import { hashText } from "../../../src/lib/hash.ts";
import type { AccessRecord } from "../../../src/model/access.ts";
import { HOUR, MONDAY } from "../../support/flow-record.ts";
import {
  access,
  allowedUses,
  graphOf,
  JANE,
  observe,
  PROXY,
  ROBOT,
  resource,
  useLine,
  withoutCounters,
} from "./records.ts";

function lines(...records: readonly AccessRecord[]): readonly string[] {
  return graphOf(...records).uses.map(useLine);
}

describe("which audit events count", () => {
  it("rule 1: what was only received counts for nobody, least of all for the proxy that impersonates", () => {
    const received = access({ stage: "RequestReceived", decision: undefined, code: undefined, identity: PROXY });
    const complete = access({ identity: JANE, impersonator: PROXY });
    expect(lines(received, complete)).toEqual([
      "jane (by system:serviceaccount:tools:proxy) allowed get configmaps shop/settings",
    ]);
    expect(graphOf(received).facts.setAside).toEqual({ "request-received": 1 });
    expect(graphOf(received).window).toBeUndefined();
    expect(withoutCounters(graphOf(received, complete))).toEqual(withoutCounters(graphOf(complete)));
  });

  it.each(["ResponseStarted", "ResponseComplete", "Panic"] as const)("rule 2: %s counts by itself", (stage) => {
    expect(lines(access({ stage }))).toEqual(["system:serviceaccount:shop:robot allowed get configmaps shop/settings"]);
  });

  it("rule 3: the stages of one request, and its duplicates, are one request", () => {
    const request = hashText("a watch");
    const started = access({ request, stage: "ResponseStarted" });
    const complete = access({ request, stage: "ResponseComplete", code: 500 });
    const [use] = graphOf(started, complete, started, complete).uses;
    expect(use?.evidence).toMatchObject({ requests: 1, exact: true, codes: [200, 500] });
  });

  it("rule 3: two requests are two, whatever audit id a client chose for both", () => {
    const one = access({ request: hashText("chosen /a") });
    const other = access({ request: hashText("chosen /b"), attributes: resource({ name: "other" }) });
    expect(graphOf(one, other).uses.map(({ evidence }) => evidence.requests)).toEqual([1, 1]);
  });

  it.each([200, 201, 404, 409, 422, 429, 500, 503, 401])(
    "rule 4: allowed is allowed, also when it ends with %d",
    (code) => {
      const [use] = graphOf(access({ code })).uses;
      expect(use).toMatchObject({ outcome: "allowed", evidence: { codes: [code] } });
    },
  );

  it("rule 4: presumed is nothing where events tell decisions, in any order", () => {
    const untold = access({ decision: undefined, identity: JANE });
    for (const records of [
      [untold, access()],
      [access(), untold],
      [untold, access({ decision: "forbid", code: 403 })],
    ]) {
      const { uses, facts } = graphOf(...records);
      expect(uses.map(({ identity }) => identity)).toEqual([ROBOT]);
      expect(facts).toMatchObject({ events: 2, withDecision: 1, setAside: { undecided: 1 } });
    }
  });

  it("rule 5: denied is denied, and changes nothing of what was allowed", () => {
    const probe = access({
      decision: "forbid",
      code: 403,
      attributes: resource({ verb: "list", resource: "secrets", name: "" }),
    });
    const denied = access({ decision: "forbid", code: 403 });
    const graph = graphOf(access(), probe, denied);
    expect(graph.uses.map(useLine)).toContain("system:serviceaccount:shop:robot denied list secrets shop/");
    expect(allowedUses(graph)).toEqual([
      { ...graphOf(access()).uses[0], evidence: expect.objectContaining({ requests: 1, codes: [200] }) },
    ]);
  });

  it("rule 5: denied whatever the code says", () => {
    expect(lines(access({ decision: "forbid", code: 200 }))).toEqual([
      "system:serviceaccount:shop:robot denied get configmaps shop/settings",
    ]);
  });

  it("rule 6: 403 after allow is a use of what was asked for, and of nothing else", () => {
    const apply = access({ code: 403, attributes: resource({ verb: "patch" }), signs: [{ kind: "applied" }] });
    const { uses } = graphOf(apply);
    expect(uses.map(useLine)).toEqual(["system:serviceaccount:shop:robot allowed patch configmaps shop/settings"]);
    expect(uses[0]).toMatchObject({ evidence: { codes: [403] }, signs: [{ kind: "applied" }] });
  });

  it("rule 7: without a decision it was never decided: set aside by reason", () => {
    const untold = { decision: undefined } as const;
    const { uses, facts, callers } = graphOf(
      access(),
      access({ ...untold, code: 401, identity: { username: "", groups: [] }, stage: "ResponseStarted" }),
      access({ ...untold, code: 401, identity: { username: "", groups: [] } }),
      access({ ...untold, code: 403, identity: PROXY }),
      access({ ...untold, code: 429 }),
      access({ ...untold, code: 500 }),
    );
    expect(uses).toHaveLength(1);
    expect(callers.map(({ username }) => username)).toEqual([ROBOT.username]);
    expect(facts.setAside).toEqual({ "impersonation-refused": 1, throttled: 1, unauthenticated: 2, undecided: 1 });
  });

  it("rule 7: a log that tells no decisions at all is presumed, but for what was refused", () => {
    const untold = { decision: undefined, citation: undefined } as const;
    const { uses, facts } = graphOf(
      access(untold),
      access({ ...untold, code: 404, identity: JANE }),
      access({ ...untold, code: undefined, stage: "ResponseStarted", attributes: resource({ verb: "watch" }) }),
      access({ ...untold, code: 403, attributes: resource({ name: "refused" }) }),
      access({ ...untold, code: 401 }),
    );
    expect(uses.map(useLine)).toEqual([
      "jane presumed get configmaps shop/settings",
      "system:serviceaccount:shop:robot presumed get configmaps shop/settings",
      "system:serviceaccount:shop:robot presumed watch configmaps shop/settings",
    ]);
    expect(facts).toMatchObject({ events: 5, withDecision: 0, setAside: { refused: 1, unauthenticated: 1 } });
  });

  it("rule 8: what another authorizer allowed keeps its words beside those of RBAC", () => {
    const citations = graphOf(
      access({ citation: { kind: "other", reason: "" } }),
      access({ citation: { kind: "other", reason: "EKS Access Policy: allowed" } }),
      access(),
    ).uses[0]?.citations;
    const reasons = citations?.map((citation) => (citation.kind === "other" ? citation.reason : citation.kind));
    expect(new Set(reasons)).toEqual(new Set(["", "EKS Access Policy: allowed", "rbac"]));
  });
});

describe("what became of the events", () => {
  it("is in exactly one of used and set aside", () => {
    const observations = observe(
      access(),
      access({ decision: "forbid" }),
      access({ stage: "RequestReceived", decision: undefined }),
      access({ decision: undefined }),
    );
    observations.leaveOut();
    expect(observations.reading()).toEqual({
      events: 5,
      used: 2,
      setAside: { "outside-window": 1, "request-received": 1, undecided: 1 },
    });
    expect(observe(access({ decision: undefined })).reading()).toEqual({ events: 1, used: 1, setAside: {} });
  });

  it("is told of events outside the time that was asked for, too", () => {
    const learner = new Learner({ since: MONDAY, until: MONDAY + HOUR });
    for (const time of [MONDAY - 1, MONDAY, MONDAY + HOUR, undefined]) learner.access(access({ time }));
    expect(learner.accesses.reading()).toEqual({ events: 4, used: 1, setAside: { "outside-window": 3 } });
    expect(learner.accesses.resolve().window).toEqual({ first: MONDAY, last: MONDAY });
  });

  it("does not reach back: the window is that of events that were answered", () => {
    const { window } = graphOf(access({ time: MONDAY + 5 }), access({ time: undefined }), access({ time: MONDAY + 9 }));
    expect(window).toEqual({ first: MONDAY + 5, last: MONDAY + 9 });
  });
});
