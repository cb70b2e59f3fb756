import type { Fields } from "./json.ts";

/** Objects in each other whose members were written as paths; members that are numbers throughout are a list's. */
export function fromPaths(members: Iterable<readonly [path: readonly string[], value: unknown]>): Fields {
  // Object.fromEntries defines members, so that a key `__proto__` is one like any other.
  const root: Map<string, unknown> = new Map();
  for (const [path, value] of members) {
    let map = root;
    for (const name of path.slice(0, -1)) {
      const next = map.get(name);
      if (next instanceof Map) {
        map = next;
      } else {
        const created = new Map<string, unknown>();
        map.set(name, created);
        map = created;
      }
    }
    map.set(path.at(-1) ?? "", value);
  }
  return toFields(root);
}

function toValue(map: ReadonlyMap<string, unknown>): unknown {
  return [...map.keys()].every((key) => /^\d+$/.test(key)) ? Object.values(toFields(map)) : toFields(map);
}

function toFields(map: ReadonlyMap<string, unknown>): Fields {
  return Object.fromEntries([...map].map(([key, value]) => [key, value instanceof Map ? toValue(value) : value]));
}
