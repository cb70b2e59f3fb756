import { shortHash } from "../../lib/safe-name.ts";
import type { Unit } from "../../model/proposal.ts";

/** Branches of ours begin with this. */
export const BRANCH_PREFIX = "netlearn/";

/** A branch of ours of this name is no unit's, and git has none below it. */
const TAKEN = "onboarding";

/** Longer names are cut: three of them and the prefix stay below 100 characters. */
const LONGEST = 40;

/**
 * The one branch of a unit: `netlearn/CLUSTER/NAMESPACE/STAGE`, at most 100 characters. `_` stands for no cluster and `_cluster`
 * for no namespace. Different units never share a branch, also where file systems ignore case.
 */
export function branchOf({ cluster, namespace, stage }: Omit<Unit, "base">): string {
  const parts = [cluster === "" ? "_" : refPart(cluster), namespace === "" ? "_cluster" : refPart(namespace), stage];
  return BRANCH_PREFIX + parts.join("/");
}

/** A name as git takes it within a ref (git-check-ref-format): as it is, or what is plain of it, `_` and a hash of all of it. */
function refPart(name: string): string {
  const isPlain = /^[a-z0-9](?:[a-z0-9-]|\.(?!\.))*$/u.test(name) && !/(?:\.|\.lock)$/u.test(name);
  if (isPlain && name.length <= LONGEST && name !== TAKEN) return name;
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-");
  return `${plain.slice(0, LONGEST - 13).replaceAll(/^-+|-+$/gu, "")}_${shortHash(name)}`;
}
