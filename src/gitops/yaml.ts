import { CORE_SCHEMA, loadAll, mergeTag } from "js-yaml";
import { parseAllDocuments } from "yaml";

const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

/**
 * Documents of a YAML text as data, in their order, merge keys followed.
 *
 * @throws Error that it is no YAML, or that its aliases unfold without end
 */
export function parseYaml(text: string): readonly unknown[] {
  const documents = quickly(text) ?? thoroughly(text);
  if (isEndless(documents)) throw new Error("its aliases unfold to more than anybody can follow");
  return documents;
}

/** Undefined: what js-yaml refuses may well be YAML, such as flow style over lines that ends where its key begins. */
function quickly(text: string): readonly unknown[] | undefined {
  try {
    return loadAll(text, { schema: SCHEMA });
  } catch {
    return undefined;
  }
}

/** Several times slower than {@link quickly}. */
function thoroughly(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { merge: true, logLevel: "silent" });
  return [...documents].map((document): unknown => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS();
  });
}

/** More than a text without aliases can come to, as large as files are that are read. */
const MOST_NODES = 1_000_000;

function isEndless(value: unknown): boolean {
  const open: unknown[] = [value];
  for (let count = 0; open.length > 0; count++) {
    if (count + open.length > MOST_NODES) return true;
    const one = open.pop();
    // One at a time, so that no list is spread that is too long for it.
    if (typeof one === "object" && one !== null) for (const inner of Object.values(one)) open.push(inner);
  }
  return false;
}
