import { describe, expect, it } from "vitest";
import { NO_EFFECT, networkEffects } from "../../../src/evaluator/effect/network-effect.ts";
import { portWords } from "../../../src/evaluator/effect/port-words.ts";
import type { NetworkPolicy } from "../../../src/model/manifest.ts";
import type { Effect } from "../../../src/model/proposal.ts";
import { edge, policy, workload } from "../world.ts";

const WORKLOADS = ["shop/frontend", "shop/cart", "shop/db", "web/probe"].map((key) => workload(key));
const EDGES = [edge("shop/frontend", "shop/cart", "TCP/8080"), edge("shop/cart", "shop/db", "TCP/5432")];

function effect(base: readonly NetworkPolicy[], head: readonly NetworkPolicy[]): Effect {
  return networkEffects({ graph: { workloads: WORKLOADS, edges: EDGES }, policies: base, facts: {} })(head);
}

/** Lets some workloads of the shop in on one port. */
function lets(name: string, clients: readonly string[], port: number): NetworkPolicy {
  return policy(`shop/netlearn-${name}`, {
    podSelector: { matchLabels: { app: name } },
    policyTypes: ["Ingress"],
    ingress: [{ from: clients.map((app) => ({ podSelector: { matchLabels: { app } } })), ports: [{ port }] }],
  });
}

describe("networkEffects", () => {
  it("is nothing where nothing changes", () => {
    expect(effect([], [])).toEqual(NO_EFFECT);
    const one = lets("db", ["cart"], 5432);
    expect(effect([one], [{ ...one, spec: { ...one.spec } }])).toEqual(NO_EFFECT);
  });

  it("says who is isolated for the first time, and what that forbids, port by port", () => {
    const { allowed, forbidden, isolated, cut } = effect([], [lets("db", ["cart"], 5432)]);
    expect(allowed).toEqual([]);
    expect(cut).toEqual([]);
    expect(isolated).toEqual([{ workload: "shop/db", direction: "ingress" }]);
    const words = forbidden.map(({ from, to, port }) => `${from} -> ${to} ${port}`);
    expect(words).toEqual([
      "addresses outside the cluster -> shop/db every port",
      "shop/cart -> shop/db TCP but 5432",
      "shop/cart, shop/db, shop/frontend and 1 more -> shop/db UDP, SCTP",
      "shop/db, shop/frontend, web/probe -> shop/db TCP",
    ]);
  });

  it("git rule 25: names what was seen and would be refused, decided by nobody", () => {
    const { cut } = effect([], [lets("cart", ["probe"], 8080)]);
    expect(cut).toMatchObject([{ from: "shop/frontend", to: "shop/cart", port: "TCP/8080", decided: undefined }]);
  });

  it("does not blame a change for what was refused before it", () => {
    const before = lets("cart", ["probe"], 8080);
    const { cut, allowed } = effect([before], [lets("cart", ["probe"], 8080), lets("db", ["cart"], 5432)]);
    expect(cut).toEqual([]);
    expect(allowed).toEqual([]);
  });

  it("says what becomes allowed", () => {
    const { allowed, forbidden } = effect([lets("db", ["cart"], 5432)], [lets("db", ["cart", "frontend"], 5432)]);
    expect(forbidden).toEqual([]);
    expect(allowed).toMatchObject([{ from: "shop/frontend", to: "shop/db", port: "TCP/5432" }]);
  });

  it("takes a policy that the API server would refuse for none", () => {
    const broken = policy("shop/broken", { podSelector: { matchLabels: { "a b": "c" } } });
    expect(effect([broken], [])).toEqual(NO_EFFECT);
  });

  it("gives equal identities for equal words", () => {
    const ids = () => effect([], [lets("db", ["cart"], 5432)]).forbidden.map(({ id }) => id);
    expect(ids()).toEqual(ids());
    expect(new Set(ids()).size).toBe(ids().length);
  });
});

describe("portWords", () => {
  const range = (port: number, endPort = port, protocol: "TCP" | "UDP" | "SCTP" = "TCP") => ({
    protocol,
    port,
    endPort,
  });
  it.each([
    [[range(5432)], "TCP/5432"],
    [[range(1, 79), range(81, 65_535)], "TCP but 80"],
    [[range(1, 79), range(81, 442), range(444, 65_535)], "TCP but 80, 443"],
    [[range(1, 65_535), range(1, 65_535, "UDP"), range(1, 65_535, "SCTP")], "every port"],
    [[range(80), range(81)], "TCP/80-81"],
    [[range(53), range(53, 53, "UDP")], "TCP/53, UDP/53"],
    [[1, 3, 5, 7, 9, 11].map((port) => range(port)), "TCP/1, 3, 5, 7 and 2 more ranges"],
    [[], ""],
  ])("says %j as %s", (ranges, words) => {
    expect(portWords(ranges)).toBe(words);
  });
});
