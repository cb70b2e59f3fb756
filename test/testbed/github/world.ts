import { BareRepository, type Changes, type Commit } from "./objects.ts";

/** Who acts: a person, or an App with its token. */
export interface Actor {
  readonly login: string;
  readonly type: "Bot" | "User";
  readonly id: number;
  readonly name: string;
  readonly email: string;
}

export interface Review {
  readonly id: number;
  readonly author: Actor;
  readonly state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED";
  readonly body: string;
  readonly commit: string;
  readonly at: number;
}

export interface Comment {
  readonly id: number;
  readonly author: Actor;
  readonly body: string;
  readonly at: number;
}

/** An issue, or a pull request when it has branches. */
export interface Thread {
  readonly number: number;
  readonly author: Actor;
  readonly createdAt: number;
  title: string;
  body: string;
  state: "open" | "closed";
  editor: Actor | undefined;
  closedAt: number | undefined;
  readonly labels: Set<string>;
  readonly comments: Comment[];
  readonly pull: Pull | undefined;
}

export interface Pull {
  readonly head: string;
  headSha: string;
  base: string;
  baseSha: string;
  isDraft: boolean;
  isQueued: boolean;
  /** Its head is a branch of another repository. */
  readonly isFork: boolean;
  mergedAt: number | undefined;
  mergeCommit: string | undefined;
  readonly reviews: Review[];
  /** Logins, and slugs of teams, who were asked for a review and have given none. */
  readonly requested: { readonly people: Set<string>; readonly teams: Set<string> };
}

/** A refusal as GitHub words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly Readonly<Record<string, string>>[];
  /** The type of GraphQL's error. */
  readonly type: string;

  constructor(
    status: number,
    message: string,
    more: { readonly errors?: readonly Readonly<Record<string, string>>[]; readonly type?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.errors = more.errors ?? [];
    this.type = more.type ?? (status === 404 ? "NOT_FOUND" : status === 403 ? "FORBIDDEN" : "UNPROCESSABLE");
  }
}

/** How git writes a reference that is not there. */
export const NOBODY = "0".repeat(40);
/** Who GitHub says committed what it made itself. */
export const GITHUB = { name: "GitHub", email: "noreply@github.com" };

/** A repository of the stand-in, with its rules about branches, pull requests and issues. */
export class HostedRepository {
  readonly owner: string;
  readonly name: string;
  readonly git: BareRepository;
  defaultBranch = "main";
  /** Threads by number: the first has number 1. */
  readonly threads: Thread[] = [];
  readonly protectedBranches = new Set<string>();
  isArchived = false;
  /** Whether tokens of people may write. */
  isWritable = true;
  hasIssues = true;
  /** Whether issues can be filtered by an App that opened them: some Enterprise Clouds can't. */
  findsBots = true;
  /** Whether it is told which teams are asked for a review. */
  showsTeams = true;
  /** Slugs of teams that may review. */
  readonly teams = new Set<string>();
  /** Logins of those who may not. */
  readonly strangers = new Set<string>();
  /** Whether there are drafts: private repositories of free plans have none. */
  hasDrafts = true;
  /** Whether pull requests are merged by a queue. */
  hasMergeQueue = false;
  readonly #now: () => number;
  #ids = 0;

  constructor(name: string, folder: string, now: () => number) {
    [this.owner = "", this.name = ""] = name.split("/");
    this.git = new BareRepository(folder);
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }

  /** Gives the default branch another name; open pull requests follow it. */
  renameDefaultBranch(name: string): void {
    const old = this.defaultBranch;
    this.git.setRef(`heads/${name}`, this.head(old));
    this.defaultBranch = name;
    for (const { state, pull } of this.threads) if (state === "open" && pull?.base === old) pull.base = name;
    this.git.setRef(`heads/${old}`, undefined);
    this.settle();
  }

  head(branch: string): string {
    const head = this.git.branch(branch);
    if (head === undefined) throw new Refusal(404, `Not Found: there is no branch ${branch}`);
    return head;
  }

  thread(number: number): Thread {
    const found = this.threads[number - 1];
    if (found === undefined) throw new Refusal(404, "Not Found");
    return found;
  }

  pull(number: number): { readonly thread: Thread; readonly pull: Pull } {
    const thread = this.thread(number);
    if (thread.pull === undefined) throw new Refusal(404, "Not Found");
    return { thread, pull: thread.pull };
  }

  refuseWithoutIssues(): void {
    if (!this.hasIssues) throw new Refusal(410, "Issues are disabled for this repo");
  }

  refuseArchived(): void {
    if (this.isArchived) throw new Refusal(403, "Repository was archived so is read-only.");
  }

  /** A commit on top of a branch's head (or of `parent`); it moves nothing. */
  makeCommit(
    author: Actor,
    message: string,
    content: { readonly parents: readonly string[]; readonly changes: Changes },
  ): string {
    const [parent] = content.parents;
    const tree = parent === undefined ? undefined : this.git.readCommit(parent).tree;
    const at = this.now();
    const committer = author.type === "Bot" ? GITHUB : author;
    return this.git.commit({
      tree: this.git.changed(tree, content.changes),
      parents: content.parents,
      author: { name: author.name, email: author.email, at },
      committer: { name: committer.name, email: committer.email, at },
      message,
    });
  }

  createRef(ref: string, id: string): void {
    this.refuseArchived();
    if (!this.git.has(id)) throw new Refusal(422, "Object does not exist");
    if (this.git.refs(ref.split("/")[0]).has(ref)) throw new Refusal(422, "Reference already exists");
    if (!this.git.setRef(ref, id, NOBODY)) throw new Refusal(422, "Reference name is not valid");
    this.settle();
  }

  moveRef(ref: string, id: string, isForced: boolean): void {
    this.refuseArchived();
    const old = this.git.refs(ref.split("/")[0]).get(ref);
    if (old === undefined) throw new Refusal(422, "Reference does not exist");
    if (!this.git.has(id)) throw new Refusal(422, "Object does not exist");
    this.refuseProtected(ref);
    if (!isForced && !this.git.isAncestor(old, id)) throw new Refusal(422, "Update is not a fast forward");
    this.git.setRef(ref, id, old);
    this.settle();
  }

  deleteRef(ref: string): void {
    this.refuseArchived();
    if (!this.git.refs(ref.split("/")[0]).has(ref)) throw new Refusal(422, "Reference does not exist");
    this.refuseProtected(ref);
    this.git.setRef(ref, undefined);
    this.settle();
  }

  refuseProtected(ref: string): void {
    if (this.protectedBranches.has(ref.replace(/^heads\//u, ""))) {
      throw new Refusal(422, `Protected branch update failed for refs/${ref}.`);
    }
  }

  openThread(author: Actor, text: { readonly title: string; readonly body: string }, pull?: Pull): Thread {
    this.refuseArchived();
    if (pull === undefined) this.refuseWithoutIssues();
    const thread: Thread = {
      ...text,
      number: this.threads.length + 1,
      author,
      createdAt: this.now(),
      state: "open",
      editor: undefined,
      closedAt: undefined,
      labels: new Set(),
      comments: [],
      pull,
    };
    this.threads.push(thread);
    return thread;
  }

  openPull(
    author: Actor,
    text: { readonly title: string; readonly body: string },
    { head, base, isDraft }: { readonly head: string; readonly base: string; readonly isDraft: boolean },
  ): Thread {
    this.refuseArchived();
    const failed = (message: string, field?: string): never => {
      const error = field === undefined ? { code: "custom", message } : { code: "invalid", field };
      throw new Refusal(422, "Validation Failed", { errors: [{ resource: "PullRequest", ...error }] });
    };
    if (isDraft && !this.hasDrafts) throw new Refusal(422, "Draft pull requests are not supported in this repository.");
    const [headSha, baseSha] = [this.git.branch(head), this.git.branch(base)];
    if (headSha === undefined) return failed("", "head");
    if (baseSha === undefined) return failed("", "base");
    const existing = this.threads.some(
      ({ state, pull }) => state === "open" && pull?.head === head && pull.base === base && !pull.isFork,
    );
    if (existing) return failed(`A pull request already exists for ${this.owner}:${head}.`);
    if (this.git.isAncestor(headSha, baseSha)) return failed(`No commits between ${base} and ${head}`);
    return this.openThread(author, text, {
      head,
      headSha,
      base,
      baseSha,
      isDraft,
      isQueued: false,
      isFork: false,
      mergedAt: undefined,
      mergeCommit: undefined,
      reviews: [],
      requested: { people: new Set(), teams: new Set() },
    });
  }

  setDraft(number: number, isDraft: boolean): void {
    this.refuseArchived();
    const { thread, pull } = this.pull(number);
    if (thread.state !== "open") throw new Refusal(422, "Pull request is closed", { type: "UNPROCESSABLE" });
    if (isDraft && !this.hasDrafts) throw new Refusal(422, "Draft pull requests are not supported in this repository.");
    pull.isDraft = isDraft;
  }

  /** All of them, or none. */
  requestReviews(
    { thread, pull }: ReturnType<HostedRepository["pull"]>,
    people: readonly string[],
    teams: readonly string[],
  ): void {
    this.refuseArchived();
    if (people.includes(thread.author.login)) {
      throw new Refusal(422, "Review cannot be requested from pull request author.");
    }
    if (people.some((login) => this.strangers.has(login)) || teams.some((slug) => !this.teams.has(slug))) {
      const which = `One or more of the users or teams you specified is not a collaborator of the ${this.owner}/${this.name} repository.`;
      throw new Refusal(422, `Reviews may only be requested from collaborators. ${which}`);
    }
    for (const login of people) pull.requested.people.add(login);
    for (const slug of teams) pull.requested.teams.add(slug);
  }

  setState(thread: Thread, state: "open" | "closed"): void {
    if (thread.state === state) return;
    const { pull } = thread;
    if (state === "open" && pull !== undefined) {
      const isGone = !pull.isFork && this.git.branch(pull.head) === undefined;
      const isTaken = this.threads.some(
        (other) =>
          other.state === "open" &&
          other.pull?.head === pull.head &&
          other.pull.base === pull.base &&
          !other.pull.isFork,
      );
      if (pull.mergedAt !== undefined || isGone || isTaken) {
        const message = isGone ? `The ${pull.head} branch has been deleted.` : "state cannot be changed.";
        throw new Refusal(422, "Validation Failed", {
          errors: [{ resource: "PullRequest", code: "custom", field: "state", message }],
        });
      }
    }
    thread.state = state;
    thread.closedAt = state === "closed" ? this.now() : undefined;
    this.settle();
  }

  /** Whether it merges; undefined once it is not open. */
  mergeable({ state, pull }: Thread): boolean | undefined {
    if (state !== "open" || pull === undefined) return undefined;
    return this.git.merged(this.head(pull.base), pull.headSha) !== undefined;
  }

  commits(pull: Pull): readonly Commit[] {
    return this.git.between(pull.baseSha, pull.headSha);
  }

  /**
   * What follows for pull requests when a branch moved, however it did: gone heads close theirs, heads that the base
   * took in are merged, and heads thrown back into the base are closed.
   */
  settle(): void {
    const branches = this.git.refs();
    for (const thread of this.threads) {
      const { pull } = thread;
      if (pull === undefined || pull.isFork || thread.state === "closed") continue;
      const [head, base] = [branches.get(`heads/${pull.head}`), branches.get(`heads/${pull.base}`)];
      if (head !== undefined && base !== undefined && !this.git.isAncestor(head, base)) {
        pull.headSha = head;
        pull.baseSha = base;
        continue;
      }
      const isMerged = head !== undefined && base !== undefined && head === pull.headSha;
      thread.state = "closed";
      thread.closedAt = this.now();
      if (!isMerged) continue;
      pull.mergedAt = thread.closedAt;
      pull.mergeCommit = base;
    }
  }
}
