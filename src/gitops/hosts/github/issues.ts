import { z } from "zod";
import type { FoundIssue, IssueText, WriteResult } from "../../host.ts";
import { type Answer, writeResult } from "./answer.ts";
import type { GitHubClient } from "./client.ts";
import { Actor, pageOf } from "./find-query.ts";
import { isOwnText, type Viewer } from "./identity.ts";
import { DONE, editedMeanwhile, isSameText, judged } from "./judged.ts";
import type { GitHubPlace } from "./options.ts";
import { withWayOut } from "./permissions.ts";

/** What issues need. */
export interface Issues {
  /** With the permission to write issues. */
  readonly client: GitHubClient;
  readonly place: GitHubPlace;
  readonly viewer: Viewer;
}

const LIST = `query($owner: String!, $name: String!, $filter: IssueFilters, $after: String) {
  repository(owner: $owner, name: $name) { hasIssuesEnabled
    issues(first: 100, after: $after, filterBy: $filter, orderBy: { field: CREATED_AT, direction: DESC }) {
      nodes { number url state title body author { login __typename } } pageInfo { hasNextPage endCursor } } } }`;
const Entry = z.object({
  number: z.int(),
  url: z.string(),
  state: z.enum(["OPEN", "CLOSED"]),
  title: z.string(),
  body: z.string(),
  author: Actor,
});
const Listed = z.object({ repository: z.object({ hasIssuesEnabled: z.boolean(), issues: pageOf(Entry) }) });
const Issue = z.object({ title: z.string(), body: z.string().nullish() });
const ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}";
const STATES = { OPEN: "open", CLOSED: "closed" } as const;

/** What there is under a title. */
export interface IssuesHere {
  /** Whether the repository has issues at all. */
  readonly isOn: boolean;
  /** Ours: an open one before closed ones, the newest of them. */
  readonly own: FoundIssue | undefined;
}

/**
 * Looks for our own issue with this title. Some GitHub Enterprise Clouds do not know an App's name where they filter by author
 * (renovatebot/renovate#44730): where nothing is found so, all issues are looked through, so that none is opened twice.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function findOwnIssue(issues: Issues, title: string): Promise<Answer<IssuesHere>> {
  const { login, isBot } = issues.viewer;
  const ours = await look(issues, title, { createdBy: isBot ? `${login}[bot]` : login });
  return ours.kind === "ok" && ours.data.isOn && ours.data.own === undefined ? await look(issues, title, {}) : ours;
}

async function look(
  { client, place, viewer }: Issues,
  title: string,
  filter: { readonly createdBy?: string },
): Promise<Answer<IssuesHere>> {
  let own: FoundIssue | undefined;
  for (let after: string | undefined; ; ) {
    const answer = await client.query(LIST, { owner: place.owner, name: place.repo, filter, after });
    if (answer.kind !== "ok") return answer;
    const { hasIssuesEnabled: isOn, issues } = Listed.parse(answer.data).repository;
    const found = (issues.nodes ?? []).flatMap((issue) =>
      issue?.title === title && isOwnText(issue, viewer) ? [foundIssue(issue)] : [],
    );
    const open = found.find(({ state }) => state === "open");
    if (open !== undefined) return { kind: "ok", data: { isOn, own: open } };
    own ??= found[0];
    after = issues.pageInfo.endCursor ?? undefined;
    if (!issues.pageInfo.hasNextPage || after === undefined) return { kind: "ok", data: { isOn, own } };
  }
}

function foundIssue({ number, url, body, state }: z.infer<typeof Entry>): FoundIssue {
  return { number, url, body, state: STATES[state] };
}

/**
 * Writes an issue of ours. GitHub compares nothing before it writes: a look right before is the best there is.
 *
 * @param found undefined: our open one with this title, or a new one where there is none
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function writeIssue(
  issues: Issues,
  found: Pick<FoundIssue, "number" | "body"> | undefined,
  text: IssueText,
): Promise<WriteResult> {
  if (found !== undefined) return withHelp(await editFound(issues, found, text));
  const before = await findOwnIssue(issues, text.title);
  if (before.kind !== "ok") return withHelp(writeResult(before));
  const { isOn, own } = before.data;
  if (!isOn) return { kind: "refused", because: "Issues are switched off in this repository." };
  if (own?.state !== "open") return withHelp(await create(issues, text));
  return isSameText(own.body, text.body) ? DONE : withHelp(await edit(issues, own.number, text));
}

async function create(issues: Issues, { title, body }: IssueText): Promise<WriteResult> {
  const answer = await issues.client.write("POST /repos/{owner}/{repo}/issues", { title, body });
  return await judged(answer, async () => {
    const after = await findOwnIssue(issues, title);
    if (after.kind !== "ok") return after;
    const { own } = after.data;
    return { kind: "ok", data: own?.state === "open" && isSameText(own.body, body) };
  });
}

async function editFound(
  issues: Issues,
  { number, body: seen }: Pick<FoundIssue, "number" | "body">,
  text: IssueText,
): Promise<WriteResult> {
  const now = await lookAt(issues, number);
  if (now.kind !== "ok") return writeResult(now);
  const { body } = now.data;
  return editedMeanwhile(number, isSameText(body, seen) || isSameText(body, text.body)) ?? edit(issues, number, text);
}

async function lookAt({ client }: Issues, number: number): Promise<Answer<z.infer<typeof Issue>>> {
  const answer = await client.read(`GET ${ISSUE}`, { issue_number: number });
  return answer.kind === "ok" ? { kind: "ok", data: Issue.parse(answer.data) } : answer;
}

async function edit(issues: Issues, number: number, { title, body }: IssueText): Promise<WriteResult> {
  const answer = await issues.client.write(`PATCH ${ISSUE}`, { issue_number: number, title, body });
  return await judged(answer, async () => {
    const now = await lookAt(issues, number);
    return now.kind === "ok"
      ? { kind: "ok", data: isSameText(now.data.title, title) && isSameText(now.data.body, body) }
      : now;
  });
}

function withHelp(result: WriteResult): WriteResult {
  return result.kind === "refused" ? { ...result, because: withWayOut(result.because, "issues: write") } : result;
}
