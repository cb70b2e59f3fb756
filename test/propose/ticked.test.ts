import { describe, expect, it } from "vitest";
import type { Found, FoundPullRequest } from "../../src/gitops/host.ts";
import { identified } from "../../src/lib/identified.ts";
import { trailerLine } from "../../src/lib/trailers.ts";
import type { Edge } from "../../src/model/graph.ts";
import { connectionWords, DECISION_TRAILER } from "../../src/model/proposal.ts";
import { pendingDecisions } from "../../src/propose/ticked.ts";
import { boxLine } from "../../src/report/proposal/boxes.ts";
import { SHOP_EDGES, someEdge, someGraph } from "../support/fixtures.ts";

const [EDGE] = Object.values(SHOP_EDGES);
const BRANCH = "netlearn/_/shop/narrow";

function tick(edge: Edge, box = "x"): string {
  return boxLine({ command: "reject", id: identified(connectionWords(edge)).id }, "reject").replace("[ ]", `[${box}]`);
}

function pull(body: string, over: Partial<FoundPullRequest> = {}): FoundPullRequest {
  return {
    number: 7,
    url: "https://git.example/pull/7",
    branch: BRANCH,
    base: "main",
    state: "open",
    isDraft: false,
    title: "",
    body,
    isEdited: false,
    editor: "ada",
    labels: [],
    createdAt: 0,
    closedAt: undefined,
    reviews: [],
    comments: [],
    isQueued: false,
    ...over,
  };
}

function found(pullRequests: readonly FoundPullRequest[], message = "", isOwn = true): Found {
  const commit = { id: "1", message, author: "a@example.com", committer: "a@example.com", isOwn };
  const branch = { name: BRANCH, head: "1", commits: [commit], conflicts: undefined, mergeBase: "0" };
  return {
    base: { branch: "main", head: "0" },
    readOnly: undefined,
    branches: [branch],
    pullRequests,
    openPullRequests: pullRequests.length,
    createdLastHour: 0,
  };
}

const nothing = { valid: [], expired: [] };

function pending(of: Found, edges: readonly Edge[] = Object.values(SHOP_EDGES)) {
  return pendingDecisions(of, { observed: someGraph({ edges }), decisions: nothing, proposals: [] }, "2026-03-01");
}

describe("git rule 29: what readers decided", () => {
  it("is a ticked connection that was seen, once, in the name of who ticked it", () => {
    if (EDGE === undefined) throw new Error("no edge");
    const decisions = pending(found([pull(tick(EDGE)), pull(tick(EDGE), { number: 8 })]));
    expect(decisions).toMatchObject([
      { branch: BRANCH, decision: { kind: "reject", who: "ada", why: "ticked in #7", on: "2026-03-01" } },
    ]);
  });

  it("is nothing that is not ticked, was not seen, or is ticked where nobody asks any more", () => {
    if (EDGE === undefined) throw new Error("no edge");
    expect(pending(found([pull(tick(EDGE, " "))]))).toEqual([]);
    expect(pending(found([pull(tick(someEdge("pay/x", "pay/y")))]))).toEqual([]);
    expect(pending(found([pull(tick(EDGE), { state: "closed" })]))).toEqual([]);
    expect(pending(found([pull(tick(EDGE), { state: "merged" })]))).toEqual([]);
  });

  it("is nothing that can't be named without naming something else", () => {
    const hostile = someEdge("shop/*", "shop/db");
    expect(pending(found([pull(tick(hostile))]), [hostile])).toEqual([]);
  });

  it("stays what an earlier run wrote down while nobody sees the connection; people's commits say nothing", () => {
    const message = `x\n\n${trailerLine(DECISION_TRAILER, ["reject", "pay/x->pay/y", "ada", "so", "2026-02-01", ""])}\n`;
    expect(pending(found([pull("")], message))).toMatchObject([
      { branch: BRANCH, decision: { what: "pay/x->pay/y", until: undefined } },
    ]);
    expect(pending(found([pull("")], message, false))).toEqual([]);
    expect(pending(found([pull("", { state: "closed" })], message))).toEqual([]);
  });
});
