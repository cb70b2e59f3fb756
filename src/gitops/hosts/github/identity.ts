import type { PlainCommit } from "./history.ts";
import type { GitHubOptions, GitHubPlace } from "./options.ts";

/** Who the token belongs to. */
export interface Viewer {
  /** Without the `[bot]` that an App's name ends with. */
  readonly login: string;
  /** An App, or a workflow's token: GitHub signs its commits. */
  readonly isBot: boolean;
  /** Of commits that it made, in lower case; empty for people. An Enterprise Server may name itself, or github.com. */
  readonly emails: readonly string[];
}

/** Somebody as GraphQL names them; null is an account that is gone. */
export type NamedActor = { readonly login: string; readonly __typename?: string | undefined } | null;

/** Who GitHub is for git where it commits itself. */
const WEB_FLOW = "noreply@github.com";
/** What the hidden blocks of netlearn's texts begin with. */
const MARK = "<!-- netlearn";

/** @param answer `viewer` of GraphQL */
export function viewerOf(
  answer: { readonly login: string; readonly databaseId?: number | null | undefined },
  { hostname }: GitHubPlace,
): Viewer {
  const isBot = answer.login.endsWith("[bot]");
  const { login, databaseId } = answer;
  const hasEmail = isBot && databaseId !== undefined && databaseId !== null;
  return {
    login: login.replace(/\[bot\]$/u, ""),
    isBot,
    emails: hasEmail
      ? ["github.com", hostname].map((host) => `${databaseId}+${login}@users.noreply.${host}`.toLowerCase())
      : [],
  };
}

/** Whether somebody is the one the token belongs to: a person may have an App's name. */
export function isViewer(actor: NamedActor, viewer: Viewer): boolean {
  if (actor === null || actor.login.replace(/\[bot\]$/u, "") !== viewer.login) return false;
  return actor.__typename === undefined || (actor.__typename === "Bot") === viewer.isBot;
}

/** Whether a comment or an issue is netlearn's: with a person's token that person's own words are not. */
export function isOwnText(text: { readonly body: string; readonly author: NamedActor }, viewer: Viewer): boolean {
  return isViewer(text.author, viewer) && (viewer.isBot || text.body.includes(MARK));
}

/** Whether author and committer are netlearn's: as an App, which GitHub commits for, or under the name of the settings. */
export function isOwnCommit(
  { author, committer }: Pick<PlainCommit, "author" | "committer">,
  viewer: Viewer,
  { options, place }: { readonly options: Pick<GitHubOptions, "author">; readonly place: GitHubPlace },
): boolean {
  const named = options.author.email.toLowerCase();
  if (author === named && committer === named) return true;
  const committers = [...viewer.emails, WEB_FLOW, `noreply@${place.hostname}`];
  return viewer.emails.includes(author) && committers.includes(committer);
}
