import { schema as published } from "@octokit/graphql-schema";
import { buildSchema, execute, type GraphQLSchema, parse, validate } from "graphql";
import { limitsBroken } from "./graphql-limits.ts";
import { isRecord, type Json, records, text } from "./json.ts";
import type { Commit } from "./objects.ts";
import { pullId, urlOf } from "./rest.ts";
import { type Actor, GITHUB, type HostedRepository, NOBODY, type Pull, Refusal, type Thread } from "./world.ts";

let built: GraphQLSchema | undefined;
/** GitHub's published schema; it has duplicate fields, so its own rules can't be asked of it. */
function githubSchema(): GraphQLSchema {
  built ??= buildSchema(published.idl, { assumeValid: true, assumeValidSDL: true });
  return built;
}

/** What a query is asked with. */
export interface GraphQlSurroundings {
  readonly actor: Actor;
  readonly find: (owner: string, name: string) => HostedRepository;
  /** Told of queries that GitHub's schema refuses, and of answers that break it. */
  readonly violated: (what: string) => void;
  readonly rateLimit: () => Json;
  /** Whether the token has a permission. */
  readonly may: (permission: string) => boolean;
}

/** Executes a query or mutation on GitHub's own schema. */
export async function answerGraphQl(body: Json, surroundings: GraphQlSurroundings): Promise<Json> {
  const schema = githubSchema();
  const document = parse(text(body["query"]));
  const messages = validate(schema, document).map(({ message }) => message);
  const wrong = messages.length > 0 ? messages : limitsBroken(schema, document);
  if (wrong.length > 0) {
    wrong.forEach((message) => surroundings.violated(`graphql: ${message}`));
    return { errors: wrong.map((message) => ({ message })) };
  }
  const variableValues = isRecord(body["variables"]) ? body["variables"] : {};
  const { data, errors } = await execute({ schema, document, variableValues, rootValue: rootOf(surroundings) });
  if (errors === undefined) return { data };
  const said = errors.map(({ message, path, originalError }) => {
    if (originalError instanceof Refusal) return { type: originalError.type, path, message };
    surroundings.violated(`graphql: ${message}`);
    return { path, message };
  });
  return { data, errors: said };
}

interface CommitInput {
  readonly input: Json;
}

function rootOf({ actor, find, rateLimit, may }: GraphQlSurroundings): Json {
  return {
    viewer: { login: actor.login, databaseId: actor.id, id: `U_${actor.id}` },
    rateLimit,
    repository: ({ owner, name }: { readonly owner: string; readonly name: string }) =>
      repositoryNode(find(owner, name), may),
    createCommitOnBranch: ({ input }: CommitInput) => createCommit(input, actor, find),
    updateRefs: ({ input }: CommitInput) => updateRefs(input, find),
    convertPullRequestToDraft: ({ input }: CommitInput) => setDraft(input, find, true),
    markPullRequestReadyForReview: ({ input }: CommitInput) => setDraft(input, find, false),
  };
}

function createCommit(input: Json, actor: Actor, find: GraphQlSurroundings["find"]): Json {
  const branch = isRecord(input["branch"]) ? input["branch"] : {};
  const [owner = "", name = ""] = text(branch["repositoryNameWithOwner"]).split("/");
  const repository = find(owner, name);
  repository.refuseArchived();
  const branchName = text(branch["branchName"]).replace(/^refs\/heads\//u, "");
  const expected = text(input["expectedHeadOid"]);
  repository.refuseProtected(`heads/${branchName}`);
  if (repository.head(branchName) !== expected) {
    throw new Refusal(422, `Expected branch to point to "${expected}" but it did not. Pull and try again.`, {
      type: "STALE_DATA",
    });
  }
  const changes = isRecord(input["fileChanges"]) ? input["fileChanges"] : {};
  const added = records(changes["additions"]).map(({ path, contents }) => [
    text(path),
    Buffer.from(text(contents), "base64"),
  ]);
  const removed = records(changes["deletions"]).map(({ path }) => [text(path), null]);
  const { headline, body } = isRecord(input["message"]) ? input["message"] : {};
  const message = text(body) === "" ? text(headline) : `${text(headline)}\n\n${text(body)}`;
  const id = repository.makeCommit(actor, message, {
    parents: [expected],
    changes: Object.fromEntries([...removed, ...added]),
  });
  repository.moveRef(`heads/${branchName}`, id, false);
  return {
    commit: commitNode(repository, repository.git.readCommit(id)),
    ref: refNode(repository, `heads/${branchName}`),
  };
}

/** All or nothing; where a reference is not what `beforeOid` says, nothing moves. */
function updateRefs(input: Json, find: GraphQlSurroundings["find"]): Json {
  const [, owner = "", name = ""] = /^R_([^_]+)_(.+)$/u.exec(text(input["repositoryId"])) ?? [];
  const repository = find(owner, name);
  repository.refuseArchived();
  const updates = records(input["refUpdates"]).map((update) => ({
    ref: text(update["name"]).replace(/^refs\//u, ""),
    before: typeof update["beforeOid"] === "string" ? update["beforeOid"] : undefined,
    after: text(update["afterOid"]),
    isForced: update["force"] === true,
  }));
  for (const { ref, before } of updates) {
    const now = repository.git.refs(ref.split("/")[0]).get(ref) ?? NOBODY;
    if (before !== undefined && before !== now) {
      throw new Refusal(422, `Reference update failed: refs/${ref} is not at ${before}`);
    }
  }
  for (const { ref, before, after, isForced } of updates) {
    if (after === NOBODY) repository.deleteRef(ref);
    else if (before === NOBODY) repository.createRef(ref, after);
    else repository.moveRef(ref, after, isForced);
  }
  return { clientMutationId: null };
}

function setDraft(input: Json, find: GraphQlSurroundings["find"], isDraft: boolean): Json {
  const [, owner = "", name = "", number] = /^PR_([^_]+)_(.+)_(\d+)$/u.exec(text(input["pullRequestId"])) ?? [];
  find(owner, name).setDraft(Number(number), isDraft);
  return { clientMutationId: null };
}

interface Slice {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
}

/** A connection; cursors are positions. */
function connection(items: readonly unknown[], { first, last, after }: Slice): Json {
  const start = after === undefined || after === null ? 0 : Number(after);
  const end = typeof first === "number" ? start + first : items.length;
  const taken = items.slice(start, end);
  const nodes = typeof last === "number" ? taken.slice(-last) : taken;
  const pageInfo = {
    hasNextPage: end < items.length,
    hasPreviousPage: start > 0,
    startCursor: String(start),
    endCursor: String(Math.min(end, items.length)),
  };
  return { totalCount: items.length, nodes, edges: nodes.map((node) => ({ node, cursor: "" })), pageInfo };
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
/** GraphQL names a bot without the `[bot]` of REST. */
const actorNode = ({ login, type, id }: Actor): Json => ({
  __typename: type,
  login: login.replace(/\[bot\]$/u, ""),
  databaseId: id,
  id: `U_${id}`,
});

function repositoryNode(repository: HostedRepository, may: GraphQlSurroundings["may"]): Json {
  const { owner, name, isArchived, hasIssues, git } = repository;
  return {
    id: `R_${owner}_${name}`,
    name,
    nameWithOwner: `${owner}/${name}`,
    isArchived,
    isDisabled: false,
    isLocked: false,
    hasIssuesEnabled: hasIssues,
    viewerPermission: isArchived || !repository.isWritable ? "READ" : "WRITE",
    defaultBranchRef: () => refNode(repository, `heads/${repository.defaultBranch}`),
    ref: ({ qualifiedName }: { readonly qualifiedName: string }) =>
      refNode(repository, qualifiedName.replace(/^refs\//u, "")),
    refs: (asked: Slice & { readonly refPrefix: string; readonly query?: string | null }) => {
      const prefix = asked.refPrefix.replace(/^refs\//u, "");
      const names = [...git.refs(prefix.split("/")[0]).keys()].filter(
        (ref) => ref.startsWith(prefix) && ref.includes(asked.query ?? ""),
      );
      return connection(
        names.map((ref) => refNode(repository, ref)),
        asked,
      );
    },
    object: ({ oid, expression }: { readonly oid?: string | null; readonly expression?: string | null }) => {
      const id = oid ?? git.branch(expression ?? "") ?? expression ?? "";
      return git.has(id) && git.kind(id) === "commit" ? commitNode(repository, git.readCommit(id)) : null;
    },
    issues: (asked: IssuesAsked) => {
      if (!may("issues")) throw new Refusal(403, "Resource not accessible by integration");
      return connection(
        issuesAsked(repository, asked).map((thread) => issueNode(repository, thread)),
        asked,
      );
    },
    pullRequest: ({ number }: { readonly number: number }) => pullNode(repository, repository.pull(number).thread),
    pullRequests: (asked: PullsAsked) =>
      connection(
        pullsAsked(repository, asked).map((thread) => pullNode(repository, thread)),
        asked,
      ),
  };
}

interface PullsAsked extends Slice {
  readonly headRefName?: string | null;
  readonly baseRefName?: string | null;
  readonly states?: readonly string[] | null;
  readonly labels?: readonly string[] | null;
  readonly orderBy?: { readonly direction: string } | null;
}

function pullsAsked({ threads }: HostedRepository, asked: PullsAsked): readonly Thread[] {
  const found = threads.filter(
    (thread) =>
      thread.pull !== undefined &&
      (asked.headRefName ?? thread.pull.head) === thread.pull.head &&
      (asked.baseRefName ?? thread.pull.base) === thread.pull.base &&
      (asked.states?.includes(stateOf(thread)) ?? true) &&
      (asked.labels?.some((label) => thread.labels.has(label)) ?? true),
  );
  return asked.orderBy?.direction === "DESC" ? found.toReversed() : found;
}

interface IssuesAsked extends Slice {
  readonly filterBy?: { readonly createdBy?: string | null } | null;
  readonly orderBy?: { readonly direction: string } | null;
}

function issuesAsked({ threads, hasIssues, findsBots }: HostedRepository, asked: IssuesAsked): readonly Thread[] {
  if (!hasIssues) return [];
  const by = asked.filterBy?.createdBy ?? undefined;
  const isBy = ({ login, type }: Actor): boolean => login === by && (type !== "Bot" || findsBots);
  const found = threads.filter(({ pull, author }) => pull === undefined && (by === undefined || isBy(author)));
  return asked.orderBy?.direction === "DESC" ? found.toReversed() : found;
}

function issueNode(repository: HostedRepository, thread: Thread): Json {
  const { number, title, body, author, createdAt } = thread;
  const url = urlOf(repository, thread);
  return {
    id: `I_${number}`,
    number,
    url,
    state: stateOf(thread),
    title,
    body,
    author: actorNode(author),
    createdAt: iso(createdAt),
  };
}

function stateOf({ state, pull }: Thread): "OPEN" | "CLOSED" | "MERGED" {
  if (state === "open") return "OPEN";
  return pull?.mergedAt === undefined ? "CLOSED" : "MERGED";
}

function refNode(repository: HostedRepository, ref: string): Json | null {
  const id = repository.git.refs(ref.split("/")[0]).get(ref);
  if (id === undefined) return null;
  const [kind = "", ...name] = ref.split("/");
  return {
    id: `REF_${ref}`,
    name: name.join("/"),
    prefix: `refs/${kind}/`,
    target: () => commitNode(repository, repository.git.readCommit(id)),
    associatedPullRequests: (asked: PullsAsked) => {
      const own = pullsAsked(repository, { ...asked, headRefName: name.join("/") }).filter(({ pull }) => !pull?.isFork);
      return connection(
        own.map((thread) => pullNode(repository, thread)),
        asked,
      );
    },
    compare: ({ headRef }: { readonly headRef: string }) => {
      // A tag comes before a branch of the same name, as it does in git.
      const head = repository.git.refs("tags").get(`tags/${headRef}`) ?? repository.git.branch(headRef);
      if (head === undefined) throw new Refusal(404, `Could not resolve to a Ref with the name '${headRef}'.`);
      if (repository.git.mergeBase(id, head) === undefined) return null;
      const ahead = repository.git.between(id, head);
      return {
        headTarget: { __typename: "Commit", oid: head },
        aheadBy: ahead.length,
        behindBy: repository.git.between(head, id).length,
        commits: (asked: Slice) =>
          connection(
            ahead.map((commit) => commitNode(repository, commit)),
            asked,
          ),
      };
    },
  };
}

function commitNode(repository: HostedRepository, commit: Commit): Json {
  const person = ({ name, email, at }: Commit["author"]): Json => ({ name, email, date: iso(at) });
  const [messageHeadline = "", ...rest] = commit.message.split("\n");
  return {
    __typename: "Commit",
    id: `C_${commit.id}`,
    oid: commit.id,
    message: commit.message,
    messageHeadline,
    messageBody: rest.join("\n").trim(),
    author: person(commit.author),
    committer: person(commit.committer),
    committedDate: iso(commit.committer.at),
    authoredDate: iso(commit.author.at),
    signature:
      commit.committer.email === GITHUB.email
        ? { __typename: "GpgSignature", isValid: true, state: "VALID", wasSignedByGitHub: true }
        : null,
    tree: { id: `T_${commit.tree}`, oid: commit.tree },
    parents: (asked: Slice) =>
      connection(
        commit.parents.map((id) => commitNode(repository, repository.git.readCommit(id))),
        asked,
      ),
  };
}

function pullNode(repository: HostedRepository, thread: Thread): Json {
  const { number, title, body, author, editor, labels, comments, createdAt, closedAt, pull } = thread;
  if (pull === undefined) throw new Refusal(404, "Could not resolve to a PullRequest");
  const mergeable = (): string => {
    const answer = repository.mergeable(thread);
    return answer === undefined ? "UNKNOWN" : answer ? "MERGEABLE" : "CONFLICTING";
  };
  return {
    id: pullId(repository, number),
    number,
    url: urlOf(repository, thread),
    state: stateOf(thread),
    isDraft: pull.isDraft,
    title,
    body,
    author: actorNode(author),
    editor: editor === undefined ? null : actorNode(editor),
    labels: (asked: Slice) =>
      connection(
        [...labels].map((name) => ({ id: name, name })),
        asked,
      ),
    baseRefName: pull.base,
    baseRefOid: pull.baseSha,
    headRefName: pull.head,
    headRefOid: pull.headSha,
    createdAt: iso(createdAt),
    closedAt: iso(closedAt),
    closed: thread.state === "closed",
    merged: pull.mergedAt !== undefined,
    mergedAt: iso(pull.mergedAt),
    mergeable,
    isInMergeQueue: pull.isQueued,
    isCrossRepository: pull.isFork,
    reviewRequests: (asked: Slice) => connection(reviewRequests(repository, pull), asked),
    reviews: (asked: Slice) =>
      connection(
        pull.reviews.map((review) => ({
          id: `PRR_${review.id}`,
          state: review.state,
          body: review.body,
          author: actorNode(review.author),
          commit: commitNode(repository, repository.git.readCommit(review.commit)),
          submittedAt: iso(review.at),
          createdAt: iso(review.at),
        })),
        asked,
      ),
    comments: (asked: Slice) =>
      connection(
        comments.map((one) => ({
          id: `IC_${one.id}`,
          databaseId: one.id,
          body: one.body,
          author: actorNode(one.author),
          createdAt: iso(one.at),
        })),
        asked,
      ),
    commits: (asked: Slice) =>
      connection(
        repository.commits(pull).map((commit) => ({ id: commit.id, commit: commitNode(repository, commit) })),
        asked,
      ),
  };
}

function reviewRequests({ showsTeams }: HostedRepository, { requested }: Pull): readonly Json[] {
  const people = [...requested.people].map((login) => ({
    id: `RR_${login}`,
    requestedReviewer: { __typename: "User", login },
  }));
  const teams = [...requested.teams].map((slug) => ({
    id: `RR_${slug}`,
    requestedReviewer: () => {
      if (!showsTeams) throw new Refusal(403, "Resource not accessible by integration");
      return { __typename: "Team", slug };
    },
  }));
  return [...people, ...teams];
}
