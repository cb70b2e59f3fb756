import { ZodError, z } from "zod";
import { NetlearnError } from "../../../lib/errors.ts";
import type { FileChange } from "../../../model/repository.ts";
import type { Host, WriteResult } from "../../host.ts";
import { mergesCleanly } from "../merges-cleanly.ts";
import { readTree } from "../read-tree.ts";
import { dataOf, unavailable } from "./answer.ts";
import { GitHubClient } from "./client.ts";
import { CommitCache } from "./commit-cache.ts";
import { setDraft } from "./drafts.ts";
import { find } from "./find.ts";
import { PREFIX } from "./find-query.ts";
import type { Viewer } from "./identity.ts";
import { findOwnIssue, type Issues, writeIssue } from "./issues.ts";
import { askKnown, type Known } from "./known.ts";
import { moveBranch } from "./move-branch.ts";
import { type GitHubOptions, type GitHubPlace, githubPlace } from "./options.ts";
import { Pace } from "./pace.ts";
import { ISSUES, PULL_REQUESTS, TEAM_REVIEWS } from "./permissions.ts";
import { comment, editPullRequest, label, openPullRequest } from "./pull-requests.ts";
import { requestReviews } from "./review-requests.ts";
import { writeBranch } from "./write-branch.ts";

/** Whether issues are switched on is known when one is written. */
const CAPABILITIES = { pullRequests: true, drafts: true, issues: true, checkboxes: true, bodyLimit: 65_536 } as const;

/**
 * GitHub as a host, through octokit. Nothing is asked before the first verb.
 *
 * @throws NetlearnError `NETLEARN_USAGE` for a repository or an address that can't be one
 */
export function githubHost(options: GitHubOptions): Host {
  const place = githubPlace(options);
  const pace = new Pace(options.clock, options.minimumWriteGapMs);
  const client = new GitHubClient(place, options.auth, pace, PULL_REQUESTS);
  const cache = new CommitCache(place, options);
  const asking = { client, place, options };
  let known: Known | undefined;
  const knownHere = async (): Promise<Known> => (known ??= await askKnown(asking));
  const token = async (): Promise<string> => z.string().parse(dataOf(await client.token(), place.name));
  const write: Write = async (texts, act) => {
    refuseSecrets(texts, client.secrets);
    return await understood(place.name, async () => await deferring(client, act));
  };
  return {
    name: place.name,
    capabilities: CAPABILITIES,
    find: async (base, branches) =>
      await understood(place.name, async () => {
        const here = await find(asking, base, branches);
        known = here.known;
        return here.found;
      }),
    read: async (commit) => await readTree(await cache.at(commit, token), commit),
    mergesCleanly: async (file) =>
      await mergesCleanly({ env: options.env, ...(options.clock.signal && { signal: options.clock.signal }) }, file),
    writeBranch: async (wanted) => {
      refuseForeign(wanted.branch);
      return await write(
        [wanted.message, ...wanted.changes.flatMap(textsOf)],
        async () => await writeBranch({ client, options, cache, token, known: await knownHere() }, wanted),
      );
    },
    deleteBranch: async (branch, expected) => {
      refuseForeign(branch);
      const move = { branch, from: expected, to: undefined, isForced: true };
      return await write([], async () => await moveBranch(client, (await knownHere()).repositoryId, move));
    },
    ...pullRequestVerbs(client, write, async () => (await knownHere()).owner),
    ...issueVerbs({ client: client.withPermissions(ISSUES), place }, write, async () => (await knownHere()).viewer),
  };
}

/** Does a write, unless its texts hold a secret. */
type Write = <Value>(texts: readonly string[], act: () => Promise<WriteResult<Value>>) => Promise<WriteResult<Value>>;

function pullRequestVerbs(
  client: GitHubClient,
  write: Write,
  owner: () => Promise<string>,
): Pick<Host, "openPullRequest" | "editPullRequest" | "setDraft" | "comment" | "label" | "requestReviews"> {
  const reviewing = { people: client, teams: client.withPermissions(TEAM_REVIEWS) };
  return {
    openPullRequest: async (request) =>
      await write([request.title, request.body], async () => await openPullRequest(client, await owner(), request)),
    editPullRequest: async (number, change, seen) =>
      await write([change.title ?? "", change.body ?? ""], async () => editPullRequest(client, number, change, seen)),
    setDraft: async (number, isDraft) => await write([], async () => await setDraft(client, number, isDraft)),
    comment: async (number, body) => await write([body], async () => await comment(client, number, body)),
    label: async (number, labels) => await write(labels, async () => await label(client, number, labels)),
    requestReviews: async (number, reviewers, teams) =>
      await write([...reviewers, ...teams], async () =>
        requestReviews(reviewing, await owner(), { number, reviewers, teams }),
      ),
  };
}

function issueVerbs(
  { client, place }: { readonly client: GitHubClient; readonly place: GitHubPlace },
  write: Write,
  viewer: () => Promise<Viewer>,
): Pick<Host, "findIssue" | "writeIssue"> {
  const issues = async (): Promise<Issues> => ({ client, place, viewer: await viewer() });
  return {
    findIssue: async (title) =>
      await understood(place.name, async () => {
        const answer = await findOwnIssue(await issues(), title);
        if (answer.kind === "ok") return answer.data.own;
        if (answer.kind === "denied") return undefined;
        throw unavailable(answer, place.name);
      }),
    writeIssue: async (own, text) =>
      await write([text.title, text.body], async () => await writeIssue(await issues(), own, text)),
  };
}

/** @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE`: base branches and those of people are never written */
function refuseForeign(branch: string): void {
  if (branch.startsWith(PREFIX)) return;
  throw new NetlearnError(
    "NETLEARN_OUTPUT_UNWRITABLE",
    `the branch ${JSON.stringify(branch)} is not netlearn's to write`,
  );
}

function textsOf(change: FileChange): readonly string[] {
  return change.kind === "write" ? [change.path, change.text] : [change.path];
}

/** @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` */
function refuseSecrets(texts: readonly string[], secrets: readonly string[]): void {
  if (!texts.some((text) => secrets.some((secret) => text.includes(secret)))) return;
  throw new NetlearnError(
    "NETLEARN_OUTPUT_UNWRITABLE",
    "what would be written holds the token, or a part of the App's key",
    {
      hint: "Revoke it: it stands in something that netlearn was given to read.",
    },
  );
}

/** A host that can't be asked defers a write, unless it refused the credentials: then the next run can't do better. */
async function deferring<Value>(
  client: GitHubClient,
  act: () => Promise<WriteResult<Value>>,
): Promise<WriteResult<Value>> {
  const { limit } = client;
  if (limit !== undefined) return { kind: "deferred", because: limit };
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof NetlearnError) || error.code !== "NETLEARN_HOST_UNAVAILABLE" || client.isRefused)
      throw error;
    return { kind: "deferred", because: error.message };
  }
}

/** @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` for an answer of a form that GitHub does not describe */
async function understood<Value>(name: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const [issue] = error.issues;
    const where = issue === undefined ? "" : ` (${issue.path.join(".")}: ${issue.message})`;
    throw new NetlearnError(
      "NETLEARN_HOST_UNAVAILABLE",
      `${name} answers in a form that netlearn does not know${where}`,
      {
        hint: "Is the address that of GitHub's API? An Enterprise Server may be too old.",
      },
    );
  }
}
