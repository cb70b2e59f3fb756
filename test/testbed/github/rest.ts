import type { Operation } from "./description.ts";
import { type Json, records, text, texts } from "./json.ts";
import type { Commit } from "./objects.ts";
import { type Actor, GITHUB, type HostedRepository, Refusal, type Thread } from "./world.ts";

/** A request that the contract has accepted. */
export interface RestRequest {
  readonly repository: HostedRepository;
  readonly actor: Actor;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Json;
  /** Whether the token has a permission. */
  readonly may: (permission: string) => boolean;
}

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

type RepositoryOperation = Exclude<Extract<Operation, `${string}/repos/${string}`>, `${string}/installation`>;
const ok = (body: unknown, status = 200): RestAnswer => ({ status, body });
const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
const user = ({ login, type, id }: Actor): Json => ({ login, type, id });
const pulls = (repository: HostedRepository): readonly Thread[] =>
  repository.threads.filter(({ pull }) => pull !== undefined);

const R = "/repos/{owner}/{repo}";

/** What every operation on a repository does. */
export const REST: Readonly<Record<RepositoryOperation, (request: RestRequest) => RestAnswer>> = {
  [`get ${R}`]: ({ repository }) => ok(repositoryOf(repository)),
  [`get ${R}/git/ref/{ref}`]: ({ repository, path }) => {
    const ref = path["ref"] ?? "";
    const id = repository.git.refs(ref.split("/")[0]).get(ref);
    if (id === undefined) throw new Refusal(404, "Not Found");
    return ok(refOf(ref, id));
  },
  [`get ${R}/git/matching-refs/{ref}`]: ({ repository, path, query }) => {
    const ref = path["ref"] ?? "";
    const found = [...repository.git.refs(ref.split("/")[0])].filter(([name]) => name.startsWith(ref));
    return ok(page(found, query).map(([name, id]) => refOf(name, id)));
  },
  [`post ${R}/git/refs`]: ({ repository, body }) => {
    const ref = text(body["ref"]);
    const sha = text(body["sha"]);
    if (!/^refs\/.+\/.+/u.test(ref))
      throw new Refusal(422, "Reference name must start with 'refs/' and have at least two slashes.");
    repository.createRef(ref.slice(5), sha);
    return ok(refOf(ref.slice(5), sha), 201);
  },
  [`patch ${R}/git/refs/{ref}`]: ({ repository, path, body }) => {
    const ref = path["ref"] ?? "";
    repository.moveRef(ref, text(body["sha"]), body["force"] === true);
    return ok(refOf(ref, text(body["sha"])));
  },
  [`delete ${R}/git/refs/{ref}`]: ({ repository, path }) => {
    repository.deleteRef(path["ref"] ?? "");
    return ok(undefined, 204);
  },
  [`post ${R}/git/blobs`]: ({ repository, body }) => {
    repository.refuseArchived();
    const encoding = body["encoding"] === "base64" ? "base64" : "utf8";
    return ok({ sha: repository.git.write("blob", Buffer.from(text(body["content"]), encoding)) }, 201);
  },
  [`get ${R}/git/blobs/{file_sha}`]: ({ repository, path }) => {
    const sha = existing(repository, path["file_sha"], "blob");
    const content = repository.git.read(sha);
    return ok({ sha, size: content.length, encoding: "base64", content: content.toString("base64") });
  },
  [`post ${R}/git/trees`]: ({ repository, body }) => ok(treeOf(repository, writeTree(repository, body), false), 201),
  [`get ${R}/git/trees/{tree_sha}`]: ({ repository, path, query }) => {
    const { git } = repository;
    const asked = path["tree_sha"] ?? "";
    const sha = git.branch(asked) ?? asked;
    const tree =
      git.has(sha) && git.kind(sha) === "commit" ? git.readCommit(sha).tree : existing(repository, sha, "tree");
    return ok(treeOf(repository, tree, query["recursive"] !== undefined));
  },
  [`post ${R}/git/commits`]: ({ repository, actor, body }) => {
    repository.refuseArchived();
    const tree = text(body["tree"]);
    const parents = texts(body["parents"]);
    for (const id of [tree, ...parents])
      if (!repository.git.has(id)) throw new Refusal(422, "Tree or parent does not exist");
    const at = repository.now();
    const [author] = records([body["author"]]);
    // GitHub signs only what an App commits in its own name.
    const own = { name: actor.name, email: actor.email };
    const named = author === undefined ? own : { name: text(author["name"]), email: text(author["email"]) };
    const committer = author === undefined && actor.type === "Bot" ? GITHUB : named;
    const id = repository.git.commit({
      tree,
      parents,
      message: text(body["message"]),
      author: { ...named, at },
      committer: { ...committer, at },
    });
    return ok(commitOf(repository.git.readCommit(id)), 201);
  },
  [`get ${R}/git/commits/{commit_sha}`]: ({ repository, path }) =>
    ok(commitOf(repository.git.readCommit(existing(repository, path["commit_sha"], "commit")))),
  [`get ${R}/compare/{basehead}`]: ({ repository, path }) => ok(comparison(repository, path["basehead"] ?? "")),
  [`get ${R}/pulls`]: ({ repository, query }) => {
    const { state = "open", head, base, direction } = query;
    const found = pulls(repository).filter(
      (thread) =>
        (state === "all" || thread.state === state) &&
        (head === undefined || (head === `${repository.owner}:${thread.pull?.head ?? ""}` && !thread.pull?.isFork)) &&
        (base === undefined || base === thread.pull?.base),
    );
    const sorted = direction === "asc" ? found : found.toReversed();
    return ok(page(sorted, query).map((thread) => pullOf(repository, thread)));
  },
  [`post ${R}/pulls`]: ({ repository, actor, body }) => {
    const head = text(body["head"]).replace(`${repository.owner}:`, "");
    const content = { title: text(body["title"]), body: text(body["body"]) };
    const where = { head, base: text(body["base"]), isDraft: body["draft"] === true };
    return ok(pullOf(repository, repository.openPull(actor, content, where)), 201);
  },
  [`get ${R}/pulls/{pull_number}`]: ({ repository, path }) =>
    ok(pullOf(repository, repository.pull(Number(path["pull_number"])).thread)),
  [`patch ${R}/pulls/{pull_number}`]: ({ repository, actor, path, body }) => {
    const { thread, pull } = repository.pull(Number(path["pull_number"]));
    edit(repository, thread, { actor, body });
    if (body["base"] !== undefined) {
      pull.baseSha = repository.head(text(body["base"]));
      pull.base = text(body["base"]);
    }
    return ok(pullOf(repository, thread));
  },
  [`get ${R}/pulls/{pull_number}/reviews`]: ({ repository, path, query }) => {
    const { pull } = repository.pull(Number(path["pull_number"]));
    return ok(
      page(pull.reviews, query).map(({ id, author, state, body, commit, at }) => ({
        id,
        user: user(author),
        state,
        body,
        commit_id: commit,
        submitted_at: iso(at),
      })),
    );
  },
  [`post ${R}/pulls/{pull_number}/requested_reviewers`]: ({ repository, path, body, may }) => {
    const found = repository.pull(Number(path["pull_number"]));
    const teams = texts(body["team_reviewers"]);
    if (teams.length > 0 && !may("members")) {
      throw new Refusal(422, "Validation Failed", {
        errors: [{ message: "Could not resolve to a node with the global id of 'T_kwDOA1'." }],
      });
    }
    repository.requestReviews(found, texts(body["reviewers"]), teams);
    return ok(pullOf(repository, found.thread), 201);
  },
  [`get ${R}/pulls/{pull_number}/commits`]: ({ repository, path, query }) => {
    const { pull } = repository.pull(Number(path["pull_number"]));
    return ok(page(repository.commits(pull), query).map(listedCommit));
  },
  [`get ${R}/pulls/{pull_number}/files`]: ({ repository, path, query }) => {
    const { pull } = repository.pull(Number(path["pull_number"]));
    return ok(page(filesOf(repository, pull.baseSha, pull.headSha), query));
  },
  [`post ${R}/issues`]: ({ repository, actor, body }) => {
    const thread = repository.openThread(actor, { title: text(body["title"]), body: text(body["body"]) });
    for (const label of texts(body["labels"])) thread.labels.add(label);
    return ok(issueOf(thread), 201);
  },
  [`get ${R}/issues`]: ({ repository, query }) => {
    repository.refuseWithoutIssues();
    const { state = "open", labels = "", creator } = query;
    const wanted = labels.split(",").filter((label) => label !== "");
    const found = repository.threads.filter(
      (thread) =>
        (state === "all" || thread.state === state) &&
        wanted.every((label) => thread.labels.has(label)) &&
        (creator === undefined || creator === thread.author.login),
    );
    return ok(page(found.toReversed(), query).map(issueOf));
  },
  [`get ${R}/issues/{issue_number}`]: ({ repository, path }) => {
    repository.refuseWithoutIssues();
    return ok(issueOf(repository.thread(Number(path["issue_number"]))));
  },
  [`patch ${R}/issues/{issue_number}`]: ({ repository, actor, path, body }) => {
    repository.refuseWithoutIssues();
    const thread = repository.thread(Number(path["issue_number"]));
    edit(repository, thread, { actor, body });
    return ok(issueOf(thread));
  },
  [`get ${R}/issues/{issue_number}/comments`]: ({ repository, path, query }) =>
    ok(page(repository.thread(Number(path["issue_number"])).comments, query).map(commentOf)),
  [`post ${R}/issues/{issue_number}/comments`]: ({ repository, actor, path, body }) => {
    repository.refuseArchived();
    const thread = repository.thread(Number(path["issue_number"]));
    const comment = { id: repository.nextId(), author: actor, body: text(body["body"]), at: repository.now() };
    thread.comments.push(comment);
    return ok(commentOf(comment), 201);
  },
  [`post ${R}/issues/{issue_number}/labels`]: ({ repository, path, body }) => {
    repository.refuseArchived();
    const thread = repository.thread(Number(path["issue_number"]));
    for (const label of texts(body["labels"] ?? body["list"])) thread.labels.add(label);
    return ok([...thread.labels].map((name) => ({ name })));
  },
};

/** Title, body, state and labels of an issue or a pull request. */
function edit(
  repository: HostedRepository,
  thread: Thread,
  { actor, body }: Pick<RestRequest, "actor" | "body">,
): void {
  repository.refuseArchived();
  const { state } = body;
  if (state === "open" || state === "closed") repository.setState(thread, state);
  if (typeof body["title"] === "string") thread.title = body["title"];
  if (typeof body["body"] === "string" && body["body"] !== thread.body) {
    thread.body = body["body"];
    thread.editor = actor;
  }
  if (body["labels"] === undefined) return;
  thread.labels.clear();
  for (const label of texts(body["labels"])) thread.labels.add(label);
}

function page<Item>(items: readonly Item[], query: Readonly<Record<string, string>>): readonly Item[] {
  const size = Math.min(Number(query["per_page"] ?? 30), 100);
  const first = (Number(query["page"] ?? 1) - 1) * size;
  return items.slice(first, first + size);
}

function existing({ git }: HostedRepository, id: string | undefined, kind: string): string {
  if (id === undefined || !git.has(id) || git.kind(id) !== kind) throw new Refusal(404, "Not Found");
  return id;
}

function writeTree(repository: HostedRepository, body: Json): string {
  repository.refuseArchived();
  const { git } = repository;
  const base = text(body["base_tree"]);
  const isCommit = git.has(base) && git.kind(base) === "commit";
  const files =
    base === "" ? new Map() : git.files(isCommit ? git.readCommit(base).tree : existing(repository, base, "tree"));
  for (const { path, mode, sha, content } of records(body["tree"])) {
    if (sha === null) files.delete(text(path));
    else {
      const id = typeof content === "string" ? git.write("blob", Buffer.from(content)) : text(sha);
      if (!git.has(id)) throw new Refusal(422, `tree.sha ${id} is not a valid blob`);
      files.set(text(path), { mode: text(mode), id });
    }
  }
  return git.writeFiles(files);
}

function treeOf({ git }: HostedRepository, sha: string, isRecursive: boolean): Json {
  const entries = isRecursive ? [...git.files(sha)] : git.entries(sha);
  const tree = entries.map(([path, { mode, id }]) => ({
    path,
    mode: mode.padStart(6, "0"),
    type: mode === "40000" ? "tree" : mode === "160000" ? "commit" : "blob",
    sha: id,
  }));
  return { sha, tree, truncated: false };
}

const refOf = (ref: string, sha: string): Json => ({ ref: `refs/${ref}`, object: { type: "commit", sha } });

function repositoryOf(repository: HostedRepository): Json {
  const { owner, name, defaultBranch, isArchived, hasIssues } = repository;
  const permissions = { admin: false, push: !isArchived, pull: true };
  return {
    name,
    full_name: `${owner}/${name}`,
    owner: { login: owner },
    default_branch: defaultBranch,
    archived: isArchived,
    has_issues: hasIssues,
    permissions,
  };
}

const isSigned = ({ committer }: Commit): boolean => committer.email === GITHUB.email;
const dated = ({ name, email, at }: Commit["author"]): Json => ({ name, email, date: iso(at) });

function commitOf(commit: Commit): Json {
  return {
    sha: commit.id,
    message: commit.message,
    tree: { sha: commit.tree },
    parents: commit.parents.map((sha) => ({ sha })),
    author: dated(commit.author),
    committer: dated(commit.committer),
    verification: { verified: isSigned(commit), reason: isSigned(commit) ? "valid" : "unsigned" },
  };
}

function listedCommit(commit: Commit): Json {
  const { sha, parents, ...more } = commitOf(commit);
  return { sha, parents, commit: { ...more, comment_count: 0 }, author: null, committer: null };
}

function filesOf({ git }: HostedRepository, base: string, head: string): readonly Json[] {
  const start = git.readCommit(git.mergeBase(base, head) ?? base).tree;
  const end = git.readCommit(head).tree;
  const files = git.files(end);
  return [...git.difference(start, end)].map(([filename, status]) => ({
    filename,
    status,
    sha: files.get(filename)?.id ?? null,
  }));
}

function comparison(repository: HostedRepository, asked: string): Json {
  const { git } = repository;
  const [base = "", head = ""] = asked
    .split("...")
    .map((name) => git.branch(name) ?? existing(repository, name, "commit"));
  const mergeBase = git.mergeBase(base, head);
  if (mergeBase === undefined) throw new Refusal(404, `No common ancestor between ${asked}.`);
  const [ahead, behind] = [git.between(base, head), git.between(head, base)];
  const both = behind.length > 0 ? "diverged" : "ahead";
  return {
    status: ahead.length > 0 ? both : behind.length > 0 ? "behind" : "identical",
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    base_commit: listedCommit(git.readCommit(base)),
    merge_base_commit: listedCommit(git.readCommit(mergeBase)),
    commits: ahead.map(listedCommit),
    files: filesOf(repository, base, head),
  };
}

function pullOf(repository: HostedRepository, thread: Thread): Json {
  const { pull } = thread;
  if (pull === undefined) throw new Refusal(404, "Not Found");
  const side = (ref: string, sha: string): Json => ({
    ref,
    sha,
    label: `${repository.owner}:${ref}`,
    user: { login: repository.owner },
    repo: repositoryOf(repository),
  });
  return {
    ...issueOf(thread),
    pull_request: undefined,
    node_id: pullId(repository, thread.number),
    draft: pull.isDraft,
    merged: pull.mergedAt !== undefined,
    merged_at: iso(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit ?? null,
    mergeable: repository.mergeable(thread) ?? null,
    head: side(pull.head, pull.headSha),
    base: side(pull.base, pull.baseSha),
    html_url: urlOf(repository, thread),
    requested_reviewers: [...pull.requested.people].map((login) => ({ login, type: "User" })),
    requested_teams: [...pull.requested.teams].map((slug) => ({ name: slug, slug })),
  };
}

/** What GraphQL knows a pull request by. */
export const pullId = ({ owner, name }: HostedRepository, number: number): string => `PR_${owner}_${name}_${number}`;

export const urlOf = ({ owner, name }: HostedRepository, { number, pull }: Thread): string =>
  `https://github.com/${owner}/${name}/${pull === undefined ? "issues" : "pull"}/${number}`;

function issueOf(thread: Thread): Json {
  const { number, title, body, state, author, createdAt, closedAt, labels, comments, pull } = thread;
  return {
    id: number,
    number,
    title,
    body,
    state,
    user: user(author),
    labels: [...labels].map((name) => ({ name })),
    comments: comments.length,
    created_at: iso(createdAt),
    closed_at: iso(closedAt),
    author_association: "CONTRIBUTOR",
    ...(pull === undefined ? {} : { pull_request: {} }),
  };
}

const commentOf = ({ id, author, body, at }: Thread["comments"][number]): Json => ({
  id,
  body,
  user: user(author),
  created_at: iso(at),
  author_association: "CONTRIBUTOR",
});
