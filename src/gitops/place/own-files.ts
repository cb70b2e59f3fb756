import { printDocuments } from "../../../generators/index.ts";
import { by, byText } from "../../lib/sort.ts";
import type { ManifestPlacement, ProposedFile, ProposedManifest, Refusal } from "../../model/placement.ts";
import type { FileChange, Repository, RepositoryFile } from "../../model/repository.ts";
import { isFields } from "../fields.ts";
import { baseName, folderOf, joined } from "../paths.ts";
import { isLabelledOwn } from "../render/check.ts";
import { documentsIn } from "../render/read-yaml.ts";
import { pathObstacle } from "./own-path.ts";

/** A file of netlearn's that is in the repository. */
export interface OwnFile {
  readonly path: string;
  /** As they stand there. */
  readonly objects: readonly unknown[];
}

/** Files that this run does not judge stay as they are. */
export type Keep = (file: OwnFile) => boolean;

export interface OwnChanges {
  readonly changes: readonly FileChange[];
  readonly refused: readonly Refusal[];
  /** What each file shall hold, by path: those that go hold nothing. */
  readonly meant: ReadonlyMap<string, readonly ProposedManifest[]>;
  /** Base names of all that will stand in the folder, sorted. */
  readonly names: readonly string[];
}

/** The folder of our own beside a kustomization. */
export const OWN_FOLDER = "netlearn";

/** Where a file of ours stands. */
export function ownPath(placement: ManifestPlacement, name: string): string {
  return placement.kind === "plain"
    ? joined(placement.folder, name)
    : joined(joined(folderOf(placement.kustomization), OWN_FOLDER), name);
}

/** What has to change in a folder for our files in it to be these. */
export function changeOwnFiles(
  repository: Repository,
  folder: string,
  files: readonly ProposedFile[],
  keep: Keep,
): OwnChanges {
  const plan: Plan = { changes: [], refused: [], meant: new Map(), names: new Set() };
  for (const file of files.toSorted(by(({ name }) => name))) planWrite(repository, folder, file, plan);
  for (const file of repository.files.values()) {
    const name = baseName(file.path);
    if (folderOf(file.path) === folder && isOwnName(name) && !plan.names.has(name)) planRemoval(file, keep, plan);
  }
  return { ...plan, names: [...plan.names].toSorted(byText) };
}

interface Plan {
  readonly changes: FileChange[];
  readonly refused: Refusal[];
  readonly meant: Map<string, readonly ProposedManifest[]>;
  readonly names: Set<string>;
}

function planWrite(repository: Repository, folder: string, file: ProposedFile, plan: Plan): void {
  const path = joined(folder, file.name);
  const change = writeOwn(repository, path, file);
  if (change === "refused-path") {
    plan.refused.push(unsafePath(path, file));
  } else if (plan.names.has(file.name)) {
    plan.refused.push(twice(path, file));
  } else if (change === "edited") {
    plan.refused.push(edited(path, printDocuments(file.manifests)));
    plan.names.add(file.name);
  } else {
    if (change !== undefined) plan.changes.push(change);
    plan.meant.set(path, file.manifests);
    plan.names.add(file.name);
  }
}

function planRemoval(file: RepositoryFile, keep: Keep, plan: Plan): void {
  const { path, text } = file;
  const objects = documentsIn(file) ?? [];
  if (text === undefined || !isLabelledOwn(objects)) return;
  if (!keep({ path, objects }) && isAsPrinted(file)) {
    plan.changes.push({ kind: "delete", path, before: text, owner: "netlearn" });
    plan.meant.set(path, []);
    return;
  }
  if (!keep({ path, objects })) plan.refused.push(edited(path, ""));
  plan.names.add(baseName(path));
}

function writeOwn(
  repository: Repository,
  path: string,
  file: ProposedFile,
): FileChange | "edited" | "refused-path" | undefined {
  if (!isOwnName(file.name) || pathObstacle(repository, path) !== undefined) return "refused-path";
  const found = repository.files.get(path);
  const text = printDocuments(file.manifests);
  if (found === undefined) return { kind: "write", path, text, before: undefined, owner: "netlearn" };
  const before = found.text;
  if (before === undefined) return "edited";
  if (unixLines(before) === text) return undefined;
  return isAsPrinted(found) ? { kind: "write", path, text, before, owner: "netlearn" } : "edited";
}

/** Git may have checked it out with CRLF. */
export function unixLines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** Whether a file is, byte for byte, what netlearn would print for what it says: nobody edited it. */
function isAsPrinted(file: RepositoryFile): boolean {
  const objects = (documentsIn(file) ?? []).filter(isFields);
  return isLabelledOwn(objects) && printDocuments(objects) === unixLines(file.text ?? "");
}

function isOwnName(name: string): boolean {
  return /^netlearn-[a-z0-9._~-]*[a-z0-9]\.yaml$/u.test(name);
}

function edited(path: string, wanted: string): Refusal {
  const what = wanted === "" ? "it is no longer needed; delete it by hand" : "take over by hand what it should say";
  return { path, message: `${path} is not as netlearn wrote it, so it is left alone: ${what}.`, patch: wanted };
}

function twice(path: string, file: ProposedFile): Refusal {
  const message = `${path} is where two files of one name would go: map their namespaces or clusters to folders of their own.`;
  return { path, message, patch: printDocuments(file.manifests) };
}

function unsafePath(path: string, file: ProposedFile): Refusal {
  return {
    path,
    message: `${path} is no place to write to: it is behind a link, in a folder of git's or the host's, or no plain name.`,
    patch: printDocuments(file.manifests),
  };
}
