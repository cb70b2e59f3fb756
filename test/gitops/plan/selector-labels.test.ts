import { expect, it } from "vitest";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import { planUnits } from "../../../src/gitops/plan/plan.ts";
import { repositoryOf } from "../../support/repository.ts";
import { CART } from "../place/repositories.ts";

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  selector: {matchLabels: {app: cart}}
  template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: cart, image: cart}]}}
`;

/** What is planned where Argo CD is told these things about kustomize. */
function planned(kustomize: string): string {
  const repository = repositoryOf({
    "apps/cart.yaml": DEPLOYMENT,
    "apps/kustomization.yaml": "namespace: shop\nresources:\n- cart.yaml\n",
    "argo/shop.yaml": `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  source: {repoURL: "https://git.example/fleet", path: apps, kustomize: ${kustomize}}
  destination: {server: "https://kubernetes.default.svc", namespace: shop}
`,
  });
  const workload = { kind: "Deployment", name: "cart" };
  const { units } = planUnits({
    index: indexRepository(repository),
    mappings: [],
    base: "main",
    cluster: "",
    wanted: [
      { namespace: "shop", file: { name: "netlearn-cart.yaml", manifests: [CART], workload }, isEnforcement: false },
    ],
    isGone: () => false,
  });
  const change = units[0]?.changes.find(({ path }) => path === "apps/netlearn/netlearn-cart.yaml");
  return change?.kind === "write" ? change.text : "";
}

it("chooses peers by expressions where Argo CD writes labels into selectors: kustomize would write them into peers too", () => {
  expect(planned("{commonLabels: {team: shop}}")).toContain("operator: In");
});

it.each(["{}", "{commonLabels: {}}", "{commonLabels: {team: shop}, labelWithoutSelector: true}"])(
  "keeps labels where it does not: %s",
  (kustomize) => {
    const text = planned(kustomize);
    expect(text).toContain("matchLabels");
    expect(text).not.toContain("operator: In");
  },
);
