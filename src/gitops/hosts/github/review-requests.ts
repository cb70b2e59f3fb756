import { z } from "zod";
import type { WriteResult } from "../../host.ts";
import { type Answer, writeResult } from "./answer.ts";
import type { GitHubClient } from "./client.ts";
import { DONE, judged } from "./judged.ts";
import { withWayOut } from "./permissions.ts";
import { readPull } from "./read-pull.ts";

/** Who is asked for a review. */
export interface ReviewRequest {
  readonly number: number;
  /** Logins. */
  readonly reviewers: readonly string[];
  /** Slugs of the owner's teams, or `owner/slug`. */
  readonly teams: readonly string[];
}

const Pull = z.object({
  user: z.object({ login: z.string() }).nullish(),
  requested_reviewers: z.array(z.object({ login: z.string() })).nullish(),
  requested_teams: z.array(z.object({ slug: z.string() })).nullish(),
});

/** Who asks whom. */
export interface Reviewing {
  readonly people: GitHubClient;
  /** With the permission to see teams. */
  readonly teams: GitHubClient;
}

/** Who was asked, in lower case. */
interface Asked {
  readonly author: string | undefined;
  readonly people: ReadonlySet<string>;
  readonly teams: ReadonlySet<string>;
}

/**
 * Asks people, and then teams, who are not asked yet. GitHub takes all of a request or nothing, so that a team which it does not
 * take leaves the people asked, and the author, whom it never takes, is left out.
 *
 * @param owner of the repository, as GitHub calls it now
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
 */
export async function requestReviews(
  { people: client, teams: teamClient }: Reviewing,
  owner: string,
  { number, reviewers, teams }: ReviewRequest,
): Promise<WriteResult> {
  if (reviewers.length + teams.length === 0) return DONE;
  const before = await askedOf(client, number);
  if (before.kind !== "ok") return writeResult(before);
  const { author, people, teams: askedTeams } = before.data;
  const names = reviewers.map((name) => name.replace(/^@/u, ""));
  const slugs = teams.map((name) => slugOf(name, owner));
  const isAuthor = (name: string): boolean => name.toLowerCase() === author;
  const newPeople = names.filter((name) => !people.has(name.toLowerCase()) && !isAuthor(name));
  const newTeams = slugs.filter((slug) => !askedTeams.has(slug.toLowerCase()));
  const results = [
    await post(client, number, { people: newPeople, teams: [] }),
    await post(teamClient, number, { people: [], teams: newTeams }),
    ...names.filter(isAuthor).map(notAnAuthor),
  ];
  return worstOf(results);
}

interface NewlyAsked {
  readonly people: readonly string[];
  readonly teams: readonly string[];
}

async function post(client: GitHubClient, number: number, { people, teams }: NewlyAsked): Promise<WriteResult> {
  if (people.length + teams.length === 0) return DONE;
  const whom = teams.length === 0 ? { reviewers: people } : { team_reviewers: teams };
  const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers";
  const answer = await client.write(route, { pull_number: number, ...whom });
  const result = await judged(answer, async () => {
    const after = await askedOf(client, number);
    if (after.kind !== "ok") return after;
    const isThere =
      people.every((name) => after.data.people.has(name.toLowerCase())) &&
      teams.every((slug) => after.data.teams.has(slug.toLowerCase()));
    return { kind: "ok", data: isThere };
  });
  if (result.kind !== "refused") return result;
  const because = teams.length === 0 ? result.because : withWayOut(result.because, "members: read");
  return { kind: "refused", because: `${because} (${[...people, ...teams].join(", ")})` };
}

async function askedOf(client: GitHubClient, number: number): Promise<Answer<Asked>> {
  const answer = await readPull(client, number, Pull);
  if (answer.kind !== "ok") return answer;
  const pull = answer.data;
  const people = (pull.requested_reviewers ?? []).map(({ login }) => login.toLowerCase());
  const teams = (pull.requested_teams ?? []).map(({ slug }) => slug.toLowerCase());
  const data = { author: pull.user?.login.toLowerCase(), people: new Set(people), teams: new Set(teams) };
  return { kind: "ok", data };
}

/** A team of another owner stays as it is written: GitHub has none of that name here, and says so. */
function slugOf(team: string, owner: string): string {
  const name = team.replace(/^@/u, "");
  const prefix = `${owner}/`;
  return name.toLowerCase().startsWith(prefix.toLowerCase()) ? name.slice(prefix.length) : name;
}

function notAnAuthor(name: string): WriteResult {
  return { kind: "refused", because: `${name} opened the pull request, and can't review it.` };
}

/** What is not done of several writes; one that is deferred says that there is more to do. */
function worstOf(results: readonly WriteResult[]): WriteResult {
  const failed = results.filter((result) => result.kind !== "done");
  const [first] = failed;
  if (first === undefined) return DONE;
  const kind = failed.find((result) => result.kind === "deferred")?.kind ?? first.kind;
  return { kind, because: [...new Set(failed.map(({ because }) => because))].join(" ") };
}
