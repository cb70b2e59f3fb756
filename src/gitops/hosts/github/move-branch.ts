import { z } from "zod";
import type { WriteResult } from "../../host.ts";
import { type Answer, writeResult } from "./answer.ts";
import type { GitHubClient } from "./client.ts";

/** Where a branch is to go; undefined: it is not, or no longer, there. */
export interface Move {
  readonly branch: string;
  /** Where it has to be for that. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** What it holds now may go. */
  readonly isForced: boolean;
}

/** How GraphQL writes a branch that is not there. */
const NOWHERE = "0".repeat(40);
const UPDATE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }";
const Ref = z.object({ object: z.object({ sha: z.string() }) });

/**
 * Makes, moves or deletes a branch, as one compare-and-swap of GitHub's: `updateRefs` compares `beforeOid` under the lock of
 * the reference, with force too, which no request of REST does. A server that does not know it gets the request of REST, right
 * after a look.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function moveBranch(client: GitHubClient, repositoryId: string, move: Move): Promise<WriteResult> {
  const { branch, from, to, isForced } = move;
  const name = `refs/heads/${branch}`;
  const update = { name, beforeOid: from ?? NOWHERE, afterOid: to ?? NOWHERE, force: isForced };
  const answer = await client.mutate(UPDATE, { input: { repositoryId, refUpdates: [update] } });
  if (answer.kind === "unsure" && /updateRefs.*(?:doesn't|does not) exist/u.test(answer.because)) {
    return await movedByRest(client, move);
  }
  return await outcomeOf(client, move, answer);
}

async function movedByRest(client: GitHubClient, move: Move): Promise<WriteResult> {
  const { branch, from, to, isForced } = move;
  const before = await headOf(client, branch);
  if (before.kind !== "ok") return writeResult(before);
  if (before.data !== from) return before.data === to ? DONE : lost(branch);
  const ref = `heads/${branch}`;
  const route = "/repos/{owner}/{repo}/git/refs";
  const answer =
    from === undefined
      ? await client.write(`POST ${route}`, { ref: `refs/${ref}`, sha: to })
      : to === undefined
        ? await client.write(`DELETE ${route}/{ref}`, { ref })
        : await client.write(`PATCH ${route}/{ref}`, { ref, sha: to, force: isForced });
  return await outcomeOf(client, move, answer);
}

const DONE = { kind: "done", value: undefined } as const;

/** Whatever the answer says, where the branch is now tells what became of it. */
async function outcomeOf(client: GitHubClient, { branch, from, to }: Move, answer: Answer): Promise<WriteResult> {
  if (answer.kind === "ok") return DONE;
  if (answer.kind === "deferred") return writeResult(answer);
  const after = await headOf(client, branch);
  if (after.kind !== "ok") return { kind: "deferred", because: answer.because };
  if (after.data === to) return DONE;
  return after.data === from ? writeResult(answer) : lost(branch);
}

function lost(branch: string): WriteResult {
  return { kind: "lost-race", because: `Somebody else moved ${branch} meanwhile.` };
}

async function headOf(client: GitHubClient, branch: string): Promise<Answer<string | undefined>> {
  const answer = await client.read("GET /repos/{owner}/{repo}/git/ref/{ref}", { ref: `heads/${branch}` });
  if (answer.kind === "denied" && answer.status === 404) return { kind: "ok", data: undefined };
  return answer.kind === "ok" ? { kind: "ok", data: Ref.parse(answer.data).object.sha } : answer;
}
