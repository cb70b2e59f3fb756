import { z } from "zod";
import type { Host, PullRequestText, WriteResult } from "../../host.ts";
import { type Answer, type Denied, writeResult } from "./answer.ts";
import type { GitHubClient } from "./client.ts";
import { DONE, editedMeanwhile, isSameText, judged } from "./judged.ts";
import { readPull } from "./read-pull.ts";

const Listed = z.array(
  z.object({
    number: z.int(),
    html_url: z.string(),
    head: z.object({ ref: z.string() }),
    base: z.object({ ref: z.string() }),
  }),
);
const Made = z.object({ number: z.int(), html_url: z.string() });
const Pull = z.object({
  title: z.string(),
  body: z.string().nullable(),
  state: z.string(),
  labels: z.array(z.object({ name: z.string() })),
});
const Comments = z.array(z.object({ body: z.string().nullish() }));
const PER_PAGE = 100;

type Opened = { readonly number: number; readonly url: string };

/**
 * Opens a pull request, unless there is one of these branches; as no draft where the repository's plan has none.
 *
 * @param owner of the repository, as GitHub calls it now
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function openPullRequest(
  client: GitHubClient,
  owner: string,
  request: PullRequestText & { readonly branch: string; readonly base: string },
): Promise<WriteResult<Opened>> {
  const { branch, base, title, body, isDraft } = request;
  const look = (): Promise<Answer<Opened | undefined>> => openOne(client, owner, { branch, base });
  const before = await look();
  if (before.kind !== "ok") return writeResult(before);
  if (before.data !== undefined) return { kind: "done", value: before.data };
  const create = (draft: boolean) =>
    client.write("POST /repos/{owner}/{repo}/pulls", { head: branch, base, title, body, draft });
  let answer = await create(isDraft);
  // Whether a plan has drafts is told by nothing else: https://github.com/cli/cli/issues/520.
  if (isDraft && answer.kind === "denied" && isWithoutDrafts(answer)) answer = await create(false);
  if (answer.kind === "ok") {
    const { number, html_url: url } = Made.parse(answer.data);
    return { kind: "done", value: { number, url } };
  }
  if (answer.kind === "deferred") return writeResult(answer);
  const after = await look();
  if (after.kind === "ok" && after.data !== undefined) return { kind: "done", value: after.data };
  return answer.kind === "denied" && isOvertaken(answer) ? { ...answer, kind: "lost-race" } : writeResult(answer);
}

/** The branch is gone, or the base has it by now. */
function isOvertaken({ status, because }: Denied): boolean {
  return status === 422 && /no commits between|\b(?:head|base) is invalid/iu.test(because);
}

function isWithoutDrafts({ status, because }: Denied): boolean {
  return status === 422 && /draft pull requests are not supported/iu.test(because);
}

async function openOne(
  client: GitHubClient,
  owner: string,
  { branch, base }: { readonly branch: string; readonly base: string },
): Promise<Answer<Opened | undefined>> {
  const asked = { head: `${owner}:${branch}`, base, state: "open", per_page: PER_PAGE };
  const answer = await client.read("GET /repos/{owner}/{repo}/pulls", asked);
  if (answer.kind !== "ok") return answer;
  // A filter that GitHub does not understand is left out without a word.
  const found = Listed.parse(answer.data).find((pull) => pull.head.ref === branch && pull.base.ref === base);
  return { kind: "ok", data: found === undefined ? undefined : { number: found.number, url: found.html_url } };
}

/**
 * Changes title, text or state. Doing it twice is doing it once. GitHub compares nothing before it writes: a look right before is
 * the best there is, so that what readers ticked while a run was under way is heard by the next one.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function editPullRequest(
  client: GitHubClient,
  number: number,
  change: Parameters<Host["editPullRequest"]>[1],
  seen?: string,
): Promise<WriteResult> {
  const overtaken = seen === undefined ? undefined : await isOtherText(client, number, [seen, change.body ?? seen]);
  if (overtaken !== undefined) return overtaken;
  const answer = await client.write("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
    pull_number: number,
    ...change,
  });
  return await judged(answer, () =>
    lookAt(client, number, ({ title, body, state }) => {
      const { title: newTitle = title, body: newBody = body ?? "", state: newState = state } = change;
      return isSameText(title, newTitle) && isSameText(body, newBody) && state === newState;
    }),
  );
}

/**
 * Says something, unless it has been said.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function comment(client: GitHubClient, number: number, body: string): Promise<WriteResult> {
  const before = await hasComment(client, number, body);
  if (before.kind !== "ok") return writeResult(before);
  if (before.data) return DONE;
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const answer = await client.write(route, { issue_number: number, body });
  return await judged(answer, () => hasComment(client, number, body));
}

/**
 * Adds labels; those that are there stay.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function label(client: GitHubClient, number: number, labels: readonly string[]): Promise<WriteResult> {
  if (labels.length === 0) return DONE;
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/labels";
  const answer = await client.write(route, { issue_number: number, labels });
  return await judged(answer, () =>
    lookAt(client, number, (pull) => {
      const there = new Set(pull.labels.map(({ name }) => name.toLowerCase()));
      return labels.every((name) => there.has(name.toLowerCase()));
    }),
  );
}

async function isOtherText(
  client: GitHubClient,
  number: number,
  expected: readonly string[],
): Promise<WriteResult | undefined> {
  const looked = await lookAt(client, number, ({ body }) => expected.some((text) => isSameText(body, text)));
  return looked.kind === "ok" ? editedMeanwhile(number, looked.data) : writeResult(looked);
}

type PullNow = z.infer<typeof Pull>;

async function lookAt(
  client: GitHubClient,
  number: number,
  isAsWished: (pull: PullNow) => boolean,
): Promise<Answer<boolean>> {
  const answer = await readPull(client, number, Pull);
  return answer.kind === "ok" ? { kind: "ok", data: isAsWished(answer.data) } : answer;
}

async function hasComment(client: GitHubClient, number: number, body: string): Promise<Answer<boolean>> {
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
  for (let page = 1; ; page += 1) {
    const answer = await client.read(route, { issue_number: number, per_page: PER_PAGE, page });
    if (answer.kind !== "ok") return answer;
    const comments = Comments.parse(answer.data);
    if (comments.some((one) => isSameText(one.body, body))) return { kind: "ok", data: true };
    if (comments.length < PER_PAGE) return { kind: "ok", data: false };
  }
}
