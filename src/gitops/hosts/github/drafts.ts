import { z } from "zod";
import type { WriteResult } from "../../host.ts";
import { writeResult } from "./answer.ts";
import type { GitHubClient } from "./client.ts";
import { DONE } from "./judged.ts";
import { readPull } from "./read-pull.ts";

const TO_DRAFT =
  "mutation($input: ConvertPullRequestToDraftInput!) { convertPullRequestToDraft(input: $input) { clientMutationId } }";
const TO_READY =
  "mutation($input: MarkPullRequestReadyForReviewInput!) { markPullRequestReadyForReview(input: $input) { clientMutationId } }";
const Pull = z.object({ node_id: z.string(), state: z.string(), draft: z.boolean().nullish() });

/**
 * Makes a draft of an open pull request, or makes it ready for review; REST can do neither. One that is so already is left alone.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function setDraft(client: GitHubClient, number: number, isDraft: boolean): Promise<WriteResult> {
  const before = await readPull(client, number, Pull);
  if (before.kind !== "ok") return writeResult(before);
  if (before.data.state !== "open") return { kind: "lost-race", because: `Somebody closed #${number} meanwhile.` };
  if (isSo(before.data, isDraft)) return DONE;
  const answer = await client.mutate(isDraft ? TO_DRAFT : TO_READY, { input: { pullRequestId: before.data.node_id } });
  if (answer.kind === "ok") return DONE;
  if (answer.kind === "deferred") return writeResult(answer);
  const after = await readPull(client, number, Pull);
  if (after.kind === "ok" && isSo(after.data, isDraft)) return DONE;
  const isRefused = answer.kind === "denied" || isUnknownHere(answer.because);
  return { kind: isRefused ? "refused" : "deferred", because: answer.because };
}

/** Of plans without drafts, and of servers that do not know the mutation: GraphQL names no type of error for these. */
function isUnknownHere(because: string): boolean {
  return /\bdrafts?\b.*not supported|(?:doesn't|does not) exist on type/iu.test(because);
}

function isSo({ draft }: z.infer<typeof Pull>, isDraft: boolean): boolean {
  return (draft ?? false) === isDraft;
}
