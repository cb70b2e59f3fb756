import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { someEdge, someFinding, someGraph, someReading, someSuggestion, someWorkload } from "../support/fixtures.ts";
import { run } from "./world.ts";

describe("netlearn graph", () => {
  it.each([
    ["mermaid", /^flowchart LR\n/u],
    ["dot", /^digraph netlearn \{\n/u],
    ["gexf", /<gexf/u],
  ])("--format %s", async (format, expected) => {
    const { code, stdout } = await run(["graph", "x", "--format", format]);
    expect(code).toBe(0);
    expect(stdout).toMatch(expected);
    expect(stdout).toContain("frontend");
  });

  it("draws Mermaid unless told otherwise", async () => {
    expect((await run(["graph", "x"])).stdout).toMatch(/^flowchart LR\n/u);
  });

  it("prints the snapshot as JSON, whole, whatever the namespace", async () => {
    const snapshot = '{"kind":"GraphSnapshot"}\n';
    const { stdout, stderr } = await run(["graph", "x", "--format", "json", "-n", "shop"], { snapshot });
    expect(stdout).toBe(snapshot);
    expect(stderr).toContain("--namespace does not apply");
  });

  it("shows only what touches a namespace", async () => {
    const { stdout } = await run(["graph", "x", "-n", "dev"]);
    expect(stdout).toContain("debug");
    expect(stdout).toContain("denied 7070");
    expect(stdout).not.toContain("payments");
  });

  it("writes to a file", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "netlearn-graph-"));
    const { stdout } = await run(["graph", "x", "-o", "a/graph.mmd"], { io: { cwd: directory } });
    expect(stdout).toBe("");
    expect(await readFile(path.join(directory, "a/graph.mmd"), "utf8")).toMatch(/^flowchart LR/u);
    await rm(directory, { recursive: true });
  });

  it("ends with 1 and prints nothing when nothing was learned", async () => {
    const graph = someGraph({ edges: [], denied: [] });
    const reading = someReading({ records: 0 });
    const { code, stdout, stderr } = await run(["graph", "x", "-q"], {
      suggestion: someSuggestion({ graph, reading }),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("no flow record was found in x");
  });

  it("says what was learned, and nothing of policies", async () => {
    const { stderr } = await run(["graph", "x"]);
    expect(stderr).toContain("5 workloads");
    expect(stderr).not.toContain("Suggested");
  });
});

describe("netlearn explain", () => {
  const ask = async (...args: string[]): Promise<string> => (await run(["explain", "x", ...args])).stdout;
  const words = (text: string): string => text.replaceAll(/\s+/gu, " ");

  it("names the policy, the direction and the rule at both ends, with the evidence", async () => {
    const answer = words(await ask("--from", "shop/frontend", "--to", "shop/cart"));
    expect(answer).toContain("shop/frontend -> shop/cart 7070/TCP: allowed");
    expect(answer).toContain("egress policy shop/frontend, egress rule 1: to pods app=cart in shop on 7070/TCP");
    expect(answer).toContain("ingress policy shop/cart, ingress rule 1: from pods app=frontend in shop on 7070/TCP");
    expect(answer).toContain("seen 120 connections on 3 days from 2026-01-05 08:00 to 2026-01-09 17:00 UTC");
    expect(answer).toContain("10.0.1.5:41234 -> 10.0.2.9:7070 on node-a");
  });

  it("says that no policy speaks for what is not in the cluster or not in scope", async () => {
    expect(words(await ask("--from", "203.0.113.7"))).toContain("the client is no workload of the cluster");
    expect(words(await ask("--to", "kube-system/coredns"))).toContain("no policy was written for this workload");
  });

  it("tells inferred ports from seen ones", async () => {
    expect(words(await ask("--from", "frontend", "--to", "coredns"))).toContain(
      "53/UDP, 53/TCP (inferred: dns-over-tcp)",
    );
  });

  it("finds an address by the DNS name it was asked for", async () => {
    expect(words(await ask("--to", "api.bank.example"))).toContain(
      "shop/payments -> 198.51.100.20 (api.bank.example) 443/TCP: allowed",
    );
  });

  it("shows a refused attempt and how to allow it", async () => {
    const answer = words(await ask("--from", "dev/debug", "--to", "cart"));
    expect(answer).toContain("dev/debug -> shop/cart 7070/TCP: refused");
    expect(answer).toContain("--allow-denied 'dev/debug->shop/cart:7070'");
    expect(answer).not.toContain(": allowed");
  });

  it("shows what was excluded", async () => {
    expect(words(await ask("--from", "load/generator"))).toContain(
      "load/generator -> shop/frontend 8080/TCP: excluded",
    );
  });

  it("says in which window a pair was never seen, and what the policies do about it", async () => {
    const answer = words(await ask("--from", "shop/cart", "--to", "shop/payments"));
    expect(answer).toContain("shop/cart -> shop/payments: never seen");
    expect(answer).toContain("2026-01-05 08:00 to 2026-01-09 17:00 UTC");
    expect(answer).toContain("egress policy shop/cart: left open");
    expect(answer).toContain("ingress policy shop/payments: closed but for 1 rule");
  });

  it("tells of an opening nobody used", async () => {
    const answer = words(await ask("--from", "frontend", "--to", "coredns", "--port", "53/TCP"));
    expect(answer).toContain(
      "frontend -> kube-system/coredns 53/TCP is allowed by policy shop/frontend, and nobody used it",
    );
  });

  it("heeds the port and the protocol", async () => {
    expect(await ask("--to", "cart", "--port", "7070")).toContain(": allowed");
    expect(await ask("--to", "cart", "--port", "7071")).toContain(": never seen");
    expect(await ask("--to", "cart", "--port", "7070/UDP")).toContain(": never seen");
  });

  it("shows what was set aside about an address, and findings about a peer", async () => {
    const graph = someGraph({
      quarantine: [{ reason: "no-identity", pairs: 1, samples: ["10.0.1.5:41000 <-> 10.0.99.1:80 TCP"] }],
    });
    const findings = [someFinding({ about: "shop/frontend", message: "kube-apiserver cannot be named" })];
    const { stdout } = await run(["explain", "x", "--from", "shop/frontend"], {
      suggestion: someSuggestion({ graph, findings }),
    });
    expect(words(stdout)).toContain("10.0.1.5:41000 <-> 10.0.99.1:80 TCP: nothing tells which workload an end is");
    expect(words(stdout)).toContain("kube-apiserver cannot be named");
  });

  it("says that the own node needs no rule", async () => {
    const probe = someEdge({ kind: "entity", entity: "host", address: "10.0.0.4" }, "shop/cart", { port: 7070 });
    const suggestion = someSuggestion({ graph: someGraph({ edges: [probe] }) });
    const { stdout } = await run(["explain", "x", "--from", "host"], { suggestion });
    expect(words(stdout)).toContain("host(10.0.0.4) -> shop/cart 7070/TCP: allowed");
    expect(words(stdout)).toContain("no policy stops what a pod's own node sends");
  });

  it.each([
    ["shop/crat", "Did you mean shop/cart"],
    ["kart", "Did you mean cart"],
    ["zzzzzzzz", "Known peers: dev/debug"],
    ["__proto__", "Known peers"],
  ])("a peer called %s was never seen: usage error with what is known", async (peer, hint) => {
    const { code, stdout, stderr } = await run(["explain", "x", "--to", peer]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(words(stderr)).toContain(hint);
  });

  it("a name of several workloads is refused with their keys", async () => {
    const graph = someGraph({ workloads: [someWorkload("a/cart"), someWorkload("b/cart")] });
    const { code, stderr } = await run(["explain", "x", "--to", "cart"], { suggestion: someSuggestion({ graph }) });
    expect(code).toBe(2);
    expect(words(stderr)).toContain("a/cart, b/cart");
  });

  it("says what it could not read even though the answer is on standard output", async () => {
    const reading = someReading({ unreadable: [{ source: "b.gz", message: "cut off" }] });
    const { code, stderr } = await run(["explain", "x", "--to", "cart"], { suggestion: someSuggestion({ reading }) });
    expect(code).toBe(1);
    expect(stderr).toContain("b.gz: cut off");
  });
});
