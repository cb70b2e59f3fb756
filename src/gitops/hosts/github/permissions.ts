/** What a token of an App may do, in GitHub's words. */
export type Permissions = Readonly<Record<string, "read" | "write">>;

/** What netlearn does on GitHub, and nothing else. */
export const PULL_REQUESTS: Permissions = { contents: "write", metadata: "read", pull_requests: "write" };
/** For the dashboard alone. */
export const ISSUES: Permissions = { issues: "write", metadata: "read" };
/** GitHub resolves the names of teams only for those who may read the organisation's members. */
export const TEAM_REVIEWS: Permissions = { members: "read", metadata: "read", pull_requests: "write" };

/** GitHub's ways to say that something is not permitted; the last is about a team that it does not show. */
const NOT_PERMITTED = /not accessible by|not granted to this installation|could not resolve to a node/iu;

/** Why something was refused, and what would help when a permission is missing. */
export function withWayOut(because: string, permission: string): string {
  if (!NOT_PERMITTED.test(because)) return because;
  const sentence = /[.!?]$/u.test(because) ? because : `${because}.`;
  return `${sentence} Give the App's installation, or the token, the permission ${permission}.`;
}
