import type {
  BranchWrite,
  ChangedText,
  Found,
  FoundBranch,
  FoundCommit,
  FoundIssue,
  FoundPullRequest,
  Host,
  IssueText,
  WriteResult,
} from "../../src/gitops/host.ts";
import type { Repository } from "../../src/model/repository.ts";

type Tree = ReadonlyMap<string, string>;
interface Commit {
  readonly id: string;
  readonly parent: string | undefined;
  readonly tree: Tree;
  readonly message: string;
  readonly isOwn: boolean;
}
type Pull = { -readonly [Key in keyof FoundPullRequest]: FoundPullRequest[Key] };

/** Thrown where a run is cut off: before the write, or after it, when its answer is lost. */
export class Crash extends Error {}

/** A git host as a state machine of commits, branches and pull requests, with what people do on it. */
export class ModelHost implements Host {
  readonly name = "model/fleet";
  readonly capabilities = { pullRequests: true, drafts: true, issues: true, checkboxes: true, bodyLimit: 60_000 };
  readonly commits = new Map<string, Commit>();
  readonly branches = new Map<string, string>();
  readonly pulls: Pull[] = [];
  readonly issues: (IssueText & { readonly number: number; readonly url: string; state: "open" | "closed" })[] = [];
  /** Whether the repository's plan has drafts. */
  hasDrafts = true;
  /** Why nobody can be asked for a review; undefined: they can. */
  reviewsRefused: string | undefined;
  now = Date.UTC(2026, 2, 2, 12);
  writes = 0;
  /** Write at which to crash, counted from 1, and whether it takes place. */
  crashAt: { readonly write: number; readonly isWritten: boolean } | undefined;
  readOnly: string | undefined;
  /** Why no files can be read; undefined: they can. */
  unreadable: Error | undefined;

  constructor(files: Readonly<Record<string, string>>) {
    this.branches.set("main", this.#add({ parent: undefined, tree: new Map(Object.entries(files)), isOwn: false }));
  }

  tree(branch: string): Tree {
    return this.#commit(this.branches.get(branch) ?? "").tree;
  }

  /** A person's commit. */
  push(branch: string, change: Readonly<Record<string, string>>): string {
    const head = this.branches.get(branch) ?? "";
    const tree = new Map([...this.#commit(head).tree, ...Object.entries(change)]);
    const id = this.#add({ parent: head, tree, isOwn: false });
    this.branches.set(branch, id);
    return id;
  }

  history(branch: string): readonly string[] {
    const ids: string[] = [];
    for (let at = this.branches.get(branch); at !== undefined; at = this.#commit(at).parent) {
      ids.push(at);
    }
    return ids;
  }

  open(): readonly Pull[] {
    return this.pulls.filter(({ state }) => state === "open");
  }

  /** Squashed, as a person's button does it; false: there is a conflict. */
  merge(pull: Pull): boolean {
    const branch = this.#found(pull.branch);
    if (branch === undefined || branch.conflicts === true || pull.isDraft) {
      return false;
    }
    const [ours, before] = [this.tree(pull.branch), this.#commit(branch.mergeBase).tree];
    const tree = new Map(this.tree("main"));
    for (const path of changedPaths(before, ours)) {
      const text = ours.get(path);
      if (text === undefined) {
        tree.delete(path);
      } else {
        tree.set(path, text);
      }
    }
    this.branches.set("main", this.#add({ parent: this.branches.get("main"), tree, isOwn: false }));
    pull.state = "merged";
    pull.closedAt = this.now;
    return true;
  }

  async find(_base: string | undefined, names: readonly string[]): Promise<Found> {
    return await Promise.resolve({
      base: { branch: "main", head: this.branches.get("main") ?? "" },
      readOnly: this.readOnly,
      branches: names.flatMap((name) => this.#found(name) ?? []),
      pullRequests: structuredClone(this.pulls.filter(({ branch }) => names.includes(branch)).toReversed()),
      openPullRequests: this.open().length,
      createdLastHour: this.pulls.filter(({ createdAt }) => this.now - createdAt < 3_600_000).length,
    });
  }

  async read(commit: string): Promise<Repository> {
    if (this.unreadable !== undefined) {
      throw this.unreadable;
    }
    const files = [...this.#commit(commit).tree].map(
      ([path, text]) => [path, { path, kind: "file", size: text.length, text }] as const,
    );
    return await Promise.resolve({ commit, files: new Map(files) });
  }

  /** As its conflicts are: of whole files. */
  async mergesCleanly({ ours, theirs }: ChangedText): Promise<boolean> {
    return await Promise.resolve(ours === theirs);
  }

  async writeBranch(write: BranchWrite): Promise<WriteResult<{ readonly head: string }>> {
    return await this.#write(() => {
      if (this.branches.get(write.branch) !== write.expected) {
        return { kind: "lost-race", because: "the branch moved" };
      }
      const tree = new Map(this.#commit(write.parent).tree);
      for (const change of write.changes) {
        if (tree.get(change.path) !== change.before) {
          throw new Error(`${change.path} is not what the commit was planned on`);
        }
        if (change.kind === "write") {
          tree.set(change.path, change.text);
        } else {
          tree.delete(change.path);
        }
      }
      const head = this.#add({ parent: write.parent, tree, isOwn: true, message: write.message });
      this.branches.set(write.branch, head);
      return { kind: "done", value: { head } };
    });
  }

  async deleteBranch(branch: string, expected: string): Promise<WriteResult> {
    return await this.#write(() => {
      if (this.branches.get(branch) !== expected) {
        return { kind: "lost-race", because: "the branch moved" };
      }
      this.branches.delete(branch);
      return DONE;
    });
  }

  async openPullRequest(
    request: Parameters<Host["openPullRequest"]>[0],
  ): Promise<WriteResult<{ readonly number: number; readonly url: string }>> {
    return await this.#write(() => {
      const there = this.open().find(({ branch }) => branch === request.branch);
      const number = there?.number ?? this.pulls.length + 1;
      const url = `https://model/fleet/pull/${number}`;
      if (there === undefined) {
        this.pulls.push({ ...request, ...NEW_PULL, number, url, createdAt: this.now, closedAt: undefined });
      }
      return { kind: "done", value: { number, url } };
    });
  }

  async editPullRequest(
    number: number,
    change: Parameters<Host["editPullRequest"]>[1],
    seen?: string,
  ): Promise<WriteResult> {
    return await this.#write(() => {
      const pull = this.#pull(number);
      if (seen !== undefined && ![seen, change.body].includes(pull.body)) return EDITED;
      if (change.body !== undefined && change.body !== pull.body) {
        Object.assign(pull, { editor: undefined, isEdited: true });
      }
      Object.assign(pull, change);
      if (change.state === "closed") {
        pull.closedAt = this.now;
      }
      return DONE;
    });
  }

  async setDraft(number: number, isDraft: boolean): Promise<WriteResult> {
    return await this.#write(() => {
      if (!this.hasDrafts) return { kind: "refused", because: "Drafts are not supported here." };
      this.#pull(number).isDraft = isDraft;
      return DONE;
    });
  }

  async comment(number: number, body: string): Promise<WriteResult> {
    return await this.#write(() => {
      const pull = this.#pull(number);
      pull.comments = [...pull.comments, { body, author: "netlearn", isOwn: true }];
      return DONE;
    });
  }

  async label(number: number, labels: readonly string[]): Promise<WriteResult> {
    return await this.#write(() => {
      const pull = this.#pull(number);
      pull.labels = [...new Set([...pull.labels, ...labels])];
      return DONE;
    });
  }

  async requestReviews(number: number, reviewers: readonly string[], teams: readonly string[]): Promise<WriteResult> {
    return await this.#write(() => {
      if (this.reviewsRefused !== undefined) {
        return { kind: "refused", because: this.reviewsRefused };
      }
      const pull = this.#pull(number);
      pull.requestedReviewers = [...new Set([...(pull.requestedReviewers ?? []), ...reviewers, ...teams])];
      return DONE;
    });
  }

  async findIssue(title: string): Promise<FoundIssue | undefined> {
    const found = this.issues.filter((issue) => issue.title === title);
    return await Promise.resolve(structuredClone(found.findLast(({ state }) => state === "open") ?? found.at(-1)));
  }

  async writeIssue(own: Pick<FoundIssue, "number" | "body"> | undefined, issue: IssueText): Promise<WriteResult> {
    return await this.#write(() => {
      const there = this.issues.find((each) =>
        own === undefined ? each.title === issue.title && each.state === "open" : each.number === own.number,
      );
      if (own !== undefined && ![own.body, issue.body].includes(there?.body ?? "")) return EDITED;
      if (there === undefined) {
        const next = this.issues.length + 1;
        this.issues.push({ ...issue, number: next, url: `https://model/fleet/issues/${next}`, state: "open" });
      } else {
        Object.assign(there, issue);
      }
      return DONE;
    });
  }

  async #write<Value>(act: () => WriteResult<Value>): Promise<WriteResult<Value>> {
    // Others get a turn between two writes.
    await Promise.resolve();
    this.writes += 1;
    const isCrash = this.crashAt?.write === this.writes;
    if (isCrash && this.crashAt?.isWritten === false) {
      throw new Crash();
    }
    const result = act();
    if (isCrash) {
      throw new Crash();
    }
    return result;
  }

  #add(commit: Omit<Commit, "id" | "message"> & { readonly message?: string }): string {
    const id = `c${this.commits.size + 1}`;
    this.commits.set(id, { message: "by hand", ...commit, id });
    return id;
  }

  #commit(id: string): Commit {
    const commit = this.commits.get(id);
    if (commit === undefined) {
      throw new Error(`no commit ${id}`);
    }
    return commit;
  }

  #pull(number: number): Pull {
    const pull = this.pulls[number - 1];
    if (pull === undefined) {
      throw new Error(`no pull request ${number}`);
    }
    return pull;
  }

  #found(name: string): FoundBranch | undefined {
    const head = this.branches.get(name);
    if (head === undefined) {
      return undefined;
    }
    const base = this.history("main");
    const chain = this.history(name);
    const mergeBase = chain.find((id) => base.includes(id)) ?? "";
    const commits = chain.slice(0, chain.indexOf(mergeBase)).toReversed();
    const before = this.#commit(mergeBase).tree;
    const [ours, theirs] = [this.tree(name), this.tree("main")];
    const theirPaths = changedPaths(before, theirs);
    const conflicts = changedPaths(before, ours).some(
      (path) => theirPaths.includes(path) && ours.get(path) !== theirs.get(path),
    );
    return { name, head, mergeBase, conflicts, commits: commits.map((id) => foundCommit(this.#commit(id))) };
  }
}

const DONE = { kind: "done", value: undefined } as const;
const EDITED = { kind: "lost-race", because: "somebody edited it" } as const;
const NEW_PULL = {
  state: "open",
  editor: undefined,
  isEdited: false,
  labels: [],
  reviews: [],
  comments: [],
  requestedReviewers: [],
  isQueued: false,
} as const;

function foundCommit({ id, message, isOwn }: Commit): FoundCommit {
  const email = isOwn ? "netlearn@bot" : "ann@acme";
  return { id, message, author: email, committer: email, isOwn };
}

function changedPaths(before: Tree, after: Tree): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));
}
