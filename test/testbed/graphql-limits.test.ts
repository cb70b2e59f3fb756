import { buildSchema, parse } from "graphql";
import { expect, it } from "vitest";
import { limitsBroken } from "./github/graphql-limits.ts";

const SCHEMA = buildSchema(`
  type Query { pulls(first: Int, last: Int): PullConnection! viewer: User! }
  type PullConnection { nodes: [Pull] totalCount: Int! }
  type Pull { title: String comments(first: Int): CommentConnection }
  type CommentConnection { nodes: [Comment] edges: [Int] }
  type Comment { body: String }
  type User { login: String }
`);

it.each([
  ["viewer { login } pulls(first: 100) { nodes { title comments(first: 100) { nodes { body } } } }", []],
  ["pulls { totalCount }", []],
  ["pulls { nodes { title } }", ["pulls needs first or last"]],
  ["pulls(last: 1) { nodes { comments { edges } } }", ["comments needs first or last"]],
  ["pulls(first: 101) { totalCount }", ["pulls has pages of 1 to 100"]],
  [
    Array.from(
      { length: 50 },
      (_, at) => `a${at}: pulls(first: 100) { nodes { comments(first: 100) { nodes { body } } } }`,
    ).join(" "),
    ["it asks for 505000 nodes"],
  ],
])("counts as GitHub does: %s", (query, broken) => {
  expect(limitsBroken(SCHEMA, parse(`{ ${query} }`))).toEqual(broken);
});
