import { describe, expect, it } from "vitest";
import { readTexts } from "./read-access.ts";

const HEAD = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

const POLICY = `${HEAD}omitStages: [RequestReceived]
rules:
- level: None
  users: [system:kube-proxy]
  verbs: [watch]
  resources:
  - {group: "", resources: [endpoints, services]}
- level: Metadata
  omitStages: [Panic]
  nonResourceURLs: ["/healthz*", "*"]
- level: RequestResponse
  userGroups: [dev]
  namespaces: [shop]
  resources:
  - {group: apps}
  - {group: "*", resources: ["*/log"], resourceNames: [a]}
`;

describe("an audit Policy", () => {
  it("is read as it is, with the stages that it leaves out everywhere in each rule", async () => {
    const { auditPolicy, findings, rbac } = await readTexts(POLICY);
    expect(findings).toEqual([]);
    expect(rbac).toBeUndefined();
    expect(auditPolicy).toEqual({
      rules: [
        {
          level: "None",
          users: ["system:kube-proxy"],
          verbs: ["watch"],
          resources: [{ group: "", resources: ["endpoints", "services"], resourceNames: [] }],
          omitStages: ["RequestReceived"],
        },
        { level: "Metadata", nonResourceURLs: ["/healthz*", "*"], omitStages: ["RequestReceived", "Panic"] },
        {
          level: "RequestResponse",
          userGroups: ["dev"],
          namespaces: ["shop"],
          resources: [
            { group: "apps", resources: [], resourceNames: [] },
            { group: "*", resources: ["*/log"], resourceNames: ["a"] },
          ],
          omitStages: ["RequestReceived"],
        },
      ],
    });
  });

  it("given twice is one, and of two that differ none counts", async () => {
    const once = await readTexts(POLICY);
    expect(await readTexts(POLICY, POLICY)).toEqual(once);
    const { auditPolicy, findings } = await readTexts(POLICY, `${HEAD}rules: [{level: Metadata}]\n`);
    expect(auditPolicy).toBeUndefined();
    expect(findings).toMatchObject([{ code: "audit-policies-differ", severity: "warning" }]);
    expect(findings[0]?.message).toContain("0.yaml:1, 1.yaml:1");
  });

  it("of another API is none", async () => {
    const { auditPolicy, findings } = await readTexts(POLICY.replace("audit.k8s.io/v1", "kyverno.io/v1"));
    expect({ auditPolicy, findings }).toEqual({ auditPolicy: undefined, findings: [] });
  });

  it.each([
    ["no rules", `${HEAD}rules: []\n`, "rules: must contain at least one rule"],
    [
      "no level",
      `${HEAD}rules: [{users: [a]}]\n`,
      'rules[0].level: "" must be None, Metadata, Request or RequestResponse',
    ],
    ["an unknown level", `${HEAD}rules: [{level: All}]\n`, '"All" must be None, Metadata, Request or RequestResponse'],
    [
      "an unknown stage",
      `${HEAD}omitStages: [Done]\nrules: [{level: None}]\n`,
      'omitStages[0]: "Done" must be one of RequestReceived',
    ],
    ["an unknown stage in a rule", `${HEAD}rules: [{level: None, omitStages: [Done]}]\n`, "rules[0].omitStages[0]"],
    [
      "a path that is none",
      `${HEAD}rules: [{level: None, nonResourceURLs: [healthz]}]\n`,
      'rules[0].nonResourceURLs[0]: "healthz" must begin with "/"',
    ],
    [
      "a wildcard in a path",
      `${HEAD}rules: [{level: None, nonResourceURLs: ["/*/x"]}]\n`,
      'may have "*" only at its end',
    ],
    [
      "resources and paths",
      `${HEAD}rules: [{level: None, nonResourceURLs: ["/x"], namespaces: [a]}]\n`,
      "never about both",
    ],
    [
      "a group with a version",
      `${HEAD}rules: [{level: None, resources: [{group: apps/v1}]}]\n`,
      "a version does not belong there",
    ],
    [
      "names of no resource",
      `${HEAD}rules: [{level: None, resources: [{group: apps, resourceNames: [a]}]}]\n`,
      "names need at least one resource",
    ],
    ["an old version", POLICY.replace("/v1", "/v1beta1"), "is read by no supported version"],
  ])("with %s is refused with its line, as no API server starts with it", async (_, text, sentence) => {
    const { auditPolicy, findings } = await readTexts(text);
    expect(auditPolicy).toBeUndefined();
    expect(findings).toMatchObject([{ code: "audit-policy-refused", severity: "warning" }]);
    expect(findings[0]?.message).toContain(sentence);
    expect(findings[0]?.message).toMatch(/^0\.yaml:\d+: audit Policy: /u);
  });
});
