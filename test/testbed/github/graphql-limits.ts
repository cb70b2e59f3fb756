import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

const MOST_NODES = 500_000;
const LONGEST_PAGE = 100;

/**
 * Why GitHub would not execute a query, whatever its answer: a page of every connection whose nodes are asked for, of 1 to 100
 * items, and no more than 500,000 nodes in all.
 *
 * @see https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit
 */
export function limitsBroken(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
  const types = new TypeInfo(schema);
  const broken: string[] = [];
  /** Items of the connections around a field, each times those around it. */
  const around = [1];
  let nodes = 0;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: {
        enter(field) {
          const type = types.getType();
          const page = type != null && getNamedType(type).name.endsWith("Connection") ? pageOf(field) : undefined;
          const outer = around.at(-1) ?? 1;
          around.push(outer * (page ?? 1));
          if (page === undefined) return;
          if (page === 0 && asksForItems(field)) broken.push(`${field.name.value} needs first or last`);
          if (page < 0 || page > LONGEST_PAGE) broken.push(`${field.name.value} has pages of 1 to ${LONGEST_PAGE}`);
          nodes += outer * page;
        },
        leave() {
          around.pop();
        },
      },
    }),
  );
  return nodes > MOST_NODES ? [...broken, `it asks for ${nodes} nodes`] : broken;
}

/** How many items are asked for; none: 0. */
function pageOf({ arguments: given = [] }: FieldNode): number {
  const page = given.find(({ name }) => name.value === "first" || name.value === "last")?.value;
  if (page === undefined) return 0;
  return page.kind === Kind.INT ? Number(page.value) : LONGEST_PAGE;
}

function asksForItems({ selectionSet }: FieldNode): boolean {
  const fields = selectionSet?.selections ?? [];
  return fields.some((each) => each.kind === Kind.FIELD && ["nodes", "edges"].includes(each.name.value));
}
