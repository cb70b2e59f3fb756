import { z } from "zod";
import { NetlearnError } from "../../../lib/errors.ts";
import type { Found, FoundBranch, FoundPullRequest } from "../../host.ts";
import { type Asking, ask, askMore, wholeList } from "./asking.ts";
import { findQuery, moreQuery, type Page, PREFIX, type PullAnswer, Shapes, type WholeAnswer } from "./find-query.ts";
import { branchOf } from "./found-branch.ts";
import { pullRequestOf } from "./found-pull-request.ts";
import type { Viewer } from "./identity.ts";
import { type Known, knownOf } from "./known.ts";
import type { GitHubPlace } from "./options.ts";

/** What was found, and who asked. */
export interface FoundHere {
  readonly found: Found;
  readonly known: Known;
}

const BRANCHES_AT_ONCE = 40;
const HOUR_MS = 3_600_000;

/**
 * What is there for these branches: one query for up to forty, and more where lists are long or histories entangled.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function find(asking: Asking, base: string | undefined, branches: readonly string[]): Promise<FoundHere> {
  const names = [...new Set(branches)];
  const first = await part(asking, base, { branches: names.slice(0, BRANCHES_AT_ONCE), isFirst: true });
  const parts = [first];
  for (let start = BRANCHES_AT_ONCE; start < names.length; start += BRANCHES_AT_ONCE) {
    const some = names.slice(start, start + BRANCHES_AT_ONCE);
    parts.push(await part(asking, first.base.branch, { branches: some, isFirst: false }));
  }
  const whole = Shapes.whole.parse(first.repository);
  const [openPullRequests, createdLastHour] = [await opened(asking, whole), await created(asking, whole)];
  const found: Found = {
    base: first.base,
    readOnly: whyReadOnly(whole, first.known.viewer),
    branches: parts.flatMap((one) => one.branches),
    pullRequests: parts.flatMap((one) => one.pulls).toSorted((one, other) => other.number - one.number),
    openPullRequests,
    createdLastHour,
  };
  return { found, known: first.known };
}

interface Part {
  readonly repository: Readonly<Record<string, unknown>>;
  readonly known: Known;
  readonly base: Found["base"];
  readonly branches: readonly FoundBranch[];
  readonly pulls: readonly FoundPullRequest[];
}

async function part(
  asking: Asking,
  base: string | undefined,
  { branches, isFirst }: { readonly branches: readonly string[]; readonly isFirst: boolean },
): Promise<Part> {
  const { place } = asking;
  const { viewer: answered, repository } = Shapes.answer.parse(await ask(asking, findQuery(base, branches, isFirst)));
  if (repository === null) throw notThere(place);
  if (repository.base === null) throw noBase(place, base, repository["defaultName"]);
  const { name, target } = repository.base;
  const known = knownOf(answered, repository, place);
  const { viewer } = known;
  const about = { base: { branch: name, head: target.oid }, viewer };
  const found: FoundBranch[] = [];
  const pulls: FoundPullRequest[] = [];
  for (const [index, branch] of branches.entries()) {
    const listed = await allPulls(asking, branch, Shapes.pulls.parse(repository[`p${index}`]));
    for (const pull of listed) pulls.push(await pullRequestOf(asking, viewer, pull));
    const head = Shapes.head.parse(repository[`h${index}`]);
    if (head === null) continue;
    const compared = Shapes.compared.parse(repository.base[`c${index}`]);
    found.push(await branchOf(asking, about, { name: branch, head: head.target.oid, compared, pulls: listed }));
  }
  return { base: about.base, known, repository, branches: found, pulls };
}

/** Those of forks have nothing to do with the branch of the same name here. */
async function allPulls(asking: Asking, branch: string, first: Page<PullAnswer>): Promise<readonly PullAnswer[]> {
  const listed = await wholeList(first, async (after) =>
    Shapes.more.pulls.parse(await askMore(asking, moreQuery("pulls", branch, after))),
  );
  return listed.filter(({ isCrossRepository }) => !isCrossRepository);
}

/** An open pull request has a branch: one without was closed when it went. */
async function opened(asking: Asking, { open }: WholeAnswer): Promise<number> {
  if (open === null) return 0;
  const branches = await wholeList(open, async (after) =>
    Shapes.more.open.parse(await askMore(asking, moreQuery("open", "", after))),
  );
  return branches.reduce((sum, { associatedPullRequests }) => sum + associatedPullRequests.totalCount, 0);
}

async function created(asking: Asking, { recent }: WholeAnswer): Promise<number> {
  const since = asking.options.clock.now() - HOUR_MS;
  const pulls = await wholeList(
    recent,
    async (after) => Shapes.more.recent.parse(await askMore(asking, moreQuery("recent", "", after))),
    (pull) => pull.createdAt < since,
  );
  return pulls.filter(
    ({ headRefName, createdAt, isCrossRepository }) =>
      headRefName.startsWith(PREFIX) && createdAt >= since && !isCrossRepository,
  ).length;
}

function notThere({ name }: GitHubPlace): NetlearnError {
  return new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `${name} is not there, or not shown to this token`, {
    hint: "Check the repository's name, and that the token or the App's installation may read it.",
  });
}

function whyReadOnly(whole: WholeAnswer, viewer: Viewer): string | undefined {
  if (whole.isArchived) return "The repository is archived.";
  if (whole.isDisabled) return "GitHub has disabled the repository.";
  if (whole.isLocked) return "The repository is locked: it is being moved, renamed or migrated.";
  if (whole.blocking !== null) {
    return `There is a branch ${PREFIX.slice(0, -1)}, so git can't have branches that begin with ${PREFIX}: rename it.`;
  }
  // Of an App it says what a person would have; what an App lacks is refused when its token is minted, or used.
  const isReader = whole.viewerPermission === "READ" || whole.viewerPermission === "TRIAGE";
  return isReader && !viewer.isBot ? "The token may read the repository, and not write to it." : undefined;
}

function noBase(place: GitHubPlace, base: string | undefined, named: unknown): NetlearnError {
  if (base === undefined) {
    return new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `${place.name} has no commits yet`, {
      hint: "Push a first commit.",
    });
  }
  const fallback = z.object({ name: z.string() }).safeParse(named).data?.name;
  return new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `${place.name} has no branch ${JSON.stringify(base)}`, {
    hint:
      fallback === undefined
        ? "Check the base branch in the settings."
        : `Check the base branch in the settings; the default branch is ${JSON.stringify(fallback)}.`,
  });
}
