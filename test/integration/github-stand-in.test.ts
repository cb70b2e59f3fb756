import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { App, Octokit } from "octokit";
import { beforeEach, expect, it } from "vitest";
import { FAULTS } from "../testbed/github/faults.ts";
import { onGitHub } from "../testbed/github/suite.ts";

const AT = { owner: "acme", repo: "fleet" };
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const COMMIT = `mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid signature { isValid } author { email } } } }`;

const FILES = { "apps/web.yaml": "kind: Service\n", "README.md": "hello\n" };

onGitHub("the stand-in for GitHub", FILES, (on) => {
  let octokit: Octokit;

  beforeEach(() => {
    AT.repo = on.repository.name;
    octokit = client(on.github.tokens.app);
  });

  const client = (auth: string): Octokit =>
    new Octokit({
      auth,
      baseUrl: on.github.baseUrl,
      log: QUIET,
      throttle: { enabled: false },
      retry: { enabled: false },
    });
  const branch = async (name = "netlearn/x"): Promise<string> => {
    const { data } = await octokit.rest.git.getRef({ ...AT, ref: "heads/main" });
    await octokit.rest.git.createRef({ ...AT, ref: `refs/heads/${name}`, sha: data.object.sha });
    return data.object.sha;
  };
  const commit = (
    expectedHeadOid: string,
    contents = "new\n",
  ): Promise<{ createCommitOnBranch: { commit: { oid: string } } }> =>
    octokit.graphql(COMMIT, {
      input: {
        branch: { repositoryNameWithOwner: `acme/${AT.repo}`, branchName: "netlearn/x" },
        expectedHeadOid,
        message: { headline: "feat: policies" },
        fileChanges: { additions: [{ path: "apps/policy.yaml", contents: Buffer.from(contents).toString("base64") }] },
      },
    });
  const pull = async (): Promise<number> => {
    await commit(await branch());
    const { data } = await octokit.rest.pulls.create({
      ...AT,
      head: "netlearn/x",
      base: "main",
      title: "Policies",
      body: "- [ ] go",
    });
    return data.number;
  };

  it("takes octokit from a new branch to a merged pull request", async () => {
    const number = await pull();
    await octokit.rest.issues.addLabels({ ...AT, issue_number: number, labels: ["netlearn"] });
    await octokit.rest.issues.createComment({ ...AT, issue_number: number, body: "seen" });
    await octokit.rest.pulls.update({ ...AT, pull_number: number, title: "Better" });
    on.github.human(on.repository, "ada").approve(number);
    expect((await octokit.rest.pulls.listReviews({ ...AT, pull_number: number })).data).toMatchObject([
      { state: "APPROVED" },
    ]);
    expect((await octokit.rest.pulls.listFiles({ ...AT, pull_number: number })).data).toMatchObject([
      { filename: "apps/policy.yaml" },
    ]);
    on.github.human(on.repository, "ada").merge(number, "squash");
    const { data } = await octokit.rest.pulls.get({ ...AT, pull_number: number });
    expect(data).toMatchObject({
      merged: true,
      state: "closed",
      title: "Better",
      labels: [{ name: "netlearn" }],
      user: { login: "netlearn[bot]" },
    });
  });

  it("answers a GraphQL query about a pull request", async () => {
    const number = await pull();
    on.github.human(on.repository, "ada").tick(number, "go");
    const query = `query($o: String!, $n: String!) { viewer { login } rateLimit { remaining } repository(owner: $o, name: $n) { isArchived defaultBranchRef { name target { oid } }
      pullRequests(headRefName: "netlearn/x", states: [OPEN, CLOSED], first: 5) { nodes { number url state isDraft title body editor { login } mergeable isInMergeQueue
      labels(first: 5) { nodes { name } } commits(first: 5) { nodes { commit { oid signature { isValid } author { email } committer { email } } } } } } } }`;
    const answer = await octokit.graphql(query, { o: "acme", n: AT.repo });
    const commits = {
      nodes: [{ commit: { signature: { isValid: true }, committer: { email: "noreply@github.com" } } }],
    };
    const node = { number, state: "OPEN", body: "- [x] go", editor: { login: "ada" }, mergeable: "MERGEABLE", commits };
    expect(answer).toMatchObject({ repository: { isArchived: false, pullRequests: { nodes: [node] } } });
    on.github.human(on.repository, "bob").conflict(number);
    expect(await octokit.graphql(query, { o: "acme", n: AT.repo })).toMatchObject({
      repository: { pullRequests: { nodes: [{ mergeable: "CONFLICTING" }] } },
    });
  });

  it("commits by GraphQL only where the branch is expected to be", async () => {
    const base = await branch();
    await commit(base);
    await expect(commit(base, "other\n")).rejects.toThrow("but it did not");
  });

  it("refuses as GitHub does", async () => {
    const sha = await branch();
    const create = () => octokit.rest.pulls.create({ ...AT, head: "netlearn/x", base: "main", title: "t" });
    await expect(create()).rejects.toThrow("No commits between main and netlearn/x");
    await commit(sha);
    const { data } = await create();
    await expect(create()).rejects.toThrow("A pull request already exists");
    on.github.human(on.repository, "ada").deleteBranch("netlearn/x");
    expect((await octokit.rest.pulls.get({ ...AT, pull_number: data.number })).data).toMatchObject({
      state: "closed",
      merged: false,
    });
    await expect(client(on.github.tokens.expired).rest.repos.get(AT)).rejects.toMatchObject({ status: 401 });
    on.repository.protectedBranches.add("main");
    await expect(octokit.rest.git.updateRef({ ...AT, ref: "heads/main", sha, force: true })).rejects.toMatchObject({
      status: 422,
    });
    on.repository.isArchived = true;
    await expect(create()).rejects.toMatchObject({ status: 403 });
  });

  it("is a remote of git", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "netlearn-clone-"));
    const url = on.github.gitUrl(`acme/${AT.repo}`).replace("//", `//x-access-token:${on.github.tokens.app}@`);
    const git = (...args: string[]) =>
      promisify(execFile)("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);
    try {
      await git("clone", "-q", "--depth=1", "--filter=blob:none", url, path.join(folder, "c"));
      expect(await readFile(path.join(folder, "c/README.md"), "utf8")).toBe("hello\n");
      await writeFile(path.join(folder, "c/new.yaml"), "a: 1\n");
      await git("-C", path.join(folder, "c"), "add", ".");
      await git("-C", path.join(folder, "c"), "commit", "-qm", "by git");
      await git("-C", path.join(folder, "c"), "push", "-q", "origin", "HEAD:pushed");
      expect(
        (await octokit.rest.repos.compareCommitsWithBasehead({ ...AT, basehead: "main...pushed" })).data,
      ).toMatchObject({ status: "ahead", ahead_by: 1, files: [{ filename: "new.yaml", status: "added" }] });
      await expect(
        git("clone", "-q", on.github.gitUrl(`acme/${AT.repo}`).replace("//", "//x:wrong@"), path.join(folder, "d")),
      ).rejects.toThrow("Authentication failed");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ["before", 0],
    ["after", 1],
  ] as const)("fails a write %s its effect", async (when, made) => {
    await commit(await branch());
    on.github.faults.clear();
    on.github.faults.plan({ at: 1, when, fault: FAULTS.badGateway, of: "writes" });
    await expect(
      octokit.rest.pulls.create({ ...AT, head: "netlearn/x", base: "main", title: "t" }),
    ).rejects.toMatchObject({ status: 502 });
    expect(on.repository.threads).toHaveLength(made);
    expect(on.github.faults.writes).toBe(1);
  });

  it.each([
    [FAULTS.cut, {}],
    [FAULTS.secondaryLimit(7), { status: 403, response: { headers: { "retry-after": "7" } } }],
    [FAULTS.secondaryLimit(), { status: 403 }],
    [FAULTS.primaryLimit(99), { status: 403, response: { headers: { "x-ratelimit-remaining": "0" } } }],
    [FAULTS.expiredToken, { status: 401 }],
  ])("fails with %j", async (fault, seen) => {
    on.github.faults.plan({ at: 2, when: "before", fault });
    await octokit.rest.repos.get(AT);
    await expect(octokit.rest.repos.get(AT)).rejects.toMatchObject(seen);
    await octokit.rest.repos.get(AT);
  });

  it("moves references all together, and only from where they are said to be", async () => {
    const base = on.repository.head("main");
    const move = `mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`;
    const { repository: asked } = await octokit.graphql<{ repository: { id: string } }>(
      "query($o: String!, $n: String!) { repository(owner: $o, name: $n) { id } }",
      { o: "acme", n: AT.repo },
    );
    const nowhere = "0".repeat(40);
    const update = (name: string, beforeOid: string, afterOid: string) => ({
      name: `refs/heads/${name}`,
      beforeOid,
      afterOid,
    });
    const send = (...refUpdates: readonly object[]) =>
      octokit.graphql(move, { input: { repositoryId: asked.id, refUpdates } });
    await send(update("a", nowhere, base));
    await expect(send(update("b", nowhere, base), update("a", nowhere, base))).rejects.toThrow("is not at");
    expect([...on.repository.git.refs().keys()]).toEqual(["heads/a", "heads/main"]);
    await send(update("a", base, nowhere));
    expect([...on.repository.git.refs().keys()]).toEqual(["heads/main"]);
  });

  it("says how much may still be asked, and where a list goes on", async () => {
    const number = await pull();
    for (const body of ["one", "two", "three"]) on.github.human(on.repository, "ada").comment(number, body);
    const list = { ...AT, issue_number: number, per_page: 2 };
    const { headers } = await octokit.rest.issues.listComments(list);
    expect(headers).toMatchObject({ "x-ratelimit-remaining": "5000", link: expect.stringContaining('rel="next"') });
    expect(await octokit.paginate(octokit.rest.issues.listComments, list)).toHaveLength(3);
  });

  it("gives the App a token for its key alone", async () => {
    const { id: appId, installation, privateKey } = on.github.app;
    const app = new App({ appId, privateKey, Octokit: Octokit.defaults({ baseUrl: on.github.baseUrl, log: QUIET }) });
    const installed = await app.getInstallationOctokit(installation);
    expect((await installed.rest.repos.get(AT)).data.permissions).toMatchObject({ push: true });
    await expect(
      octokit.request("POST /app/installations/{installation_id}/access_tokens", { installation_id: 70 }),
    ).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    ["a missing base", "POST /repos/{owner}/{repo}/pulls", { head: "x", title: "t" }, "base"],
    ["an unknown property", "POST /repos/{owner}/{repo}/issues", { title: "t", text: "t" }, "body text is unknown"],
    ["a wrong type", "PATCH /repos/{owner}/{repo}/git/refs/heads/main", { sha: 5 }, "must be string"],
    ["a value that is none of the list", "GET /repos/{owner}/{repo}/pulls", { state: "gone" }, "query state"],
    ["an unknown operation", "PUT /repos/{owner}/{repo}/nothing", {}, "does not know it"],
  ])("notices %s", async (_, route, more, what) => {
    await expect(octokit.request(route, { ...AT, ...more })).rejects.toThrow();
    expect(on.github.violations.splice(0).join("\n")).toContain(what);
  });

  it("notices a query that GitHub's schema refuses", async () => {
    await expect(octokit.graphql("{ viewer { shoeSize } }")).rejects.toThrow("shoeSize");
    expect(on.github.violations.splice(0)).toEqual([expect.stringContaining("shoeSize")]);
  });
});
