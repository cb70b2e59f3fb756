import { z } from "zod";
import { dataOf } from "./answer.ts";
import type { GitHubClient } from "./client.ts";
import type { Page, Query } from "./find-query.ts";
import type { GitHubOptions, GitHubPlace } from "./options.ts";

/** What asking needs. */
export interface Asking {
  readonly client: GitHubClient;
  readonly place: GitHubPlace;
  readonly options: GitHubOptions;
}

/**
 * A list that comes in pages.
 *
 * @param isEnough an item behind which nothing matters
 */
export async function wholeList<Item>(
  first: Page<Item>,
  next: (after: string) => Promise<Page<Item>>,
  isEnough: (item: Item) => boolean = () => false,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let page = first; ; ) {
    const shown = (page.nodes ?? []).filter((item) => item !== null);
    items.push(...shown);
    const { hasNextPage, endCursor } = page.pageInfo;
    if (!hasNextPage || endCursor === undefined || endCursor === null || shown.some(isEnough)) return items;
    page = await next(endCursor);
  }
}

/**
 * What a query is answered.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function ask({ client, place }: Asking, { text, variables }: Query): Promise<unknown> {
  return dataOf(await client.query(text, { owner: place.owner, name: place.repo, ...variables }), place.name);
}

const More = z.object({
  repository: z.object({
    more: z.unknown().optional(),
    pullRequest: z.object({ more: z.unknown().optional() }).optional(),
  }),
});

/**
 * Another page of a list.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE`
 */
export async function askMore(asking: Asking, query: Query): Promise<unknown> {
  const { repository } = More.parse(await ask(asking, query));
  return repository.pullRequest === undefined ? repository.more : repository.pullRequest.more;
}
