import type { AccessAttributes } from "../../model/access.ts";
import type { AccessLine } from "../../model/access-policy.ts";

/** Whether a line of a role says that something is allowed, wherever it may be: a role says nothing of scope. */
export function lineAllows({ attributes: line }: Pick<AccessLine, "attributes">, asked: AccessAttributes): boolean {
  if (line.kind === "non-resource") {
    if (asked.kind !== "non-resource" || asked.verb !== line.verb) return false;
    const { path } = line;
    return asked.path === path || (path.endsWith("*") && asked.path.startsWith(path.slice(0, -1)));
  }
  return (
    asked.kind === "resource" &&
    asked.verb === line.verb &&
    asked.apiGroup === line.apiGroup &&
    asked.resource === line.resource &&
    asked.subresource === line.subresource &&
    (line.name === "" || line.name === asked.name)
  );
}
