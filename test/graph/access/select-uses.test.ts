import { expect, it } from "vitest";
import { selectUses } from "../../../src/graph/access/select-uses.ts";
import type { AccessUse, ResourceAttributes } from "../../../src/model/access.ts";
import { attributesText } from "../../../src/model/access-attributes.ts";
import { someAccessGraph, someAttributes, someIdentity, someUse } from "../../support/access-fixtures.ts";

function use(username: string, attributes: Partial<ResourceAttributes>, groups: readonly string[] = []): AccessUse {
  const where = { verb: "get", apiGroup: "", resource: "pods", subresource: "", namespace: "shop", name: "" };
  return someUse({ identity: someIdentity(username, groups), attributes: someAttributes({ ...where, ...attributes }) });
}

const ROBOT = "system:serviceaccount:shop:robot";
const USES = [
  use(ROBOT, { name: "a" }),
  use(ROBOT, { name: "b" }),
  use(ROBOT, { resource: "secrets", name: "a" }),
  use("jane", { verb: "list" }, ["oidc:developers"]),
];
const GRAPH = someAccessGraph({ uses: USES });

function left(...rejected: readonly string[]): readonly string[] {
  return selectUses(GRAPH, rejected).access.uses.map(({ attributes }) => attributesText(attributes));
}

it("takes out what a subject may no longer do, of one name or of any", () => {
  expect(left(`${ROBOT}:get pods in shop named a`)).toEqual([
    "get pods in shop named b",
    "get secrets in shop named a",
    "list pods in shop",
  ]);
  expect(left(`${ROBOT}:get pods in shop`)).toEqual(["get secrets in shop named a", "list pods in shop"]);
});

it("knows a person by a group", () => {
  expect(left("oidc:developers:list pods in shop")).toHaveLength(3);
});

it("names what matches nothing, and leaves everything then", () => {
  const { access, idle } = selectUses(GRAPH, ["nobody:get pods in shop", `${ROBOT}:get pod in shop`]);
  expect(access.uses).toEqual(USES);
  expect(idle).toHaveLength(2);
});
