import { describe, expect, it } from "vitest";
import { edgeOf } from "../../synthesizer/build-graph.ts";
import { deployment, type Given, policyText, reviewChange, reviewOf } from "./world.ts";

const SERVICE = `---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: cart}, ports: [{port: 443, targetPort: http}]}
`;
const WEBHOOK = `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: cart}
webhooks: [{name: a.example.com, clientConfig: {service: {namespace: shop, name: cart}}}]
`;
const INGRESS = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {defaultBackend: {service: {name: cart, port: {number: 443}}}}
`;
const MONITOR = `---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: cart}
spec: {selector: {matchLabels: {app: cart}}, podMetricsEndpoints: [{port: http}]}
`;
const PROMETHEUS = deployment("prometheus", { "app.kubernetes.io/name": "prometheus" });
const CART = deployment("cart") + SERVICE;
const DENY = policyText("deny", "{podSelector: {}, policyTypes: [Ingress]}");

function cuts(yaml: string, given: Given = {}) {
  return reviewOf(yaml, given).findings.filter(({ code }) => code === "promised-traffic-cut");
}

function messages(yaml: string, given: Given = {}): readonly string[] {
  return cuts(yaml, given).map(({ message }) => message);
}

describe("traffic that objects promise and policies refuse", () => {
  it("is a warning at the policy that closes the direction, with the object and the way out", () => {
    const [finding, ...others] = cuts(CART + WEBHOOK + DENY);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: "warning",
      about: "shop/deny",
      message:
        "NetworkPolicy shop/deny closes ingress and no policy lets through what ValidatingWebhookConfiguration/cart promises: the API server -> shop/cart 8080/TCP",
      choice: expect.stringContaining("without peers"),
      place: { file: "shop.yaml", line: 17 },
      related: [{ place: { file: "shop.yaml", line: 9 }, text: "ValidatingWebhookConfiguration/cart promises it" }],
    });
  });

  it.for([
    ["no peers", "{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}"],
    ["no peers and the port's name", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}"],
    [
      "some block, which may be the API server's",
      "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}",
    ],
  ] as const)("is none where a rule has %s", ([, spec]) => {
    expect(cuts(CART + WEBHOOK + policyText("p", spec))).toEqual([]);
    expect(cuts(CART + WEBHOOK + DENY + policyText("p", spec))).toEqual([]);
  });

  it.for([
    ["another port", "{podSelector: {}, ingress: [{ports: [{port: 8081}]}]}"],
    ["pods only, which no API server is", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"],
  ] as const)("is one where rules have %s", ([, spec]) => {
    expect(cuts(CART + WEBHOOK + policyText("p", spec))).toHaveLength(1);
  });

  it("is none where nothing closes the server", () => {
    expect(cuts(CART + WEBHOOK + policyText("p", "{podSelector: {matchLabels: {app: db}}}"))).toEqual([]);
    expect(cuts(CART + WEBHOOK + policyText("p", "{podSelector: {}, policyTypes: [Egress]}"))).toEqual([]);
  });

  it("of somebody unknown is refused only where nobody may come in on the port", () => {
    const fromPods = policyText("p", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}");
    expect(cuts(CART + INGRESS + fromPods)).toEqual([]);
    expect(messages(CART + INGRESS + DENY)).toEqual([
      "NetworkPolicy shop/deny closes ingress and no policy lets through what Ingress/shop/web promises: an unknown client -> shop/cart 8080/TCP",
    ]);
  });

  it("of a known client is judged at both ends", () => {
    const egress = policyText(
      "closed",
      "{podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}, policyTypes: [Egress]}",
    );
    const all = CART + PROMETHEUS + MONITOR;
    expect(messages(all + DENY + egress)).toEqual(
      [
        "NetworkPolicy shop/closed closes egress and no policy lets through what PodMonitor/shop/cart promises: shop/prometheus -> shop/cart 8080/TCP",
        "NetworkPolicy shop/deny closes ingress and no policy lets through what PodMonitor/shop/cart promises: shop/prometheus -> shop/cart 8080/TCP",
      ].toSorted(),
    );
    const peers = "[{podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}}]";
    const allowed = policyText("p", `{podSelector: {}, ingress: [{from: ${peers}, ports: [{port: http}]}]}`);
    expect(cuts(all + DENY + allowed)).toEqual([]);
  });

  it("that was seen is left to what was seen", () => {
    const seen = { edges: [edgeOf("shop/prometheus -> shop/cart 8080/TCP")], workloads: [] };
    const found = reviewOf(CART + PROMETHEUS + MONITOR + DENY, { graph: seen }).findings.map(({ code }) => code);
    expect(found).toContain("connection-cut");
    expect(found).not.toContain("promised-traffic-cut");
  });

  it("is one finding for many objects of a kind, with all of them in its details", () => {
    const many = Array.from({ length: 50 }, (_, at) => `s${at}`);
    const hooks = many.map((name) => WEBHOOK.replace("{name: cart}", `{name: ${name}}`)).join("");
    const [finding, ...others] = cuts(CART + hooks + DENY);
    expect(others).toEqual([]);
    expect(finding?.message).toContain("and 47 more promise: the API server -> shop/cart 8080/TCP");
    expect(finding?.details).toHaveLength(50);
  });

  it("already before a change is not about the change", () => {
    const base = CART + WEBHOOK + DENY;
    const other = policyText("other", "{podSelector: {matchLabels: {app: x}}, policyTypes: [Ingress]}");
    expect(reviewChange(base, base + other).findings.map(({ code }) => code)).not.toContain("promised-traffic-cut");
    expect(reviewChange(CART + WEBHOOK, base).findings.map(({ code }) => code)).toContain("promised-traffic-cut");
  });
});
