import { z } from "zod";
import { type Asking, ask } from "./asking.ts";
import { type Viewer, viewerOf } from "./identity.ts";
import type { GitHubPlace } from "./options.ts";

/** What does not change within a run. */
export interface Known {
  /** Who the token belongs to. */
  readonly viewer: Viewer;
  /** GraphQL's name of the repository. */
  readonly repositoryId: string;
  /** As GitHub calls it now: it may have been renamed, or moved to another owner. */
  readonly owner: string;
}

type Answered = { readonly id: string; readonly nameWithOwner: string };

/** @param viewer of GraphQL, as the repository */
export function knownOf(viewer: Parameters<typeof viewerOf>[0], repository: Answered, place: GitHubPlace): Known {
  const { id, nameWithOwner } = repository;
  return { viewer: viewerOf(viewer, place), repositoryId: id, owner: nameWithOwner.split("/")[0] ?? place.owner };
}

const KNOWN = `query($owner: String!, $name: String!) { viewer { login databaseId }
  repository(owner: $owner, name: $name) { id nameWithOwner } }`;
const Shape = z.object({
  viewer: z.object({ login: z.string(), databaseId: z.number().nullish() }),
  repository: z.object({ id: z.string(), nameWithOwner: z.string() }),
});

/**
 * Asks for it, where nobody looked for anything before.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function askKnown(asking: Asking): Promise<Known> {
  const { viewer, repository } = Shape.parse(await ask(asking, { text: KNOWN, variables: {} }));
  return knownOf(viewer, repository, asking.place);
}
