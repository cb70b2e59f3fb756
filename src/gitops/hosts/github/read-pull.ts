import type { z } from "zod";
import type { Answer } from "./answer.ts";
import type { GitHubClient } from "./client.ts";

/**
 * A pull request as it is now.
 *
 * @param schema of the fields that are looked at
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function readPull<Schema extends z.ZodType>(
  client: GitHubClient,
  number: number,
  schema: Schema,
): Promise<Answer<z.output<Schema>>> {
  const answer = await client.read("GET /repos/{owner}/{repo}/pulls/{pull_number}", { pull_number: number });
  return answer.kind === "ok" ? { kind: "ok", data: schema.parse(answer.data) } : answer;
}
