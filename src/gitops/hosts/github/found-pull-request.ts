import type { FoundPullRequest, FoundReview } from "../../host.ts";
import { type Asking, askMore, wholeList } from "./asking.ts";
import { morePullQuery, type PullAnswer, type PullList, Shapes } from "./find-query.ts";
import { isOwnText, isViewer, type NamedActor, type Viewer } from "./identity.ts";

const STATES = { OPEN: "open", CLOSED: "closed", MERGED: "merged" } as const;
/** An account that is gone. */
const GHOST = "ghost";
/** A team or a bot, of which no name is asked. */
const UNNAMED = "(a team or a bot)";

/**
 * A pull request as it is told; lists that were cut are asked for to their end.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function pullRequestOf(asking: Asking, viewer: Viewer, pull: PullAnswer): Promise<FoundPullRequest> {
  const { number, url, title, body, createdAt, closedAt, isDraft, author, editor } = pull;
  const more = (list: PullList, after: string): Promise<unknown> => askMore(asking, morePullQuery(list, number, after));
  const labels =
    pull.labels === null
      ? []
      : await wholeList(pull.labels, async (after) => Shapes.more.labels.parse(await more("labels", after)));
  const comments = await wholeList(pull.comments, async (after) =>
    Shapes.more.comments.parse(await more("comments", after)),
  );
  const requested =
    pull.reviewRequests === null
      ? undefined
      : await wholeList(pull.reviewRequests, async (after) =>
          Shapes.more.reviewRequests.parse(await more("reviewRequests", after)),
        );
  const isAuthors = editor === null || isSame(editor, author) || isViewer(editor, viewer);
  return {
    number,
    url,
    branch: pull.headRefName,
    base: pull.baseRefName,
    state: STATES[pull.state],
    isDraft,
    title,
    body,
    editor: isAuthors ? undefined : editor.login,
    isEdited: editor !== null,
    labels: labels.map(({ name }) => name),
    createdAt,
    closedAt: closedAt ?? undefined,
    reviews: await reviewsOf(pull, async (after) => Shapes.more.reviews.parse(await more("reviews", after))),
    comments: comments.flatMap((comment) => {
      const isOwn = isOwnText(comment, viewer);
      // What other bots say is nobody's word.
      if (!isOwn && comment.author?.__typename === "Bot") return [];
      return [{ body: comment.body, author: comment.author?.login ?? GHOST, isOwn }];
    }),
    isQueued: pull.isInMergeQueue,
    ...(requested && {
      requestedReviewers: requested.map(({ requestedReviewer }) => requestedReviewer?.login ?? UNNAMED),
    }),
  };
}

type Reviews = NonNullable<PullAnswer["reviews"]>;

async function reviewsOf(
  { reviews, author }: PullAnswer,
  next: (after: string) => Promise<Reviews>,
): Promise<readonly FoundReview[]> {
  if (reviews === null) return [];
  const given = (await wholeList(reviews, next)).flatMap((review): readonly FoundReview[] => {
    const state = stateOf(review.state);
    const login = review.author?.login ?? GHOST;
    const isRemark = state === "commented";
    // A bot's remarks are nobody's word; its approval counts, as it does for merging.
    if (state === undefined || isSame(review.author, author) || (isRemark && review.author?.__typename === "Bot"))
      return [];
    return [{ state, author: login, commit: review.commit?.oid ?? "", at: review.submittedAt ?? review.createdAt }];
  });
  return given.toSorted((one, other) => one.at - other.at);
}

/** A person may have an App's name. */
function isSame(one: NamedActor, other: NamedActor): boolean {
  return one !== null && one.login === other?.login && one.__typename === other.__typename;
}

/** Undefined: not handed in yet. One that was taken back says no more than that somebody looked. */
function stateOf(state: string): FoundReview["state"] | undefined {
  switch (state) {
    case "APPROVED":
      return "approved";
    case "CHANGES_REQUESTED":
      return "changes-requested";
    case "PENDING":
      return undefined;
    default:
      return "commented";
  }
}
