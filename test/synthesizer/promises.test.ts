import { describe, expect, it } from "vitest";
import { generate } from "../../generators/index.ts";
import { prove } from "../../src/evaluator/proof.ts";
import type { CommunicationGraph } from "../../src/model/graph.ts";
import type { PolicySet } from "../../src/model/policy-set.ts";
import { MONDAY, someWorkload } from "../support/fixtures.ts";
import { allowedBy, codesOf, edgeOf, graphWith, modeOf, policyFor } from "./build-graph.ts";
import { type Given, known, knownOf, outcomesOf, policiesWith, promised } from "./promised-traffic.ts";

const graph = graphWith(["shop/front -> shop/hook 9090/TCP", "shop/front -> shop/cart 8080/TCP"]);
const WEBHOOK = promised("webhooks", "api-server -> shop/hook 8443/TCP", "ValidatingWebhookConfiguration/hook");

function proofOf(of: CommunicationGraph, set: PolicySet, given: Given = {}) {
  const manifests = generate(set, "network-policy").map(({ manifest }) => manifest);
  return prove(of, manifests, { inferred: set.inferred, known: given.known ?? knownOf(of) });
}

function findingsFor(set: PolicySet, code: string) {
  return set.findings.filter((finding) => finding.code === code);
}

describe("traffic that an object promises and nobody was seen opening", () => {
  it("is a finding with its object and the choice there is, where policies close the server", () => {
    const set = policiesWith(graph, { inferred: { traffic: [WEBHOOK] } });
    expect(outcomesOf(set)).toEqual(["cut ingress"]);
    expect(findingsFor(set, "promised-traffic")).toEqual([
      {
        code: "promised-traffic",
        severity: "warning",
        about: "shop/hook",
        message:
          "Policies would cut what ValidatingWebhookConfiguration/hook promises and no flow showed: the API server -> shop/hook 8443/TCP.",
        choice:
          "--allow webhooks lets anyone in on these ports, since the addresses of API servers can't be relied upon.",
      },
    ]);
  });

  it("changes no policy unless its kind is allowed", () => {
    const without = policiesWith(graph, {});
    const traffic = [WEBHOOK, promised("scrapes", "mon/prom -> shop/cart 9102/TCP")];
    const all = knownOf(graph, known("mon/prom"));
    const set = policiesWith(graph, { inferred: { traffic }, allow: ["ingress"], known: all });
    expect(set.policies).toEqual(without.policies);
    expect(outcomesOf(set)).toEqual(["cut ingress", "cut ingress"]);
  });

  it("is nothing to speak of where the server is open", () => {
    const open = policiesWith(graph, {
      inferred: { traffic: [promised("webhooks", "api-server -> shop/front 1/TCP")] },
    });
    expect(outcomesOf(open)).toEqual(["open"]);
    expect(codesOf(open)).not.toContain("promised-traffic");
  });

  it("is one finding however many objects promise it", () => {
    const many = Array.from({ length: 500 }, (_, at) => `s${at}/web`);
    const traffic = many.map((key) => promised("scrapes", `mon/prom -> ${key} 9102/TCP`, `ServiceMonitor/${key}`));
    const wide = graphWith(many.map((key) => `shop/front -> ${key} 80/TCP`));
    const set = policiesWith(wide, { inferred: { traffic }, known: knownOf(wide, known("mon/prom")) });
    const [finding, ...others] = findingsFor(set, "promised-traffic");
    expect(others).toEqual([]);
    expect(finding?.message).toContain("and 497 more");
    expect(finding?.message.length).toBeLessThan(500);
    expect(finding?.choice).toBe("--allow scrapes lets these workloads through.");
    expect(set.inferred).toHaveLength(500);
  });

  it("of which the server is not known is said as such", () => {
    const unresolved = [
      {
        kind: "ingress" as const,
        object: "Ingress/shop/web",
        problem: "no Service shop/api",
      },
    ];
    const set = policiesWith(graph, { inferred: { unresolved } });
    expect(findingsFor(set, "promise-unresolved").map(({ message }) => message)).toEqual([
      "Who serves what these objects promise is not known, so neither is whether policies cut it: Ingress/shop/web (no Service shop/api).",
    ]);
  });
});

describe("--allow", () => {
  it("lets the API server in from anyone, on the one port, and marks the rule", () => {
    const set = policiesWith(graph, { inferred: { traffic: [WEBHOOK] }, allow: ["webhooks"] });
    const ingress = policyFor(set, "shop/hook")?.ingress;
    expect(allowedBy(ingress)).toEqual(["anyone 8443/TCP", "shop app=front 9090/TCP"]);
    const rules = ingress?.mode === "isolated" ? ingress.rules : [];
    expect(rules.map(({ because, promised: by }) => [because.length, by.map(({ object }) => object)])).toEqual([
      [1, []],
      [0, ["ValidatingWebhookConfiguration/hook"]],
    ]);
    expect(outcomesOf(set)).toEqual(["allowed ingress"]);
    expect(findingsFor(set, "promised-traffic-allowed")).toHaveLength(1);
    expect(proofOf(graph, set)).toMatchObject({ cut: [], needless: [], promised: { checked: 1, refused: [] } });
  });

  it("writes down what anyone means: no list of peers", () => {
    const set = policiesWith(graph, { inferred: { traffic: [WEBHOOK] }, allow: ["webhooks"] });
    const hook = generate(set, "network-policy").find(({ path }) => path.includes("hook"));
    expect(hook?.manifest.spec.ingress?.at(-1)).toEqual({ ports: [{ protocol: "TCP", port: 8443 }] });
  });

  it("lets known clients through and nobody else, at both ends", () => {
    const both = graphWith([...graph.edges, edgeOf("mon/prom -> shop/hook 9090/TCP")]);
    const traffic = [promised("scrapes", "mon/prom -> shop/cart 9102/TCP")];
    const set = policiesWith(both, { inferred: { traffic }, allow: ["scrapes"] });
    expect(outcomesOf(set)).toEqual(["allowed egress+ingress"]);
    expect(allowedBy(policyFor(set, "shop/cart")?.ingress)).toEqual([
      "mon app=prom 9102/TCP",
      "shop app=front 8080/TCP",
    ]);
    expect(allowedBy(policyFor(set, "mon/prom")?.egress)).toEqual(["shop app=cart 9102/TCP", "shop app=hook 9090/TCP"]);
    expect(proofOf(both, set)).toMatchObject({ cut: [], needless: [], promised: { checked: 1, refused: [] } });
  });

  it("shows what it opens among what nobody used", () => {
    const traffic = [promised("scrapes", "mon/prom -> shop/cart 9102/TCP"), WEBHOOK];
    const all = knownOf(graph, known("mon/prom"));
    const given = { inferred: { traffic }, allow: ["scrapes", "webhooks"], known: all } as const;
    const { unused } = proofOf(graph, policiesWith(graph, given), given);
    expect(unused.map(({ client, server, port }) => `${client} ${server} ${port}`)).toEqual([
      "anyone shop/hook 8443",
      "mon/prom shop/cart 9102",
    ]);
  });

  it.for([
    ["outside", ["0.0.0.0/0 80/TCP", "::/0 80/TCP"]],
    ["outside-or-nodes", ["anyone 80/TCP"]],
    ["nodes", ["anyone 80/TCP"]],
    ["unknown", ["anyone 80/TCP"]],
  ] as const)("lets clients that are %s in by what fits them", ([client, expected]) => {
    const traffic = [promised("loadbalancers", `${client} -> shop/cart 80/TCP`)];
    const set = policiesWith(graph, { inferred: { traffic }, allow: ["loadbalancers"] });
    expect(allowedBy(policyFor(set, "shop/cart")?.ingress)).toEqual([...expected, "shop app=front 8080/TCP"]);
    expect(proofOf(graph, set)).toMatchObject({ needless: [], promised: { checked: 1, refused: [] } });
  });

  it("closes nothing that was open", () => {
    const traffic = [promised("webhooks", "api-server -> shop/front 1/TCP")];
    const set = policiesWith(graph, { inferred: { traffic }, allow: ["webhooks"] });
    expect(modeOf(policyFor(set, "shop/front")?.ingress)).toBe("unobserved");
  });

  it("is said of a rule that also serves what was seen, and not of one that was there for it anyway", () => {
    const traffic = [
      promised("loadbalancers", "outside-or-nodes -> shop/cart 8080/TCP", "Service/shop/cart"),
      promised("scrapes", "shop/front -> shop/hook 9090/TCP", "ServiceMonitor/shop/hook"),
    ];
    const set = policiesWith(graph, { inferred: { traffic }, allow: ["loadbalancers", "scrapes"] });
    const rulesOf = (key: string) => {
      const ingress = policyFor(set, key)?.ingress;
      return ingress?.mode === "isolated" ? ingress.rules : [];
    };
    expect(allowedBy(policyFor(set, "shop/cart")?.ingress)).toEqual(["anyone 8080/TCP"]);
    expect(rulesOf("shop/cart").map(({ because, promised: by }) => [because.length, by.length])).toEqual([[1, 1]]);
    expect(rulesOf("shop/hook").map(({ promised: by }) => by)).toEqual([[]]);
    expect(outcomesOf(set)).toEqual(["allowed ingress", "seen"]);
    expect(proofOf(graph, set)).toMatchObject({ cut: [], needless: [] });
  });

  it("lists each object that promises the same", () => {
    const traffic = ["a", "b"].map((name) =>
      promised("webhooks", "api-server -> shop/hook 8443/TCP", `Object/${name}`),
    );
    const set = policiesWith(graph, { inferred: { traffic }, allow: ["webhooks"] });
    const ingress = policyFor(set, "shop/hook")?.ingress;
    const rules = ingress?.mode === "isolated" ? ingress.rules : [];
    expect(rules.at(-1)?.promised.map(({ object }) => object)).toEqual(["Object/a", "Object/b"]);
  });

  it("that names a kind of which there is nothing is said to allow nothing", () => {
    const set = policiesWith(graph, { inferred: { traffic: [WEBHOOK] }, allow: ["webhooks", "gateways"] });
    expect(findingsFor(set, "allow-without-match").map(({ message }) => message)).toEqual([
      "--allow gateways allows nothing: no object that was read promises such traffic.",
    ]);
  });
});

describe("under a default-deny", () => {
  const all = knownOf(graph, known("shop/unseen"), known("mon/prom"));
  const options = { defaultDeny: true };

  it("a server that nobody has seen is closed as well, and said to be", () => {
    const traffic = [promised("webhooks", "api-server -> shop/unseen 8443/TCP")];
    expect(outcomesOf(policiesWith(graph, { inferred: { traffic }, known: all, options }))).toEqual(["cut ingress"]);
    expect(outcomesOf(policiesWith(graph, { inferred: { traffic }, known: all }))).toEqual(["open"]);
  });

  it("it gets a policy of its own once its kind is allowed, and the others stay as they are", () => {
    const traffic = [promised("webhooks", "api-server -> shop/unseen 8443/TCP")];
    const given = { inferred: { traffic }, allow: ["webhooks"], known: all, options } as const;
    const set = policiesWith(graph, given);
    expect(allowedBy(policyFor(set, "shop/unseen")?.ingress)).toEqual(["anyone 8443/TCP"]);
    const without = policiesWith(graph, { known: all, options });
    expect(set.policies.filter(({ workloads }) => !workloads.includes("shop/unseen"))).toEqual(without.policies);
    expect(proofOf(graph, set, given)).toMatchObject({ cut: [], needless: [], promised: { checked: 1, refused: [] } });
  });

  it("a direction that is open for a reason needs no rule", () => {
    const pinged = graphWith([...graph.edges, edgeOf("shop/front -> shop/hook ICMPv4")]);
    const set = policiesWith(pinged, { inferred: { traffic: [WEBHOOK] }, options });
    expect(outcomesOf(set)).toEqual(["open"]);
  });
});

describe("what was seen of a promise counts", () => {
  const answered = (edge: string, options: Given["options"] = {}) => {
    const seen = graphWith([...graph.edges, edgeOf(edge)]);
    return outcomesOf(policiesWith(seen, { inferred: { traffic: [WEBHOOK] }, options: options ?? {} }));
  };
  const byAddress = {
    inexpressible: { ...policyOptions(), "kube-apiserver": "address" as const, "remote-node": "address" as const },
  };

  it("of the API server by its identity, or by the agents that stand in for it", () => {
    expect(answered("kube-apiserver(10.0.0.1) -> shop/hook 8443/TCP", byAddress)).toEqual(["seen"]);
    expect(answered("kube-system/konnectivity-agent -> shop/hook 8443/TCP")).toEqual(["seen"]);
  });

  it("and of nobody else, and on no other port", () => {
    expect(answered("remote-node(10.0.0.1) -> shop/hook 8443/TCP", byAddress)).toEqual(["cut ingress"]);
    expect(answered("kube-apiserver(10.0.0.1) -> shop/hook 8444/TCP", byAddress)).toEqual(["cut ingress"]);
    expect(answered("shop/cart -> shop/hook 8443/TCP")).toEqual(["cut ingress"]);
  });

  it("but what is allowed by its kind is let in wherever it comes from", () => {
    const seen = graphWith([...graph.edges, edgeOf("203.0.113.7 -> shop/cart 80/TCP")]);
    const traffic = [promised("loadbalancers", "outside -> shop/cart 80/TCP")];
    expect(outcomesOf(policiesWith(seen, { inferred: { traffic } }))).toEqual(["seen"]);
    const set = policiesWith(seen, { inferred: { traffic }, allow: ["loadbalancers"] });
    expect(outcomesOf(set)).toEqual(["allowed ingress"]);
    expect(allowedBy(policyFor(set, "shop/cart")?.ingress)).toEqual([
      "0.0.0.0/0 80/TCP",
      "::/0 80/TCP",
      "shop app=front 8080/TCP",
    ]);
    expect(proofOf(seen, set)).toMatchObject({ cut: [], needless: [] });
  });
});

describe("a server that is closed by its neighbours' policies", () => {
  const seen = graphWith(["shop/front -> shop/wide 80/TCP"], {
    "shop/wide": { app: "x" },
    "shop/hook": { app: "x", b: "1" },
  });
  const traffic = [promised("webhooks", "api-server -> shop/hook 8443/TCP")];

  it("is cut by them", () => {
    expect(outcomesOf(policiesWith(seen, { inferred: { traffic } }))).toEqual(["cut ingress"]);
  });

  it("gets a rule of its own, which the neighbours do not get", () => {
    const set = policiesWith(seen, { inferred: { traffic }, allow: ["webhooks"] });
    expect(outcomesOf(set)).toEqual(["allowed ingress"]);
    expect(allowedBy(policyFor(set, "shop/hook")?.ingress)).toEqual(["anyone 8443/TCP"]);
    expect(allowedBy(policyFor(set, "shop/wide")?.ingress)).toEqual(["shop app=front 80/TCP"]);
    expect(proofOf(seen, set)).toMatchObject({ cut: [], needless: [], promised: { refused: [] } });
  });

  it("gets none where that would close a pod that is open, and that is said", () => {
    // Pods of `late` have the labels of `hook` since its last rollout only, and no policy that is there picks them.
    const variants = [{ b: "1", c: "1" }];
    const [key, late] = known("shop/late", { c: "1" });
    const hook = { ...known("shop/hook", { b: "1" })[1], variants: [{ app: "x", b: "1" }] };
    const all = new Map([...knownOf(seen), ["shop/hook", hook], [key, { ...late, variants }]] as const);
    const rolling = graphWith(["shop/front -> shop/wide 80/TCP"], {
      "shop/wide": { app: "x" },
      "shop/hook": { b: "1" },
    });
    const set = policiesWith(rolling, { inferred: { traffic }, allow: ["webhooks"], known: all });
    expect(outcomesOf(set)).toEqual(["cut ingress"]);
    expect(findingsFor(set, "promised-traffic-unnamed")).toHaveLength(1);
    expect(modeOf(policyFor(set, "shop/hook")?.ingress)).toBe("no policy");
  });

  it("gets none where it has no label, and that is said", () => {
    const all = knownOf(seen, known("shop/bare", {}));
    const inferred = { traffic: [promised("webhooks", "api-server -> shop/bare 8443/TCP")] };
    const options = { defaultDeny: true };
    const set = policiesWith(seen, { inferred, allow: ["webhooks"], known: all, options });
    expect(outcomesOf(set)).toEqual(["cut ingress"]);
    expect(findingsFor(set, "promised-traffic-unnamed")).toHaveLength(1);
  });
});

describe("a CronJob that did not run while flows were watched", () => {
  const window = { first: MONDAY, last: MONDAY + 86_400_000 };
  const schedule = (name: string, lastRun: number | undefined, suspended = false) => ({
    workload: { namespace: "shop", kind: "CronJob", name },
    schedule: "0 3 * * 1",
    suspended,
    lastRun,
  });
  const seen = { ...graph, window, workloads: [...graph.workloads, someWorkload("shop/nightly", { kind: "CronJob" })] };
  const of = (...schedules: readonly ReturnType<typeof schedule>[]) =>
    policiesWith(seen, { inferred: { schedules } }).findings.filter(({ code }) => code.startsWith("schedule"));

  it("is said with its schedule and its last run", () => {
    expect(of(schedule("weekly", MONDAY - 1000)).map(({ code, message }) => [code, message])).toEqual([
      [
        "schedule-not-seen",
        "None of these ran while flows were watched, so whom they call is not known and may refuse them: shop/weekly (0 3 * * 1; last run 2026-01-04T23:59:59.000Z).",
      ],
    ]);
    expect(of(schedule("never", undefined))[0]?.message).toContain("(0 3 * * 1; no run known)");
  });

  it("is less of a worry when it is suspended", () => {
    expect(of(schedule("weekly", undefined, true)).map(({ code, severity }) => [code, severity])).toEqual([
      ["schedule-suspended", "info"],
    ]);
  });

  it("is nothing to speak of when it was seen or ran, or no policy refuses anything", () => {
    expect(of(schedule("nightly", undefined), schedule("weekly", MONDAY + 1000))).toEqual([]);
    const nothing = policiesWith(graphWith([]), { inferred: { schedules: [schedule("weekly", undefined)] } });
    expect(codesOf(nothing)).toEqual([]);
  });
});

function policyOptions() {
  return {
    host: "open",
    "remote-node": "open",
    "kube-apiserver": "open",
    ingress: "open",
    unmanaged: "open",
    "other-cluster": "open",
    icmp: "open",
  } as const;
}
