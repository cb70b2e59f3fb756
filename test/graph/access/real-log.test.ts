import { readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { collectFiles } from "../../../src/collectors/file/collect-files.ts";
import { cellsOf } from "../../../src/graph/cells.ts";
import { Learner } from "../../../src/graph/learner.ts";
import { mergeCells } from "../../../src/graph/merge-cells.ts";
import type { AccessUse } from "../../../src/model/access.ts";
import { AUDIT_DATA, hasAuditData } from "../../support/audit-data.ts";
import { learnerOf } from "../../support/learned-state.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { textOf } from "./records.ts";

const LOG = path.join(AUDIT_DATA, "real-apiserver/audit.log.gz");
const OLD_LOG = path.join(AUDIT_DATA, "audit2rbac/demo.log");

/** What this test reads of an event by itself. */
interface PlainEvent {
  readonly stage: string;
  readonly auditID: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly user?: { readonly username?: string };
  readonly impersonatedUser?: { readonly username?: string };
  readonly requestReceivedTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly responseStatus?: { readonly code?: number };
}

function eventsOf(text: string): readonly PlainEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): PlainEvent => JSON.parse(line));
}

function decisionOf({ annotations }: PlainEvent): string | undefined {
  return annotations?.["authorization.k8s.io/decision"];
}

function requestOf({ auditID, requestURI, verb, user, requestReceivedTimestamp }: PlainEvent): string {
  return JSON.stringify([auditID, requestURI, verb, user?.username, requestReceivedTimestamp]);
}

async function learn(file: string): Promise<Learner> {
  const learner = new Learner();
  await collectFiles([file], learner, { format: "auto", stdin: Readable.from([]) });
  return learner;
}

function requests(uses: readonly AccessUse[], outcome: AccessUse["outcome"]): number {
  return uses.filter((use) => use.outcome === outcome).reduce((sum, { evidence }) => sum + evidence.requests, 0);
}

describe("of an API server that was really asked", () => {
  it.runIf(hasAuditData)("every request is in one use, allowed or denied as the server decided", async () => {
    const events = eventsOf(gunzipSync(readFileSync(LOG)).toString());
    const { uses, facts, window } = (await learn(LOG)).accesses.resolve();
    const distinct = (decision: string): number =>
      new Set(events.filter((event) => decisionOf(event) === decision).map(requestOf)).size;
    expect(facts.events).toBe(events.length);
    expect(facts.withDecision).toBe(events.filter((event) => decisionOf(event) !== undefined).length);
    // An estimate where one use was asked for more than a hundred times.
    expect(requests(uses, "allowed") / distinct("allow")).toBeCloseTo(1, 1);
    expect(requests(uses, "denied")).toBe(distinct("forbid"));
    expect(uses.some(({ outcome }) => outcome === "presumed")).toBe(false);
    const times = events.map(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp));
    expect(window?.first).toBe(times.reduce((a, b) => Math.min(a, b)));
    expect(window?.last).toBe(times.reduce((a, b) => Math.max(a, b)));
  });

  it.runIf(hasAuditData)("what was not decided is set aside by the reason that its code shows", async () => {
    const events = eventsOf(gunzipSync(readFileSync(LOG)).toString());
    const undecided = events.filter((event) => decisionOf(event) === undefined);
    const { setAside } = (await learn(LOG)).accesses.resolve().facts;
    const count = (code: number): number =>
      undecided.filter(({ responseStatus }) => responseStatus?.code === code).length;
    expect(setAside["unauthenticated"] ?? 0).toBe(count(401));
    expect(setAside["impersonation-refused"] ?? 0).toBe(count(403));
    expect(Object.values(setAside).reduce((sum, number) => sum + number, 0)).toBe(undecided.length);
  });

  it.runIf(hasAuditData)("the parts of the log, folded one by one, are the whole", async () => {
    const whole = await learn(LOG);
    const records: Parameters<Learner["access"]>[0][] = [];
    const heard = new Learner();
    heard.access = (record) => void records.push(record);
    await collectFiles([LOG], heard, { format: "auto", stdin: Readable.from([]) });
    const store = new MemoryStore(mergeCells);
    for (let at = 0; at < records.length; at += 617) {
      const delta = new Learner();
      for (const record of records.slice(at, at + 617)) delta.access(record);
      await store.fold(cellsOf(delta), []);
    }
    expect(textOf((await learnerOf(store)).accesses)).toBe(textOf(whole.accesses));
  });

  it.runIf(hasAuditData)("a log of before decisions were logged is presumed, but for what was refused", async () => {
    const events = eventsOf(readFileSync(OLD_LOG, "utf8"));
    expect(events.some((event) => decisionOf(event) !== undefined)).toBe(false);
    const { uses, facts } = (await learn(OLD_LOG)).accesses.resolve();
    const refused = events.filter(({ responseStatus }) => responseStatus?.code === 403);
    const answered = events.filter(
      ({ stage, responseStatus }) => stage !== "RequestReceived" && responseStatus?.code !== 403,
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(facts.setAside["refused"]).toBe(refused.filter(({ stage }) => stage !== "RequestReceived").length);
    expect(new Set(uses.map(({ outcome }) => outcome))).toEqual(new Set(["presumed"]));
    expect(requests(uses, "presumed")).toBe(new Set(answered.map(requestOf)).size);
  });
});
