import type { JsonObject, ListEvent, ListOptions, ResourceType } from "../model/kubernetes-api.ts";
import type { Client } from "./client.ts";
import { fieldOf, isObject, textOf } from "./fields.ts";
import type { Reply } from "./reply.ts";

/** Where a list is. */
interface Place {
  /** Undefined at its beginning. */
  token: string | undefined;
  limit: number;
  /** The server forgot the place, and no page came since. */
  isExpired: boolean;
  hasRestarted: boolean;
  /** To notice when a server sends in circles. */
  seen: Set<string>;
}

/** Lists objects, as model/kubernetes-api.ts says. */
export async function* list(client: Client, type: ResourceType, options: ListOptions): AsyncGenerator<ListEvent> {
  const place: Place = {
    token: undefined,
    limit: client.limits.page,
    isExpired: false,
    hasRestarted: false,
    seen: new Set(),
  };
  for (;;) {
    const event = eventOf(await client.ask(questionOf(type, options, place), options.signal), { type, options, place });
    if (event === undefined) continue;
    yield event;
    const goesOn = event.kind === "restart" || (event.kind === "page" && place.token !== undefined);
    if (!goesOn) return;
  }
}

function questionOf(type: ResourceType, { namespace }: ListOptions, { token, limit }: Place) {
  const { group, version, resource } = type;
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return {
    path: `${root}${scope}/${resource}`,
    query: { limit: String(limit), ...(token === undefined ? {} : { continue: token }) },
  };
}

interface Reading {
  readonly type: ResourceType;
  readonly options: ListOptions;
  readonly place: Place;
}

/** What a reply means for the list, whose place moves on. @returns undefined for "ask again" */
function eventOf(reply: Reply, { type, options, place }: Reading): ListEvent | undefined {
  switch (reply.kind) {
    case "object":
      return pageOf(reply, { type, options, place });
    case "too-large":
      return shrink(place);
    case "expired":
      return goOn(reply.token, place);
    case "forbidden":
    case "absent":
    case "failed":
      return reply;
  }
}

function pageOf({ value, bytes }: Extract<Reply, { kind: "object" }>, { type, options, place }: Reading): ListEvent {
  const items = fieldOf(value, "items") ?? [];
  const kind = textOf(value, "kind") ?? "";
  if (!Array.isArray(items) || !kind.endsWith("List")) {
    return { kind: "failed", message: `a list was asked for, and ${kind === "" ? "something else" : kind} was sent` };
  }
  const token = textOf(fieldOf(value, "metadata"), "continue");
  if (token !== undefined && place.seen.has(token)) {
    return { kind: "failed", message: "the server sends the same page again and again" };
  }
  if (token !== undefined) place.seen.add(token);
  place.token = token;
  place.isExpired = false;
  const apiVersion = textOf(value, "apiVersion") ?? apiVersionOf(type);
  // A `List` says nothing of its items.
  const itemKind = kind === "List" ? type.kind : kind.slice(0, -"List".length);
  const complete = (item: JsonObject): JsonObject => ({ apiVersion, kind: itemKind, ...item });
  const objects = items.filter(isObject);
  return {
    kind: "page",
    items: objects.map((item) => options.prune(complete(item))),
    malformed: items.length - objects.length,
    bytes,
  };
}

function apiVersionOf({ group, version }: ResourceType): string {
  return group === "" ? version : `${group}/${version}`;
}

function shrink(place: Place): ListEvent | undefined {
  if (place.limit === 1)
    return { kind: "failed", message: "a page of one object is too large; the server may ignore `limit`" };
  place.limit = Math.max(1, Math.floor(place.limit / 5));
  return undefined;
}

// kubernetes.io "API Concepts", 410 Gone: the token that comes with it goes on after the last page, in a later state.
// Nothing that was there all the time is missed, so it is as good for us as a list of one moment, and costs less.
function goOn(token: string | undefined, place: Place): ListEvent | undefined {
  if (token !== undefined && !place.isExpired) {
    place.token = token;
    place.isExpired = true;
    return undefined;
  }
  if (place.hasRestarted) return { kind: "failed", message: "the list expired twice while it was read" };
  place.hasRestarted = true;
  place.isExpired = false;
  place.token = undefined;
  place.seen = new Set();
  return { kind: "restart" };
}
