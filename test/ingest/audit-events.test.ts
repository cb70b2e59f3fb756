import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Delta } from "../../src/ingest/delta.ts";
import { auditTotals } from "../../src/ingest/totals.ts";
import { access, useLine } from "../graph/access/records.ts";
import { newState, restored, runFiles } from "./support/state.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), "netlearn-audit-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** An audit event as an API server writes it. */
function event(id: number, over: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: `id-${id}`,
    stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces/shop/configmaps/settings",
    verb: "get",
    user: { username: "system:serviceaccount:shop:robot", groups: ["system:authenticated"] },
    objectRef: { resource: "configmaps", namespace: "shop", name: "settings", apiVersion: "v1" },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: "2026-01-05T08:00:00.000000Z",
    stageTimestamp: "2026-01-05T08:00:00.100000Z",
    annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
    ...over,
  });
}

const DENIED = { annotations: { "authorization.k8s.io/decision": "forbid" }, responseStatus: { code: 403 } };
const RECEIVED = { stage: "RequestReceived", annotations: undefined, responseStatus: undefined };

async function put(name: string, lines: readonly string[]): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

describe("audit events that are collected", () => {
  it("are in the state once, and counted by what they came to", async () => {
    const store = await newState();
    const log = await put("audit.log", [event(1), event(1, RECEIVED), event(2), event(3, DENIED)]);
    const { totals } = await runFiles(store, [log]);
    expect(totals).toMatchObject({
      records: 0,
      auditEvents: { allowed: 2, denied: 1, "request-received": 1 },
      lastRecord: Date.UTC(2026, 0, 5, 8),
    });
    expect(auditTotals(totals)).toEqual({ events: 4, used: 3, setAside: { "request-received": 1 }, undecided: 0 });
    expect((await runFiles(store, [log])).totals.auditEvents).toEqual({});
    const { uses, facts } = (await restored(store)).accesses.resolve();
    expect(uses.map((use) => `${useLine(use)} ${use.evidence.requests}`)).toEqual([
      "system:serviceaccount:shop:robot allowed get configmaps shop/settings 2",
      "system:serviceaccount:shop:robot denied get configmaps shop/settings 1",
    ]);
    expect(facts.events).toBe(4);
  });

  it("of one log in two runs are what they are in one", async () => {
    const lines = Array.from({ length: 30 }, (_, at) => event(at, at % 3 === 0 ? DENIED : {}));
    const grown = await newState();
    await put("audit.log", lines.slice(0, 11));
    await runFiles(grown, [path.join(directory, "audit.log")]);
    await runFiles(grown, [await put("audit.log", lines)]);
    const whole = await newState();
    await runFiles(whole, [await put("whole.log", lines)]);
    expect((await restored(grown)).accesses.resolve()).toEqual((await restored(whole)).accesses.resolve());
  });

  it("without a decision wait until more is known: nothing is used of them yet", async () => {
    const { totals } = await runFiles(await newState(), [await put("old.log", [event(1, { annotations: undefined })])]);
    expect(auditTotals(totals)).toEqual({ events: 1, used: 0, setAside: {}, undecided: 1 });
  });

  it("make a delta due by what is distinct among them", () => {
    const delta = new Delta();
    for (let at = 0; at < 5; at++) delta.learner.access(access());
    // One use, and one caller.
    expect(delta.size).toBe(2);
  });
});
