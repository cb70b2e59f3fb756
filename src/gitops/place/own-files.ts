import { printDocuments } from "../../../generators/index.ts";
import { by, byText } from "../../lib/sort.ts";
import type { ProposedFile, ProposedManifest, Refusal } from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { isLabelledOwn } from "../render/check.ts";
import { folderOf } from "../render/paths.ts";
import { isFields, readDocuments } from "../render/read-yaml.ts";

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

/** What has to change in a folder for our files in it to be these. */
export function changeOwnFiles(
  repository: Repository,
  folder: string,
  files: readonly ProposedFile[],
  keep: Keep,
): OwnChanges {
  const changes: FileChange[] = [];
  const refused: Refusal[] = [];
  const meant = new Map<string, readonly ProposedManifest[]>();
  const names = new Set<string>();
  for (const file of files.toSorted(by(({ name }) => name))) {
    const path = inFolder(folder, file.name);
    const change = writeOwn(repository, path, file);
    if (change === "refused-path") refused.push(unsafePath(path, file));
    else if (change === "edited") refused.push(edited(path, printDocuments(file.manifests)));
    else {
      if (change !== undefined) changes.push(change);
      meant.set(path, file.manifests);
    }
    if (change !== "refused-path" && !(change === "edited" && repository.files.get(path) === undefined))
      names.add(file.name);
  }
  for (const { path, text } of repository.files.values()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (folderOf(path) !== folder || names.has(name) || !isOwnName(name) || text === undefined) continue;
    const objects = readDocuments(text) ?? [];
    if (!isLabelledOwn(objects)) continue;
    if (keep({ path, objects })) names.add(name);
    else if (isAsPrinted(text)) {
      changes.push({ kind: "delete", path, before: text, owner: "netlearn" });
      meant.set(path, []);
    } else {
      refused.push(edited(path, ""));
      names.add(name);
    }
  }
  return { changes, refused, meant, names: [...names].toSorted(byText) };
}

function writeOwn(
  repository: Repository,
  path: string,
  file: ProposedFile,
): FileChange | "edited" | "refused-path" | undefined {
  if (!isOwnName(file.name) || !isSafePath(repository, path)) return "refused-path";
  const found = repository.files.get(path);
  const text = printDocuments(file.manifests);
  if (found === undefined) return { kind: "write", path, text, before: undefined, owner: "netlearn" };
  const before = found.text;
  if (before === undefined) return "edited";
  if (unixLines(before) === text) return undefined;
  return isAsPrinted(before) ? { kind: "write", path, text, before, owner: "netlearn" } : "edited";
}

/** Git may have checked it out with CRLF. */
function unixLines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** Whether a text is, byte for byte, what netlearn would print for what it says: nobody edited it. */
function isAsPrinted(text: string): boolean {
  const objects = (readDocuments(text) ?? []).filter(isFields);
  return isLabelledOwn(objects) && printDocuments(objects) === unixLines(text);
}

function isOwnName(name: string): boolean {
  return /^netlearn-[a-z0-9.~-]*[a-z0-9]\.yaml$/u.test(name);
}

/** Not in git's or the host's own folders, and not behind a link. */
export function isSafePath(repository: Repository, path: string): boolean {
  const parts = path.split("/");
  if (parts.some((part) => ["", ".", "..", ".git"].includes(part.toLowerCase()))) return false;
  if (parts[0]?.toLowerCase() === ".github") return false;
  return parts.every((_, index) => {
    const found = repository.files.get(parts.slice(0, index + 1).join("/"));
    return (
      found === undefined || (index === parts.length - 1 && (found.kind === "file" || found.kind === "executable"))
    );
  });
}

export function inFolder(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function edited(path: string, wanted: string): Refusal {
  const what = wanted === "" ? "it is no longer needed; delete it by hand" : "take over by hand what it should say";
  return { path, message: `${path} is not as netlearn wrote it, so it is left alone: ${what}.`, patch: wanted };
}

function unsafePath(path: string, file: ProposedFile): Refusal {
  return {
    path,
    message: `${path} is no place to write to: it is behind a link, in a folder of git's or the host's, or no plain name.`,
    patch: printDocuments(file.manifests),
  };
}
