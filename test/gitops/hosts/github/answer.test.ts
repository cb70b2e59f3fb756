import { RequestError } from "octokit";
import { describe, expect, it } from "vitest";
import { failureOf } from "../../../../src/gitops/hosts/github/answer.ts";
import { isOwnCommit, isOwnText, viewerOf } from "../../../../src/gitops/hosts/github/identity.ts";
import { type GitHubOptions, githubPlace } from "../../../../src/gitops/hosts/github/options.ts";

const NOW = Date.UTC(2026, 0, 1);
const REQUEST = { method: "GET", url: "https://api.github.com/x", headers: {} } as const;

/** What octokit throws for an answer. */
function answered(status: number, message: string, headers: Readonly<Record<string, string>> = {}): RequestError {
  const response = { status, url: REQUEST.url, headers, data: { message }, retryCount: 0 };
  return new RequestError(message, status, { request: REQUEST, response });
}

/** What octokit throws for errors of GraphQL. */
function graphql(error: Readonly<Record<string, unknown>>): Error {
  const errors = [error];
  return Object.assign(new Error("Request failed"), { errors, headers: {}, data: null, response: { errors } });
}

describe("a failed request", () => {
  it.each([
    ["no", answered(404, "Not Found"), { kind: "denied", status: 404, because: "Not Found" }],
    ["bad credentials", answered(401, "Bad credentials"), { kind: "unknown-to-github", because: "Bad credentials" }],
    ["a failing server", answered(503, "busy"), { kind: "unsure", because: "busy" }],
    ["a limit with a time", answered(403, "slow", { "retry-after": "30" }), { kind: "limited", until: NOW + 30_000 }],
    ["a limit by its status", answered(429, "slow"), { kind: "limited", until: NOW + 60_000 }],
    ["a limit in words", answered(403, "secondary rate limit"), { kind: "limited", until: NOW + 60_000 }],
    [
      "the limit of the hour",
      answered(403, "exceeded", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000000" }),
      { kind: "limited", until: 1_800_000_000_000 },
    ],
    ["a cut connection", new RequestError("socket hang up", 500, { request: REQUEST }), { kind: "unsure" }],
    [
      "a limit that is over by a clock that goes before",
      answered(403, "exceeded", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" }),
      { kind: "limited", until: NOW + 60_000 },
    ],
    ["no, by GraphQL", graphql({ type: "FORBIDDEN", message: "no" }), { kind: "denied", status: 200, because: "no" }],
    ["a limit, by GraphQL", graphql({ type: "RATE_LIMITED", message: "x" }), { kind: "limited", until: NOW + 60_000 }],
    ["a failing GraphQL", graphql({ message: "Something went wrong" }), { kind: "unsure" }],
  ])("is told apart: %s", (_, error, failure) => {
    expect(failureOf(error, NOW, [])).toMatchObject(failure);
  });

  it("says which field was refused, in one line and without secrets", () => {
    const data = {
      message: "Validation Failed",
      errors: [{ field: "head", code: "invalid" }, { message: "ghs_x\nand" }],
    };
    const error = Object.assign(answered(422, "x"), { response: { status: 422, headers: {}, data } });
    expect(failureOf(error, NOW, ["ghs_x"])).toEqual({
      kind: "denied",
      status: 422,
      because: "Validation Failed: head is invalid: *** and",
    });
  });
});

describe("whose it is", () => {
  const place = githubPlace({ repository: "acme/fleet" });
  const options: Pick<GitHubOptions, "author"> = { author: { name: "netlearn", email: "Bot@example.org" } };
  const app = viewerOf({ login: "netlearn[bot]", databaseId: 42 }, place);
  const ada = viewerOf({ login: "ada", databaseId: 1 }, place);
  const own = "42+netlearn[bot]@users.noreply.github.com";

  it.each([
    ["made by the App through GitHub", own, "noreply@github.com", true],
    ["made by the App", own, own, true],
    ["made in the settings' name", "bot@example.org", "bot@example.org", true],
    ["the App's, rebased by a person", own, "ada@example.org", false],
    ["a person's, through GitHub", "ada@example.org", "noreply@github.com", false],
    ["in the settings' name, rebased by a person", "bot@example.org", "ada@example.org", false],
    ["the App's, in the settings' name", own, "bot@example.org", false],
    ["nobody's", "", "", false],
  ])("git rule 18: a commit that is %s", (_, author, committer, isOwn) => {
    expect(isOwnCommit({ author, committer }, app, { options, place })).toBe(isOwn);
    const asPerson = isOwnCommit({ author, committer }, ada, { options, place });
    expect(asPerson).toBe(isOwn && author === "bot@example.org");
  });

  it("a comment: a person's own words are theirs, though their token speaks for netlearn", () => {
    const said = (body: string, login: string, __typename: string) => ({ body, author: { login, __typename } });
    expect(isOwnText(said("hm", "netlearn", "Bot"), app)).toBe(true);
    expect(isOwnText(said("hm", "netlearn", "User"), app)).toBe(false);
    expect(isOwnText(said("hm", "ada", "User"), ada)).toBe(false);
    expect(isOwnText(said("<!-- netlearn:state -->", "ada", "User"), ada)).toBe(true);
    expect(isOwnText({ body: "hm", author: null }, app)).toBe(false);
  });
});

describe("where a repository is", () => {
  it.each([
    [undefined, "https://github.com/acme/fleet.git", "https://github.com", "github.com/acme/fleet"],
    [
      "https://ghe.acme.example/api/v3/",
      "https://ghe.acme.example/acme/fleet.git",
      "https://ghe.acme.example",
      "ghe.acme.example/acme/fleet",
    ],
    [
      "https://api.acme.ghe.com",
      "https://acme.ghe.com/acme/fleet.git",
      "https://acme.ghe.com",
      "acme.ghe.com/acme/fleet",
    ],
  ])("of the API at %s", (apiUrl, gitUrl, origin, name) => {
    const place = githubPlace({ repository: "acme/fleet", ...(apiUrl !== undefined && { apiUrl }) });
    expect(place).toMatchObject({ gitUrl, origin, name });
  });

  it.each(["fleet", "acme/fleet/x", "acme/..", "-x/fleet", "acme/fl eet", "acme/fleet?x", ""])(
    "not %j",
    (repository) => {
      expect(() => githubPlace({ repository })).toThrow("is no repository on GitHub");
    },
  );

  it.each(["http://ghe.acme.example/api/v3", "git@github.com:acme/x", "https://u:p@ghe.acme.example"])(
    "git rule 34: not by the API at %s",
    (apiUrl) => {
      expect(() => githubPlace({ repository: "acme/fleet", apiUrl })).toThrow(/address/u);
    },
  );
});
