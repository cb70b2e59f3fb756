import path from "node:path";
import { terraformObstacle, terraformText } from "../../../generators/index.ts";
import { shortHash } from "../../lib/safe-name.ts";
import type { Placement, ProposedFile } from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { distinctObjects, type Placed } from "./objects.ts";
import { pathObstacle } from "./own-path.ts";

const HEADER =
  /^# Written by netlearn, which writes it anew: changes by hand are not kept\.\n# Content: ([0-9a-f]{12})\n\n/;

/**
 * Writes all that belongs into a module as its one file `netlearn.tf`, sorted by kind, namespace and name, or deletes the file
 * where nothing belongs there any more. What Terraform can't say is refused object by object and the rest is written; a
 * file of that name that is not as netlearn wrote it stays.
 */
export function placeInTerraform(
  repository: Repository,
  {
    placement,
    files,
  }: {
    readonly placement: Extract<Placement, { kind: "terraform" }>;
    /** Everything that belongs into the module, whatever namespace or stage it is of: what is not among it is removed. */
    readonly files: readonly ProposedFile[];
  },
): Placed {
  const file = path.posix.join(placement.folder, "netlearn.tf");
  const { written, refused } = distinctObjects(file, files, {
    obstacle: terraformObstacle,
    print: (manifest) => terraformText([manifest]),
  });
  const text = written.length === 0 ? undefined : withHeader(terraformText(written));
  const before = repository.files.get(file);
  const obstacle = pathObstacle(repository, file) ?? (before && handObstacle(before.text));
  if (obstacle !== undefined) {
    if (text === undefined && before === undefined) return { changes: [], refused };
    const patch = text ?? "";
    return { changes: [], refused: [...refused, { path: file, message: `${file} ${obstacle}.`, patch }] };
  }
  return { changes: change(file, before?.text, text), refused };
}

function change(file: string, before: string | undefined, text: string | undefined): FileChange[] {
  if (text === before) return [];
  if (text !== undefined) return [{ kind: "write", path: file, text, before, owner: "netlearn" }];
  return before === undefined ? [] : [{ kind: "delete", path: file, before, owner: "netlearn" }];
}

function withHeader(body: string): string {
  return `# Written by netlearn, which writes it anew: changes by hand are not kept.\n# Content: ${shortHash(body)}\n\n${body}`;
}

/** The header has a hash of the rest, so that an edit shows without a reader of Terraform's language. */
function handObstacle(text: string | undefined): string | undefined {
  // A checkout may have turned the ends of lines into CRLF.
  const plain = text?.replaceAll("\r\n", "\n");
  const match = plain === undefined ? null : HEADER.exec(plain);
  if (plain === undefined || match === null)
    return "was not written by netlearn: rename it, or write these resources elsewhere";
  if (match[1] === shortHash(plain.slice(match[0].length))) return undefined;
  return "was edited by hand since netlearn wrote it: take the edit back, or take the file over by removing its header";
}
