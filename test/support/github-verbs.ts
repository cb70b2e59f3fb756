import type { Host } from "../../src/gitops/host.ts";
import { BRANCH, written } from "../testbed/github/hosting.ts";
import type { OnGitHub } from "../testbed/github/suite.ts";

export const MESSAGE = "feat(shop): narrow\n\nWhat nobody used.\n\nNetlearn-Fingerprint: 0123456789abcdef";
export const POLICY = "apps/netlearn-cart.yaml";

/** What a repository begins with. */
export const FILES = {
  "apps/web.yaml": "kind: Service\r\n",
  "apps/old.yaml": "kind: Old\n",
  "README.md": "hello\n",
};

/** Writes one policy on the branch; gives its head. */
export async function create({ main }: OnGitHub, host: Host, text = "kind: NetworkPolicy\n"): Promise<string> {
  const wanted = { branch: BRANCH, parent: main(), expected: undefined, changes: [written(POLICY, text)] };
  const result = await host.writeBranch({ ...wanted, message: MESSAGE });
  if (result.kind !== "done") throw new Error(result.because);
  return result.value.head;
}

/** Opens a pull request of the branch; gives its number. */
export async function open(host: Host, base = "main"): Promise<number> {
  const wanted = { branch: BRANCH, base, title: "Narrow", body: "- [ ] go", isDraft: false };
  const result = await host.openPullRequest(wanted);
  if (result.kind !== "done") throw new Error(result.because);
  return result.value.number;
}

/** What there is of the branch. */
export async function found(host: Host) {
  const { branches, pullRequests, ...rest } = await host.find("main", [BRANCH]);
  return { ...rest, branch: branches[0], pulls: pullRequests, pull: pullRequests[0] };
}
