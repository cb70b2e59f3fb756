import type { Changes, Commit } from "./objects.ts";
import { type Actor, type HostedRepository, Refusal, type Review } from "./world.ts";

/** A person (or another bot) who works in a repository with an own login and e-mail address. */
export class Human {
  readonly actor: Actor;
  readonly #repository: HostedRepository;

  constructor(repository: HostedRepository, actor: Actor) {
    this.#repository = repository;
    this.actor = actor;
  }

  /** Pushes a commit onto a branch, which is made from the default branch when it is not there. Returns its id. */
  push(branch: string, changes: Changes, message = "a change by hand"): string {
    const { git, defaultBranch } = this.#repository;
    const parent = git.branch(branch) ?? git.branch(defaultBranch);
    const parents = parent === undefined ? [] : [parent];
    return this.#move(branch, this.#repository.makeCommit(this.actor, message, { parents, changes }));
  }

  /** Replaces what is on a branch by one commit on `onto`, a branch. Returns its id. */
  forcePush(branch: string, onto: string, changes: Changes): string {
    const parents = [this.#repository.head(onto)];
    return this.#move(branch, this.#repository.makeCommit(this.actor, "rewritten by hand", { parents, changes }));
  }

  /** Merges the base into a pull request's branch, as the button "Update branch" does; undefined: they conflict. */
  updateBranch(number: number): string | undefined {
    const { git } = this.#repository;
    const { pull } = this.#repository.pull(number);
    const [base, head] = [this.#repository.head(pull.base), pull.headSha];
    const tree = git.merged(base, head);
    if (tree === undefined) return undefined;
    const at = this.#repository.now();
    const by = { author: { ...this.actor, at }, committer: { name: "GitHub", email: "noreply@github.com", at } };
    return this.#move(pull.head, git.commit({ tree, parents: [head, base], message: `Merge ${pull.base}`, ...by }));
  }

  /** Takes over the newest commit of a branch: its author stays. Returns the new commit. */
  amend(branch: string, changes: Changes): string {
    const { git } = this.#repository;
    const { tree, parents, author, message } = git.readCommit(this.#repository.head(branch));
    const committer = { ...this.actor, at: this.#repository.now() };
    const amended = git.commit({ tree: git.changed(tree, changes), parents, author, committer, message });
    return this.#move(branch, amended);
  }

  /** Changes on the base what a pull request changes, to something else: from now on they conflict. Returns the commit. */
  conflict(number: number): string {
    const { git } = this.#repository;
    const { pull } = this.#repository.pull(number);
    const start = git.readCommit(git.mergeBase(pull.baseSha, pull.headSha) ?? pull.baseSha).tree;
    const changed = [...git.difference(start, git.readCommit(pull.headSha).tree)];
    const changes = changed.map(([name]) => [name, `# somebody else's ${String(this.#repository.nextId())}\n`]);
    return this.push(pull.base, Object.fromEntries(changes), "a conflicting change");
  }

  open(branch: string, title: string): number {
    const { defaultBranch } = this.#repository;
    return this.#repository.openPull(
      this.actor,
      { title, body: "" },
      { head: branch, base: defaultBranch, isDraft: false },
    ).number;
  }

  openIssue(title: string, body = ""): number {
    return this.#repository.openThread(this.actor, { title, body }).number;
  }

  /** From a branch of the same name in a fork: whoever can read may do that. */
  openFromFork(branch: string, title: string): number {
    const { defaultBranch } = this.#repository;
    const base = this.#repository.head(defaultBranch);
    const headSha = this.#repository.makeCommit(this.actor, title, { parents: [base], changes: { fork: title } });
    return this.#repository.openThread(
      this.actor,
      { title, body: "" },
      {
        head: branch,
        headSha,
        base: defaultBranch,
        baseSha: base,
        isDraft: false,
        isQueued: false,
        isFork: true,
        mergedAt: undefined,
        mergeCommit: undefined,
        reviews: [],
        requested: { people: new Set(), teams: new Set() },
      },
    ).number;
  }

  close(number: number): void {
    this.#repository.setState(this.#repository.thread(number), "closed");
  }

  reopen(number: number): void {
    this.#repository.setState(this.#repository.thread(number), "open");
  }

  approve(number: number): void {
    this.#review(number, "APPROVED");
  }

  requestChanges(number: number, body = "please change this"): void {
    this.#review(number, "CHANGES_REQUESTED", body);
  }

  comment(number: number, body: string): void {
    const [id, at] = [this.#repository.nextId(), this.#repository.now()];
    this.#repository.thread(number).comments.push({ id, author: this.actor, body, at });
  }

  edit(number: number, change: { readonly title?: string; readonly body?: string }): void {
    const thread = this.#repository.thread(number);
    if (change.title !== undefined) thread.title = change.title;
    if (change.body === undefined || change.body === thread.body) return;
    thread.body = change.body;
    thread.editor = this.actor;
  }

  /** Ticks the first open box of the text whose line holds `what`. */
  tick(number: number, what: string): void {
    const lines = this.#repository.thread(number).body.split("\n");
    const at = lines.findIndex((line) => /^\s*[-*] \[ \]/u.test(line) && line.includes(what));
    if (at < 0) throw new Error(`pull request ${number} has no open box with ${JSON.stringify(what)}`);
    lines[at] = lines[at]?.replace("[ ]", "[x]") ?? "";
    this.edit(number, { body: lines.join("\n") });
  }

  /** Makes it ready for review, or a draft. */
  toggleDraft(number: number): void {
    this.#repository.setDraft(number, !this.#repository.pull(number).pull.isDraft);
  }

  label(number: number, name: string): void {
    this.#repository.thread(number).labels.add(name);
  }

  unlabel(number: number, name: string): void {
    this.#repository.thread(number).labels.delete(name);
  }

  deleteBranch(branch: string): void {
    this.#repository.deleteRef(`heads/${branch}`);
  }

  retarget(number: number, base: string): void {
    const { pull } = this.#repository.pull(number);
    pull.baseSha = this.#repository.head(base);
    pull.base = base;
    this.#repository.settle();
  }

  /** Puts it into the merge queue, or merges when there is none. */
  merge(number: number, how: "merge" | "squash" | "rebase" = "merge"): void {
    const { thread, pull } = this.#repository.pull(number);
    if (thread.state === "closed") throw new Refusal(405, "Pull Request is not mergeable");
    if (pull.isDraft) throw new Refusal(405, "Pull Request is still a draft");
    if (this.#repository.hasMergeQueue && !pull.isQueued) {
      pull.isQueued = true;
      return;
    }
    const { git } = this.#repository;
    const [base, head] = [this.#repository.head(pull.base), pull.headSha];
    const tree = git.merged(base, head);
    if (tree === undefined) throw new Refusal(405, "Pull Request is not mergeable");
    const at = this.#repository.now();
    const by = { author: { ...this.actor, at }, committer: { name: "GitHub", email: "noreply@github.com", at } };
    const message =
      how === "merge" ? `Merge pull request #${number}\n\n${thread.title}` : `${thread.title} (#${number})`;
    const parents = how === "merge" ? [base, head] : [base];
    const result =
      how === "rebase" ? this.#rebased(base, git.between(base, head)) : git.commit({ tree, parents, message, ...by });
    // Said before the branch moves: of squashes and rebases the base shows no trace of the head.
    thread.state = "closed";
    thread.closedAt = at;
    pull.mergedAt = at;
    pull.mergeCommit = result;
    pull.isQueued = false;
    this.#move(pull.base, result);
  }

  /** Each commit's files again on the base; a file that both changed gets the commit's content. */
  #rebased(base: string, commits: readonly Commit[]): string {
    const { git } = this.#repository;
    let onto = base;
    for (const { parents, tree, author, committer, message } of commits.filter((commit) => commit.parents.length < 2)) {
      const [parent] = parents;
      const files = git.files(git.readCommit(onto).tree);
      const wanted = git.files(tree);
      const before = parent === undefined ? git.writeFiles(new Map()) : git.readCommit(parent).tree;
      for (const name of git.difference(before, tree).keys()) {
        const entry = wanted.get(name);
        if (entry === undefined) files.delete(name);
        else files.set(name, entry);
      }
      onto = git.commit({ tree: git.writeFiles(files), parents: [onto], author, committer, message });
    }
    return onto;
  }

  #review(number: number, state: Review["state"], body = ""): void {
    const { pull } = this.#repository.pull(number);
    const [id, at] = [this.#repository.nextId(), this.#repository.now()];
    pull.requested.people.delete(this.actor.login);
    pull.reviews.push({ id, author: this.actor, state, body, commit: pull.headSha, at });
  }

  #move(branch: string, id: string): string {
    if (!this.#repository.git.setRef(`heads/${branch}`, id)) throw new Error(`git refuses the branch ${branch}`);
    this.#repository.settle();
    return id;
  }
}
