import { z } from "zod";

/** Branches of netlearn begin with it, and nothing else is written or deleted. */
export const PREFIX = "netlearn/";

/** A text of GraphQL and what it is asked with. */
export interface Query {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const PAGE = "pageInfo { hasNextPage endCursor }";
const LABELS = `{ nodes { name } ${PAGE} }`;
const REVIEWS = `{ nodes { state submittedAt createdAt author { login __typename } commit { oid } } ${PAGE} }`;
const COMMENTS = `{ nodes { body author { login __typename } } ${PAGE} }`;
// Of a team not even the name is asked for: GitHub refuses the whole query of a token that may not read the organisation.
const REQUESTS = `{ nodes { requestedReviewer { __typename ... on User { login } } } ${PAGE} }`;
const OPEN = `{ nodes { associatedPullRequests(states: OPEN) { totalCount } } ${PAGE} }`;
const RECENT = `{ nodes { headRefName createdAt isCrossRepository } ${PAGE} }`;
const PULL = `{ number url state isDraft title body isCrossRepository
  author { login __typename } editor { login __typename }
  headRefName baseRefName createdAt closedAt mergeable isInMergeQueue
  labels(first: 50) ${LABELS} reviews(first: 50) ${REVIEWS} comments(first: 50) ${COMMENTS}
  reviewRequests(first: 20) ${REQUESTS} }`;
const HISTORY = `{ aheadBy headTarget { oid } commits(first: 50) { nodes { oid message
  author { email } committer { email } parents(first: 10) { nodes { oid } ${PAGE} } } } }`;

const DECLARED = "$owner: String!, $name: String!";
const REPOSITORY = "repository(owner: $owner, name: $name)";
const NEWEST_FIRST = "orderBy: { field: CREATED_AT, direction: DESC }";

/**
 * Everything that is asked about some branches.
 *
 * @param isFirst whether what concerns the whole repository is asked as well
 */
export function findQuery(base: string | undefined, branches: readonly string[], isFirst: boolean): Query {
  const variables: Record<string, string> = {};
  const declared = [DECLARED];
  const declare = (name: string, value: string): void => {
    variables[name] = value;
    declared.push(`$${name}: String!`);
  };
  if (base !== undefined) declare("base", `refs/heads/${base}`);
  branches.forEach((branch, index) => {
    declare(`b${index}`, branch);
    declare(`q${index}`, `refs/heads/${branch}`);
  });
  const heads = branches.map((_, index) => `h${index}: ref(qualifiedName: $q${index}) { target { oid } }`);
  const pulls = branches.map(
    (_, index) =>
      `p${index}: pullRequests(headRefName: $b${index}, first: 20, ${NEWEST_FIRST}) { nodes ${PULL} ${PAGE} }`,
  );
  const histories = branches.map((_, index) => `c${index}: compare(headRef: $b${index}) ${HISTORY}`);
  const whole = `isArchived isDisabled isLocked viewerPermission defaultName: defaultBranchRef { name }
    blocking: ref(qualifiedName: "refs/heads/${PREFIX.slice(0, -1)}") { id }
    open: refs(refPrefix: "refs/heads/${PREFIX}", first: 100) ${OPEN}
    recent: pullRequests(first: 50, ${NEWEST_FIRST}) ${RECENT}`;
  const text = `query(${declared.join(", ")}) { viewer { login databaseId } ${REPOSITORY} { id nameWithOwner
    base: ${base === undefined ? "defaultBranchRef" : "ref(qualifiedName: $base)"} { name target { oid } ${histories.join("\n")} }
    ${isFirst ? whole : ""} ${heads.join("\n")} ${pulls.join("\n")} } }`;
  return { text, variables };
}

/** More of a list of the repository, whose text is that of the first page. */
export function moreQuery(list: "open" | "recent" | "pulls", branch: string, after: string): Query {
  const field = {
    open: `refs(refPrefix: "refs/heads/${PREFIX}", first: 100, after: $after) ${OPEN}`,
    recent: `pullRequests(first: 100, after: $after, ${NEWEST_FIRST}) ${RECENT}`,
    pulls: `pullRequests(headRefName: $branch, first: 20, after: $after, ${NEWEST_FIRST}) { nodes ${PULL} ${PAGE} }`,
  }[list];
  const declared = list === "pulls" ? `${DECLARED}, $branch: String!` : DECLARED;
  const text = `query(${declared}, $after: String!) { ${REPOSITORY} { more: ${field} } }`;
  return { text, variables: list === "pulls" ? { branch, after } : { after } };
}

/** Lists of one pull request. */
export type PullList = "labels" | "reviews" | "comments" | "reviewRequests";

/** More of a list of one pull request. */
export function morePullQuery(list: PullList, number: number, after: string): Query {
  const fields = { labels: LABELS, reviews: REVIEWS, comments: COMMENTS, reviewRequests: REQUESTS }[list];
  const text = `query(${DECLARED}, $number: Int!, $after: String!) { ${REPOSITORY} { pullRequest(number: $number) {
    more: ${list}(first: 100, after: $after) ${fields} } } }`;
  return { text, variables: { number, after } };
}

const PageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });
/** A page; what GitHub does not show to us is null. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ nodes: z.array(item.nullable()).nullable(), pageInfo: PageInfo });
/** Null is an account that is gone. */
export const Actor = z.object({ login: z.string(), __typename: z.string().optional() }).nullable();
const Target = z.object({ oid: z.string() });
const When = z.string().transform((text) => Date.parse(text));

const Label = z.object({ name: z.string() });
const Review = z.object({
  state: z.string(),
  submittedAt: When.nullable(),
  createdAt: When,
  author: Actor,
  commit: Target.nullable(),
});
const Comment = z.object({ body: z.string(), author: Actor });
/** Without a login it is a team or a bot; null where it is not shown to us. */
const Requested = z.object({ requestedReviewer: z.object({ login: z.string().optional() }).nullable() });
const Opened = z.object({ associatedPullRequests: z.object({ totalCount: z.number() }) });
const Recent = z.object({ headRefName: z.string(), createdAt: When, isCrossRepository: z.boolean() });
const Email = z.object({ email: z.string().nullable() }).nullable();

const Pull = z.object({
  number: z.int(),
  url: z.string(),
  state: z.enum(["OPEN", "CLOSED", "MERGED"]),
  isDraft: z.boolean(),
  title: z.string(),
  body: z.string(),
  isCrossRepository: z.boolean(),
  author: Actor,
  editor: Actor,
  headRefName: z.string(),
  baseRefName: z.string(),
  createdAt: When,
  closedAt: When.nullable(),
  mergeable: z.string(),
  isInMergeQueue: z.boolean(),
  labels: pageOf(Label).nullable(),
  reviews: pageOf(Review).nullable(),
  comments: pageOf(Comment),
  reviewRequests: pageOf(Requested).nullable(),
});

const Compared = z.object({
  aheadBy: z.int(),
  headTarget: Target,
  commits: z.object({
    nodes: z
      .array(
        z
          .object({
            oid: z.string(),
            message: z.string(),
            author: Email,
            committer: Email,
            parents: pageOf(Target),
          })
          .nullable(),
      )
      .nullable(),
  }),
});

/** Shapes of what is answered; fields that GraphQL lets be null are. */
export const Shapes = {
  answer: z.object({
    viewer: z.object({ login: z.string(), databaseId: z.number().nullish() }),
    repository: z
      .looseObject({
        id: z.string(),
        nameWithOwner: z.string(),
        base: z.looseObject({ name: z.string(), target: Target }).nullable(),
      })
      .nullable(),
  }),
  whole: z.object({
    isArchived: z.boolean(),
    isDisabled: z.boolean(),
    isLocked: z.boolean(),
    viewerPermission: z.string().nullable(),
    defaultName: z.object({ name: z.string() }).nullable(),
    blocking: z.object({}).nullable(),
    open: pageOf(Opened).nullable(),
    recent: pageOf(Recent),
  }),
  head: z.object({ target: Target }).nullable(),
  compared: Compared.nullable(),
  pulls: pageOf(Pull),
  more: {
    open: pageOf(Opened),
    recent: pageOf(Recent),
    pulls: pageOf(Pull),
    labels: pageOf(Label),
    reviews: pageOf(Review),
    comments: pageOf(Comment),
    reviewRequests: pageOf(Requested),
  },
} as const;

/** A page of a list. */
export interface Page<Item> {
  readonly nodes: readonly (Item | null)[] | null;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null | undefined };
}

export type PullAnswer = z.infer<typeof Pull>;
export type ComparedAnswer = z.infer<typeof Compared>;
export type WholeAnswer = z.infer<typeof Shapes.whole>;
