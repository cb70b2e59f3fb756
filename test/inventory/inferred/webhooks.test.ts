import { describe, expect, it } from "vitest";
import { deployment, service, type Value } from "../directory/objects.ts";
import { infer, lines, object, problems } from "./infer.ts";

const HOOK: readonly Value[] = [
  deployment("hook", { ports: [{ name: "https", containerPort: 10_250 }] }),
  service("hook", { selector: { app: "hook" }, ports: [{ port: 443, targetPort: "https" }] }),
];

function webhooks(kind: string, name: string, ...configs: readonly Value[]): Value {
  const list = configs.map((clientConfig, at) => ({ name: `w${at}.example.com`, clientConfig }));
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name }, webhooks: list };
}

const toHook = { service: { namespace: "shop", name: "hook", path: "/validate" } };

describe("what the API server calls", () => {
  it("is an admission webhook on its pods' own port, which 443 of the Service leads to when none is written", () => {
    expect(
      lines(
        ...HOOK,
        webhooks("ValidatingWebhookConfiguration", "v", toHook),
        webhooks("MutatingWebhookConfiguration", "m", { service: { ...toHook.service, port: 443 } }),
      ),
    ).toEqual([
      "webhooks: api-server -> shop/hook 10250/TCP by MutatingWebhookConfiguration/m",
      "webhooks: api-server -> shop/hook 10250/TCP by ValidatingWebhookConfiguration/v",
    ]);
  });

  it("is promised once by a configuration with many webhooks", () => {
    expect(lines(...HOOK, webhooks("ValidatingWebhookConfiguration", "v", toHook, toHook, toHook))).toHaveLength(1);
  });

  it("is a Service even where it is written as a URL with its name, and nobody of ours where it is another", () => {
    const named = webhooks("ValidatingWebhookConfiguration", "v", { url: "https://hook.shop.svc:443/x" });
    const outside = webhooks("ValidatingWebhookConfiguration", "o", { url: "https://hook.example.com/x" });
    const broken = webhooks("ValidatingWebhookConfiguration", "b", { url: "https://[" });
    expect(lines(...HOOK, named, outside, broken)).toEqual([
      "webhooks: api-server -> shop/hook 10250/TCP by ValidatingWebhookConfiguration/v",
    ]);
    expect(problems(...HOOK, outside, broken)).toEqual([]);
  });

  it("is the conversion webhook of a custom resource, also in the older form", () => {
    const crd = (name: string, conversion: Value): Value => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name },
      spec: { conversion },
    });
    expect(
      lines(
        ...HOOK,
        crd("a.example.com", { strategy: "Webhook", webhook: { clientConfig: toHook } }),
        crd("b.example.com", { strategy: "Webhook", webhookClientConfig: toHook }),
        crd("c.example.com", { strategy: "None" }),
      ),
    ).toEqual([
      "webhooks: api-server -> shop/hook 10250/TCP by CustomResourceDefinition/a.example.com",
      "webhooks: api-server -> shop/hook 10250/TCP by CustomResourceDefinition/b.example.com",
    ]);
  });

  it("is the server behind an APIService, and nobody for one that the API server answers itself", () => {
    const api = (name: string, spec: Value) => object("apiregistration.k8s.io/v1", "APIService", name, { spec });
    expect(
      lines(...HOOK, api("v1.apps", {}), api("v1beta1.example.com", { service: { namespace: "shop", name: "hook" } })),
    ).toEqual(["apiservices: api-server -> shop/hook 10250/TCP by APIService/v1beta1.example.com"]);
  });

  it("is over TCP, whatever else has that number", () => {
    const ports = [
      { name: "t", port: 443, targetPort: 10_250 },
      { name: "u", port: 443, targetPort: 53, protocol: "UDP" },
    ];
    const both = service("hook", { selector: { app: "hook" }, ports });
    expect(lines(deployment("hook"), both, webhooks("ValidatingWebhookConfiguration", "v", toHook))).toEqual([
      "webhooks: api-server -> shop/hook 10250/TCP by ValidatingWebhookConfiguration/v",
    ]);
  });

  it("is left out where its pods are in the host's network: no policy is certain to concern them", () => {
    const host = deployment("hook", { hostNetwork: true, ports: [{ name: "https", containerPort: 10_250 }] });
    expect(infer(host, ...HOOK.slice(1), webhooks("ValidatingWebhookConfiguration", "v", toHook))).toEqual({
      traffic: [],
      unresolved: [],
      schedules: [],
    });
  });
});

describe("what is missing is said", () => {
  const config = webhooks("ValidatingWebhookConfiguration", "v", toHook);

  it.for([
    ["the Service", [], "no Service shop/hook"],
    [
      "its port",
      [service("hook", { selector: { app: "hook" }, ports: [{ port: 8443 }] })],
      "Service shop/hook has no port 443 over TCP",
    ],
    ["workloads behind it", [HOOK[1] as Value], "no known workload behind Service shop/hook:443"],
    [
      "the port it names",
      [deployment("hook"), HOOK[1] as Value],
      "shop/hook does not declare the port that Service shop/hook:443 names",
    ],
  ] as const)("%s", ([, objects, problem]) => {
    expect(problems(...objects, config)).toEqual([`ValidatingWebhookConfiguration/v: ${problem}`]);
    expect(lines(...objects, config)).toEqual([]);
  });

  it("but not where a Service leads out of the cluster, or to endpoints that are no pods", () => {
    const outside = service("hook", { type: "ExternalName", externalName: "hook.example.com" });
    expect(problems(outside, config)).toEqual([]);
  });
});
