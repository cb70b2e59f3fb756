import type { OptionDraft } from "./option-spec.ts";
import { DELIVERIES } from "./settings.ts";

/** Where `netlearn propose` proposes to, and how. */
export const PROPOSE: readonly OptionDraft[] = [
  {
    name: "repo",
    syntax: "text",
    placeholder: "DIR|URL",
    fallback: ".",
    commands: ["propose"],
    description: "the GitOps repository: a directory, or what git clone takes",
  },
  {
    name: "baseBranch",
    syntax: "text",
    placeholder: "NAME",
    commands: ["propose"],
    description: "the branch to propose to (default: the repository's own)",
  },
  {
    name: "deliver",
    flag: "output",
    short: "o",
    syntax: "choice",
    choices: DELIVERIES,
    placeholder: "KIND",
    commands: ["propose"],
    description:
      "what becomes of proposals: a patch on standard output, files in the directory, branches, or pull requests; without it they are shown, and nothing is written",
  },
  {
    name: "tokenFile",
    syntax: "path",
    placeholder: "FILE",
    commands: ["propose"],
    description: "the token for the git host (default: $GITHUB_TOKEN or $GH_TOKEN on GitHub)",
  },
  {
    name: "githubAppId",
    syntax: "text",
    placeholder: "ID",
    commands: ["propose"],
    description: "speak as this GitHub App: commits are verified",
  },
  {
    name: "githubAppKeyFile",
    syntax: "path",
    placeholder: "FILE",
    commands: ["propose"],
    description: "the App's private key",
  },
  {
    name: "githubApiUrl",
    syntax: "text",
    placeholder: "URL",
    commands: ["propose"],
    description: "where GitHub's API is (default: told by the repository's address; Enterprise Server has /api/v3)",
  },
  {
    name: "repoCache",
    syntax: "path",
    placeholder: "DIR",
    commands: ["propose"],
    description:
      "keep what was fetched of repositories here, for later runs (default: a directory that goes after the run)",
  },
];
