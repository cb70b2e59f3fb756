import { describe, expect, it } from "vitest";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import { AddressBook } from "../../../src/evaluator/review/addresses.ts";
import { answerQuestion, findAskedEnd, type QuestionAnswer } from "../../../src/evaluator/review/question.ts";
import { buildReviewWorld, type ReviewWorld } from "../../../src/evaluator/review/world.ts";
import { inventoryOf } from "../../../src/inventory/manifests/inventory.ts";
import { parseDocuments } from "../../../src/inventory/manifests/parse-documents.ts";

function worldOf(text: string, profile: ProfileName = "upstream"): ReviewWorld {
  const { objects } = parseDocuments(text, { file: "a.yaml", namespace: "shop", isInChart: false });
  return buildReviewWorld({ ...inventoryOf(objects), graph: undefined }, profile, new AddressBook([]));
}

function ask(world: ReviewWorld, from: string, to: string, port: number): QuestionAnswer {
  const [client, server] = [findAskedEnd(world, from), findAskedEnd(world, to)];
  if (!("ends" in client) || !("ends" in server)) throw new Error("unknown end");
  return answerQuestion(world, { client, server }, { port, protocol: "TCP" });
}

const POD = (name: string, app: string, port: number): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: {app: ${app}}
  ownerReferences: [{kind: StatefulSet, name: ${app}, controller: true}]
spec: {containers: [{ports: [{name: sql, containerPort: ${port}}]}]}
`;

const DB_POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: nobody}}}]
    - from: [{podSelector: {matchLabels: {app: cart}}}]
      ports: [{port: sql}]
`;

const WORLD = worldOf(
  [POD("db-0", "db", 5432), POD("db-1", "db", 5433), POD("cart-0", "cart", 80), DB_POLICY].join("---\n"),
);

describe("a question about a connection", () => {
  it("is answered with the rule that allows it, and its line", () => {
    const { verdict, egress, ingress } = ask(WORLD, "shop/cart-0", "shop/db-0", 5432);
    expect(verdict).toBe("allowed");
    expect(ingress.by).toEqual([{ policy: "shop/db", rule: 1, place: { file: "a.yaml", line: 32 } }]);
    expect(egress.by).toEqual([]);
  });

  it("is answered with the policy that isolates the end when no rule allows it", () => {
    const { verdict, ingress } = ask(WORLD, "198.51.100.7", "shop/db-0", 5432);
    expect(verdict).toBe("denied");
    expect(ingress.by).toEqual([{ policy: "shop/db", rule: undefined, place: { file: "a.yaml", line: 28 } }]);
  });

  it("about a workload is about all of its pods: one that is out of reach denies it", () => {
    expect(ask(WORLD, "shop/cart", "shop/db-0", 5432).verdict).toBe("allowed");
    expect(ask(WORLD, "shop/cart", "shop/db-1", 5433).verdict).toBe("allowed");
    expect(ask(WORLD, "shop/cart", "shop/db", 5432).verdict).toBe("denied");
  });

  it("about a workload and itself is about two of its pods, not about one with itself", () => {
    expect(ask(WORLD, "shop/db", "shop/db", 5432).verdict).toBe("denied");
    expect(ask(WORLD, "shop/db-0", "shop/db-0", 5432).verdict).toBe("allowed");
  });

  it("is left open where the profile does not say", () => {
    const text = DB_POLICY.replace("podSelector: {matchLabels: {app: nobody}}", "ipBlock: {cidr: 0.0.0.0/0}");
    const pods = POD("db-0", "db", 5432) + "---\n" + POD("other-0", "other", 80);
    expect(ask(worldOf(`${pods}---\n${text}`, "eks"), "shop/other", "shop/db", 1).verdict).toBe("undefined");
    expect(ask(worldOf(`${pods}---\n${text}`, "calico"), "shop/other", "shop/db", 1).verdict).toBe("allowed");
    expect(ask(worldOf(`${pods}---\n${text}`, "cilium"), "shop/other", "shop/db", 1).verdict).toBe("denied");
  });
});

describe("an end", () => {
  const DEPLOYMENTS = ["a/web", "b/web", "a/cart"].map((id) => {
    const [namespace, name] = id.split("/");
    return `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"namespace":"${namespace}","name":"${name}"},"spec":{"template":{}}}`;
  });
  const world = worldOf(DEPLOYMENTS.join("\n---\n"));

  it.each(["a/cart", "a/Deployment/cart", "cart", "a/cart (another pod)"])("is found as %s", (text) => {
    expect(findAskedEnd(world, text)).toMatchObject({ text, ends: expect.arrayContaining([]) });
    expect("ends" in findAskedEnd(world, text)).toBe(true);
  });

  it("that is the name of several workloads is not guessed", () => {
    expect(findAskedEnd(world, "web")).toEqual({ problem: "several", names: ["a/web", "b/web"] });
  });

  it("that nobody knows is answered with those that are known", () => {
    expect(findAskedEnd(world, "a/db")).toEqual({ problem: "none", names: ["a/cart", "a/web", "b/web"] });
    expect(findAskedEnd(world, "__proto__")).toMatchObject({ problem: "none" });
  });

  it("may be an address of either family", () => {
    expect(findAskedEnd(world, "2001:db8::1")).toEqual({ text: "2001:db8::1", ends: [{ ip: "2001:db8::1" }] });
  });
});
