import { describe, expect, it } from "vitest";
import type { Placed } from "../../../src/gitops/place/objects.ts";
import { placeInTerraform } from "../../../src/gitops/place/terraform.ts";
import type { ProposedFile } from "../../../src/model/placement.ts";
import type { Repository } from "../../../src/model/repository.ts";
import { repositoryOf } from "../../support/repository.ts";
import { changed, proposedFile } from "./repositories.ts";

const placement = { kind: "terraform", folder: "infra/shop", by: { kind: "mapping", because: "so it is" } } as const;
const FILE = "infra/shop/netlearn.tf";
const PEOPLE = { "infra/shop/main.tf": 'resource "kubernetes_deployment_v1" "cart" {}\n' };

function place(repository: Repository, files: readonly ProposedFile[]): Placed {
  return placeInTerraform(repository, { placement, files });
}

describe("placeInTerraform", () => {
  it("git rule 5: writes one file of its own, in the same bytes whatever the order, and has nothing to do again", () => {
    const repository = repositoryOf(PEOPLE);
    const { changes, refused } = place(repository, [proposedFile("cart"), proposedFile("db")]);
    expect(refused).toEqual([]);
    expect(changes).toMatchObject([{ kind: "write", path: FILE, before: undefined, owner: "netlearn" }]);
    expect(place(repository, [proposedFile("db"), proposedFile("cart")]).changes).toEqual(changes);
    expect(place(changed(repository, changes), [proposedFile("cart"), proposedFile("db")])).toEqual({
      changes: [],
      refused: [],
    });
  });

  it("takes out what is no longer wanted, and the file with the last of it", () => {
    const repository = changed(
      repositoryOf(PEOPLE),
      place(repositoryOf(PEOPLE), [proposedFile("cart"), proposedFile("db")]).changes,
    );
    const fewer = place(repository, [proposedFile("cart")]).changes;
    expect(fewer).toEqual([
      expect.objectContaining({ kind: "write", text: expect.not.stringContaining("netlearn-db") }),
    ]);
    const none = place(repository, []).changes;
    expect(none).toEqual([{ kind: "delete", path: FILE, before: repository.files.get(FILE)?.text, owner: "netlearn" }]);
    expect(place(repositoryOf(PEOPLE), [])).toEqual({ changes: [], refused: [] });
  });

  it("git rule 27: leaves a file that people wrote or edited, and says what would be in it", () => {
    const ours =
      changed(repositoryOf(PEOPLE), place(repositoryOf(PEOPLE), [proposedFile("cart")]).changes).files.get(FILE)
        ?.text ?? "";
    for (const text of ["# ours\n", ours.replace("shop", "shopp"), `${ours}\n# more\n`, ""]) {
      const repository = repositoryOf({ ...PEOPLE, [FILE]: text });
      const { changes, refused } = place(repository, [proposedFile("cart")]);
      expect(changes).toEqual([]);
      expect(refused).toEqual([
        { path: FILE, message: expect.stringMatching(/by hand|not written by netlearn/), patch: ours },
      ]);
      expect(place(repository, [])).toMatchObject({ changes: [], refused: [{ path: FILE }] });
    }
  });

  it("refuses what Terraform can't say, and writes the rest", () => {
    const empty = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "a" },
      rules: [],
    } as const;
    const file = { name: "netlearn-rbac-a.yaml", manifests: [empty], workload: undefined };
    const { changes, refused } = place(repositoryOf(PEOPLE), [proposedFile("cart"), file]);
    expect(changes).toHaveLength(1);
    expect(refused).toEqual([expect.objectContaining({ message: "Role a has no rules, and the provider wants one." })]);
  });

  it.each(["../infra", "infra/link", "/infra", ".github"])("git rule 36: writes nothing to %s", (folder) => {
    const repository = repositoryOf(PEOPLE, ["infra/link"]);
    const { changes, refused } = placeInTerraform(repository, {
      placement: { ...placement, folder },
      files: [proposedFile("cart")],
    });
    expect(changes).toEqual([]);
    expect(refused).toHaveLength(1);
  });
});
