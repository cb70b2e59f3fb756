import { fieldOf, groupOf, listOf, textOf } from "./fields.ts";

/** The controller that an object says it belongs to. */
export interface OwnerReference {
  /** API group, `extensions` as `apps`, which its kinds moved to. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string | undefined;
}

/** The owner that controls an object; where none says that it does, the only one. */
export function controllerOf(metadata: unknown): OwnerReference | undefined {
  const owners = listOf(fieldOf(metadata, "ownerReferences"));
  const owner =
    owners.find((one) => fieldOf(one, "controller") === true) ?? (owners.length === 1 ? owners[0] : undefined);
  const [kind, name] = [textOf(owner, "kind"), textOf(owner, "name")];
  if (kind === undefined || name === undefined) return undefined;
  return { group: ownGroup(textOf(owner, "apiVersion") ?? ""), kind, name, uid: textOf(owner, "uid") };
}

/** The API group of a version, the one that a group's kinds moved to where they did. */
export function ownGroup(apiVersion: string): string {
  const group = groupOf(apiVersion);
  return group === "extensions" ? "apps" : group;
}
