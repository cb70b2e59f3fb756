import { describe, expect, it } from "vitest";
import type { CheckFinding } from "../../../src/model/check-finding.ts";
import { CHECK_CODES } from "../../../src/report/check/codes.ts";
import { edge, workload } from "../world.ts";
import { deployment, type Given, policyText, reviewChange, reviewOf, SHOP } from "./world.ts";

function found(yaml: string, given?: Given): readonly string[] {
  return reviewOf(yaml, given).findings.map(({ code, severity }) => `${severity} ${code}`);
}

function only(findings: readonly CheckFinding[], code: string): CheckFinding {
  const own = findings.filter((finding) => finding.code === code);
  expect(own, `findings: ${findings.map((finding) => finding.code).join(", ")}`).toHaveLength(1);
  return own[0]!;
}

const FROM_FRONTEND = "{from: [{podSelector: {matchLabels: {app: frontend}}}], ports: [{port: 8080}]}";

describe("a policy nobody would mind", () => {
  it("has no findings", () => {
    const spec = `{podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress], ingress: [${FROM_FRONTEND}]}`;
    expect(found(SHOP + policyText("cart", spec))).toEqual([]);
  });

  it("is a default-deny as well", () => {
    expect(found(`${SHOP}${policyText("deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}")}`)).toEqual([]);
  });
});

describe("what a careful reviewer spots", () => {
  const cart = "podSelector: {matchLabels: {app: cart}}";
  it.each([
    [
      "a podSelector that matches nothing",
      "{podSelector: {matchLabels: {app: crt}}, policyTypes: [Ingress]}",
      ["warning selector-matches-nothing"],
    ],
    [
      "rules for every pod of a namespace",
      `{podSelector: {}, policyTypes: [Ingress], ingress: [${FROM_FRONTEND}]}`,
      ["info selector-matches-everything"],
    ],
    [
      "a peer that is every pod of the cluster",
      `{${cart}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}]}]}`,
      ["info selector-matches-everything"],
    ],
    [
      "a rule that is for nobody",
      `{${cart}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}`,
      ["warning rule-allows-nothing"],
    ],
    [
      "one peer of two that is nobody",
      `{${cart}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {podSelector: {matchLabels: {app: db}}}]}]}`,
      ["warning selector-matches-nothing"],
    ],
    [
      "a block of which nothing is left",
      `{${cart}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/25, 192.0.2.128/25]}}]}]}`,
      ["warning rule-allows-nothing"],
    ],
    [
      "a rule without peers and ports",
      `{${cart}, policyTypes: [Ingress], ingress: [{}]}`,
      ["info rule-allows-everything"],
    ],
    [
      "a rule another one makes needless",
      `{${cart}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}]}, ${FROM_FRONTEND}]}`,
      ["warning rule-shadowed"],
    ],
    [
      "rules for a direction that is not isolated",
      `{${cart}, policyTypes: [Ingress], ingress: [${FROM_FRONTEND}], egress: [{}]}`,
      ["warning rule-ignored"],
    ],
    ["no policyTypes, ingress alone", `{${cart}, ingress: [${FROM_FRONTEND}]}`, ["info policy-types-missing"]],
    [
      "no policyTypes, an empty egress",
      `{${cart}, ingress: [${FROM_FRONTEND}], egress: []}`,
      ["warning policy-types-missing"],
    ],
    [
      "no policyTypes, egress alone",
      `{${cart}, egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}, {ports: [{port: 53, protocol: UDP}]}]}`,
      ["warning policy-types-missing"],
    ],
    [
      "a named port over the wrong protocol",
      `{${cart}, policyTypes: [Ingress], ingress: [{ports: [{port: http, protocol: UDP}]}]}`,
      ["warning named-port-unknown"],
    ],
    [
      "egress without DNS",
      `{${cart}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}`,
      ["warning dns-forgotten"],
    ],
    [
      "every address",
      `{${cart}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}`,
      ["info block-covers-cluster"],
    ],
    [
      "an endPort below its port",
      `{${cart}, policyTypes: [Ingress], ingress: [{ports: [{port: 90, endPort: 80}]}]}`,
      ["error policy-refused"],
    ],
    [
      "a block that is none",
      `{${cart}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]}`,
      ["error policy-refused"],
    ],
  ])("%s", (_name, spec, expected) => {
    expect(found(SHOP + policyText("cart", spec))).toEqual(expected);
  });

  it("says what is there instead, and where", () => {
    const spec = "\n  policyTypes: [Ingress]\n  podSelector:\n    matchLabels: {app: crt}";
    const finding = only(reviewOf(SHOP + policyText("cart", spec)).findings, "selector-matches-nothing");
    expect(finding.message).toContain("app is cart, db, frontend there, not crt");
    // Three Deployments of two lines, then the policy's ---, apiVersion, kind, metadata, spec, policyTypes.
    expect(finding.place).toEqual({ file: "shop.yaml", line: 13 });
  });

  it("places what the API server refuses at the field", () => {
    const spec = "\n  podSelector: {}\n  ingress:\n    - ports:\n        - port: 90\n          endPort: 80";
    const finding = only(reviewOf(policyText("cart", spec)).findings, "policy-refused");
    expect(finding.place?.line).toBe(10);
    expect(finding.message).toContain("spec.ingress[0].ports[0].endPort");
  });

  it("checks a policy that only newer API servers refuse, besides saying that they do", () => {
    const spec = `{${cart}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 192.0.2.1/24}}]}, {}]}`;
    const { findings } = reviewOf(SHOP + policyText("cart", spec));
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      "error policy-refused",
      "info rule-allows-everything",
      "warning rule-shadowed",
    ]);
    const refused = only(findings, "policy-refused");
    expect(refused.message).toContain("Kubernetes refuses since 1.36; write 192.0.2.0/24");
    expect(refused.choice).toContain("it was checked");
    expect(refused.about).toBe("shop/cart");
  });

  it("says nothing about selectors where no workload is known", () => {
    const spec = `{podSelector: {matchLabels: {app: crt}}, policyTypes: [Ingress], ingress: [${FROM_FRONTEND}]}`;
    expect(found(policyText("cart", spec))).toEqual([]);
  });

  it("does not take a namespace that nobody described for an empty one", () => {
    const dns = `{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{port: 53, protocol: UDP}]}`;
    const spec = `{podSelector: {matchLabels: {app: cart}}, policyTypes: [Egress], egress: [${dns}]}`;
    expect(found(SHOP + policyText("cart", spec))).toEqual([]);
  });

  it("sees the label that a namespace does not have", () => {
    const namespace = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: monitoring}\n";
    const peer = "{namespaceSelector: {matchLabels: {name: monitoring}}}";
    const spec = `{podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress], ingress: [{from: [${peer}]}]}`;
    expect(found(SHOP + namespace + policyText("cart", spec))).toEqual(["warning rule-allows-nothing"]);
  });

  it("knows a rule shadowed by another policy of the same pods, and names only one of two equal ones", () => {
    const spec = `{podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress], ingress: [${FROM_FRONTEND}]}`;
    const { findings } = reviewOf(SHOP + policyText("a", spec) + policyText("b", spec));
    expect(only(findings, "rule-shadowed")).toMatchObject({ about: "shop/b", severity: "info" });
  });

  it("reports only codes that are documented", () => {
    const codes = new Set(CHECK_CODES.map(({ code }) => code));
    expect(codes.size).toBe(CHECK_CODES.length);
  });
});

describe("beside what was seen", () => {
  const spec = `{podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress], ingress: [${FROM_FRONTEND}]}`;
  const yaml = SHOP + policyText("cart", spec);
  const workloads = ["shop/frontend", "shop/cart", "shop/db"].map((key) => workload(key));

  it("a connection that is cut is an error with its evidence", () => {
    const seen = edge("shop/db", "shop/cart", "TCP/8080");
    const review = reviewOf(yaml, {
      graph: { workloads, edges: [edge("shop/frontend", "shop/cart", "TCP/8080"), seen] },
    });
    const finding = only(review.findings, "connection-cut");
    expect(finding).toMatchObject({
      severity: "error",
      about: "shop/db -> shop/cart 8080/TCP",
      evidence: seen.evidence,
    });
    expect(review.replayed).toBe(2);
  });

  it("a workload has the labels of its manifest, not those it had when it was seen", () => {
    const renamed = yaml.replaceAll('"app":"frontend"', '"app":"web"');
    const graph = { workloads, edges: [edge("shop/frontend", "shop/cart", "TCP/8080")] };
    expect(reviewOf(renamed, { graph }).findings.map(({ code }) => code)).toContain("connection-cut");
  });

  it("a workload that never asked for a name does not need DNS", () => {
    const closed =
      "{podSelector: {matchLabels: {app: cart}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}";
    const graph = { workloads, edges: [] };
    expect(found(SHOP + policyText("cart", closed), { graph })).toEqual(["info dns-forgotten"]);
  });
});

describe("a change", () => {
  const policy = policyText(
    "cart",
    `{podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress], ingress: [${FROM_FRONTEND}]}`,
  );
  const base = SHOP + policy;
  const workloads = ["shop/frontend", "shop/cart", "shop/db"].map((key) => workload(key));

  it("that changes nothing has no findings, and says how many were there before", () => {
    const noisy = base + policyText("extra", "{podSelector: {matchLabels: {app: gone}}, policyTypes: [Ingress]}");
    expect(reviewChange(noisy, noisy)).toMatchObject({ findings: [], known: 1 });
  });

  it("of one label names the connections it cuts, and the selectors that no longer match", () => {
    const head = base.replace('"app":"frontend"', '"app":"web"');
    const graph = { workloads, edges: [edge("shop/frontend", "shop/cart", "TCP/8080")] };
    const { findings } = reviewChange(base, head, { graph });
    expect(only(findings, "connection-cut").message).toContain(
      "shop/frontend -> shop/cart 8080/TCP was seen and would be cut by this change",
    );
    const labels = only(findings, "template-labels-changed");
    expect(labels.message).toContain("app: frontend becomes web");
    expect(labels.related).toHaveLength(1);
  });

  it("that adds a rule says what it opens and that nobody used it", () => {
    const head = base.replace("[{port: 8080}]", "[{port: 8080}, {port: 9090, endPort: 9099}]");
    const finding = only(reviewChange(base, head).findings, "change-opens");
    expect(finding).toMatchObject({ severity: "warning", details: ["shop/frontend -> shop/cart on 9090-9099/TCP"] });
    const graph = { workloads, edges: [edge("shop/frontend", "shop/cart", "TCP/8080")] };
    expect(only(reviewChange(base, head, { graph }).findings, "change-opens").message).toContain(
      "nobody was seen using",
    );
  });

  it("that removes a rule says what it cuts: a warning, or a note when flows show that nobody uses it", () => {
    const head = base.replace("port: 8080}", "port: 8081}");
    expect(only(reviewChange(base, head).findings, "change-cuts").severity).toBe("warning");
    const graph = { workloads, edges: [edge("shop/db", "shop/frontend", "TCP/80")] };
    expect(only(reviewChange(base, head, { graph }).findings, "change-cuts").severity).toBe("info");
  });

  it("that cuts what was cut before does not fail for it", () => {
    const graph = { workloads, edges: [edge("shop/db", "shop/cart", "TCP/8080")] };
    const { findings } = reviewChange(base, base, { graph });
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([["connection-cut", "info"]]);
  });

  it("has the same findings whatever the order of the documents", () => {
    const documents = (base + deployment("web") + policyText("b", "{podSelector: {}}")).split(/(?=^---$)/mu);
    const texts = (yaml: string): readonly string[] =>
      reviewOf(yaml)
        .findings.map(({ identity, message }) => identity + message)
        .toSorted();
    expect(texts(documents.toReversed().join(""))).toEqual(texts(documents.join("")));
  });
});
