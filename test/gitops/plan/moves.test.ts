import { describe, expect, it } from "vitest";
import { combinedUnits, planUnits } from "../../../src/gitops/plan/plan.ts";
import { changed, proposedFile } from "../place/repositories.ts";
import { inputOf, planOf, REPOSITORY } from "./worlds.ts";

const CART = { namespace: "shop", file: proposedFile("cart"), isEnforcement: false };
const DB = { namespace: "shop", file: proposedFile("db"), isEnforcement: false };
const HOME = [{ namespace: "shop", path: "plain/one" }];

/** What stands after both were placed there. */
function merged() {
  const input = inputOf({ mappings: HOME, repository: REPOSITORY, wanted: [CART, DB] });
  return changed(REPOSITORY, combinedUnits(input, planUnits(input).units).changes);
}

describe("a workload whose source moves", () => {
  it("takes its file along from a folder of the namespace, since two of one name get in each other's way", () => {
    const moved = [...HOME, { namespace: "shop", workload: "cart", path: "kustomize/one" }];
    const world = { mappings: moved, repository: merged(), wanted: [CART, DB] };
    const [unit, ...more] = planOf(world).units;
    expect(more).toEqual([]);
    expect(unit?.changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "write", path: "kustomize/one/netlearn/netlearn-cart.yaml" }),
        expect.objectContaining({ kind: "delete", path: "plain/one/netlearn-cart.yaml" }),
      ]),
    );
    const repository = changed(world.repository, unit?.changes ?? []);
    expect(planOf({ ...world, repository })).toMatchObject({ units: [], stale: [] });
  });

  it("leaves a file behind in a folder that nothing of the namespace is in any more: it may be another cluster's", () => {
    const moved = [{ namespace: "shop", path: "kustomize/one" }];
    const { units } = planOf({ mappings: moved, repository: merged(), wanted: [CART, DB] });
    expect(units.flatMap(({ changes }) => changes.filter(({ kind }) => kind === "delete"))).toEqual([]);
  });
});

describe("what a run says of files that it does not judge", () => {
  it("is nothing, of namespaces that it leaves out, and of roles where no use of the API was read", () => {
    const role = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "netlearn-x", namespace: "shop", labels: { "app.kubernetes.io/managed-by": "netlearn" } },
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    } as const;
    const file = { name: "netlearn-rbac-x.yaml", manifests: [role], workload: undefined };
    const roles = { namespace: "shop", file, isEnforcement: false };
    const other = { ...role, metadata: { ...role.metadata, namespace: "pay" } };
    const pay = {
      namespace: "pay",
      file: { ...file, name: "netlearn-rbac-y.yaml", manifests: [other] },
      isEnforcement: false,
    };
    const mappings = [{ path: "plain/one" }];
    const input = inputOf({ mappings, repository: REPOSITORY, wanted: [CART, DB, roles, pay] });
    const repository = changed(REPOSITORY, combinedUnits(input, planUnits(input).units).changes);
    expect(planOf({ mappings, repository, wanted: [CART] }).stale).toEqual(["plain/one/netlearn-db.yaml"]);
    expect(planOf({ mappings, repository, wanted: [CART, DB] }).stale).toEqual([]);
    expect(planOf({ mappings, repository, wanted: [CART, DB, pay] }).stale).toEqual(["plain/one/netlearn-rbac-x.yaml"]);
  });
});
