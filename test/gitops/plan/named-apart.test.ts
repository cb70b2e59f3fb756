import { describe, expect, it } from "vitest";
import type { Repository } from "../../../src/model/repository.ts";
import { changed } from "../place/repositories.ts";
import { denyFile, planOf, REPOSITORY, type World } from "./worlds.ts";

const mappings = [{ path: "plain/one" }];
const [PAY, SHOP] = [denyFile("pay"), denyFile("shop")];

function pathsIn(world: Omit<World, "mappings">): string[] {
  return planOf({ ...world, mappings }).units.flatMap(({ changes }) => changes.map(({ path }) => path));
}

function applied(repository: Repository, wanted: World["wanted"]): Repository {
  const { units } = planOf({ mappings, repository, wanted });
  return units.reduce((before, { changes }) => changed(before, changes), repository);
}

describe("namespaces that share a folder", () => {
  it("have files of their own where they would be called alike", () => {
    expect(pathsIn({ repository: REPOSITORY, wanted: [SHOP, PAY] })).toEqual([
      "plain/one/netlearn-default-deny~pay.yaml",
      "plain/one/netlearn-default-deny~shop.yaml",
    ]);
    expect(pathsIn({ repository: REPOSITORY, wanted: [SHOP] })).toEqual(["plain/one/netlearn-default-deny.yaml"]);
  });

  it("leave each other's files where they are, whoever came first and whoever is seen", () => {
    const first = applied(REPOSITORY, [SHOP]);
    expect(pathsIn({ repository: first, wanted: [SHOP, PAY] })).toEqual(["plain/one/netlearn-default-deny~pay.yaml"]);
    expect(pathsIn({ repository: first, wanted: [PAY] })).toEqual(["plain/one/netlearn-default-deny~pay.yaml"]);
    const both = applied(first, [SHOP, PAY]);
    const atOnce = applied(REPOSITORY, [SHOP, PAY]);
    for (const wanted of [[SHOP, PAY], [PAY], [SHOP]]) {
      expect(pathsIn({ repository: both, wanted })).toEqual([]);
      expect(pathsIn({ repository: atOnce, wanted })).toEqual([]);
    }
  });

  it("write nowhere else, whatever a namespace claims to be called", () => {
    const names = ["../../.github/workflows/x", "a/b", "$&", "..", "shop\n", "~"];
    const { units } = planOf({
      mappings,
      repository: REPOSITORY,
      wanted: [SHOP, ...names.map(denyFile)],
    });
    const paths = units.flatMap(({ changes }) => changes.map(({ path }) => path));
    for (const path of paths) expect(path).toMatch(/^plain\/one\/netlearn-default-deny~[^/\p{Cc}]+\.yaml$/u);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toContain("plain/one/netlearn-default-deny~shop.yaml");
  });

  it("wait for a person where one made something of the file that both would have", () => {
    const repository = changed(REPOSITORY, [
      {
        kind: "write",
        path: "plain/one/netlearn-default-deny.yaml",
        text: "mine: true\n",
        before: undefined,
        owner: "person",
      },
    ]);
    const { units } = planOf({ mappings, repository, wanted: [SHOP, PAY] });
    expect(units.map(({ changes, refused }) => [changes.length, refused.length])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});
